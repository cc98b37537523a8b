"""Connections: one per use, or kept by a process that answers requests."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from tests.servers import Servers

from broadsheet.errors import ConfigurationError, DatabaseUnavailableError
from broadsheet.store.database import Connection, close_pools, transaction, use_pool


@pytest.fixture
def pooled(database_dsn: str) -> Iterator[str]:
    use_pool(size=2)
    yield database_dsn
    close_pools()


def backend(connection: Connection) -> int:
    row = connection.execute("SELECT pg_backend_pid() AS pid").fetchone()
    assert row is not None
    return int(row["pid"])


def pid(dsn: str) -> int:
    with transaction(dsn) as connection:
        return backend(connection)


def people(dsn: str) -> int:
    with transaction(dsn) as connection:
        row = connection.execute("SELECT count(*) AS people FROM people").fetchone()
    assert row is not None
    return int(row["people"])


def add_person(connection: Connection) -> None:
    connection.execute("INSERT INTO people VALUES ('ada', NULL, '{}', true, false, now())")


def add_person_and_fail(dsn: str) -> None:
    with transaction(dsn) as connection:
        add_person(connection)
        raise KeyError


def add_person_on_a_lost_connection(dsn: str, servers: Servers) -> None:
    with transaction(dsn) as connection:
        end_backend(servers, backend(connection))
        add_person(connection)


def end_backend(servers: Servers, number: int) -> None:
    with psycopg.connect(servers.admin_dsn, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 10000)", (number,))


def test_a_command_opens_a_connection_for_each_use(database_dsn: str) -> None:
    assert pid(database_dsn) != pid(database_dsn)


def test_a_process_with_a_pool_keeps_its_connection(pooled: str) -> None:
    assert pid(pooled) == pid(pooled)


def test_more_threads_than_connections_wait_for_one_another(pooled: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        used = set(pool.map(lambda _: pid(pooled), range(40)))
    assert len(used) <= 2


@pytest.mark.parametrize("kept", [False, True])
def test_a_transaction_is_committed_at_its_end_and_rolled_back_on_an_error(
    database_dsn: str, kept: bool
) -> None:
    use_pool(size=2 if kept else 0)
    try:
        with pytest.raises(KeyError):
            add_person_and_fail(database_dsn)
        assert people(database_dsn) == 0
        with transaction(database_dsn) as connection:
            add_person(connection)
        assert people(database_dsn) == 1
    finally:
        close_pools()


def test_a_connection_that_the_server_closed_is_replaced_unseen(pooled: str, servers: Servers) -> None:
    before = pid(pooled)
    end_backend(servers, before)
    assert pid(pooled) != before


def test_a_connection_that_breaks_in_mid_transaction_is_not_used_again(pooled: str, servers: Servers) -> None:
    with pytest.raises(DatabaseUnavailableError):
        add_person_on_a_lost_connection(pooled, servers)
    assert people(pooled) == 0


def test_a_statement_timeout_is_of_its_transaction_alone(pooled: str) -> None:
    with pytest.raises(DatabaseUnavailableError), transaction(pooled, statement_timeout=1) as connection:
        connection.execute("SELECT pg_sleep(30)")
    with transaction(pooled) as connection:
        row = connection.execute("SELECT current_setting('statement_timeout') AS limit").fetchone()
    assert row == {"limit": "30s"}


def test_a_database_without_our_tables_is_told_from_one_that_is_away(pooled: str) -> None:
    with pytest.raises(ConfigurationError, match="migrate"), transaction(pooled) as connection:
        connection.execute("SELECT FROM no_such_table")
    assert pid(pooled)


def test_a_server_that_is_away_is_said_to_be(pooled: str) -> None:
    away = psycopg.conninfo.make_conninfo(pooled, port="1")
    with pytest.raises(DatabaseUnavailableError):
        pid(away)
