"""Bad input, by every way in: a clear answer, nothing stored, nothing sent."""

from __future__ import annotations

import io
import struct
import zlib

import pypdf
import pytest

from tests.integration.airflow_api import Airflow
from tests.integration.conftest import Broadsheet, Inbox

pytestmark = pytest.mark.integration

REPORT = "report__airline_punctuality"
PROBE = "report__probe"
PICTURES = "report__probe_pictures"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["subscribe", "airline_punctualty", "--to", "a@example.com"], "did you mean 'airline_punctuality'"),
        (
            ["subscribe", "airline_punctuality", "--to", "a@example.com", "-p", "carrier=XX"],
            "parameters.carrier",
        ),
        (["subscribe", "airline_punctuality", "--to", "a@example.com", "-p", "carier=UA"], "carier"),
        (["subscribe", "airline_punctuality", "--to", "a@example.com", "--cron", "61 * * * *"], "cron line"),
        (["subscribe", "airline_punctuality", "--to", "a@example.com", "--cron", "daily"], "five fields"),
        (
            ["subscribe", "airline_punctuality", "--to", "a@example.com", "--zone", "Mars/Olympus"],
            "time zone",
        ),
        (["subscribe", "airline_punctuality", "--to", "not an address"], "recipient"),
        (["subscribe", "airline_punctuality", "--to", "a@example.com\r\nBcc: b@example.com"], "line break"),
        (["subscribe", "airline_punctuality", "--to", "a@example.com,b@example.com"], "recipient"),
        (
            ["subscribe", "airline_punctuality", "--to", "a@example.com", "--period-kind", "decade"],
            "week, day, month",
        ),
        (["subscribe", "airline_punctuality", "--to", "a@example.com", "--name", "../x"], "name"),
        (["runs", "show", "7"], "not a UUID"),
        (["preview", "airline_punctuality", "--period", "2013-W99"], "period"),
        (["preview", "nothing"], "no report"),
    ],
)
def test_a_command_refuses_it_in_words_and_stores_nothing(
    broadsheet: Broadsheet, arguments: list[str], told: str
):
    before = broadsheet.command("subscriptions", "list").stdout
    done = broadsheet.command(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert broadsheet.command("subscriptions", "list").stdout == before


def test_every_fault_of_a_subscription_is_told_at_once(broadsheet: Broadsheet):
    done = broadsheet.command(
        *("subscribe", "airline_punctuality", "--to", "nobody", "--cron", "x", "--zone", "Mars/Olympus")
    )
    assert done.returncode == 2
    for told in ("recipient", "cron line", "time zone"):
        assert told in done.stderr


@pytest.mark.parametrize(
    ("conf", "named"),
    [
        ({"carrier": "XX"}, "carrier"),
        ({"carrier": 7}, "carrier"),
        ({"origin": "SFO"}, "origin"),
        ({"period": "yesterday"}, "period"),
        ({"recipients": "ada@example.com"}, "recipients"),
        ({"recipients": ["not an address"]}, "recipients"),
        ({"recipients": ["a@example.com\nBcc: b@example.com"]}, "recipients"),
        ({"recipients": [f"reader{number}@example.com" for number in range(201)]}, "recipients"),
        ({"deliver": "perhaps"}, "deliver"),
    ],
)
def test_the_rest_api_refuses_a_wrong_parameter_by_name_and_starts_nothing(
    airflow: Airflow, conf: dict[str, object], named: str
):
    before = len(airflow.runs(REPORT))
    answer = airflow.trigger(REPORT, **conf)
    assert 400 <= answer.status_code < 500, answer.text
    assert named in answer.text
    assert len(airflow.runs(REPORT)) == before


def test_a_period_that_the_pattern_lets_pass_but_does_not_exist_fails_at_once_in_plan(
    broadsheet: Broadsheet, airflow: Airflow
):
    run_id = failed_run(airflow, REPORT, period="2013-02-30")
    (plan,) = [task for task in airflow.task_instances(REPORT, run_id) if task["task_id"] == "plan"]
    assert (plan["state"], plan["try_number"]) == ("failed", 1)
    assert "2013-02-30" in airflow.log(REPORT, run_id, "plan")
    shown = broadsheet.command("runs", "show", run_id, "--dag", REPORT)
    assert shown.returncode == 2
    assert "the ledger has no run" in shown.stderr


def test_failing_sql_fails_the_run_once_and_sends_nothing(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    run_id = failed_run(airflow, PROBE, case="failing", recipients=["failing@example.com"])
    states = airflow.task_states(PROBE, run_id)
    assert (states["plan"], states["fetch"], states["email"]) == ("success", "failed", "upstream_failed")
    (fetch,) = [task for task in airflow.task_instances(PROBE, run_id) if task["task_id"] == "fetch"]
    assert fetch["try_number"] == 1
    run = broadsheet.run(PROBE, run_id)
    assert run["state"] == "failed"
    assert "fetch" in run["reason"]
    assert run["artifacts"] == []
    assert inbox.to("failing@example.com") == []


def test_a_report_that_wants_no_empty_document_is_skipped_without_data(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    run_id = airflow.complete(PROBE, case="empty", recipients=["empty@example.com"])
    run = broadsheet.run(PROBE, run_id)
    assert (run["state"], run["reason"]) == ("skipped", "no data for this period")
    assert run["artifacts"] == []
    assert inbox.to("empty@example.com") == []


def test_a_period_without_flights_gets_a_report_that_says_so(broadsheet: Broadsheet, airflow: Airflow):
    run_id = airflow.complete(REPORT, period="1999-W10")
    document = pypdf.PdfReader(io.BytesIO(broadsheet.pdf(REPORT, run_id)))
    assert "No data for this period" in document.pages[0].extract_text()


def test_markup_templates_emoji_and_right_to_left_text_in_data_stay_text(
    broadsheet: Broadsheet, airflow: Airflow
):
    run_id = airflow.complete(PROBE, case="hostile")
    document = pypdf.PdfReader(io.BytesIO(broadsheet.pdf(PROBE, run_id)))
    text = "\n".join(page.extract_text() for page in document.pages)
    assert '<b>bold</b> & <img src="/etc/passwd">' in " ".join(text.split())
    assert "{{ 7 * 7 }}" in " ".join(text.split())
    assert "49" not in text
    assert "root:" not in text


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        (None, b"", "probe_pictures/"),
        ("text.jpg", b"this is no picture", "text.jpg"),
        ("bomb.png", "bomb", "bomb.png"),
    ],
    ids=["missing", "no picture", "bomb of 15,000 pixels square"],
)
def test_a_bad_picture_fails_the_run_once_by_name(
    broadsheet: Broadsheet, airflow: Airflow, name: str | None, data: bytes | str, told: str
):
    bucket = broadsheet.bucket("broadsheet-documents")
    bucket.delete_prefix("probe_pictures/")
    if name:
        picture = picture_bomb(15_000) if data == "bomb" else data
        bucket.put(f"probe_pictures/{name}", picture, content_type="image/png")
    run_id = failed_run(airflow, PICTURES, recipients=["pictures@example.com"])
    (fetch,) = [t for t in airflow.task_instances(PICTURES, run_id) if t["task_id"] == "fetch"]
    assert (fetch["state"], fetch["try_number"]) == ("failed", 1)
    assert told in airflow.log(PICTURES, run_id, "fetch", map_index=0)


def failed_run(airflow: Airflow, dag_id: str, **conf: object) -> str:
    """Trigger a run, follow it to failure and return its id."""
    answer = airflow.trigger(dag_id, **conf)
    assert answer.status_code == 200, answer.text
    run_id = str(answer.json()["dag_run_id"])
    assert airflow.wait_for_run(dag_id, run_id) == "failed"
    return run_id


def picture_bomb(side: int) -> bytes:
    """Return a PNG of ``side`` pixels square in black, small in bytes and large once decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 + (side + 7) // 8) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
