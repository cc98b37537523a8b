"""``check`` and ``preview`` on the command line: what they print, and the status they end with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Run

from broadsheet.cli import check
from broadsheet.errors import Problem
from broadsheet.settings import get_settings

HOME = Path(__file__).resolve().parents[3]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the catalog that the settings point to."""
    for part in ("include/reports", "include/templates/reports", "include/themes", "sql/reports"):
        shutil.copytree(HOME / part, tmp_path / part)
    monkeypatch.setenv("BROADSHEET_HOME", str(tmp_path))
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


@pytest.mark.usefixtures("home")
def test_a_good_catalog_is_listed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check") == 0
    assert "ok  airline_punctuality" in capsys.readouterr().out


def test_a_bad_catalog_ends_with_status_1_and_every_fault(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "include/reports/airline_punctuality.yaml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("on_empty:", "on_emtpy:")
        .replace("    kind: hbar", "    kind: pie")
    )
    path.write_text(text, encoding="utf-8")
    assert run("check") == 1
    errors = capsys.readouterr().err
    assert f"{path}:" in errors
    assert "did you mean 'on_empty'?" in errors
    assert "2 problems; not usable: airline_punctuality" in errors


@pytest.mark.usefixtures("home")
def test_a_slip_in_the_words_of_a_language_ends_with_status_1(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = Problem(Path("de.po"), 7, "{cuont} is no name of this text")
    monkeypatch.setattr(check, "word_file_problems", lambda: [slip])
    assert run("check") == 1
    told = capsys.readouterr()
    assert "ok  airline_punctuality" in told.out
    assert told.err.splitlines() == [str(slip), "1 problem; not usable: de.po"]


def test_what_a_page_does_not_show_is_told_and_no_fault(
    home: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    page = home / "include/templates/reports/airline_punctuality.md.j2"
    page.write_text(page.read_text(encoding="utf-8").replace('{{ kpis("summary") }}', ""), encoding="utf-8")
    assert run("check") == 0
    assert "airline_punctuality.md.j2 shows nothing of what the report defines as kpis.summary" in (
        capsys.readouterr().out
    )


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "there is no report 'nothing'"),
        (["airline_punctuality", "--param", "carrier=ZZ"], 'parameters.carrier: "ZZ" is not permitted'),
        (["airline_punctuality", "--param", "carrier"], "write name=value"),
        (["airline_punctuality", "--period", "2013-W54"], "2013-W54"),
        (["airline_punctuality", "--period", "last week"], "is not understood"),
        (["airline_punctuality", "--period", "2013"], "describes a week, day, month, not a year"),
        (["airline_punctuality", "--zone", "Mars/Olympus"], "Mars/Olympus"),
        (["airline_punctuality", "--period", "2013-W12"], "AIRFLOW_CONN_BROADSHEET_SOURCE_FLIGHTS"),
    ],
)
def test_a_wrong_preview_ends_with_status_2_and_what_to_do(
    run: Run,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    assert run("preview", *arguments) == 2
    errors = capsys.readouterr().err
    assert words in errors
    assert "Traceback" not in errors
