"""Counts, workers, health and metrics: operators see the installation, others only their own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.fakes import FakeEngine
from tests.unit.portal.api.site import Site

from broadsheet.domain.run import RunState
from broadsheet.portal.api import operations
from broadsheet.services.engine import PartHealth
from broadsheet.services.health import Health


def test_a_subscriber_sees_counts_of_their_own_alone(site: Site) -> None:
    site.ask(by="bob")
    site.finish(site.ask())
    site.finish(site.ask(), state=RunState.FAILED, reason="the source did not answer")
    mine = site.get("/stats").json()
    assert mine["scope"] == "own"
    assert {state: count for state, count in mine["states"].items() if count} == {"completed": 1, "failed": 1}
    assert mine["reports"][0]["states"]["completed"] == 1
    for name in ("queues", "days", "failures", "late", "stages", "quarantine", "deliveries"):
        assert mine[name] is None


def test_an_operator_sees_the_whole_installation(site: Site) -> None:
    site.ask(by="bob")
    site.finish(site.ask(), state=RunState.FAILED, reason="the source did not answer")
    everything = site.get("/stats", by="olga").json()
    assert everything["scope"] == "all"
    assert (everything["states"]["waiting"], everything["states"]["failed"]) == (1, 1)
    assert everything["failures"][0]["reason"] == "the source did not answer"
    assert {queue["name"] for queue in everything["queues"]} == {"default", "fetch"}
    assert len(everything["days"]) == 14
    assert everything["stages"]


def test_workers_are_shown_to_operators(offline: Site) -> None:
    answer = offline.get("/workers", by="olga").json()
    assert answer["workers"][0]["queues"] == ["default", "fetch"]
    assert answer["queues"][1] == {
        "name": "fetch",
        "waiting": 2,
        "active": 0,
        "oldest_waiting_since": "2013-03-25T11:00:00Z",
    }


@pytest.mark.parametrize("path", ["/workers", "/metrics"])
@pytest.mark.parametrize(("by", "status"), [("ada", 403), ("art", 403), (None, 401)])
def test_what_is_for_operators_is_refused_to_others(
    offline: Site, path: str, by: str | None, status: int
) -> None:
    assert offline.get(path, by=by).status_code == status


def test_workers_that_cannot_be_asked_are_told_as_such(database_dsn: str) -> None:
    engine = FakeEngine()
    site = Site(database_dsn, None, engine=engine)  # type: ignore[arg-type]  # nothing is stored
    engine.fail()
    assert site.get("/workers", by="olga").status_code == 503
    assert site.get("/stats", by="olga").json()["engine_fault"]
    site.close()


def test_metrics_are_in_prometheus_text_format(site: Site) -> None:
    site.ask()
    answer = site.get("/metrics", by="olga")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'broadsheet_runs{state="waiting"} 1' in answer.text
    for line in answer.text.splitlines():
        assert re.fullmatch(r"#.*|[a-z_]+(\{.*\})? -?[0-9.e+-]+", line), line


@pytest.mark.parametrize(("is_healthy", "status"), [(True, 200), (False, 503)])
def test_health_says_what_is_true_of_each_part(
    offline: Site, monkeypatch: pytest.MonkeyPatch, is_healthy: bool, status: int
) -> None:
    part = PartHealth(name="mail server", is_healthy=is_healthy, words="answered a greeting")
    found = Health(at=offline.now, is_healthy=is_healthy, parts=(part,))
    monkeypatch.setattr(operations, "check_health", lambda _: found)
    answer = offline.get("/healthz")
    assert answer.status_code == status
    assert answer.json()["parts"] == [
        {"name": "mail server", "is_healthy": is_healthy, "words": "answered a greeting"}
    ]
    assert offline.get("/healthz", by=None).status_code == 401


def test_health_is_really_tried(site: Site) -> None:
    site.engine.parts = (replace(site.engine.parts[0], is_healthy=False, words="no heartbeat for 5 minutes"),)
    answer = site.get("/healthz")
    assert answer.status_code == 503
    parts = {part["name"]: part for part in answer.json()["parts"]}
    assert parts["database"]["is_healthy"]
    assert parts["object store"]["is_healthy"]
    assert parts["metadata database"]["words"] == "no heartbeat for 5 minutes"


def test_the_api_describes_itself_to_those_who_are_logged_in(offline: Site) -> None:
    document = offline.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == "1.0.0"
    assert offline.get("/openapi.json", by=None).status_code == 401


@pytest.mark.parametrize("path", ["/", "/jobs/", "/nothing", "/docs"])
def test_there_is_nothing_else(offline: Site, path: str) -> None:
    assert offline.get(path).status_code == 404
    assert offline.get(path, by=None).status_code == 401
