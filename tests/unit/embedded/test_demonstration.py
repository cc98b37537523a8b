"""The parts of the demo that need no server."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.embedded.airflow_client import TaskInstance, log_texts
from broadsheet.embedded.demonstration import DemoError, Mail, find_link, stage_seconds

START = datetime(2026, 1, 1, tzinfo=UTC)


def mail(text: str) -> Mail:
    return Mail("id", "subject", text, START)


def task(stage: str, map_index: int, *, begin: float, end: float | None) -> TaskInstance:
    ended_at = None if end is None else START + timedelta(seconds=end)
    return TaskInstance(stage, map_index, 1, "success", START + timedelta(seconds=begin), ended_at)


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"])
def test_the_link_is_found_whatever_stands_around_it(public_url: str):
    text = "Open it:\r\n<http://127.0.0.1:8080/r/aB-_9>.\r\nhttp://127.0.0.1:8080/other"
    assert find_link(mail(text), public_url) == "http://127.0.0.1:8080/r/aB-_9"


def test_a_mail_without_our_link_is_an_error():
    with pytest.raises(DemoError, match="no link"):
        find_link(mail("http://elsewhere.example/r/abc"), "http://127.0.0.1:8080")


def test_a_stage_lasts_from_its_first_tasks_start_to_its_last_ones_end():
    tasks = [
        task("fetch", 0, begin=1, end=2),
        task("fetch", 1, begin=1.5, end=4),
        task("email", 0, begin=5, end=None),
    ]
    assert stage_seconds(tasks) == {"fetch": 3.0}


def test_the_log_of_a_failed_task_names_the_error():
    entry = {
        "event": "Task failed with exception",
        "error_detail": [{"exc_type": "MailUnavailableError", "exc_value": "451 come back later"}],
    }
    assert log_texts(entry) == ["Task failed with exception", "MailUnavailableError: 451 come back later"]
    assert log_texts({"event": "::group::Pre Execute"}) == []
    assert log_texts("a line of old") == ["a line of old"]
