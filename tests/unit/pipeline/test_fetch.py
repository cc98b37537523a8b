"""Rows come from a real Postgres, typed and the same each time; a refusal is told without its data."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.pipeline.conftest import HOME, MakeSpec

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.errors import DatabaseUnavailableError, DocumentError, PermanentError, QueryError
from broadsheet.pipeline.fetch import fetch_dataset, fetch_documents

pytestmark = pytest.mark.integration

Fetch = Callable[..., pa.Table]


@pytest.fixture
def fetch(tmp_path: Path, source_dsn: str, report: ReportDefinition, make_spec: MakeSpec) -> Fetch:
    """Fetch any query as if it were the report's; returns the stored table."""

    def run(query: str, columns: dict[str, str], **changed: Any) -> pa.Table:
        folder = tmp_path / "reports" / report.id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "one.sql").write_text(query, encoding="utf-8")
        dataset = {"sql": "one.sql", "primary": True, "columns": columns, **changed.pop("dataset", {})}
        definition = report.model_copy(
            update={"datasets": {"one": type(report.datasets["flights"]).model_validate(dataset)}}
        )
        staging = MemoryObjectStore()
        spec = make_spec()
        settings = {"dsn": source_dsn, "statement_timeout": 30, **changed}
        fetch_dataset(spec, definition, "one", staging=staging, sql_dir=tmp_path, **settings)
        return pq.read_table(io.BytesIO(staging.get(spec.dataset_key("one"))))

    return run


def fetch_all(spec: RunSpec, report: ReportDefinition, dsn: str) -> dict[str, bytes]:
    staging = MemoryObjectStore()
    for dataset in report.datasets:
        fetch_dataset(
            spec, report, dataset, dsn=dsn, staging=staging, sql_dir=HOME / "sql", statement_timeout=30
        )
    return staging.objects


def test_a_week_of_an_airline_is_fetched_with_the_week_before_it(
    make_spec: MakeSpec, report: ReportDefinition, source_dsn: str
) -> None:
    spec = make_spec(carrier="UA")
    objects = fetch_all(spec, report, source_dsn)
    table = pq.read_table(io.BytesIO(objects[spec.dataset_key("flights")]))
    with psycopg.connect(source_dsn) as connection:
        expected = connection.execute(
            "SELECT count(*) FROM flights"
            " WHERE carrier = 'UA' AND flight_date BETWEEN '2013-03-11' AND '2013-03-24'"
        ).fetchone()
    assert expected == (table.num_rows,) == (2256,)
    assert table.column_names == list(report.datasets["flights"].columns)


def test_the_same_rows_give_the_same_bytes_in_every_run(
    make_spec: MakeSpec, report: ReportDefinition, source_dsn: str
) -> None:
    first = fetch_all(make_spec("2013-03", carrier="all", number=1), report, source_dsn)
    second = fetch_all(make_spec("2013-03", carrier="all", number=2), report, source_dsn)
    assert list(first.values()) == list(second.values())


def test_a_flight_is_counted_once_though_its_weather_was_observed_twice(
    make_spec: MakeSpec, report: ReportDefinition, source_dsn: str
) -> None:
    spec = make_spec("2013-11", carrier="all")
    objects = fetch_all(spec, report, source_dsn)
    table = pq.read_table(io.BytesIO(objects[spec.dataset_key("flights")]))
    with psycopg.connect(source_dsn) as connection:
        row = connection.execute("SELECT count(*) FROM flights WHERE month IN (10, 11)").fetchone()
    assert row == (table.num_rows,)


def test_postgres_types_become_types_that_keep_their_meaning(fetch: Fetch) -> None:
    table = fetch(
        "SELECT 7::int2 a, 9007199254740993 b, 1.5::float4 c, 12345678901234.05::numeric(20,2) d,"
        " 'é\U0001f6eb'::text e, true f, '2013-03-18'::date g, '2013-03-18 12:00+02'::timestamptz h,"
        " 2.5::numeric i, 'e5b1f5a0-0000-4000-8000-000000000000'::uuid j ORDER BY 1",
        dict.fromkeys("ab", "integer") | dict.fromkeys("cd", "number")
        | {"e": "text", "f": "boolean", "g": "date", "h": "timestamp", "i": "number", "j": "text"},
    )  # fmt: skip
    assert table.to_pylist() == [
        {
            "a": 7,
            "b": 9007199254740993,
            "c": 1.5,
            "d": Decimal("12345678901234.05"),
            "e": "é\U0001f6eb",
            "f": True,
            "g": date(2013, 3, 18),
            "h": datetime(2013, 3, 18, 10, tzinfo=UTC),
            "i": 2.5,
            "j": "e5b1f5a0-0000-4000-8000-000000000000",
        }
    ]


def test_missing_values_and_numbers_that_are_none_stay_missing(fetch: Fetch) -> None:
    table = fetch(
        "SELECT NULL::int a, NULL::numeric b, 'NaN'::numeric(5,2) c, NULL::text d ORDER BY 1",
        {"a": "integer", "b": "number", "c": "number", "d": "text"},
    )
    assert table.to_pylist() == [{"a": None, "b": None, "c": None, "d": None}]


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ("'infinity'::date", "date", r"column b holds infinity, .* nullif\(b, 'infinity'\) AS b"),
        (
            "'-infinity'::timestamptz",
            "timestamp",
            r"column b holds -infinity, .* nullif\(b, '-infinity'\) AS",
        ),
        ("'0044-03-15 BC'::date", "date", "column b holds a time before year 1 .* CASE WHEN b BETWEEN"),
        ("'10000-01-01'::timestamptz", "timestamp", "column b holds a time before .* or after year 9999"),
    ],
)
def test_a_day_that_no_calendar_has_is_named_with_its_column_and_cure(
    fetch: Fetch, value: str, kind: str, words: str
) -> None:
    columns = {"a": "date", "b": kind}
    with pytest.raises(QueryError, match=f"dataset one: {words}"):
        fetch(f"SELECT '2013-03-18'::date a, {value} b ORDER BY 1", columns)
    kept = fetch(f"SELECT '2013-03-18'::date a, nullif({value}, {value}) b ORDER BY 1", columns)
    assert kept.to_pylist() == [{"a": date(2013, 3, 18), "b": None}]


def test_no_rows_give_an_empty_table_with_its_columns(fetch: Fetch) -> None:
    table = fetch("SELECT 1 a, 'x'::text b WHERE false ORDER BY 1", {"a": "integer", "b": "text"})
    assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_hostile_parameters_are_bound_and_change_nothing(
    fetch: Fetch, make_spec: MakeSpec, report: ReportDefinition, source_dsn: str
) -> None:
    # What reaches the query is a value, whatever it looks like.
    table = fetch(
        "SELECT count(*) n, %(carrier)s::text c FROM flights WHERE carrier = %(carrier)s ORDER BY 1",
        {"n": "integer", "c": "text"},
    )
    assert table.to_pylist()[0]["c"] == "UA"
    hostile = "UA' OR '1'='1'; SELECT pg_sleep(60); -- ’ “"
    spec = make_spec().model_copy(update={"parameters": {"carrier": hostile, "origin": "all"}})
    staging = MemoryObjectStore()
    summary = fetch_dataset(
        spec, report, "flights", dsn=source_dsn, staging=staging, sql_dir=HOME / "sql", statement_timeout=5
    )
    assert summary.rows == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT canary_secret FROM flights ORDER BY 1",
        "SELECT * FROM no_such_table ORDER BY 1",
        "SELECT 'canary_secret'::int a ORDER BY 1",
        "SELECT 1/0 a ORDER BY 1",
        "SELEC 1",
        "WITH gone AS (DELETE FROM flights RETURNING 1) SELECT 1 a FROM gone ORDER BY 1",
        "SELECT rolpassword::text a FROM pg_authid ORDER BY 1",
    ],
)
def test_what_the_source_refuses_is_a_permanent_error_without_its_text(
    fetch: Fetch, query: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(QueryError) as caught:
        fetch(query, {"a": "integer"})
    message = str(caught.value)
    assert caught.value.reason
    assert "dataset one" in message
    assert "canary_secret" not in message
    error_id = message.rsplit(" ", 1)[1]
    assert error_id in caplog.text


def test_a_query_cannot_write_even_where_the_role_could(fetch: Fetch, servers: Any) -> None:
    with pytest.raises(QueryError, match="25006"):
        fetch("SELECT nextval('s') a ORDER BY 1", {"a": "integer"}, dsn=_writable(servers))


def _writable(servers: Any) -> str:
    dsn = str(servers.stack.owner_dsn("flights"))
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE SEQUENCE IF NOT EXISTS s")
    return dsn


@pytest.mark.parametrize(
    ("query", "columns", "words"),
    [
        ("SELECT 1 b ORDER BY 1", {"a": "integer"}, "gives 'b', which is not declared and does not give 'a'"),
        ("SELECT 1 b, 2 a ORDER BY 1", {"a": "integer", "b": "integer"}, "in another order; .* does: b, a"),
        ("SELECT 1 a, 2 a ORDER BY 1", {"a": "integer"}, "gives a more than once"),
        ("SELECT 'x'::text a ORDER BY 1", {"a": "integer"}, "is text and declared integer"),
        ("SELECT now()::timestamp a ORDER BY 1", {"a": "timestamp"}, "AT TIME ZONE"),
        ("SELECT ARRAY[1] a ORDER BY 1", {"a": "integer"}, "cast it"),
        ("SELECT '{}'::jsonb a ORDER BY 1", {"a": "text"}, "is jsonb"),
    ],
)
def test_columns_that_differ_from_the_declared_ones_are_named(
    fetch: Fetch, query: str, columns: dict[str, str], words: str
) -> None:
    with pytest.raises(QueryError, match=words):
        fetch(query, columns)


def test_more_rows_than_allowed_are_an_error_and_never_cut(fetch: Fetch) -> None:
    many = "SELECT generate_series(1, 25000) a ORDER BY 1"
    assert fetch(many, {"a": "integer"}, dataset={"max_rows": 25_000}).num_rows == 25_000
    with pytest.raises(QueryError, match="more than 24,999 rows"):
        fetch(many, {"a": "integer"}, dataset={"max_rows": 24_999})


def test_few_rows_that_would_fill_the_memory_are_an_error(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadsheet.pipeline.source.LARGEST_DATASET", 30_000_000)
    long = "-- Grain: one.\nSELECT repeat('x', 100000) AS a FROM generate_series(1, {}) AS n ORDER BY n"
    assert fetch(long.format(290), {"a": "text"}).num_rows == 290
    with pytest.raises(QueryError, match=r"more than 30,000,000 bytes .* fewer or shorter columns"):
        fetch(long.format(310), {"a": "text"})


def test_a_query_that_takes_too_long_is_stopped_and_may_be_tried_again(fetch: Fetch) -> None:
    with pytest.raises(DatabaseUnavailableError, match="within 1 s"):
        fetch("SELECT 1 a FROM pg_sleep(30) ORDER BY 1", {"a": "integer"}, statement_timeout=1)


def test_a_source_that_is_not_there_may_be_tried_again(fetch: Fetch) -> None:
    with pytest.raises(DatabaseUnavailableError):
        fetch("SELECT 1 a ORDER BY 1", {"a": "integer"}, dsn="postgresql://u:secret@127.0.0.1:1/flights")


def test_a_connection_that_the_server_ends_may_be_tried_again(fetch: Fetch, servers: Any) -> None:
    ended = threading.Event()

    def end_it() -> None:
        with psycopg.connect(servers.admin_dsn, autocommit=True) as admin:
            while not ended.is_set():
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name LIKE 'broadsheet %' AND query LIKE 'FETCH%'"
                )

    killer = threading.Thread(target=end_it)
    killer.start()
    try:
        with pytest.raises(DatabaseUnavailableError):
            fetch("SELECT 1 a FROM pg_sleep(30) ORDER BY 1", {"a": "integer"})
    finally:
        ended.set()
        killer.join()


def picture_source(**objects: bytes) -> MemoryObjectStore:
    store = MemoryObjectStore()
    jpeg = (HOME / "deploy/demo/documents/airline_punctuality/images/3_north_east.jpg").read_bytes()
    store.put("airline_punctuality/images/a-view_of_JFK.jpg", jpeg, content_type="image/jpeg")
    for name, data in objects.items():
        store.put(f"airline_punctuality/images/{name}", data, content_type="image/png")
    return store


def documents_of(report: ReportDefinition, **changed: object) -> ReportDefinition:
    return report.model_copy(
        update={"documents": {"pictures": report.documents["pictures"].model_copy(update=changed)}}
    )


def test_pictures_are_copied_checked_with_their_captions(
    make_spec: MakeSpec, report: ReportDefinition
) -> None:
    staging, spec = MemoryObjectStore(), make_spec()
    source = picture_source()
    source.put("airline_punctuality/images/", b"", content_type="application/x-directory")
    summary = fetch_documents(spec, report, "pictures", source=source, staging=staging)
    assert summary.count == 1
    manifest = staging.get(summary.key).decode()
    assert '"caption": "A view of JFK"' in manifest
    assert staging.get(f"{spec.document_prefix('pictures')}001.jpg").startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (MemoryObjectStore(), "there is no picture under 'airline_punctuality/images/'"),
        (picture_source(b=b"not an image"), "images/b' is no PNG, JPEG"),
        (picture_source(**{f"b{n}": b"x" for n in range(20)}), "images/b0' is no PNG, JPEG"),
    ],
)
def test_a_required_picture_that_cannot_be_used_fails_by_its_key(
    make_spec: MakeSpec, report: ReportDefinition, source: MemoryObjectStore, words: str
) -> None:
    strict = documents_of(report, required=True)
    with pytest.raises(DocumentError, match=words) as caught:
        fetch_documents(make_spec(), strict, "pictures", source=source, staging=MemoryObjectStore())
    assert isinstance(caught.value, PermanentError)
    staging = MemoryObjectStore()
    lenient = documents_of(report, required=False)
    summary = fetch_documents(make_spec(), lenient, "pictures", source=source, staging=staging)
    assert words in staging.get(summary.key).decode()


def test_a_picture_that_goes_between_listing_and_reading_is_named(
    make_spec: MakeSpec, report: ReportDefinition
) -> None:
    class Forgetful(MemoryObjectStore):
        def get(self, key: str) -> bytes:
            self.objects.pop(key, None)
            return super().get(key)

    source = Forgetful()
    source.put("airline_punctuality/images/a.png", b"x", content_type="image/png")
    with pytest.raises(DocumentError, match=r"images/a\.png' was listed and is gone"):
        fetch_documents(
            make_spec(),
            documents_of(report, required=True),
            "pictures",
            source=source,
            staging=MemoryObjectStore(),
        )


def test_more_pictures_than_the_report_takes_are_counted(
    make_spec: MakeSpec, report: ReportDefinition
) -> None:
    jpeg = next(iter(picture_source().objects.values()))
    source = picture_source(**{f"c{n}.jpg": jpeg for n in range(4)})
    staging = MemoryObjectStore()
    summary = fetch_documents(
        make_spec(), documents_of(report, max_count=2), "pictures", source=source, staging=staging
    )
    assert summary.count == 2
    assert "showing 2 of 5" in staging.get(summary.key).decode()
