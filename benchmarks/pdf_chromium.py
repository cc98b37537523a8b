"""The same documents by headless Chromium, for ``benchmarks.pdf``: from HTML, in a browser that is warm."""

from __future__ import annotations

import base64
import io
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

from jinja2 import Environment, FileSystemLoader
from matplotlib.figure import Figure
from playwright.sync_api import Page, sync_playwright

from benchmarks.installation import REPOSITORY
from benchmarks.pdf_report import FOUR, Workshop, demo_report, flights, photograph
from benchmarks.pdf_tables import COLUMNS, table
from broadsheet.pipeline.payload import ChartPart, read_payload

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ROUNDS = 5
_PAGES = Environment(loader=FileSystemLoader(REPOSITORY / "benchmarks"), autoescape=True)


def found() -> str | None:
    """Return where a Chromium is, if there is one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@contextmanager
def warm_page(path: str) -> Iterator[tuple[Page, str]]:
    """Yield a page that has printed once, and the browser's version."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.set_content("<p>warm</p>")
        page.pdf()
        yield page, browser.version
        browser.close()


def print_table(page: Page, count: int, *, tagged: bool) -> tuple[float, int]:
    """Return the seconds that a table of so many rows takes once, and the size of its file."""
    html = _PAGES.get_template("table.html.j2").render(columns=COLUMNS, rows=table(count).rows)
    begun = time.perf_counter()
    page.set_content(html)
    data = page.pdf(prefer_css_page_size=True, tagged=tagged)
    return time.perf_counter() - begun, len(data)


def print_report(page: Page) -> dict[str, float]:
    """Return medians in milliseconds of making the charts, and of loading and printing the report."""
    workshop = Workshop(demo_report(FOUR), flights(2_500))
    workshop.aggregate()
    payload = read_payload(workshop.spec, "main", staging=workshop.staging)
    photos = [base64.b64encode(photograph(seed)).decode() for seed in range(3)]
    drawing: list[float] = []
    printing: list[float] = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        charts = {name: svg(chart) for name, chart in payload.charts.items()}
        drawn = time.perf_counter()
        html = _PAGES.get_template("report.html.j2").render(
            payload=payload, charts=charts, photos=photos, table=payload.tables["latest_arrivals"]
        )
        page.set_content(html)
        page.pdf(prefer_css_page_size=True, tagged=True)
        drawing.append(drawn - begun)
        printing.append(time.perf_counter() - drawn)
    return {"charts": statistics.median(drawing[1:]) * 1000, "page": statistics.median(printing[1:]) * 1000}


def svg(chart: ChartPart) -> str:
    """Draw a chart the plain way: matplotlib to SVG, its text as text."""
    figure = Figure(figsize=(6.8, 2.6))
    axes = figure.add_subplot()
    places = range(len(chart.x))
    for series in chart.series:
        values = [value or 0.0 for value in series.values]
        if chart.kind == "line":
            axes.plot(places, values, label=series.name)
        else:
            axes.bar(places, values, label=series.name)
    axes.set_xticks(list(places), [str(name) for name in chart.x])
    axes.legend()
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue().partition("<svg")[1] + buffer.getvalue().partition("<svg")[2]
