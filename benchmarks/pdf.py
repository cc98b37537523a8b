"""How long documents take: tables of many rows, the demo's report, and Chromium with the same table.

Run it with ``make bench-pdf``. Every table is read and drawn in a process of its own, so that its peak of
memory is its own too; what is named in one table is measured in one run.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from functools import partial

from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import sync_playwright

from benchmarks.installation import REPOSITORY, installation, machine
from benchmarks.pdf_tables import COLUMNS, table, timed
from broadsheet.catalog import load_catalog
from broadsheet.domain.period import parse_period
from broadsheet.embedded import postgres
from broadsheet.pipeline.preview import preview_report
from broadsheet.settings import STORAGE, Settings, connection_variable, parse_endpoint
from broadsheet.store.objects import S3ObjectStore

ROUNDS = 5
SIZES = (10_000, 100_000)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Measure everything, and print Markdown tables."""
    print(f"\nTables of 8 columns, 3 of them numbers; median of {ROUNDS} processes; {machine()}.\n")
    names = ("rows", "drawing, s", "CPU, s", "pages", "file, MB", "peak, MiB", "before, MiB", "reading, s")
    print(f"| {' | '.join(names)} |\n|{'---:|' * len(names)}")
    for count in SIZES:
        drawn, read = (measure(mode, count) for mode in ("draw", "read"))
        print(
            f"| {count:,} | {drawn['seconds']:.3f} | {drawn['cpu']:.3f} | {drawn['pages']:,.0f} "
            f"| {drawn['size'] / 1e6:.1f} | {drawn['peak']:.0f} | {drawn['before']:.0f} "
            f"| {read['seconds']:.2f} |"
        )
    print_chromium(SIZES[0])
    seconds = demo_report()
    print(f"\nbuild_pdf of the demo's report, warm: {statistics.median(seconds) * 1000:.0f} ms, "
          f"median of {len(seconds)} ({min(seconds) * 1000:.0f} to {max(seconds) * 1000:.0f}).")  # fmt: skip


def measure(mode: str, count: int) -> dict[str, float]:
    """Return medians of what processes of their own say."""
    command = [sys.executable, "-m", "benchmarks.pdf_tables", mode, str(count)]
    answers = [json.loads(subprocess.check_output(command, cwd=REPOSITORY)) for _ in range(ROUNDS)]
    return {name: statistics.median(answer[name] for answer in answers) for name in answers[0]}


def print_chromium(count: int) -> None:
    """Print how long Chromium takes for the same table, once: it takes long enough."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        print("\nNo Chromium here: not compared.")
        return
    pages = Environment(loader=FileSystemLoader(REPOSITORY / "benchmarks"), autoescape=True)
    html = pages.get_template("table.html.j2").render(columns=COLUMNS, rows=table(count).rows)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.set_content("<p>warm</p>")
        page.pdf()
        for tagged in (False, True):
            loading, _ = timed(lambda: page.set_content(html))
            printing, data = timed(partial(page.pdf, prefer_css_page_size=True, tagged=tagged))
            print(
                f"\nChromium {browser.version}, warm, {count:,} rows, {'tagged' if tagged else 'untagged'}: "
                f"{loading + printing:.1f} s (loading {loading:.1f}), {len(data) / 1e6:.1f} MB, one run."
            )
        browser.close()


def demo_report() -> list[float]:
    """Return how long each of several builds of the demo's document took, after one that is not counted."""
    settings = Settings()
    with installation(airflow=False) as (stack, environment):
        store = S3ObjectStore(
            parse_endpoint(environment[connection_variable(STORAGE)]), "broadsheet-documents"
        )
        catalog = load_catalog(
            REPOSITORY / "include/reports",
            sql_dir=REPOSITORY / "sql",
            templates_dir=REPOSITORY / "include/templates",
        )
        report = catalog.get("airline_punctuality")
        dsn = postgres.dsn(
            stack.ports,
            user="broadsheet_reader",
            password=stack.secrets.postgres_reader,
            database="flights",
        )
        previews = [
            preview_report(
                report,
                parameters=report.validate_parameters({}),
                period=parse_period("2013-W12", zone=report.zone),
                dsn=dsn,
                documents=lambda: store,
                sql_dir=settings.sql_dir,
                templates_dir=settings.templates_dir,
                static_dir=settings.static_dir,
                themes_dir=settings.themes_dir,
                statement_timeout=settings.statement_timeout,
            )
            for _ in range(2 * ROUNDS + 1)
        ]
    return [preview.seconds["build_pdf"] for preview in previews[1:]]


if __name__ == "__main__":
    main()
