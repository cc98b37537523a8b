"""Sessions on Airflow's metadata database, inside the api-server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.utils.session import create_session
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from broadsheet.errors import EngineUnavailableError


@contextmanager
def airflow_session() -> Iterator[Session]:
    """Yield a session of the caller's own: committed at the end, rolled back on any error, and always closed.

    Raises EngineUnavailableError when the database cannot be reached, drops the connection or has none free.
    """
    # Not the one that Airflow keeps for each thread, which its own requests use too.
    with database_may_fail(), create_session(scoped=False) as session:
        yield session


@contextmanager
def database_may_fail() -> Iterator[None]:
    """Raise EngineUnavailableError for what says that Airflow's database cannot be used now."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise EngineUnavailableError(f"Airflow's database did not answer: {type(error).__name__}") from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise EngineUnavailableError("Airflow's database closed the connection") from error
