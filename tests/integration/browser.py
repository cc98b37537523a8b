"""A real browser for the tests: Debian's Chromium, driven by Playwright; without it the tests are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# What a business user must be able to use: WCAG 2.2 up to AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Slow while reports are built on the same two cores.
PATIENCE = 60_000.0


def browser_path() -> str | None:
    """Return where the browser is, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser; skips the test where there is none."""
    path = browser_path()
    if path is None:
        pytest.skip("no Chromium: install Debian's package `chromium` to run the browser's tests")
    with sync_playwright() as playwright:
        # Root may not use the sandbox, and containers have a small /dev/shm.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Tab:
    """A page with what went wrong in it: messages of the console and answers of the server."""

    page: Page
    url: str
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note every error from now on."""
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on(
            "response",
            lambda answer: answer.status >= 500 and self.wrong.append(f"{answer.status} {answer.url}"),
        )

    def _note(self, message: ConsoleMessage) -> None:
        # Answers of 4xx are what some tests are about; the browser calls them errors.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"console: {message.text}")

    def open(self, path: str) -> Page:
        """Go to one of the portal's pages."""
        self.page.goto(f"{self.url}/reports{path}")
        return self.page

    def log_in(self, user: str, password: str, *, path: str = "/") -> Page:
        """Ask for a page, log in where that leads to, and come back to it."""
        self.open(path)
        self.page.fill('input[name="username"]', user)
        self.page.fill('input[name="password"]', password)
        self.page.press('input[name="password"]', "Enter")
        self.page.wait_for_url(f"{self.url}/reports{path}")
        # Airflow's log-in page has an error of its own: a script that looks for a clock it has not.
        self.wrong.clear()
        return self.page

    def check(self) -> None:
        """Fail on a barrier that axe finds, on sideways scrolling, and on anything that went wrong."""
        self.page.wait_for_load_state("networkidle")
        options: dict[str, Any] = {
            "resultTypes": ["violations"],
            "runOnly": {"type": "tag", "values": RULES},
        }
        found = Axe().run(self.page, options=options)
        assert found.violations_count == 0, found.generate_report()
        room = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert room[0] <= room[1], f"{self.page.url} is {room[0]} wide on a screen of {room[1]}"
        assert self.wrong == []


@contextmanager
def tab(browser: Browser, url: str, *, width: int = 1280, dark: bool = False) -> Iterator[Tab]:
    """Open a fresh, logged-out browser window."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        timezone_id="America/New_York",
        accept_downloads=True,
    )
    context.set_default_timeout(PATIENCE)
    try:
        opened = Tab(context.new_page(), url)
        opened.watch()
        yield opened
    finally:
        context.close()
