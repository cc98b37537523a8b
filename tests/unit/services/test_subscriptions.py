"""Subscriptions as use cases: whose they are, who may do what, and what two editors are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from tests.fakes import FakeEngine
from tests.seed import run_spec

from broadsheet.catalog import Catalog, load_catalog
from broadsheet.domain.access import Caller
from broadsheet.domain.run import RunState, Trigger
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.errors import (
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    InputError,
    InputErrors,
    NotFoundError,
    StaleError,
)
from broadsheet.services import subscriptions as use_cases
from broadsheet.services.installation import Installation
from broadsheet.services.subscribe import SubscriptionDraft
from broadsheet.services.subscriptions import SubscriptionView
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.ledger import close_run, open_run
from broadsheet.store.objects import S3ObjectStore

NOW = datetime(2013, 3, 20, 12, 0, tzinfo=UTC)
ADA = Caller(name="ada", email="ada@broadsheet.example", roles=frozenset({"subscriber"}))
EVE = Caller(name="eve", email="Eve@broadsheet.example", roles=frozenset({"subscriber"}))
OPERATOR = Caller(name="root", email="root@broadsheet.example", is_operator=True)
State = SubscriptionState


def make_catalog() -> Catalog:
    """A report for subscribers, and one that is not."""
    settings = Settings()
    given = load_catalog(
        settings.catalog_dir, sql_dir=settings.sql_dir, templates_dir=settings.templates_dir
    ).get("airline_punctuality")
    secret = given.model_copy(update={"id": "cash", "title": "Cash", "audience": ("finance",)})
    return Catalog({given.id: given, secret.id: secret}, {})


class Desk:
    """An installation whose clock and Airflow a test moves."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.now = dsn, NOW
        self.catalog = make_catalog()
        self.engine = FakeEngine()
        self.settings = Settings(recipient_domains=("broadsheet.example",))
        self.inst = Installation(
            dsn=lambda: self.dsn,
            catalog=lambda: self.catalog,
            settings=lambda: self.settings,
            artifacts=_no_artifacts,
            engine=self.engine,
            clock=lambda: self.now,
        )

    def make(self, caller: Caller = ADA, **changes: Any) -> SubscriptionView:
        return use_cases.create_subscription(self.inst, caller, draft(**changes))

    def edit(self, caller: Caller = ADA, *, revision: int, **changes: Any) -> SubscriptionView:
        return use_cases.edit_subscription(self.inst, caller, "united", draft(**changes), revision=revision)

    def listed(self, caller: Caller, **which: Any) -> list[str]:
        found = use_cases.list_subscriptions(self.inst, caller, **which)
        return [view.subscription.slug for view in found]

    def add_run(self, view: SubscriptionView, slot: datetime, state: RunState | None = None) -> str:
        made = view.subscription
        spec = run_spec().model_copy(
            update={"subscription_id": made.subscription_id, "revision": 1, "slot": slot}
        )
        with transaction(self.dsn) as connection:
            open_run(
                connection,
                spec,
                dag_id=made.dag_id,
                dag_run_id=f"scheduled__{slot.isoformat()}",
                trigger=Trigger.SCHEDULE,
                at=slot,
            )
            if state is not None:
                close_run(connection, spec.run_id, state=state, reason=None, at=slot)
        return str(spec.run_id)


def _no_artifacts() -> S3ObjectStore:
    raise NotImplementedError


def draft(**changes: Any) -> SubscriptionDraft:
    given = {
        "report_id": "airline_punctuality",
        "cron": "0 7 * * MON",
        "recipients": ("ada@broadsheet.example",),
        "title": "United",
        **changes,
    }
    return SubscriptionDraft.model_validate(given)


@pytest.fixture
def desk(database_dsn: str) -> Desk:
    return Desk(database_dsn)


def test_a_subscription_belongs_to_who_made_it_and_is_shown_in_words(desk: Desk) -> None:
    view = desk.make(name="united")
    assert view.subscription.owner == "ada"
    assert view.report_title == "Airline punctuality"
    assert view.words == "Every Monday at 07:00 (New York time)"
    assert (view.state_words, view.may_edit, view.dag_known) == ("Active", True, True)
    assert [slot.isoformat() for slot in view.next_slots[:2]] == [
        "2013-03-25T11:00:00+00:00",
        "2013-04-01T11:00:00+00:00",
    ]
    assert len(view.next_slots) == 5
    assert view.last_run is None
    assert use_cases.get_subscription(desk.inst, ADA, "united") == view


def test_a_report_that_is_not_theirs_looks_like_one_that_does_not_exist(desk: Desk) -> None:
    for report_id in ("cash", "cush", "", "a\0b"):
        with pytest.raises(NotFoundError, match="there is no report") as caught:
            desk.make(report_id=report_id)
        assert "'cash'" not in str(caught.value).replace(repr(report_id), "")
        with pytest.raises(NotFoundError):
            use_cases.check_draft(desk.inst, ADA, draft(report_id=report_id))
    assert desk.listed(OPERATOR) == []


def test_who_lost_the_right_to_a_report_can_neither_edit_nor_run_its_subscription_but_stop_it(
    desk: Desk,
) -> None:
    desk.make(name="united")
    stranger = ADA.model_copy(update={"roles": frozenset({"viewer"})})
    with pytest.raises(NotFoundError, match="no report"):
        desk.edit(stranger, revision=1, title="Mine still")
    with pytest.raises(ForbiddenError, match="any more"):
        use_cases.run_subscription(desk.inst, stranger, "united")
    assert use_cases.pause_subscription(desk.inst, stranger, "united").state_words == "Paused"
    assert use_cases.delete_subscription(desk.inst, stranger, "united").state_words == "Deleted"


ACTS: dict[str, Callable[[Installation, Caller, str], object]] = {
    "get": use_cases.get_subscription,
    "pause": use_cases.pause_subscription,
    "resume": use_cases.resume_subscription,
    "delete": use_cases.delete_subscription,
    "restore": use_cases.restore_subscription,
    "run": use_cases.run_subscription,
    "history": use_cases.subscription_history,
    "edit": lambda inst, caller, slug: use_cases.edit_subscription(inst, caller, slug, draft(), revision=1),
    "check": lambda inst, caller, slug: use_cases.check_draft(inst, caller, draft(), slug=slug),
    "unsubscribe": use_cases.unsubscribe_me,
    "resubscribe": use_cases.resubscribe_me,
}


def test_what_is_somebody_else_s_cannot_be_told_from_what_does_not_exist(desk: Desk) -> None:
    before = desk.make(name="united")
    for name, act in ACTS.items():
        messages = []
        for slug in ("united", "untied"):
            with pytest.raises(NotFoundError) as caught:
                act(desk.inst, EVE, slug)
            messages.append(str(caught.value).replace(slug, "-"))
        assert messages[0] == messages[1], name
    assert use_cases.get_subscription(desk.inst, ADA, "united") == before


def test_what_cannot_be_a_name_is_not_found(desk: Desk) -> None:
    for slug in ("", "a\0b", "\ud800", "../united", "UNITED", "x" * 500):
        for act in ACTS.values():
            with pytest.raises(NotFoundError):
                act(desk.inst, OPERATOR, slug)


def test_everybody_lists_their_own_newest_first_and_an_operator_all(desk: Desk) -> None:
    desk.make(name="united")
    desk.make(EVE, name="delta")
    desk.make(name="jetblue")
    assert desk.listed(ADA) == ["jetblue", "united"]
    assert desk.listed(EVE) == ["delta"]
    assert desk.listed(OPERATOR) == ["jetblue", "delta", "united"]
    assert desk.listed(OPERATOR, owner="eve") == ["delta"]
    assert desk.listed(EVE, owner="ada") == []


def test_an_operator_may_edit_what_is_others_and_the_owner_stays(desk: Desk) -> None:
    desk.make(name="united")
    view = desk.edit(OPERATOR, revision=1, title="United, mended")
    assert (view.subscription.owner, view.subscription.terms.title) == ("ada", "United, mended")
    assert use_cases.subscription_history(desk.inst, ADA, "united")[0].by == "root"


def test_every_fault_of_a_draft_is_told_at_once_by_every_way_in(desk: Desk) -> None:
    desk.make(name="united")
    wrong = draft(
        name="united two",
        cron="0 7 * *",
        zone="Mars/Olympus",
        parameters={"carrier": "??"},
        recipients=("eve@elsewhere.example",),
        title="two\nlines",
    )
    fields = ["parameters.carrier", "cron", "zone", "title", "recipients", "name"]
    assert [fault.field for fault in use_cases.check_draft(desk.inst, ADA, wrong)] == fields
    assert [fault.field for fault in use_cases.check_draft(desk.inst, ADA, wrong, slug="united")] == fields
    with pytest.raises(InputErrors) as made:
        use_cases.create_subscription(desk.inst, ADA, wrong)
    with pytest.raises(InputErrors) as edited:
        use_cases.edit_subscription(desk.inst, ADA, "united", wrong, revision=1)
    for caught in (made, edited):
        assert [fault.field for fault in caught.value.errors] == fields
    assert desk.listed(OPERATOR) == ["united"]
    assert use_cases.get_subscription(desk.inst, ADA, "united").subscription.revision == 1


def test_a_good_draft_has_no_faults_and_checking_it_stores_nothing(desk: Desk) -> None:
    assert use_cases.check_draft(desk.inst, ADA, draft()) == []
    assert desk.listed(OPERATOR) == []


def test_a_name_that_is_taken_is_told_before_and_when_it_is_stored(desk: Desk) -> None:
    desk.make(EVE, name="united")
    (fault,) = use_cases.check_draft(desk.inst, ADA, draft(name="united"))
    assert fault.field == "name"
    with pytest.raises(InputError, match="exists already"):
        desk.make(name="united")


def test_an_edit_makes_a_revision_and_the_same_terms_make_none(desk: Desk) -> None:
    desk.make(name="united")
    view = desk.edit(revision=1, cron="30 18 * * 1-5", name="united")
    assert (view.subscription.revision, view.words) == (2, "Every weekday at 18:30 (New York time)")
    again = desk.edit(revision=2, cron="30  18 * * 1-5")
    assert again.subscription.revision == 2


def test_of_two_editors_the_second_is_told(desk: Desk) -> None:
    desk.make(name="united")
    desk.edit(OPERATOR, revision=1, title="First")
    with pytest.raises(StaleError, match="revision 2, not 1"):
        desk.edit(revision=1, title="Second")
    assert desk.edit(revision=2, title="Second").subscription.revision == 3


def test_of_many_editors_at_the_same_instant_one_gets_through(desk: Desk) -> None:
    desk.make(name="united")
    barrier = threading.Barrier(4)

    def attempt(number: int) -> bool:
        barrier.wait(timeout=30)
        try:
            desk.edit(revision=1, title=f"Title {number}")
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_pause_and_resume_may_be_repeated(desk: Desk) -> None:
    desk.make(name="united")
    for _ in range(2):
        paused = use_cases.pause_subscription(desk.inst, ADA, "united")
        assert (paused.subscription.state, paused.next_slots) == (State.PAUSED, ())
    for _ in range(2):
        assert use_cases.resume_subscription(desk.inst, ADA, "united").subscription.state is State.ACTIVE
    history = use_cases.subscription_history(desk.inst, ADA, "united")
    assert sorted(entry.kind.value for entry in history) == ["made", "paused", "resumed"]


@pytest.mark.parametrize("former", [State.ACTIVE, State.PAUSED])
def test_a_deletion_is_undone_to_what_was_before(desk: Desk, former: SubscriptionState) -> None:
    desk.make(name="united")
    if former is State.PAUSED:
        use_cases.pause_subscription(desk.inst, ADA, "united")
    for _ in range(2):
        deleted = use_cases.delete_subscription(desk.inst, ADA, "united")
        assert deleted.subscription.state is State.DELETED
    assert desk.listed(ADA) == []
    assert desk.listed(ADA, include_deleted=True) == ["united"]
    for _ in range(2):
        assert use_cases.restore_subscription(desk.inst, ADA, "united").subscription.state is former
    assert desk.listed(ADA) == ["united"]


def test_with_a_deleted_subscription_nothing_can_be_done_but_to_restore_it(desk: Desk) -> None:
    desk.make(name="united")
    use_cases.delete_subscription(desk.inst, ADA, "united")
    for act in ("pause", "resume", "run", "edit"):
        with pytest.raises(ConflictError, match="restore it first"):
            ACTS[act](desk.inst, ADA, "united")


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


def test_who_gets_mails_of_somebody_else_s_subscription_sees_it_without_the_other_recipients(
    desk: Desk,
) -> None:
    view = desk.make(name="united", recipients=("ada@broadsheet.example", "eve@broadsheet.example"))
    desk.add_run(view, NOW, RunState.COMPLETED)
    desk.make(EVE, name="own", recipients=("eve@broadsheet.example",))
    (received,) = use_cases.received_subscriptions(desk.inst, EVE)
    assert received.subscription.slug == "united"
    assert received.subscription.terms.recipients == ("eve@broadsheet.example",)
    assert "ada@" not in received.model_dump_json()
    assert received.may_edit is False
    assert received.last_run is not None
    assert received.last_run.job_id is None
    assert use_cases.received_subscriptions(desk.inst, ADA) == ()
    assert use_cases.received_subscriptions(desk.inst, Caller(name="x")) == ()


def test_a_recipient_may_leave_and_come_back_and_the_owner_sees_it(desk: Desk) -> None:
    desk.make(name="united", recipients=("ada@broadsheet.example", "eve@broadsheet.example"))
    for _ in range(2):
        use_cases.unsubscribe_me(desk.inst, EVE, "united")
    (received,) = use_cases.received_subscriptions(desk.inst, EVE)
    assert received.unsubscribed == ("eve@broadsheet.example",)
    own = use_cases.get_subscription(desk.inst, ADA, "united")
    assert own.unsubscribed == ("eve@broadsheet.example",)
    assert len(own.subscription.terms.recipients) == 2
    use_cases.resubscribe_me(desk.inst, EVE, "united")
    assert use_cases.get_subscription(desk.inst, ADA, "united").unsubscribed == ()


def test_who_gets_no_mails_of_it_cannot_leave_a_subscription(desk: Desk) -> None:
    desk.make(name="united")
    for caller in (EVE, OPERATOR, Caller(name="eve")):
        with pytest.raises(NotFoundError):
            use_cases.unsubscribe_me(desk.inst, caller, "united")


def test_next_slots_are_told_of_any_schedule_and_every_fault_of_one_at_once() -> None:
    slots = use_cases.next_slots("0 7 * * MON", "America/New_York", count=2, after=NOW)
    assert [slot.isoformat() for slot in slots] == ["2013-03-25T11:00:00+00:00", "2013-04-01T11:00:00+00:00"]
    with pytest.raises(InputErrors) as caught:
        use_cases.next_slots("x", "y", after=NOW)
    assert [fault.field for fault in caught.value.errors] == ["cron", "zone"]


def test_run_now_starts_the_subscription_s_dag_for_whoever_asked(desk: Desk) -> None:
    desk.make(name="united")
    job = use_cases.run_subscription(desk.inst, OPERATOR, "united")
    assert (job.subscription, job.owner, job.requested_by) == ("united", "ada", "root")
    ((dag_id, _),) = desk.engine.runs
    assert dag_id == "subscription__united"
    last = use_cases.get_subscription(desk.inst, ADA, "united").last_run
    assert last is not None
    assert (last.job_id, last.state, last.words) == (job.id, RunState.WAITING, "Waiting to start")


def test_what_has_no_report_any_more_is_not_run_and_names_no_other_report(desk: Desk) -> None:
    desk.make(name="united")
    desk.catalog = replace(desk.catalog, reports={"cash": desk.catalog.reports["cash"]})
    with pytest.raises(ConflictError, match="not in the catalog") as caught:
        use_cases.run_subscription(desk.inst, ADA, "united")
    assert "cash" not in str(caught.value)


def test_without_its_tables_the_database_is_said_to_need_migration(desk: Desk) -> None:
    with transaction(desk.dsn) as connection:
        connection.execute("DROP TABLE subscription_events")
    desk.make(name="united")
    with pytest.raises(ConfigurationError, match="broadsheet migrate"):
        use_cases.pause_subscription(desk.inst, ADA, "united")
