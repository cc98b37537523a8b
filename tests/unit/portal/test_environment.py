"""The portal shows the catalog as its files are now, and writes down who uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.office import ADA, Office

from broadsheet.domain.access import Caller
from broadsheet.errors import DefinitionError
from broadsheet.portal.environment import FreshCatalog
from broadsheet.portal.people import People
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.people import find_person

HOME = Path(__file__).resolve().parents[3]
REPORT = "airline_punctuality"


class Hands:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("include/reports", "sql/reports", "include/templates/reports", "include/themes"):
        shutil.copytree(HOME / folder, tmp_path / folder)
    return tmp_path


def test_the_catalog_is_loaded_again_only_when_a_file_has_changed(home: Path) -> None:
    clock = Hands()
    catalog = FreshCatalog(lambda: Settings(home=home), seconds=1, monotonic=clock)
    first = catalog()
    assert REPORT in first.reports
    clock.at += 2
    assert catalog() is first
    (path,) = (home / "include/reports").glob(f"{REPORT}.yaml")
    path.write_text(
        path.read_text(encoding="utf-8").replace("title:", "title: Renamed #", 1), encoding="utf-8"
    )
    assert catalog() is first
    clock.at += 2
    assert catalog().reports[REPORT].title == "Renamed"


def test_a_report_that_was_deleted_is_gone(home: Path) -> None:
    clock = Hands()
    catalog = FreshCatalog(lambda: Settings(home=home), monotonic=clock)
    assert REPORT in catalog().reports
    (home / "include/reports" / f"{REPORT}.yaml").unlink()
    clock.at += 2
    assert REPORT not in catalog().reports


def test_a_missing_folder_is_said_and_found_again_later(tmp_path: Path, home: Path) -> None:
    catalog = FreshCatalog(lambda: Settings(home=tmp_path / "nowhere"))
    with pytest.raises(DefinitionError):
        catalog()
    shutil.copytree(home / "include", tmp_path / "nowhere" / "include")
    shutil.copytree(home / "sql", tmp_path / "nowhere" / "sql")
    assert REPORT in catalog().reports


def roles(dsn: str) -> tuple[str, ...] | None:
    with transaction(dsn) as connection:
        person = find_person(connection, "ada")
    return person.roles if person else None


def test_a_caller_is_written_down_once_a_minute_and_when_their_roles_change(database_dsn: str) -> None:
    clock, office = Hands(), Office(database_dsn)
    people = People(office.inst, monotonic=clock)
    note(people, ADA)
    assert roles(database_dsn) == ("subscriber",)
    with transaction(database_dsn) as connection:
        connection.execute("DELETE FROM people")
    clock.at += 59
    note(people, ADA)
    assert roles(database_dsn) is None
    note(people, ADA.model_copy(update={"roles": frozenset({"op"})}))
    assert roles(database_dsn) == ("op",)
    with transaction(database_dsn) as connection:
        connection.execute("DELETE FROM people")
    clock.at += 61
    note(people, ADA.model_copy(update={"roles": frozenset({"op"})}))
    assert roles(database_dsn) == ("op",)


def test_a_database_that_is_down_turns_nobody_away(caplog: pytest.LogCaptureFixture) -> None:
    note(People(Office("host=127.0.0.1 port=1 connect_timeout=1").inst), ADA)
    assert "ada could not be written down" in caplog.text


def note(people: People, caller: Caller) -> None:
    """Tell of a caller, and do what that asks for."""
    if (write_down := people.saw(caller)) is not None:
        write_down()
