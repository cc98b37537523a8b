"""What a subscription may be called, and by whom owned: both are shown to other people."""

from datetime import UTC, datetime

import pytest

from broadsheet.catalog import load_catalog
from broadsheet.errors import InputError, InputErrors
from broadsheet.services.subscribe import SubscriptionDraft, check_terms, subscribe
from broadsheet.settings import Settings

SETTINGS = Settings()
CATALOG = load_catalog(SETTINGS.catalog_dir, sql_dir=SETTINGS.sql_dir, templates_dir=SETTINGS.templates_dir)
REPORT = CATALOG.get("airline_punctuality")
BAD = ["a\nb", "a\rb", "a\x00b", "a\x7fb", "a\x85b", "a\u2028b", "\u202ea", "a\u2066b", "\ud800"]


def draft(**changes):
    """Return a draft with nothing wrong in it."""
    good = {"report_id": REPORT.id, "cron": "0 7 * * MON", "recipients": ("ada@example.com",)}
    return SubscriptionDraft(**{**good, **changes})


@pytest.mark.parametrize("title", [*BAD, " ", "x" * 121])
def test_a_title_that_breaks_a_line_or_turns_its_direction_is_refused(title):
    with pytest.raises(InputErrors) as caught:
        check_terms(draft(title=title), REPORT, settings=SETTINGS, themes=("broadsheet",))
    assert [error.field for error in caught.value.errors] == ["title"]


@pytest.mark.parametrize("title", ["الطيران", "👩‍✈️ United", "<b>&amp;", "{{ 7*7 }}"])
def test_other_scripts_emoji_and_markup_are_good_titles(title):
    assert check_terms(draft(title=title), REPORT, settings=SETTINGS, themes=("broadsheet",)).title == title


@pytest.mark.parametrize("owner", [*BAD, "", "x" * 251])
def test_an_owner_is_one_line_too_and_nothing_is_stored_otherwise(owner):
    with pytest.raises(InputError, match="owner"):
        subscribe(
            draft(),
            CATALOG,
            dsn="postgresql://nowhere.invalid/x",
            owner=owner,
            settings=SETTINGS,
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )
