"""Figures for operators, on a real ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.office import ADA, MONDAY, REPORT, Office, ask

from broadsheet.catalog import Catalog
from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.run import RunState
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.errors import Problem
from broadsheet.services.metrics import metrics_text
from broadsheet.services.requests import request_report
from broadsheet.services.statistics import DAYS, quarantine, stats
from broadsheet.store.database import transaction
from broadsheet.store.quarantine import write_quarantine
from broadsheet.store.subscriptions import set_subscription_state


@pytest.fixture
def office(database_dsn: str) -> Iterator[Office]:
    office = Office(database_dsn)
    office.limit(requests_at_once=1000)
    return office


def opened(office: Office, at: datetime, state: RunState, *, reason: str | None = None) -> None:
    """Put a run into the ledger that was opened at an instant and is in a state now."""
    job = request_report(office.inst, ADA, ask(parameters={"carrier": "UA"}))
    office.set_state(job.id, state, reason=reason)
    with transaction(office.dsn) as connection:
        connection.execute("UPDATE runs SET opened_at = %s WHERE run_id = %s", (at, job.id))


def test_runs_are_counted_by_state_report_and_day(office: Office) -> None:
    opened(office, MONDAY, RunState.COMPLETED)
    opened(office, MONDAY, RunState.WAITING)
    opened(office, MONDAY - timedelta(days=3), RunState.COMPLETED)
    found = stats(office.inst)
    assert found.states[RunState.COMPLETED] == 2
    assert found.states[RunState.WAITING] == 1
    assert set(found.states) == set(RunState)
    (report,) = found.reports
    assert (report.report_id, report.title) == (REPORT, office.catalog.get(REPORT).title)
    assert report.states[RunState.COMPLETED] == 2
    assert report.last_at == MONDAY
    assert len(found.days) == DAYS
    assert found.days[-1].day == MONDAY.date()
    assert found.days[-1].states[RunState.COMPLETED] == 1
    assert found.days[-4].states[RunState.COMPLETED] == 1
    assert sum(sum(day.states.values()) for day in found.days) == 3


def test_a_run_is_counted_on_the_day_of_utc(office: Office) -> None:
    opened(office, datetime(2013, 3, 24, 23, 59, tzinfo=UTC), RunState.COMPLETED)
    opened(office, datetime(2013, 3, 25, 0, 0, tzinfo=UTC), RunState.COMPLETED)
    days = stats(office.inst).days
    assert [day.states[RunState.COMPLETED] for day in days[-2:]] == [1, 1]


def test_old_runs_count_only_while_they_are_open(office: Office) -> None:
    long_ago = MONDAY - timedelta(days=DAYS + 5)
    opened(office, long_ago, RunState.COMPLETED)
    opened(office, long_ago, RunState.ACTIVE)
    states = stats(office.inst).states
    assert (states[RunState.COMPLETED], states[RunState.ACTIVE]) == (0, 1)


def test_failures_are_grouped_by_their_reason(office: Office) -> None:
    for _ in range(2):
        opened(office, MONDAY, RunState.FAILED, reason="the source did not answer")
    opened(office, MONDAY, RunState.PARTIAL, reason="1 of 3 mails was refused")
    opened(office, MONDAY, RunState.CANCELLED, reason="cancelled by ada")
    found = stats(office.inst).failures
    assert [(one.reason, one.runs) for one in found] == [
        ("the source did not answer", 2),
        ("1 of 3 mails was refused", 1),
    ]


def test_a_slot_that_nobody_began_is_late(office: Office) -> None:
    office.now = MONDAY - timedelta(days=1)
    office.subscribe(name="united")
    office.subscribe(name="paused")
    with transaction(office.dsn) as connection:
        set_subscription_state(connection, "paused", SubscriptionState.PAUSED, at=office.now)
    office.now = MONDAY + timedelta(minutes=4)
    assert stats(office.inst).late == ()
    office.now = MONDAY + timedelta(minutes=20)
    (late,) = stats(office.inst).late
    assert (late.subscription, late.slot, late.job) == ("united", MONDAY, None)
    assert late.late_by == timedelta(minutes=20)


def test_a_slot_before_the_subscription_was_made_is_not_late(office: Office) -> None:
    office.now = MONDAY + timedelta(minutes=1)
    office.subscribe()
    office.now = MONDAY + timedelta(hours=1)
    assert stats(office.inst).late == ()


def test_a_run_that_is_open_for_long_is_late(office: Office) -> None:
    opened(office, MONDAY - timedelta(minutes=31), RunState.ACTIVE)
    opened(office, MONDAY - timedelta(minutes=29), RunState.ACTIVE)
    opened(office, MONDAY - timedelta(minutes=90), RunState.COMPLETED)
    (late,) = stats(office.inst).late
    assert late.job is not None
    assert late.late_by == timedelta(minutes=31)


def test_stages_are_listed_by_what_takes_long(office: Office) -> None:
    office.engine.times = {"plan": tuple(float(n) for n in range(1, 101)), "build_pdf": (200.0,)}
    build, plan = stats(office.inst).stages
    assert (build.name, build.p50, build.p95, build.longest, build.tasks) == ("build_pdf", 200, 200, 200, 1)
    assert plan.p50 == pytest.approx(50.5)
    assert plan.p95 == pytest.approx(95.05)


def test_without_airflow_the_ledgers_figures_are_still_there(office: Office) -> None:
    opened(office, MONDAY, RunState.COMPLETED)
    office.engine.fail("Airflow's database does not answer")
    found = stats(office.inst)
    assert found.states[RunState.COMPLETED] == 1
    assert (found.queues, found.stages) == ((), ())
    assert found.engine_fault == "Airflow's database does not answer"


def test_every_state_of_a_delivery_is_there(office: Office) -> None:
    assert stats(office.inst).deliveries == dict.fromkeys(DeliveryState, 0)


def test_the_quarantine_lists_wrong_reports_and_subscriptions(office: Office, tmp_path: Path) -> None:
    problem = Problem(tmp_path / "broken.yaml", 3, "title is missing")
    office.catalog = Catalog(office.catalog.reports, {"broken": (problem,)})
    write_quarantine(tmp_path, {"united": "cron: no"})
    office.limit(shards_dir=tmp_path)
    assert [(one.kind, one.name, one.fault) for one in quarantine(office.inst)] == [
        ("report", "broken", "title is missing"),
        ("subscription", "united", "cron: no"),
    ]


def test_metrics_are_in_prometheus_format(office: Office) -> None:
    opened(office, MONDAY, RunState.COMPLETED)
    text = metrics_text(office.inst)
    assert 'broadsheet_runs{state="completed"} 1\n' in text
    assert 'broadsheet_queue_waiting_tasks{queue="fetch"} 2\n' in text
    assert 'broadsheet_worker_up{worker="celery@one"} 1\n' in text
    assert 'broadsheet_deliveries{state="accepted"} 0\n' in text
    assert 'broadsheet_stage_seconds{stage="plan",quantile="0.5"} 1.5\n' in text
    assert "broadsheet_engine_up 1\n" in text
    assert "broadsheet_oldest_waiting_seconds 0\n" in text
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    for line in text.splitlines():
        assert line.startswith("# ") or float(line.rpartition(" ")[2]) >= 0


def test_metrics_say_when_airflow_does_not_answer(office: Office) -> None:
    office.engine.fail()
    text = metrics_text(office.inst)
    assert "broadsheet_engine_up 0\n" in text
    assert "broadsheet_worker_up" not in text
    assert 'broadsheet_runs{state="failed"} 0\n' in text
