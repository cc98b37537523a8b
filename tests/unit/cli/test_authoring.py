"""docs/authoring.md is true: every step of it, on a database of the test's own."""

from __future__ import annotations

import logging
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import yaml
from pydantic import TypeAdapter
from tests.unit.cli.conftest import Run

from broadsheet.cli import watch
from broadsheet.domain.report import ReportDefinition
from broadsheet.settings import DATABASE, connection_variable, get_settings

HOME = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of the page."""

    kind: str
    text: str


def blocks() -> list[Block]:
    text = (HOME / "docs" / "authoring.md").read_text(encoding="utf-8")
    return [Block(*found) for found in BLOCK.findall(text)]


@pytest.fixture
def home(tmp_path: Path, database_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout of one's own, with a database for subscriptions."""
    for part in ("include/reports", "include/templates", "include/static", "include/themes", "sql"):
        shutil.copytree(HOME / part, tmp_path / part)
    monkeypatch.setenv("BROADSHEET_HOME", str(tmp_path))
    monkeypatch.setenv(connection_variable(DATABASE), database_dsn)
    monkeypatch.setenv("LOGNAME", "author")
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    # In a session that has loaded Airflow its handlers write between the lines of the commands.
    logging.disable()
    yield tmp_path
    logging.disable(logging.NOTSET)
    get_settings.cache_clear()


def change(home: Path, diff: str) -> None:
    """Apply one change of the page: context and removed lines must be there, once."""
    head, _, body = diff.partition("\n")
    path = home / head.removeprefix("--- ")
    lines = [(line[:1] or " ", line[1:]) for line in body.splitlines()]
    old = "".join(f"{text}\n" for sign, text in lines if sign in " -")
    new = "".join(f"{text}\n" for sign, text in lines if sign in " +")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path}: not there once:\n{old}\nbut:\n{text}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def matches(shown: str, printed: str) -> bool:
    """Tell whether output is what the page shows, where … stands for anything."""
    # On a line of its own it may stand for no line at all.
    text = re.sub(r"\n?^…$\n?", "…", shown, flags=re.MULTILINE)
    pattern = ".*".join(re.escape(part) for part in text.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def stop_watching(seconds: float) -> None:
    """Be Ctrl-C as soon as the first build is done."""
    del seconds
    raise KeyboardInterrupt


def test_every_step_of_the_page_does_what_it_says(
    home: Path,
    database_dsn: str,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch.watch_files, "__kwdefaults__", {"wait": stop_watching})
    for block in blocks():
        if block.kind == "sql":
            with psycopg.connect(database_dsn) as connection:
                connection.execute(block.text.encode())
        elif block.kind == "diff":
            change(home, block.text)
        elif block.kind != "yaml":
            assert block.kind == "console"
            for step in block.text.removeprefix("$ ").split("\n$ "):
                command, _, shown = step.partition("\n")
                if command.startswith("export "):
                    name = command.removeprefix("export ").partition("=")[0]
                    monkeypatch.setenv(name, database_dsn)
                    continue
                run(*shlex.split(command)[1:])
                told = capsys.readouterr()
                # Which of the two comes first on a terminal, capturing does not tell.
                printed = (told.out + told.err, told.err + told.out)
                assert any(matches(shown, text) for text in printed), f"{command}\n{printed[0]}"
    assert (home / "shop_orders.pdf").stat().st_size > 10_000
    assert (home / "pages/shop_orders-001.png").exists()


def test_the_page_says_where_its_last_step_is_tested() -> None:
    assert (HOME / "tests/integration/test_main_job.py").is_file()
    assert {block.kind for block in blocks()} == {"sql", "console", "diff", "yaml"}


@pytest.mark.parametrize("example", [block.text for block in blocks() if block.kind == "yaml"])
def test_what_the_page_shows_of_a_definition_is_one(example: str) -> None:
    for key, value in yaml.safe_load(example).items():
        TypeAdapter(ReportDefinition.model_fields[key].annotation).validate_python(value)
