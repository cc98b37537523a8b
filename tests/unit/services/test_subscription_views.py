"""What is told of subscriptions: lists, schedules, last runs and everything that happened to one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from tests.unit.services.subscription_desk import ACTS, ADA, EVE, NOW, OPERATOR, Desk

from broadsheet.domain.run import RunState
from broadsheet.errors import (
    InputErrors,
)
from broadsheet.services import subscriptions as use_cases
from broadsheet.store.database import transaction


@pytest.fixture
def desk(database_dsn: str) -> Desk:
    return Desk(database_dsn)


def test_everybody_lists_their_own_newest_first_and_an_operator_all(desk: Desk) -> None:
    desk.make(name="united")
    desk.make(EVE, name="delta")
    desk.make(name="jetblue")
    assert desk.listed(ADA) == ["jetblue", "united"]
    assert desk.listed(EVE) == ["delta"]
    assert desk.listed(OPERATOR) == ["jetblue", "delta", "united"]
    assert desk.listed(OPERATOR, owner="eve") == ["delta"]
    assert desk.listed(EVE, owner="ada") == []


def test_history_tells_every_revision_and_change_with_who_when_and_what(desk: Desk) -> None:
    desk.make(name="united", parameters={"carrier": "UA"})
    for hour, act in enumerate(("pause", "resume", "delete", "restore"), 1):
        desk.now = NOW + timedelta(hours=hour)
        ACTS[act](desk.inst, OPERATOR if act == "pause" else ADA, "united")
    desk.now = NOW + timedelta(hours=9)
    desk.edit(
        revision=1,
        title="Delta",
        cron="0 8 1 * *",
        zone="Europe/Vienna",
        period_kind="month",
        parameters={"carrier": "DL"},
        recipients=("eve@broadsheet.example",),
        resend_unknown=False,
    )
    edited, *states, made = use_cases.subscription_history(desk.inst, ADA, "united")
    assert [(entry.words, entry.by, (entry.at - NOW).seconds // 3600) for entry in states] == [
        ("Restored", "ada", 4),
        ("Deleted", "ada", 3),
        ("Resumed", "ada", 2),
        ("Paused", "root", 1),
    ]
    assert (made.words, made.by, made.at, made.revision, made.changes) == ("Made", "ada", NOW, 1, ())
    assert (edited.words, edited.revision) == ("Edited", 2)
    assert [(one.field, one.label, one.before, one.after) for one in edited.changes] == [
        ("title", "Title", "United", "Delta"),
        (
            "cron",
            "Schedule",
            "Every Monday at 07:00 (New York time)",
            "On the 1st of every month at 08:00 (Vienna time)",
        ),
        ("period_kind", "Period", "week", "month"),
        ("parameters.carrier", "Airline", "United Air Lines", "Delta Air Lines"),
        ("recipients", "Recipients", "ada@broadsheet.example", "eve@broadsheet.example"),
        ("resend_unknown", "Mails of unknown fate", "sent once more", "never sent twice"),
    ]


def test_the_last_run_is_told_in_words(desk: Desk) -> None:
    view = desk.make(name="united")
    desk.add_run(view, NOW - timedelta(days=7), RunState.FAILED)
    ident = desk.add_run(view, NOW, RunState.COMPLETED)
    last = use_cases.get_subscription(desk.inst, ADA, "united").last_run
    assert last is not None
    assert (str(last.job_id), last.state, last.words, last.slot, last.at) == (
        ident,
        RunState.COMPLETED,
        "Done",
        NOW,
        NOW,
    )


def test_a_subscription_says_whether_airflow_has_its_dag_and_goes_without_when_airflow_is_silent(
    desk: Desk,
) -> None:
    desk.engine.dags = set()
    desk.make(name="united")
    desk.make(name="delta")
    desk.engine.dags = {"subscription__united"}
    found = use_cases.list_subscriptions(desk.inst, ADA)
    assert [(view.subscription.slug, view.dag_known) for view in found] == [
        ("delta", False),
        ("united", True),
    ]
    desk.engine.fail()
    assert not any(view.dag_known for view in use_cases.list_subscriptions(desk.inst, ADA))


def test_a_list_asks_the_database_and_airflow_as_often_for_ten_as_for_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    execute = psycopg.Connection.execute

    def counted(self: Any, query: Any, *values: Any, **options: Any) -> Any:
        asked.append(query)
        return execute(self, query, *values, **options)

    def costs() -> tuple[int, int]:
        asked.clear()
        desk.engine.questions.clear()
        use_cases.list_subscriptions(desk.inst, ADA)
        return len(asked), len(desk.engine.questions)

    desk.make()
    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Connection, "execute", counted)
        one = costs()
    for _ in range(9):
        desk.make()
    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Connection, "execute", counted)
        assert costs() == one
    assert one[1] == 1


def test_a_stored_schedule_that_is_not_valid_any_more_does_not_spoil_the_list(desk: Desk) -> None:
    desk.make(name="united")
    with transaction(desk.dsn) as connection:
        connection.execute("ALTER TABLE subscription_revisions DISABLE TRIGGER USER")
        connection.execute("UPDATE subscription_revisions SET cron = '0 7 * * MUN', zone = 'Mars/Olympus'")
    (view,) = use_cases.list_subscriptions(desk.inst, ADA)
    assert (view.words, view.next_slots) == ("0 7 * * MUN (Mars/Olympus)", ())


def test_a_report_that_left_the_catalog_is_called_by_its_id(desk: Desk) -> None:
    desk.make(name="united")
    desk.catalog = replace(desk.catalog, reports={})
    assert use_cases.get_subscription(desk.inst, ADA, "united").report_title == "airline_punctuality"


def test_next_slots_are_told_of_any_schedule_and_every_fault_of_one_at_once() -> None:
    slots = use_cases.next_slots("0 7 * * MON", "America/New_York", count=2, after=NOW)
    assert [slot.isoformat() for slot in slots] == ["2013-03-25T11:00:00+00:00", "2013-04-01T11:00:00+00:00"]
    with pytest.raises(InputErrors) as caught:
        use_cases.next_slots("x", "y", after=NOW)
    assert [fault.field for fault in caught.value.errors] == ["cron", "zone"]
