"""Connections to the application database, and its statements, which live in ``sql/store/*.sql``.

Functions of this package that take a connection never commit: the caller owns the transaction. A process that
answers requests keeps its connections (``use_pool``); tasks and commands, which are short, do not.
"""

from __future__ import annotations

import atexit
import math
import os
import re
import select
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from broadsheet.errors import ConfigurationError, DatabaseUnavailableError
from broadsheet.settings import get_settings

Connection = psycopg.Connection[DictRow]

_SET_TIMEOUT = b"SELECT set_config('statement_timeout', %(timeout)s, true)"
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


_CONNECT_TIMEOUT = 10
_STATEMENT_TIMEOUT = 30
# A request waits so long for a connection of the pool: less than people wait for a page.
_POOL_TIMEOUT = 5.0
_IDLE_SECONDS = 300.0
_FRESH_SECONDS = 1.0
_last_used: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()


@contextmanager
def transaction(dsn: str, *, statement_timeout: int = _STATEMENT_TIMEOUT) -> Iterator[Connection]:
    """Run one transaction on a connection: committed at the end, rolled back on any error.

    ``statement_timeout`` is in seconds. Raises DatabaseUnavailableError when Postgres cannot be reached,
    closes the connection or has none left for us, and ConfigurationError when the database was never
    migrated.
    """
    try:
        pool = _pools.of(dsn)
        if pool is None:
            # psycopg itself leaves a connection open when its commit fails.
            with closing(_connect(dsn, statement_timeout)) as connection, connection:
                yield connection
        else:
            with pool.connection() as connection, _noting_use(connection):
                if statement_timeout != _STATEMENT_TIMEOUT:
                    connection.execute(_SET_TIMEOUT, {"timeout": f"{statement_timeout}s"})
                yield connection
    except psycopg.errors.UndefinedTable as error:
        raise ConfigurationError(
            "the application database lacks a table: bring it to the newest version with `broadsheet migrate`"
        ) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseUnavailableError(f"the application database did not answer: {error}") from error


def use_pool(*, size: int = 8) -> None:
    """Let this process keep up to ``size`` connections per database from now on, instead of one per use."""
    _pools.size = size


def close_pools() -> None:
    """Close the connections that are kept, and keep none from now on."""
    _pools.size = 0
    _pools.close()


class _Pools:
    """The pools of this process, one per DSN; opened at their first use, so that no fork shares them."""

    def __init__(self) -> None:
        self.size = 0
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._pools: dict[str, ConnectionPool[Connection]] = {}

    def of(self, dsn: str) -> ConnectionPool[Connection] | None:
        """Return the pool of a database, or None when this process keeps no connections."""
        if not self.size:
            return None
        with self._lock:
            if self._process != os.getpid():
                # Those of the process that forked us are its own.
                self._process, self._pools = os.getpid(), {}
            if dsn not in self._pools:
                self._pools[dsn] = _open_pool(dsn, self.size)
            return self._pools[dsn]

    def close(self) -> None:
        """Close the pools that this process opened."""
        with self._lock:
            pools, self._pools = self._pools, {}
        if self._process == os.getpid():
            for pool in pools.values():
                pool.close()


_pools = _Pools()
atexit.register(_pools.close)


def _open_pool(dsn: str, size: int) -> ConnectionPool[Connection]:
    pool: ConnectionPool[Connection] = ConnectionPool(
        dsn,
        connection_class=psycopg.Connection[DictRow],
        kwargs=_connection_arguments(_STATEMENT_TIMEOUT),
        min_size=0,
        max_size=size,
        # One that Postgres has closed since is replaced before anybody sees it.
        check=_check_unless_just_used,
        timeout=_POOL_TIMEOUT,
        max_idle=_IDLE_SECONDS,
        open=True,
        name="broadsheet",
    )
    return pool


@contextmanager
def _noting_use(connection: Connection) -> Iterator[None]:
    yield
    _last_used[connection] = time.monotonic()


def _check_unless_just_used(connection: Connection) -> None:
    """Try a connection, which costs a round trip, unless it served somebody just now and is still open."""
    is_fresh = time.monotonic() - _last_used.get(connection, -math.inf) < _FRESH_SECONDS
    # One that the server has closed has something to read: its last words, or the end.
    if not is_fresh or _has_something_to_read(connection):
        ConnectionPool.check_connection(connection)


def _has_something_to_read(connection: Connection) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _connect(dsn: str, statement_timeout: int) -> Connection:
    return psycopg.connect(dsn, **_connection_arguments(statement_timeout))


def _connection_arguments(statement_timeout: int) -> dict[str, Any]:
    return {
        "row_factory": dict_row,
        "connect_timeout": _CONNECT_TIMEOUT,
        "application_name": "broadsheet",
        "options": f"-c statement_timeout={statement_timeout}s -c timezone=UTC",
    }


@cache
def statements(subject: str) -> Mapping[str, bytes]:
    """Return the statements of ``sql/store/<subject>.sql``; a line ``-- name: <name>`` starts each."""
    text = (get_settings().sql_dir / "store" / f"{subject}.sql").read_text(encoding="utf-8")
    names, bodies = _NAME.findall(text), _NAME.split(text)[2::2]
    return {name: body.strip().encode() for name, body in zip(names, bodies, strict=True)}


def fetch_all(connection: Connection, statement: bytes, values: Mapping[str, Any]) -> list[DictRow]:
    """Run a statement and return its rows as dicts."""
    return connection.execute(statement, values).fetchall()


def fetch_one(connection: Connection, statement: bytes, values: Mapping[str, Any]) -> DictRow | None:
    """Run a statement and return its first row as a dict, or None."""
    return connection.execute(statement, values).fetchone()
