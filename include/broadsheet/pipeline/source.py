"""Rows from a report's source database: one read-only query, streamed to Parquet in bounded memory."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import errors as pg
from psycopg import sql
from psycopg.pq.abc import PGresult

from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import QUERY_DIGEST, RunSpec
from broadsheet.errors import DatabaseUnavailableError, QueryError
from broadsheet.pipeline.columns import ArrowColumn, arrow_columns

log = logging.getLogger(__name__)

LARGEST_DATASET = 500_000_000
"""Bytes in memory that a dataset may have, however few its rows: a cell may hold a whole book."""
_BATCH_BYTES = 16_000_000
# The first batch shows how large rows are; the others have as many as fit.
_FIRST_ROWS = 100
_MOST_ROWS = 10_000
_CONNECT_TIMEOUT = 10
_DAYS = tuple(psycopg.adapters.types[name].oid for name in ("date", "timestamptz"))
_INFINITIES = ("infinity", "-infinity")
_IN_CALENDAR = re.compile(r"\d{4}-")
_LINE = re.compile(r"^[A-Z]+ (\d+): ", re.MULTILINE)


def query_bindings(spec: RunSpec) -> dict[str, Any]:
    """Return what a query may bind: parameters, instants and local days of the periods, and the zone."""
    previous, year_before = spec.period.previous(), spec.period.year_before()
    return {
        **spec.parameters,
        "period_start": spec.period.start,
        "period_end": spec.period.end,
        "first_day": spec.period.first_day,
        "end_day": spec.period.end_day,
        "previous_start": previous.start,
        "previous_end": previous.end,
        "previous_first_day": previous.first_day,
        "previous_end_day": previous.end_day,
        "year_before_start": year_before.start,
        "year_before_end": year_before.end,
        "year_before_first_day": year_before.first_day,
        "year_before_end_day": year_before.end_day,
        "zone": spec.period.zone,
    }


def copy_query(
    spec: RunSpec,
    report: ReportDefinition,
    dataset: str,
    *,
    query: str,
    dsn: str,
    file: IO[bytes],
    statement_timeout: int,
) -> int:
    """Copy a query's rows into a Parquet file, batch by batch, and return how many there were.

    ``statement_timeout`` is in seconds. QueryError when the source refuses the query or its columns are not
    the declared ones; DatabaseUnavailableError when the source cannot be reached, drops the connection or
    takes too long: locks and load go away, so that is tried again.
    """
    with (
        _classified(spec, dataset, statement_timeout=statement_timeout),
        psycopg.connect(
            dsn, connect_timeout=_CONNECT_TIMEOUT, application_name=f"broadsheet {report.id}.{dataset}"[:63]
        ) as connection,
    ):
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        # Bound to this transaction. The zone is ours, so that a cast does not depend on the role's settings.
        connection.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('TimeZone', 'UTC', true)",
            (f"{statement_timeout}s",),
        )
        with connection.cursor("dataset") as cursor:
            cursor.execute(sql.SQL(query), query_bindings(spec))
            return _write_rows(cursor, report, dataset, file, query=query)


def _write_rows(
    cursor: psycopg.ServerCursor[Any],
    report: ReportDefinition,
    dataset: str,
    file: IO[bytes],
    *,
    query: str,
) -> int:
    definition = report.datasets[dataset]
    columns = arrow_columns(cursor.description or [], definition.columns, dataset=dataset)
    digest = hashlib.sha256(query.encode()).hexdigest().encode()
    schema = pa.schema([column.field for column in columns], metadata={QUERY_DIGEST: digest})
    rows = held = 0
    most = _FIRST_ROWS
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := _fetch_batch(cursor, most, dataset=dataset):
            rows += len(batch)
            if rows > definition.max_rows:
                raise QueryError(
                    f"dataset {dataset}: the query gives more than {definition.max_rows:,} rows; "
                    "narrow it, aggregate in SQL, or raise `max_rows`"
                )
            record = _record_batch(batch, columns, schema)
            held += record.nbytes
            if held > LARGEST_DATASET:
                raise QueryError(
                    f"dataset {dataset}: the rows take more than {LARGEST_DATASET:,} bytes of memory; "
                    "select fewer or shorter columns (`left(note, 500)`), or aggregate in SQL"
                )
            writer.write_batch(record)
            most = max(1, min(_MOST_ROWS, _BATCH_BYTES * len(batch) // max(1, record.nbytes)))
    return rows


def _fetch_batch(cursor: psycopg.ServerCursor[Any], most: int, *, dataset: str) -> list[tuple[Any, ...]]:
    """Return the next rows; QueryError names a column with a day or an instant that no calendar has."""
    try:
        return cursor.fetchmany(most)
    except psycopg.DataError as error:
        # The server gave the rows, and one of their values is none that can be kept: it is not said which.
        for number, column in enumerate(cursor.description or ()):
            if column.type_code in _DAYS and (value := _endless(cursor.pgresult, number)):
                name = column.name
                what, cure = f"{value}, which is no day", f"nullif({name}, '{value}') AS {name}"
                if value not in _INFINITIES:
                    what = "a time before year 1 or after year 9999"
                    cure = f"CASE WHEN {name} BETWEEN '0001-01-01' AND '9999-12-30' THEN {name} END AS {name}"
                raise QueryError(
                    f"dataset {dataset}: column {name} holds {what}; make it missing in the query, with "
                    f"{cure}, or leave such rows out"
                ) from error
        raise


def _endless(result: PGresult | None, column: int) -> str:
    """Return the first value of a column of dates or instants that is outside the years 1 to 9999."""
    if result is None:
        return ""
    texts = ((result.get_value(row, column) or b"").decode() for row in range(result.ntuples))
    return next((text for text in texts if text and (not _IN_CALENDAR.match(text) or "BC" in text)), "")


def _record_batch(
    rows: list[tuple[Any, ...]], columns: list[ArrowColumn], schema: pa.Schema
) -> pa.RecordBatch:
    arrays = []
    for values, column in zip(zip(*rows, strict=True), columns, strict=True):
        if column.convert is not None:
            convert = column.convert
            values = tuple(None if value is None else convert(value) for value in values)
        arrays.append(pa.array(values, column.field.type))
    return pa.record_batch(arrays, schema=schema)


@contextmanager
def _classified(spec: RunSpec, dataset: str, *, statement_timeout: int) -> Iterator[None]:
    """Turn the source's errors into ours; their text may hold data, so it goes to the log, under an id."""
    try:
        yield
    except pg.QueryCanceled as error:
        raise DatabaseUnavailableError(
            f"dataset {dataset}: the query did not finish within {statement_timeout} s; "
            "if that happens again, make it faster or raise BROADSHEET_STATEMENT_TIMEOUT"
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        # Refused, reset, shut down, starting up, out of connections, deadlock, lock not available.
        raise DatabaseUnavailableError(
            f"dataset {dataset}: the source cannot be reached or does not answer{_state(error)}"
        ) from error
    except (psycopg.Error, pa.ArrowException, UnicodeError) as error:
        raise _refused(spec, dataset, error) from error


def _state(error: psycopg.Error) -> str:
    return f" (SQLSTATE {error.sqlstate})" if error.sqlstate else ""


def _refused(spec: RunSpec, dataset: str, error: Exception) -> QueryError:
    text = str(error)
    error_id = hashlib.sha256(f"{spec.run_id} {dataset} {text}".encode()).hexdigest()[:10]
    log.error("run %s: dataset %s, error %s: %s", spec.run_id, dataset, error_id, text)
    state = _state(error) if isinstance(error, psycopg.Error) else ""
    reason, line = _reason(error) if isinstance(error, psycopg.Error) else (text, None)
    return QueryError(
        f"dataset {dataset}: the source refused the query{state}; "
        f"the task's log has the reason under error {error_id}",
        reason=reason,
        line=line,
    )


def _reason(error: psycopg.Error) -> tuple[str, int | None]:
    """Return the server's words without the query in them, and the line of the query that they are about."""
    said = error.diag
    # Its lines are those of the file: bindings hold no line breaks. The word for LINE may be in any language.
    place = _LINE.search(str(error))
    hint = f" ({said.message_hint})" if said.message_hint else ""
    return f"{said.message_primary or error}{hint}", int(place[1]) if place else None
