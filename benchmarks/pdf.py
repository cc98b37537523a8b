"""How long documents take, in one run: every line of the table in docs/performance.md, Chromium beside it.

Run it with ``make bench-pdf``; it takes about eight minutes. Everything is measured in a process of its own,
so that its peak of memory is its own too. CPU time stands beside wall time: on a machine that does other
work it says more.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

from benchmarks.installation import REPOSITORY, machine
from benchmarks.pdf_chromium import found, print_report, print_table, warm_page

ROUNDS = 5
MANY = 10_000
VERY_MANY = 100_000


def main() -> None:
    """Measure everything, and print a Markdown table."""
    begun = time.perf_counter()
    print(f"\n{machine()}\n\n| what | wall, s | CPU, s | peak, MiB | pages | file, MB |\n|---|{'---:|' * 5}")
    report = ask("pdf_report", "report", rounds=3)
    print_line("6 pages, 4 new charts, 100 rows, 3 photos, tagged, warm", report, milliseconds=True)
    print(
        f"| its charts / its document | {report['draw'] / 1000:.3f} / {report['build'] / 1000:.3f} | | | | |"
    )
    tables: dict[tuple[int, str], dict[str, float]] = {}
    for count, rounds in ((MANY, ROUNDS), (VERY_MANY, 3)):
        for mode in ("tagged", "untagged"):
            tables[count, mode] = ask("pdf_tables", mode, str(count), rounds=rounds)
            print_line(f"{count:,} rows, {mode}", tables[count, mode])
    print_line("payload of the demo's report from 1,000,000 rows", ask("pdf_report", "aggregate", rounds=3))
    print_line(
        "one more variant: 3 pages, 2 charts", ask("pdf_report", "variant", rounds=3), milliseconds=True
    )
    print_chromium(report, tables)
    print(f"\n{time.perf_counter() - begun:.0f} s for all of it.")


def ask(module: str, *arguments: str, rounds: int = ROUNDS) -> dict[str, float]:
    """Return medians of what processes of their own say."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    answers = [json.loads(subprocess.check_output(command, cwd=REPOSITORY)) for _ in range(rounds)]
    return {name: statistics.median(answer[name] for answer in answers) for name in answers[0]}


def print_line(what: str, found: dict[str, float], *, milliseconds: bool = False) -> None:
    """Print one measurement as a line of the table."""
    scale = 1000 if milliseconds else 1
    peak = f"{found['peak']:.0f}" if "peak" in found else ""
    pages = f"{found['pages']:,.0f}" if "pages" in found else ""
    size = f"{found['size'] / 1e6:.2f}" if "size" in found else ""
    wall = found.get("wall", found.get("seconds", 0.0)) / scale
    print(f"| {what} | {wall:.3f} | {found['cpu'] / scale:.3f} | {peak} | {pages} | {size} |", flush=True)


def print_chromium(report: dict[str, float], tables: dict[tuple[int, str], dict[str, float]]) -> None:
    """Print how long Chromium takes for the same, and how many times as long that is."""
    path = found()
    if path is None:
        print("\nNo Chromium here: not compared.")
        return
    with warm_page(path) as (page, version):
        own = print_report(page)
        whole = own["charts"] + own["page"]
        print(
            f"\nChromium {version}, warm, the report of 6 pages: {whole:.0f} ms "
            f"({own['charts']:.0f} for its charts by matplotlib as SVG, {own['page']:.0f} for loading and "
            f"printing, tagged): "
            f"{whole / report['wall']:.1f} times as long."
        )
        for mode in ("untagged", "tagged"):
            seconds, size = print_table(page, MANY, tagged=mode == "tagged")
            print(
                f"\nChromium, {MANY:,} rows, {mode}, once: {seconds:.1f} s, {size / 1e6:.1f} MB: "
                f"{seconds / tables[MANY, mode]['seconds']:.0f} times as long.",
                flush=True,
            )


if __name__ == "__main__":
    main()
