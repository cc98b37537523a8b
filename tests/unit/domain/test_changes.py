"""What an edit changed, in words."""

from __future__ import annotations

from typing import Any

import pytest

from broadsheet.domain.changes import readable_schedule, term_changes
from broadsheet.domain.period import PeriodKind
from broadsheet.domain.subscription import SubscriptionTerms

TERMS = SubscriptionTerms(
    title="United",
    report_id="airline_punctuality",
    parameters={"carrier": "UA", "detail": True},
    cron="0 7 * * MON",
    zone="America/New_York",
    period_kind=PeriodKind.WEEK,
    recipients=("ada@broadsheet.example", "bob@broadsheet.example"),
)


def told(**changes: Any) -> list[tuple[str, str, str]]:
    after = TERMS.model_copy(update=changes)
    return [(one.field, one.before, one.after) for one in term_changes(TERMS, after, report=None)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        # The same schedule, written in another way.
        ({"cron": "00 07 * * 1"}, []),
        ({"recipients": ("bob@broadsheet.example", "ada@broadsheet.example")}, []),
        (
            {"recipients": ("ada@broadsheet.example", "eve@broadsheet.example")},
            [("recipients", "bob@broadsheet.example", "eve@broadsheet.example")],
        ),
        (
            {"recipients": ("ada@broadsheet.example",)},
            [("recipients", "bob@broadsheet.example", "–")],
        ),
        ({"parameters": {"carrier": "DL", "detail": True}}, [("parameters.carrier", "UA", "DL")]),
        # The report has got another parameter, and lost one.
        (
            {"parameters": {"carrier": "UA", "origin": "JFK"}},
            [("parameters.detail", "yes", "–"), ("parameters.origin", "–", "JFK")],
        ),
        (
            {"locale": "de-DE", "theme": "night_edition", "formats": ("pdf", "csv")},
            [
                ("locale", "the report’s own", "German (Germany)"),
                ("theme", "the report’s own", "Night edition"),
                ("formats", "all", "PDF, CSV"),
            ],
        ),
        ({"resend_unknown": False}, [("resend_unknown", "sent once more", "never sent twice")]),
    ],
)
def test_only_what_differs_is_told(changes: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert told(**changes) == expected


def test_a_schedule_that_is_not_valid_any_more_is_told_as_it_is_written() -> None:
    assert readable_schedule("0 7 * * MUN", "Mars/Olympus") == "0 7 * * MUN (Mars/Olympus)"
