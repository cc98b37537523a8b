"""Each part is really tried, all at once, and none of them for longer than its deadline."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from tests.office import Office
from tests.smtp_server import ScriptedMailServer

from broadsheet.errors import StorageUnavailableError
from broadsheet.services.deadlines import Deadlines
from broadsheet.services.engine import PartHealth, QueueLoad
from broadsheet.services.health import Health, check_health
from broadsheet.settings import Endpoint, parse_endpoint
from broadsheet.store.objects import S3ObjectStore


@pytest.fixture
def office(database_dsn: str, object_store: S3ObjectStore) -> Office:
    return Office(database_dsn, artifacts=object_store)


def part(health: Health, name: str) -> PartHealth:
    (found,) = [one for one in health.parts if one.name == name]
    return found


def nowhere() -> Endpoint:
    return parse_endpoint("smtp://127.0.0.1:1/?tls=none")


def test_an_installation_whose_parts_all_answer_is_healthy(
    office: Office, mail_server: ScriptedMailServer, object_store: S3ObjectStore
) -> None:
    health = check_health(office.inst, mail=lambda: mail_server.endpoint())
    assert health.is_healthy, health.parts
    assert {one.name for one in health.parts} == {
        *("database", "object store", "mail server", "workers", "catalog"),
        *("metadata database", "scheduler"),
    }
    assert "migration 0" in part(health, "database").words
    assert [found.key for found in object_store.list("health/")] == ["health/probe"]


def test_a_mail_server_that_is_down_is_said_without_its_address(office: Office) -> None:
    health = check_health(office.inst, mail=nowhere)
    assert not health.is_healthy
    found = part(health, "mail server")
    assert not found.is_healthy
    assert "127.0.0.1" not in found.words
    assert part(health, "database").is_healthy


def test_a_database_that_is_down_spoils_nothing_else(object_store: S3ObjectStore) -> None:
    office = Office("host=127.0.0.1 port=1 connect_timeout=1", artifacts=object_store)
    health = check_health(office.inst, mail=nowhere)
    assert part(health, "database").words == "database unavailable"
    assert part(health, "object store").is_healthy


def test_airflow_that_does_not_answer_is_one_part(office: Office) -> None:
    office.engine.fail()
    health = check_health(office.inst, mail=nowhere)
    assert part(health, "airflow").words == "engine unavailable"


def test_a_queue_that_nobody_takes_from_is_said(office: Office) -> None:
    office.engine.queue_list = (QueueLoad(name="render", waiting=3, active=0, oldest_waiting_since=None),)
    found = part(check_health(office.inst, mail=nowhere), "workers")
    assert (found.is_healthy, found.words) == (False, "no worker takes from render, where tasks wait")


def test_no_worker_is_no_health(office: Office) -> None:
    office.engine.worker_list = ()
    assert not part(check_health(office.inst, mail=nowhere), "workers").is_healthy


@pytest.fixture
def release() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_check_that_hangs_is_given_up_and_not_begun_again(release: threading.Event) -> None:
    begun: list[int] = []

    def hang() -> PartHealth:
        begun.append(1)
        release.wait(60)
        return PartHealth(name="slow", is_healthy=True, words="at last")

    def answer() -> PartHealth:
        return PartHealth(name="quick", is_healthy=True, words="here")

    deadlines = Deadlines(seconds=0.2)
    for _ in range(3):
        slow, quick = deadlines.run({"slow": hang, "quick": answer})
        assert (slow.is_healthy, slow.words) == (False, "no answer within 0.2 s")
        assert quick.is_healthy
    assert begun == [1]


def test_a_check_that_fails_says_what_kind_of_failure_and_logs_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> PartHealth:
        raise StorageUnavailableError("http://secret-host:9000 refused")

    (found,) = Deadlines(seconds=5).run({"object store": fail})
    assert (found.is_healthy, found.words) == (False, "storage unavailable")
    assert "secret-host" in caplog.text
