"""A copy of one shipped report that tests of the catalog may spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from broadsheet.catalog import Catalog, load_catalog

HOME = Path(__file__).resolve().parents[3]
REPORT = "airline_punctuality"
DEFINITION = f"include/reports/{REPORT}.yaml"
QUERY = f"sql/reports/{REPORT}/flights.sql"
PAGE = f"include/templates/reports/{REPORT}.md.j2"


class Workshop:
    """A catalog of one report in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(HOME / f"sql/reports/{REPORT}", folder / f"sql/reports/{REPORT}")
        for name in (DEFINITION, PAGE):
            self.path(name).parent.mkdir(parents=True)
            shutil.copy(HOME / name, self.path(name))

    def path(self, name: str) -> Path:
        return self.folder / name

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        self.path(name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def load(self) -> Catalog:
        return load_catalog(
            self.folder / "include/reports",
            sql_dir=self.folder / "sql",
            templates_dir=self.folder / "include/templates",
        )

    def expect(self, file: str, *, line: str, message: str) -> None:
        """Assert that something is said about a line of a file that holds a text."""
        found = self.load().broken[REPORT]
        path = self.path(file)
        lines = path.read_text(encoding="utf-8").splitlines()
        matching = [one for one in found if one.path == path and message in one.message]
        assert matching, f"nothing says {message!r}: {[str(one) for one in found]}"
        named = [lines[one.line - 1] for one in matching if one.line]
        assert any(line in one for one in named), [str(one) for one in matching]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)
