"""No page is heavy: with its style, scripts and fonts, uncompressed, and lists that are full."""

from __future__ import annotations

import re

from tests.office import ADA, OPERATOR, REPORT, Office, requested
from tests.unit.portal.pages.browser import Browser

from broadsheet.domain.run import RunState
from broadsheet.portal.pages.run_filter import ON_PAGE as RUNS
from broadsheet.portal.pages.subscriptions import ON_PAGE as SUBSCRIPTIONS

MOST_BYTES = 100_000
# What a page loads beside pictures: style sheets, scripts, fonts.
_PARTS = re.compile(r'<(?:link rel="stylesheet" href|script src|link rel="preload" href)="([^"]+)"')


def test_no_page_weighs_more_than_a_hundred_kilobytes_beside_its_pictures(
    office: Office, browser: Browser
) -> None:
    office.limit(requests_per_hour=1000)
    jobs = [requested(office, caller=OPERATOR, state=RunState.COMPLETED) for _ in range(RUNS)]
    jobs.append(requested(office, caller=OPERATOR, state=RunState.FAILED))
    for number in range(SUBSCRIPTIONS + 1):
        office.subscribe(name=f"united-{number}", owner="olga", recipients=(ADA.email or "",))
    pages = [
        "/",
        f"/catalog/{REPORT}/subscribe",
        f"/catalog/{REPORT}/get",
        "/subscriptions",
        "/subscriptions?of=all",
        "/subscriptions/united-0",
        "/subscriptions/united-0/edit",
        "/subscriptions/united-0/history",
        "/runs",
        f"/runs/{jobs[0].id}",
        f"/runs/{jobs[-1].id}",
        "/operations",
    ]

    weights = {page: weight_of(browser, page) for page in pages}

    assert {page: weight for page, weight in weights.items() if weight > MOST_BYTES} == {}
    # The measure sees what a page loads.
    assert min(weights.values()) > 60_000


def weight_of(browser: Browser, page: str) -> int:
    """Return the bytes of a page and of what it loads."""
    shown = browser.get(page, who="olga")
    loaded = [browser.client.get(address) for address in _PARTS.findall(shown.text)]
    assert loaded
    assert all(part.status_code == 200 for part in loaded)
    fonts = [font for part in loaded for font in re.findall(r"url\(", part.text)]
    assert fonts == []
    return sum(len(part.content) for part in [shown, *loaded])
