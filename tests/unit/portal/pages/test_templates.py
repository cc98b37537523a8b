"""What every template of the portal keeps to: nothing inline, addresses below the base URL."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.office import HOME, shipped_catalog

TEMPLATES = sorted(
    path
    for path in (HOME / "include/templates/portal").glob("*.j2")
    # The public pages behind mailed links stand alone, under a policy of their own.
    if not path.name.startswith(("link_", "unsubscribe"))
)
STATIC = HOME / "include/static/portal"
OWN_SCRIPTS = sorted(path for path in STATIC.glob("*.js") if path.name != "htmx.min.js")

INLINE = {
    "a style attribute": r"\sstyle\s*=",
    "a style sheet": r"<style\b",
    "a script": r"<script(?![^>]*\bsrc=)",
    "an event handler": r"<[^>]*\son[a-z]+\s*=",
    "a handler of htmx": r"\shx-on",
    "code in an address": r"[\"']\s*javascript:",
    "code in values": r"=[\"']js:",
    "unescaped text": r"\|\s*safe\b",
}


def source(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_nothing_that_the_policy_forbids(path: Path) -> None:
    found = [name for name, pattern in INLINE.items() if re.search(pattern, source(path), re.IGNORECASE)]

    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_names_no_address_but_through_the_base_url(path: Path) -> None:
    bare = re.findall(
        r"(?:href|src|action|hx-(?:get|post|put|delete))=[\"'](?!\{\{|\{%|#|data:image)[^\"']*", source(path)
    )

    assert not bare


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_a_script_opens_no_dialog_and_no_window_and_writes_no_markup(path: Path) -> None:
    forbidden = re.findall(
        r"\b(?:alert|confirm|prompt|eval|window\.open|document\.write)\(|\.innerHTML|insertAdjacentHTML",
        path.read_text(encoding="utf-8"),
    )

    assert not forbidden


def test_the_style_sheets_load_nothing_from_elsewhere() -> None:
    for sheet in STATIC.glob("*.css"):
        assert not re.search(r"@import|https?:|url\(\s*[\"']?//", sheet.read_text(encoding="utf-8")), (
            sheet.name
        )


def test_every_icon_that_a_template_shows_is_in_the_sprite() -> None:
    sprite = (STATIC / "icons.svg").read_text(encoding="utf-8")
    shown = {name for path in TEMPLATES for name in re.findall(r"\bicon\(\"([a-z-]+)\"", source(path))}

    assert {name for name in shown if f'id="{name}"' not in sprite} == set()


def test_each_shipped_report_has_a_sample_picture_and_no_other_has() -> None:
    pictures = {path.stem for path in (STATIC / "samples").iterdir()}
    assert pictures == set(shipped_catalog().reports)


def test_a_sample_picture_is_small() -> None:
    for picture in (STATIC / "samples").iterdir():
        assert picture.stat().st_size < 80_000, picture.name
