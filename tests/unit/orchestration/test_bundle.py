"""Shards: generated DAG files that change only when a subscription in them does."""

import json
import os
from datetime import UTC, datetime

import pytest

from broadsheet.orchestration.bundle import write_shards


def row(number, **changes):
    """Return a subscription's row as the store gives it."""
    return {
        "number": number,
        "slug": f"report-{number}",
        "owner": "ada",
        "state": "active",
        "due_from": datetime(2026, 1, 1, tzinfo=UTC),
        "title": "Punctuality",
        "report_id": "airline_punctuality",
        "cron": "0 7 * * MON",
        "zone": "America/New_York",
        **changes,
    }


def test_subscriptions_are_cut_into_shards_of_a_hundred_by_their_number(tmp_path):
    write_shards(tmp_path, [row(number) for number in (1, 99, 100, 250)])
    assert sorted(path.name for path in tmp_path.glob("*.py")) == [
        "shard_00000.py",
        "shard_00001.py",
        "shard_00002.py",
    ]
    assert (tmp_path / "shard_00000.py").read_text().count("'slug'") == 2


def test_an_unchanged_shard_keeps_its_modification_time_and_a_changed_one_does_not(tmp_path):
    write_shards(tmp_path, [row(1), row(100)])
    for path in tmp_path.glob("*.py"):
        os.utime(path, (1, 1))
    write_shards(tmp_path, [row(100, cron="0 8 * * MON"), row(1)])
    assert (tmp_path / "shard_00000.py").stat().st_mtime == 1
    assert (tmp_path / "shard_00001.py").stat().st_mtime > 1


@pytest.mark.parametrize(
    "fault", [{"cron": "0 7 * *"}, {"zone": "Mars/Olympus"}, {"due_from": "yesterday"}, {"title": None}]
)
def test_a_bad_row_is_quarantined_and_the_others_go_on(tmp_path, fault):
    write_shards(tmp_path, [row(1), row(2, **fault), row(3)])
    text = (tmp_path / "shard_00000.py").read_text()
    assert "report-1" in text
    assert "report-3" in text
    assert "report-2" not in text
    assert list(json.loads((tmp_path / "quarantine.json").read_text())) == ["report-2"]


def test_a_shard_whose_subscriptions_are_gone_stays_as_an_empty_file(tmp_path):
    write_shards(tmp_path, [row(1)])
    write_shards(tmp_path, [])
    assert "'slug'" not in (tmp_path / "shard_00000.py").read_text()


def test_a_title_cannot_break_out_of_the_generated_file(tmp_path):
    write_shards(tmp_path, [row(1, title="\"); import os; os.abort(); (''' \\ \n 🛫")])
    seen = []
    source = (
        (tmp_path / "shard_00000.py")
        .read_text()
        .replace("from broadsheet.orchestration.dag_builder import register_subscriptions", "")
    )
    exec(source, {"register_subscriptions": lambda _, definitions: seen.extend(definitions)})
    assert seen[0]["title"] == "\"); import os; os.abort(); (''' \\ \n 🛫"


def test_nothing_but_finished_files_is_left_in_the_folder(tmp_path):
    write_shards(tmp_path, [row(1)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["quarantine.json", "shard_00000.py"]
