"""Take the pictures of the portal that README and docs show, from a stack of its own.

Run it with ``make screenshots``; it needs Debian's Chromium. The pictures are of the real pages with the
flights of 2013, moved to the present as in the demo, at fixed sizes.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.installation import installation
from playwright.sync_api import Browser, Page
from tests.integration.airflow_api import Airflow
from tests.integration.browser import chromium, tab

from broadsheet.embedded.flights import demo_shift_weeks

IMAGES = Path(__file__).parent / "images"
REPORT = "report__airline_punctuality"
READERS = ["ada@example.com", "grace@example.com"]


def main() -> None:
    """Take all pictures, or those whose name begins with the first argument."""
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    weeks = demo_shift_weeks(datetime.now(UTC).date())
    with installation(shift_weeks=weeks) as (stack, environment), chromium() as browser:
        url = environment["AIRFLOW__API__BASE_URL"]
        with Airflow.log_in(url, username="operator", password=stack.secrets.user_operator) as airflow:
            airflow.wait_for_dag(REPORT)
            for carrier in ("DL", "B6", "AA"):
                airflow.complete(REPORT, carrier=carrier)
            # No such day: a failure to be shown, too.
            airflow.trigger(REPORT, period="2026-02-30")
            shown = airflow.complete(REPORT, carrier="UA", recipients=READERS)
        people = {"subscriber": stack.secrets.user_subscriber, "operator": stack.secrets.user_operator}
        _subscriber(browser, url, people["subscriber"], only)
        _operator(browser, url, people["operator"], shown, only)


def _subscriber(browser: Browser, url: str, password: str, only: str) -> None:
    with tab(browser, url) as opened:
        page = opened.log_in("subscriber", password)
        _take(page, "portal_reports", only)
        page.get_by_role("link", name="Subscribe to Airline punctuality").click()
        page.get_by_role("button", name="Preview page one").click()
        # A sample stands there until the preview has come.
        page.locator("#preview", has_text="With your settings").wait_for()
        page.locator("#preview img").evaluate("one => one.decode()")
        _take(page, "portal_subscribe", only)
        page.get_by_role("button", name="Subscribe", exact=True).click()
        page.wait_for_url(re.compile(r"/reports/subscriptions/[a-z0-9-]+"))
        opened.open("/subscriptions")
        _take(page, "portal_subscriptions", only)
    with tab(browser, url, width=360) as opened:
        page = opened.log_in("subscriber", password)
        _take(page, "portal_phone", only)


def _operator(browser: Browser, url: str, password: str, shown: str, only: str) -> None:
    for dark in (False, True):
        suffix = "_dark" if dark else ""
        with tab(browser, url, dark=dark) as opened:
            page = opened.log_in("operator", password)
            opened.open(f"/of-run?dag_id={REPORT}&run_id={shown.replace('+', '%2B')}")
            page.locator(".run-sheet img").evaluate("one => one.decode()")
            _take(page, f"portal_run{suffix}", only)
            opened.open("/runs")
            _take(page, f"portal_runs{suffix}", only)
            opened.open("/operations")
            page.wait_for_load_state("networkidle")
            _take(page, f"portal_operations{suffix}", only)


def _take(page: Page, name: str, only: str) -> None:
    if name.startswith(only):
        # Pictures below the window are loaded only when somebody scrolls to them.
        page.evaluate(
            "Promise.all([...document.images].map(one => { one.loading = 'eager'; return one.decode(); }))"
        )
        page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
