"""Shards: generated DAG files that change only when a subscription in them does."""

import json
import os
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from broadsheet.domain.subscription import SubscriptionTerms
from broadsheet.errors import InputError
from broadsheet.orchestration.bundle import SubscriptionDagBundle, write_shards
from broadsheet.settings import get_settings
from broadsheet.store.database import transaction
from broadsheet.store.snapshot import confirm_shrink
from broadsheet.store.subscriptions import add_subscription


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
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "quarantine.json",
        "shard_00000.py",
        "snapshot.json",
    ]


@pytest.mark.parametrize("fault", [{"report_id": "r" * 101}, {"title": ""}, {"slug": "No Slug"}])
def test_what_airflow_would_not_take_is_quarantined_too(tmp_path, fault):
    write_shards(tmp_path, [row(1), row(2, **fault)])
    assert "report-1" in (tmp_path / "shard_00000.py").read_text()
    assert len(json.loads((tmp_path / "quarantine.json").read_text())) == 1


def test_a_bad_row_is_reported_once_and_not_at_every_look(tmp_path, caplog):
    for _ in range(3):
        write_shards(tmp_path, [row(1, zone="Mars/Olympus")])
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def slugs(folder):
    """Return how many subscriptions the shards of a folder hold."""
    return sum(path.read_text().count("'slug'") for path in folder.glob("shard_*.py"))


def test_a_snapshot_that_lost_more_than_a_fifth_is_refused_and_the_last_good_files_stay(tmp_path, caplog):
    write_shards(tmp_path, [row(number) for number in range(50)])
    before = {path.name: path.read_text() for path in tmp_path.glob("shard_*.py")}
    for _ in range(3):
        write_shards(tmp_path, [row(number, title="New") for number in range(39)])
    assert {path.name: path.read_text() for path in tmp_path.glob("shard_*.py")} == before
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "39 of 50" in record.getMessage()
    assert "confirm-shrink" in record.getMessage()


def test_rows_that_are_all_found_bad_count_as_lost(tmp_path):
    write_shards(tmp_path, [row(number) for number in range(50)])
    write_shards(tmp_path, [row(number, zone="Mars/Olympus") for number in range(50)])
    assert slugs(tmp_path) == 50
    assert len(json.loads((tmp_path / "quarantine.json").read_text())) == 50


@pytest.mark.parametrize(("before", "after"), [(50, 40), (9, 0), (12, 3), (100, 91)])
def test_a_smaller_loss_is_accepted(tmp_path, before, after):
    write_shards(tmp_path, [row(number) for number in range(before)])
    write_shards(tmp_path, [row(number) for number in range(after)])
    assert slugs(tmp_path) == after


def test_a_snapshot_that_is_whole_again_needs_no_confirmation(tmp_path):
    write_shards(tmp_path, [row(number) for number in range(50)])
    write_shards(tmp_path, [])
    write_shards(tmp_path, [row(number) for number in range(51)])
    assert slugs(tmp_path) == 51
    with pytest.raises(InputError, match="nothing to confirm"):
        confirm_shrink(tmp_path)


def test_a_confirmed_loss_is_accepted_once(tmp_path):
    write_shards(tmp_path, [row(number) for number in range(50)])
    write_shards(tmp_path, [row(number) for number in range(20)])
    confirmed = confirm_shrink(tmp_path)
    assert (confirmed.accepted, confirmed.refused) == (50, 20)
    write_shards(tmp_path, [row(number) for number in range(20)])
    assert slugs(tmp_path) == 20
    write_shards(tmp_path, [row(number) for number in range(5)])
    assert slugs(tmp_path) == 20


def test_a_confirmation_does_not_cover_a_loss_that_nobody_saw(tmp_path):
    write_shards(tmp_path, [row(number) for number in range(50)])
    write_shards(tmp_path, [row(number) for number in range(20)])
    confirm_shrink(tmp_path)
    write_shards(tmp_path, [row(number) for number in range(2)])
    assert slugs(tmp_path) == 50


def test_a_damaged_record_of_the_last_snapshot_stops_nothing(tmp_path):
    write_shards(tmp_path, [row(number) for number in range(50)])
    (tmp_path / "snapshot.json").write_text("{")
    write_shards(tmp_path, [row(1)])
    assert slugs(tmp_path) == 1


@pytest.fixture
def bundle(database_dsn, monkeypatch, tmp_path):
    """The bundle of a machine without a shared folder, over a database of its own."""
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_DB", database_dsn)
    monkeypatch.setattr("airflow.dag_processing.bundles.base.get_bundle_storage_root_path", lambda: tmp_path)
    get_settings.cache_clear()
    yield SubscriptionDagBundle(name="subscriptions")
    get_settings.cache_clear()


def store_subscription(dsn, name, *, number):
    """Store a subscription that gets a number in the table."""
    terms = SubscriptionTerms(
        title="Punctuality",
        report_id="airline_punctuality",
        parameters={},
        cron="0 7 * * MON",
        zone="America/New_York",
        period_kind="week",
        recipients=("ada@broadsheet.example",),
    )
    with transaction(dsn) as connection:
        connection.execute(f"ALTER TABLE subscriptions ALTER COLUMN number RESTART WITH {number}")
        add_subscription(
            connection,
            terms,
            subscription_id=uuid4(),
            slug=name,
            owner="ada",
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )


def test_a_worker_with_a_folder_of_its_own_gets_the_shards_that_came_later(bundle, database_dsn):
    store_subscription(database_dsn, "first", number=1)
    bundle.initialize()
    assert [path.name for path in bundle.path.glob("*.py")] == ["shard_00000.py"]
    store_subscription(database_dsn, "later", number=100)
    SubscriptionDagBundle(name="subscriptions").initialize()
    assert "'later'" in (bundle.path / "shard_00001.py").read_text()


def test_with_the_database_down_the_last_good_files_stay(bundle, database_dsn, monkeypatch):
    store_subscription(database_dsn, "first", number=1)
    bundle.initialize()
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_DB", "postgresql://nobody@127.0.0.1:1/nowhere")
    bundle.refresh()
    assert slugs(bundle.path) == 1
