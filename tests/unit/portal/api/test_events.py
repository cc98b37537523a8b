"""Jobs followed live by server-sent events."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from httpx import Response
from tests.unit.portal.api.site import Site

from broadsheet.domain.access import Caller
from broadsheet.domain.job import StageState
from broadsheet.errors import DatabaseUnavailableError
from broadsheet.services import jobs
from broadsheet.services.installation import Installation
from broadsheet.services.job_views import Job


def events(answer: Response) -> Iterator[dict[str, Any]]:
    """Yield the events of an answer as they come; a comment is an event without a kind."""
    event: dict[str, Any] = {}
    for line in answer.iter_lines():
        if not line:
            yield event
            event = {}
            continue
        name, _, value = line.partition(": ")
        event[name or "comment"] = json.loads(value) if name == "data" else value


def test_a_job_is_followed_to_its_end(site: Site) -> None:
    job = site.ask()
    (key,) = site.engine.runs
    with site.stream(f"/jobs/{job}/events") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "private, no-store"
        told = events(answer)
        assert next(told) == {"retry": "3000"}
        assert next(told)["data"]["progress"] == 0
        first = next(told)
        assert (first["event"], first["data"]["state"]) == ("state", "waiting")
        site.engine.set_stages(key, plan=StageState.DONE, fetch=StageState.ACTIVE)
        moved = next(one for one in told if one.get("event") == "progress")
        assert moved["data"]["stage"] == "fetch"
        site.finish(job)
        rest = [one for one in told if "event" in one]
    assert [one["event"] for one in rest] == ["progress", "state"]
    assert rest[0]["data"]["progress"] == 100
    assert rest[1]["data"]["state"] == "completed"
    assert rest[1]["data"]["artifacts"]


def test_a_new_connection_goes_on_where_the_old_one_broke_off(site: Site) -> None:
    job = site.ask()
    with site.stream(f"/jobs/{job}/events") as answer:
        told = events(answer)
        last = [next(told) for _ in range(3)][-1]["id"]
    with site.stream(f"/jobs/{job}/events", **{"Last-Event-ID": last}) as answer:
        told = events(answer)
        assert next(told) == {"retry": "3000"}
        assert next(told) == {"comment": "still here"}
        site.finish(job)
        last = [one for one in told if "event" in one][-1]["id"]
    again = site.get(f"/jobs/{job}/events", headers={"Last-Event-ID": last})
    assert (again.status_code, again.content) == (204, b"")


def test_an_id_that_is_not_ours_starts_anew(site: Site) -> None:
    job = site.ask()
    site.finish(job)
    answer = site.get(f"/jobs/{job}/events", headers={"Last-Event-ID": "what/ever"})
    assert answer.text.count("event: ") == 2


def test_silence_is_filled_with_comments(site: Site) -> None:
    job = site.ask()
    with site.stream(f"/jobs/{job}/events") as answer:
        told = events(answer)
        assert sum("comment" in next(told) for _ in range(6)) == 3


def test_a_database_that_is_away_for_a_while_does_not_end_it(site: Site) -> None:
    job = site.ask()
    dsn = site.dsn
    with site.stream(f"/jobs/{job}/events") as answer:
        told = events(answer)
        for _ in range(3):
            next(told)
        site.dsn = "postgresql://nobody@127.0.0.1:1/none"
        assert next(told) == {"comment": "still here"}
        site.dsn = dsn
        site.finish(job)
        assert [one["data"]["state"] for one in told if one.get("event") == "state"] == ["completed"]
    assert DatabaseUnavailableError.code == "database_unavailable"


def test_nobody_can_open_any_number_of_streams(site: Site) -> None:
    site.streams.most_of_one = 1
    job = site.ask()
    with site.stream(f"/jobs/{job}/events") as open_one:
        told = events(open_one)
        next(told)
        refused = site.get(f"/jobs/{job}/events")
        assert refused.status_code == 429
        assert "retry-after" in refused.headers
        site.finish(job)
        assert list(told)
    site.streams.most = 1
    # A stream is over for who reads it a moment before it is for who serves it.
    deadline = time.monotonic() + 30
    while (again := site.get(f"/jobs/{job}/events").status_code) == 429 and time.monotonic() < deadline:
        pass
    assert again == 200


def test_streams_that_are_asked_for_at_once_are_counted_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.streams.most_of_one = 1
    job = site.ask()
    # Both pass the first check before either is open.
    both = threading.Barrier(2, timeout=30)
    look = jobs.get_job
    looks = itertools.count()

    def look_together(inst: Installation, caller: Caller, job_id: UUID) -> Job:
        if next(looks) < 2:
            both.wait()
        return look(inst, caller, job_id)

    monkeypatch.setattr(jobs, "get_job", look_together)
    site.streams.longest = 0.5
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: site.get(f"/jobs/{job}/events"), range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_stream_has_an_end(site: Site) -> None:
    site.streams.longest = 0.2
    job = site.ask()
    answer = site.get(f"/jobs/{job}/events")
    assert answer.status_code == 200
    assert answer.text.startswith("retry: 3000\n\n")
