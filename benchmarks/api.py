"""Fifty programs at once at the JSON API for a minute, while the reports they ask for are built.

Run it with ``make bench-api``. Every client reads all the time: jobs, a job, the catalog, subscriptions,
counts; five of them ask for a report now and then. Only 2xx and an honest 429 (with ``Retry-After``) count as
good answers.
"""

from __future__ import annotations

import asyncio
import math
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import psutil
from tests.integration.browser import browser_path, chromium, tab

from benchmarks.installation import installation, machine

CLIENTS = 50
ASKING = 5
SECONDS = 60
# Thinking time of a client between two requests: at 50 clients some 40 requests a second.
PAUSE = (0.6, 1.8)
PAGES = ("/", "/catalog/airline_punctuality/subscribe", "/subscriptions", "/runs")
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
# Size of the answers' bodies as they lie uncompressed.
WEIGHT = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(one => ({size: one.decodedBodySize, picture: one.initiatorType === 'img'}))"""
READS = ("/jobs?limit=20", "/catalog", "/catalog/airline_punctuality", "/subscriptions", "/stats")


@dataclass
class Tally:
    """What the clients saw."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, name: str, answer: httpx.Response, seconds: float) -> None:
        """Note one answer."""
        self.seconds[name].append(seconds)
        self.statuses[f"{name} {answer.status_code}"] += 1
        honest = answer.status_code == httpx.codes.TOO_MANY_REQUESTS and "retry-after" in answer.headers
        if not (answer.is_success or honest):
            self.wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")


def main() -> None:
    """Measure, and print a Markdown table; status 1 when an answer was wrong."""
    where = machine()
    with installation() as (stack, environment):
        _first_paint(environment["AIRFLOW__API__BASE_URL"], stack.secrets.user_subscriber)
        base = environment["AIRFLOW__API__BASE_URL"]
        before = _cpu_seconds(base)
        tally = asyncio.run(_load(base, stack.secrets.user_operator))
        cpu = _cpu_seconds(base) - before
    requests = sum(tally.statuses.values())
    print(f"\n{CLIENTS} clients, {ASKING} asking for reports: {requests} requests in {SECONDS} s; {where}.\n")
    print("| request | answers | median, ms | p95, ms | slowest, ms |\n|---|---:|---:|---:|---:|")
    for name, seconds in sorted(tally.seconds.items()):
        ms = sorted(1000 * value for value in seconds)
        p95 = ms[math.ceil(0.95 * len(ms)) - 1]
        print(f"| {name} | {len(ms)} | {statistics.median(ms):.0f} | {p95:.0f} | {ms[-1]:.0f} |")
    reads = sorted(
        1000 * value for name, all_ in tally.seconds.items() if name != "generate" for value in all_
    )
    print(
        f"\nAll reads: p95 {reads[math.ceil(0.95 * len(reads)) - 1]:.0f} ms. Answers: {dict(tally.statuses)}"
    )
    print(
        f"\nCPU time of the api-server: {1000 * cpu / requests:.1f} ms a request, the tasks' calls included."
    )
    if tally.wrong:
        print(f"\n{len(tally.wrong)} wrong answers:\n" + "\n".join(tally.wrong[:10]))
        sys.exit(1)


def _cpu_seconds(base: str) -> float:
    """Return the CPU time that the server of an address has taken, its processes together."""
    port = urlsplit(base).port
    listening = {
        one.pid
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and tuple(one.laddr)[1:2] == (port,) and one.pid
    }
    family = {child for pid in listening for child in psutil.Process(pid).children(recursive=True)}
    times = [process.cpu_times() for process in {*family, *map(psutil.Process, listening)}]
    return sum(one.user + one.system for one in times)


def _first_paint(base: str, password: str) -> None:
    """Print how soon a browser shows the portal's pages, and what they weigh; nothing without a browser."""
    if not browser_path():
        print("No Chromium: first paint is not measured.")
        return
    print("| page | first paint, ms (median of 5) | page, kB | pictures, kB |\n|---|---:|---:|---:|")
    with chromium() as browser, tab(browser, base) as opened:
        page = opened.log_in("subscriber", password)
        for path in PAGES:
            paints = []
            for _ in range(5):
                opened.open(path)
                page.wait_for_load_state("networkidle")
                paints.append(page.evaluate(PAINT))
            parts = page.evaluate(WEIGHT)
            pictures = sum(part["size"] for part in parts if part["picture"])
            rest = sum(part["size"] for part in parts if not part["picture"])
            print(f"| {path} | {statistics.median(paints):.0f} | {rest / 1000:.0f} | {pictures / 1000:.0f} |")


async def _load(base: str, password: str) -> Tally:
    """Let all clients work for the time and return what they saw."""
    tally = Tally()
    limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx.AsyncClient(timeout=30, limits=limits, trust_env=False) as client:
        answer = await client.post(f"{base}/auth/token", json={"username": "operator", "password": password})
        client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
        client.base_url = httpx.URL(f"{base}/reports/api/v1")
        await _request(client, "generate", Tally(), asks=True)
        end = time.monotonic() + SECONDS
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(_client(client, tally, end=end, asks=number < ASKING, seed=number))
    return tally


async def _client(client: httpx.AsyncClient, tally: Tally, *, end: float, asks: bool, seed: int) -> None:
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(0, PAUSE[1]))
    while time.monotonic() < end:
        if asks and chance.random() < 0.1:
            await _request(client, "generate", tally, asks=True)
        else:
            await _request(client, chance.choice(READS), tally)
        await asyncio.sleep(chance.uniform(*PAUSE))


async def _request(client: httpx.AsyncClient, name: str, tally: Tally, *, asks: bool = False) -> None:
    started = time.perf_counter()
    if asks:
        body = {"report": "airline_punctuality", "period": "2013-W12"}
        answer = await client.post("/reports/generate", json=body)
    else:
        answer = await client.get(name)
    tally.count(name, answer, time.perf_counter() - started)


if __name__ == "__main__":
    main()
