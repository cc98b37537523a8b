"""Subscribing: everything is checked at once, what was left out is filled in, and names are unique."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from tests.office import shipped_catalog

from broadsheet.domain.period import PeriodKind
from broadsheet.domain.subscription import Subscription, SubscriptionState
from broadsheet.errors import InputError, InputErrors, NotFoundError
from broadsheet.services.subscribe import SubscriptionDraft, subscribe
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.subscriptions import list_subscriptions, set_subscription_state

ADA, EVE = "ada@broadsheet.example", "eve@elsewhere.example"
AT = datetime(2013, 1, 1, 12, 0, tzinfo=UTC)


class Desk:
    """Takes drafts."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.settings = Settings()

    def take(self, **changes: Any) -> Subscription:
        draft = {
            "report_id": "airline_punctuality",
            "cron": "0 7 * * MON",
            "recipients": (ADA,),
            **changes,
        }
        return subscribe(
            SubscriptionDraft.model_validate(draft),
            shipped_catalog(),
            dsn=self.dsn,
            owner="ada",
            settings=self.settings,
            at=AT,
        )

    def stored(self) -> list[Subscription]:
        with transaction(self.dsn) as connection:
            return list_subscriptions(connection)


@pytest.fixture
def desk(database_dsn: str) -> Desk:
    return Desk(database_dsn)


def test_what_is_left_out_comes_from_the_report(desk: Desk) -> None:
    made = desk.take()
    assert made.terms.title == "Airline punctuality"
    assert made.terms.zone == "America/New_York"
    assert made.terms.period_kind is PeriodKind.WEEK
    assert made.terms.parameters == {"carrier": "UA", "origin": "all"}
    assert made.terms.resend_unknown is True
    assert (made.owner, made.state, made.revision, made.created_at) == (
        "ada",
        SubscriptionState.ACTIVE,
        1,
        AT,
    )
    assert made.slug.startswith("airline-punctuality-")
    assert desk.stored() == [made]


def test_what_is_given_is_kept_in_normal_form(desk: Desk) -> None:
    made = desk.take(
        name="united",
        title="  United, monthly ",
        cron=" 30  6 1 * * ",
        zone="Europe/Vienna",
        period_kind="month",
        parameters={"carrier": "DL"},
        recipients=("Ada@BROADSHEET.example", "ada@broadsheet.EXAMPLE"),
        resend_unknown=False,
    )
    assert (made.slug, made.dag_id) == ("united", "subscription__united")
    assert (made.terms.title, made.terms.cron) == ("United, monthly", "30 6 1 * *")
    assert (made.terms.zone, made.terms.period_kind) == ("Europe/Vienna", PeriodKind.MONTH)
    assert made.terms.parameters == {"carrier": "DL", "origin": "all"}
    assert made.terms.recipients == ("Ada@broadsheet.example",)
    assert made.terms.resend_unknown is False


def test_every_fault_is_told_at_once_and_nothing_is_stored(desk: Desk) -> None:
    desk.settings = Settings(recipient_domains=("broadsheet.example",))
    with pytest.raises(InputErrors) as caught:
        desk.take(
            cron="0 7 * *",
            zone="Mars/Olympus",
            period_kind="fortnight",
            title="two\nlines",
            parameters={"carrier": "??", "nonsense": 1},
            recipients=("nobody", EVE, f"{ADA}\r\nBcc: {EVE}"),
            name="Not a name",
        )
    assert [fault.field for fault in caught.value.errors] == [
        "parameters.nonsense",
        "parameters.carrier",
        "cron",
        "zone",
        "period_kind",
        "title",
        "recipients",
        "recipients",
        "recipients",
        "name",
    ]
    assert desk.stored() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"recipients": ()}, "recipients"),
        ({"recipients": tuple(f"reader{number}@broadsheet.example" for number in range(4))}, "recipients"),
        ({"cron": "0 0 30 2 *"}, "cron"),
        ({"cron": "* * * * * *"}, "cron"),
        ({"cron": "@daily"}, "cron"),
        ({"zone": ""}, None),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"title": "x" * 121}, "title"),
        ({"title": "   "}, "title"),
        ({"period_kind": "year"}, "period_kind"),
    ],
)
def test_each_rule_names_its_field(desk: Desk, changes: dict[str, Any], field: str | None) -> None:
    desk.settings = Settings(max_recipients=3)
    if field is None:
        # Nothing given is not a fault.
        desk.take(**changes)
        return
    with pytest.raises(InputErrors) as caught:
        desk.take(**changes)
    assert [fault.field for fault in caught.value.errors] == [field]
    assert desk.stored() == []


@pytest.mark.parametrize("name", ["United", "un ited", "-united", "u" * 101, "../united", "únited", "a\n"])
def test_a_name_that_would_not_do_as_an_id_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(InputErrors) as caught:
        desk.take(name=name)
    assert [fault.field for fault in caught.value.errors] == ["name"]
    assert desk.stored() == []


def test_a_name_that_is_taken_is_refused_and_the_first_subscription_stays(desk: Desk) -> None:
    first = desk.take(name="united")
    with pytest.raises(InputError, match="united") as caught:
        desk.take(name="united", title="Another")
    assert caught.value.field == "name"
    assert desk.stored() == [first]


def test_the_name_of_a_deleted_subscription_stays_taken_since_its_runs_are_in_the_ledger(desk: Desk) -> None:
    desk.take(name="united")
    with transaction(desk.dsn) as connection:
        set_subscription_state(connection, "united", SubscriptionState.DELETED, at=AT)
    with pytest.raises(InputError, match="exists already"):
        desk.take(name="united")


def test_subscriptions_of_one_title_get_names_of_their_own(desk: Desk) -> None:
    assert desk.take().slug != desk.take().slug


def test_an_unknown_report_is_refused_with_what_may_have_been_meant(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'airline_punctuality'"):
        desk.take(report_id="airline_punctualty")
    assert desk.stored() == []


def test_a_field_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        SubscriptionDraft.model_validate(
            {"report_id": "x", "cron": "* * * * *", "recipients": [ADA], "recipient": EVE}
        )
