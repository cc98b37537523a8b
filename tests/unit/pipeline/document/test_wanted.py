"""Only those drawings are made that stand on the page, in the sizes in which they stand there."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.pipeline.document.conftest import make_spec

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.parts import Rounding
from broadsheet.pipeline.charts import render_charts
from broadsheet.settings import Settings


@pytest.fixture
def drawn(tmp_path: Path, payload: dict[str, Any]) -> Any:
    """Return a function from a page to the names of the drawings that are made for it."""

    def run(page: str) -> set[str]:
        (tmp_path / "reports").mkdir(exist_ok=True)
        (tmp_path / "reports" / "probe.md.j2").write_text(page, encoding="utf-8")
        payload["kpis"]["summary"][0]["points"] = [0.5, 0.7, 0.6]
        staging, spec = MemoryObjectStore(), make_spec()
        prefix = spec.variant_prefix("main")
        staging.put(f"{prefix}payload.json", json.dumps(payload).encode(), content_type="application/json")
        report: Any = SimpleNamespace(id="probe", theme="broadsheet", rounding=Rounding.HALF_UP)
        summary = render_charts(
            spec,
            report,
            "main",
            staging=staging,
            templates_dir=tmp_path,
            static_dir=Settings().static_dir,
            themes_dir=Settings().themes_dir,
        )
        found = {Path(one.key).stem for one in staging.list(f"{prefix}charts/")}
        assert summary.drawings == len(found)
        return found

    return run


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("no chart", set()),
        ("{{ chart('by_day') }}", {"by_day.full"}),
        ("{{ charts('by_day', 'by_place') }}", {"by_day.half", "by_place.half"}),
        ("{{ chart('by_day') }}\n\n{{ charts('by_day', 'by_place') }}",
         {"by_day.full", "by_day.half", "by_place.half"}),
        ("{{ kpis('summary') }}", {"summary.0.spark"}),
        ("{% if values.share > 1 %}{{ chart('by_day') }}{% endif %}", set()),
        ("{{ columns() }}\n\n{{ chart('by_day') }}\n\n{{ column() }}\n\nText\n\n{{ end_columns() }}",
         {"by_day.half", "by_day.full"}),
    ],
)  # fmt: skip
def test_only_what_stands_on_the_page_is_drawn(drawn: Any, page: str, expected: set[str]) -> None:
    assert drawn(page) == expected


def test_for_a_page_that_cannot_be_rendered_nothing_is_drawn(drawn: Any) -> None:
    assert drawn("{{ chart('nosuch') }}") == set()


def test_a_chart_that_is_printed_in_a_column_from_a_variable_has_its_drawing(
    build: Any, payload: dict[str, Any]
) -> None:
    page = (
        "{% set kept %}{{ chart('by_day') }}{% endset %}{{ columns() }}\n\n{{ kept }}\n\n{{ column() }}\n\n"
        "Words beside it\n\n{{ end_columns() }}"
    )
    assert "Words beside it" in build(payload, page).words
