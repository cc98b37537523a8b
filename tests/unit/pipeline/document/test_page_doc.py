"""The examples of docs/page.md and docs/themes.md are built as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from broadsheet.catalog.pages import BLOCKS
from broadsheet.catalog.themes import read_theme
from broadsheet.domain.theme import TypeScale
from broadsheet.pipeline.document.theme import load_theme

DOCS = Path(__file__).resolve().parents[4] / "docs"
PAGE = (DOCS / "page.md").read_text(encoding="utf-8")
THEMES = (DOCS / "themes.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```markdown\n(.*?)^```$", PAGE, re.M | re.S)
THEME = re.findall(r"^```yaml\n(.*?)^```$", THEMES, re.M | re.S)[-1]


@pytest.fixture
def named(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a payload with the names of the examples."""
    share = "on_time_share"
    payload["values"][share], payload["displays"][share] = 0.723, "72.3 %"
    payload["charts"] = {
        "delay_by_hour": payload["charts"]["by_day"],
        "outcomes_by_day": payload["charts"]["by_place"],
    }
    payload["tables"] = {"worst_routes": payload["tables"]["rows"]}
    pictures = payload["images"]["pictures"]
    payload["images"] = {"pictures": pictures, "aircraft": pictures}
    payload["appendices"] = {"inspections": [{"file": "a.pdf", "title": "A", "fault": "It is encrypted."}]}
    return payload


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split("\n")[0][:40] for example in EXAMPLES])
def test_an_example_of_the_page_is_built(build: Any, named: Any, example: str) -> None:
    built = build(named, example, numbered=True)
    assert "{{" not in built.text
    assert "[!" not in built.text


def test_every_block_has_an_example() -> None:
    shown = "\n".join(EXAMPLES)
    assert [block for block in BLOCKS if f"{block}(" not in shown] == []


def test_the_example_of_a_theme_is_one(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(THEME, encoding="utf-8")
    theme, problems = read_theme(path)
    assert problems == []
    assert theme is not None
    assert (load_theme(tmp_path, "acme").page_width, theme.name) == (612, "acme")
    assert yaml.safe_load(THEME).keys() >= {"page", "fonts", "colors", "masthead", "running", "cover"}


def test_every_style_of_text_is_named() -> None:
    named = re.sub(r"`heading1` to `heading3`", "`heading1` `heading2` `heading3`", THEMES)
    assert [name for name in TypeScale.model_fields if f"`{name}`" not in named] == []
