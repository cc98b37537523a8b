"""Subscriptions as use cases: whose they are, who may change them, and what two editors are told."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.unit.services.subscription_desk import ACTS, ADA, EVE, OPERATOR, Desk, draft

from broadsheet.errors import (
    ForbiddenError,
    InputError,
    InputErrors,
    NotFoundError,
    StaleError,
)
from broadsheet.services import subscriptions as use_cases


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
