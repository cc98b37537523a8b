"""Themes: the shipped ones are sound, and what is wrong with one is said with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from broadsheet.catalog import load_catalog
from broadsheet.catalog.themes import load_themes, read_theme
from broadsheet.errors import DefinitionError
from broadsheet.pipeline.document.theme import load_theme

HOME = Path(__file__).resolve().parents[3]
THEMES = HOME / "include" / "themes"


@pytest.fixture
def themes(tmp_path: Path) -> Path:
    """Return a copy of the shipped themes."""
    return Path(shutil.copytree(THEMES, tmp_path / "themes"))


def test_two_themes_come_with_it_and_have_no_fault() -> None:
    shipped = load_themes(THEMES)
    assert shipped.broken == {}
    assert sorted(shipped.found) == ["boardroom", "broadsheet"]


FAULTS = [
    ('accent: "#0f4c75"', 'acent: "#0f4c75"', "did you mean 'accent'"),
    ('accent: "#0f4c75"', "accent: blue", "a colour is written #rrggbb"),
    ('quiet: "#5c6066"', 'quiet: "#9aa0a6"', "contrast of 2.6 to 1"),
    ("size: A4", "size: A3", "'A4' or 'Letter'"),
    ("name: broadsheet", "name: broadshet", "rename the file to broadshet.yaml"),
    ("running: foot", "running: feet", "must be 'foot' or 'head and foot'"),
    ("brand: Broadsheet", "type: {body: {size: 15}}", "would overlap in size 15"),
    ("brand: Broadsheet", "type: {bodyy: {size: 9}}", "did you mean 'body'"),
    ("brand: Broadsheet", "logo: {file: our.png, alt: Us}", "no picture 'our.png' beside the theme"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS)
def test_a_fault_is_said_with_its_line_and_what_was_meant(
    themes: Path, old: str, new: str, said: str
) -> None:
    path = themes / "broadsheet.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    theme, (problem, *_) = read_theme(path)
    assert theme is None
    assert said in problem.message
    line = next(n for n, one in enumerate(changed.splitlines(), start=1) if new.split(":")[0] in one)
    assert problem.line == line


def test_one_broken_theme_does_not_stop_the_other(themes: Path) -> None:
    (themes / "boardroom.yaml").write_text("name: boardroom\n", encoding="utf-8")
    loaded = load_themes(themes)
    assert list(loaded.found) == ["broadsheet"]
    assert list(loaded.broken) == ["boardroom"]
    assert loaded.names == ["boardroom", "broadsheet"]


def test_a_report_that_names_no_theme_is_refused(tmp_path: Path) -> None:
    for part in ("include", "sql"):
        shutil.copytree(HOME / part / "reports", tmp_path / part / "reports")
    shutil.copytree(HOME / "include/templates/reports", tmp_path / "include/templates/reports")
    path = tmp_path / "include/reports/airline_punctuality.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "theme: bordroom\n", encoding="utf-8")
    catalog = load_catalog(
        tmp_path / "include/reports",
        sql_dir=tmp_path / "sql",
        templates_dir=tmp_path / "include/templates",
        themes_dir=THEMES,
    )
    (problem,) = catalog.broken["airline_punctuality"]
    assert "there is no theme 'bordroom': did you mean 'boardroom'?" in problem.message
    assert problem.line == len(path.read_text(encoding="utf-8").splitlines())


def test_a_style_given_in_part_keeps_the_rest(themes: Path) -> None:
    path = themes / "broadsheet.yaml"
    path.write_text(
        path.read_text(encoding="utf-8") + "type: {title: {size: 40, leading: 44}}\n", encoding="utf-8"
    )
    before, after = load_theme(THEMES, "broadsheet").title, load_theme(themes, "broadsheet").title
    assert (after.size, after.leading) == (40, 44)
    assert after.but(size=before.size, leading=before.leading).face == before.face
    assert after.space_after == before.space_after


def test_a_theme_that_is_not_there_is_named_with_what_there_is() -> None:
    with pytest.raises(DefinitionError, match="there is no theme 'broadsheets': did you mean 'broadsheet'"):
        load_theme(THEMES, "broadsheets")


@pytest.mark.parametrize("name", ["../themes/broadsheet", "/etc/broadsheet", "a/../broadsheet", ".", ""])
def test_what_leads_out_of_the_folder_is_no_theme(name: str) -> None:
    with pytest.raises(DefinitionError, match=r"is no theme's name"):
        load_theme(THEMES, name)


def test_a_saved_theme_is_read_again(themes: Path) -> None:
    path = themes / "broadsheet.yaml"
    first = load_theme(themes, "broadsheet").margin_x
    path.write_text(
        path.read_text(encoding="utf-8").replace("margin_x: 51", "margin_x: 60"), encoding="utf-8"
    )
    assert (first, load_theme(themes, "broadsheet").margin_x) == (51, 60)
