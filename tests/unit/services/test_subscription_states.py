"""What happens to a subscription: paused, deleted, restored, run, left by a recipient."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.services.subscription_desk import ACTS, ADA, EVE, NOW, OPERATOR, Desk

from broadsheet.domain.access import Caller
from broadsheet.domain.run import RunState
from broadsheet.domain.subscription import SubscriptionState
from broadsheet.errors import (
    ConfigurationError,
    ConflictError,
    NotFoundError,
)
from broadsheet.services import subscriptions as use_cases
from broadsheet.store.database import transaction

State = SubscriptionState


@pytest.fixture
def desk(database_dsn: str) -> Desk:
    return Desk(database_dsn)


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


def test_nobody_restores_more_subscriptions_than_anybody_may_have(desk: Desk) -> None:
    desk.settings = desk.settings.model_copy(update={"max_subscriptions": 1})
    desk.make(name="united")
    use_cases.delete_subscription(desk.inst, ADA, "united")
    desk.make(name="other")
    # Whoever asks, it is its owner's number that counts.
    for caller in (ADA, OPERATOR):
        with pytest.raises(ConflictError, match="ada has 1 subscriptions"):
            use_cases.restore_subscription(desk.inst, caller, "united")
    # One that is not deleted takes no more room.
    assert use_cases.restore_subscription(desk.inst, ADA, "other").subscription.state is State.ACTIVE
    use_cases.delete_subscription(desk.inst, ADA, "other")
    assert use_cases.restore_subscription(desk.inst, ADA, "united").subscription.state is State.ACTIVE


def test_with_a_deleted_subscription_nothing_can_be_done_but_to_restore_it(desk: Desk) -> None:
    desk.make(name="united")
    use_cases.delete_subscription(desk.inst, ADA, "united")
    for act in ("pause", "resume", "run", "edit"):
        with pytest.raises(ConflictError, match="restore it first"):
            ACTS[act](desk.inst, ADA, "united")


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
