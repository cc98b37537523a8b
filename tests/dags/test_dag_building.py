"""DAGs: pure functions of their definitions, with the tasks, queues and retries of the design."""

import random
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from airflow.models.serialized_dag import SerializedDagModel
from airflow.serialization.serialized_objects import DagSerialization
from markdown_it import MarkdownIt

from broadsheet.domain.subscription import DagDefinition
from broadsheet.orchestration.dag_builder import (
    build_subscription_dag,
    register_subscriptions,
)

STAGES = ["plan", "fetch", "aggregate", "render_charts", "build_pdf", "upload", "email", "finalize"]
CONTEXT = "_AIRFLOW_PARSING_CONTEXT_DAG_ID"


def definition(**changes):
    """Return a definition of a weekly subscription."""
    return DagDefinition(
        **{
            "slug": "united-weekly",
            "title": "United, weekly",
            "report_id": "airline_punctuality",
            "owner": "ada",
            "cron": "0 7 * * MON",
            "zone": "America/New_York",
            "due_from": datetime(2013, 1, 1, tzinfo=UTC),
            **changes,
        }
    )


def test_the_eight_stages_follow_one_another():
    dag = build_subscription_dag(definition())
    assert [task.task_id for task in dag.topological_sort()] == STAGES
    assert dag.get_task("aggregate").upstream_task_ids == {"plan", "fetch"}
    for earlier, later in pairwise(STAGES[2:]):
        assert dag.get_task(later).upstream_task_ids == {earlier}


def test_each_stage_has_its_queue_a_timeout_and_three_retries_with_backoff():
    dag = build_subscription_dag(definition())
    queues = {task.task_id: task.queue for task in dag.tasks}
    assert queues == {
        "plan": "default",
        "fetch": "fetch",
        "aggregate": "aggregate",
        "render_charts": "render",
        "build_pdf": "render",
        "upload": "deliver",
        "email": "deliver",
        "finalize": "default",
    }
    for task in dag.tasks:
        # The run stays open in the ledger until the last one succeeds.
        assert task.retries == (8 if task.task_id == "finalize" else 3)
        assert task.retry_exponential_backoff == 2.0
        assert task.execution_timeout > timedelta(0)


def test_only_the_last_task_runs_whatever_happened_before():
    dag = build_subscription_dag(definition())
    assert [task.task_id for task in dag.tasks if task.trigger_rule != "all_success"] == ["finalize"]


def test_two_builds_serialise_to_the_same_hash():
    hashes = {
        SerializedDagModel.hash(DagSerialization.to_dict(build_subscription_dag(definition())))
        for _ in range(3)
    }
    assert len(hashes) == 1


def test_slots_of_the_schedule_are_the_logical_dates_of_a_backfill():
    dag = DagSerialization.from_dict(DagSerialization.to_dict(build_subscription_dag(definition())))
    infos = dag.iter_dagrun_infos_between(datetime(2013, 3, 4, tzinfo=UTC), datetime(2013, 3, 19, tzinfo=UTC))
    assert [info.logical_date.isoformat() for info in infos] == [
        "2013-03-04T12:00:00+00:00",
        "2013-03-11T11:00:00+00:00",
        "2013-03-18T11:00:00+00:00",
    ]


def test_markup_in_a_title_or_an_owner_is_shown_and_not_rendered():
    title = "[x](javascript:alert(1)) <img src=x onerror=alert(1)> **b** `c` ![i](//e.example) &lt;"
    dag = build_subscription_dag(definition(title=title, owner="ada** <b>\n# own\u202e"))
    heading, subscription, *_ = dag.doc_md.split("\n\n")
    html = MarkdownIt("commonmark").render(dag.doc_md)
    assert "\n" not in heading
    assert "\n" not in subscription
    assert "<h3>[x](javascript:alert(1)) &lt;img src=x onerror=alert(1)&gt; **b** `c` " in html
    assert "&amp;lt;</h3>" in html
    assert "<strong>ada** &lt;b&gt; # own</strong>" in html
    # The one link is ours, and leads to the subscription's page.
    assert re.findall(r'<a href="([^"]*)', html) == [
        "http://127.0.0.1:8080/reports/subscriptions/united-weekly"
    ]
    assert "<img" not in html


def test_a_paused_subscription_has_no_schedule():
    assert build_subscription_dag(definition(cron=None)).timetable.can_be_scheduled is False


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_order_of_definitions_changes_no_dag(order):
    definitions = [definition(slug=f"s{number}").model_dump() for number in range(5)]
    random.Random(order).shuffle(definitions)
    namespace = {}
    register_subscriptions(namespace, definitions)
    assert sorted(namespace) == [f"subscription__s{number}" for number in range(5)]


def test_a_running_task_builds_its_own_dag_from_the_id_alone(monkeypatch):
    monkeypatch.setenv(CONTEXT, "subscription__gone")
    namespace = {}
    register_subscriptions(namespace, [definition().model_dump()])
    assert list(namespace) == ["subscription__gone"]
    assert [task.task_id for task in namespace["subscription__gone"].topological_sort()] == STAGES


def test_one_definition_that_airflow_refuses_does_not_take_its_file_with_it(caplog):
    definitions = [definition(slug=f"s{number}").model_dump() for number in range(3)]
    definitions[1]["report_id"] = "r" * 101
    definitions[2].pop("zone")
    namespace = {}
    register_subscriptions(namespace, definitions)
    assert list(namespace) == ["subscription__s0"]
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
