"""The step that draws a variant's charts, as vectors for the document step."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.errors import DefinitionError
from broadsheet.pipeline.charts.kinds import SIZES, make_drawing
from broadsheet.pipeline.charts.sparkline import sparkline
from broadsheet.pipeline.document.drawing import Drawing, drawing_key
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.template import Block, render_page
from broadsheet.pipeline.document.theme import Theme, load_theme
from broadsheet.pipeline.document.tiles import SPARK, SPARK_HEIGHT, tile_width
from broadsheet.pipeline.document.wanted import wanted_sizes, wanted_tiles
from broadsheet.pipeline.formats import rounding
from broadsheet.pipeline.payload import Payload, read_payload

log = logging.getLogger(__name__)


class ChartsSummary(BaseModel):
    """What ``render_charts`` hands on: how many charts, and how many drawings were kept for them."""

    model_config = ConfigDict(frozen=True)

    charts: int
    drawings: int
    size_bytes: int


def render_charts(
    spec: RunSpec,
    report: ReportDefinition,
    variant: str,
    *,
    staging: ObjectStore,
    templates_dir: Path,
    static_dir: Path,
    themes_dir: Path,
) -> ChartsSummary:
    """Draw the charts that stand on a variant's page, in the sizes in which they stand there.

    The small lines of tiles are drawn too, in the size of their tiles.

    ``static_dir`` holds the fonts to measure with. DefinitionError when the theme cannot be used.
    """
    load_fonts(static_dir, language=spec.locale)
    theme = load_theme(themes_dir, spec.theme or report.theme).in_language(spec.locale)
    payload = read_payload(spec, variant, staging=staging)
    blocks = _blocks(payload, templates_dir=templates_dir, report_id=report.id)
    drawings = size_bytes = 0
    with rounding(report.rounding):
        for name, size, drawing in _drawings(payload, blocks, theme=theme):
            data = drawing.model_dump_json().encode()
            key = drawing_key(spec, variant, chart=name, size=size)
            staging.put(key, data, content_type="application/json")
            drawings, size_bytes = drawings + 1, size_bytes + len(data)
    log.info("run %s variant %s: %d drawings for report %s", spec.run_id, variant, drawings, report.id)
    return ChartsSummary(charts=len(wanted_sizes(blocks)), drawings=drawings, size_bytes=size_bytes)


def _blocks(payload: Payload, *, templates_dir: Path, report_id: str) -> list[Block]:
    """Return the blocks of a payload's page; none for one that cannot be rendered."""
    if payload.empty:
        return []
    try:
        return render_page(payload, templates_dir=templates_dir, report_id=report_id).blocks
    except DefinitionError:
        # Nothing is wrong with the charts: the step that sets the page says what is wrong with it.
        return []


def _drawings(
    payload: Payload, blocks: Sequence[Block], *, theme: Theme
) -> Iterator[tuple[str, str, Drawing]]:
    """Yield each drawing with its name and size, in the order of names."""
    for name, sizes in sorted(wanted_sizes(blocks).items()):
        for size in SIZES:
            if size in sizes:
                yield name, size, make_drawing(payload.charts[name], size=size, theme=theme)
    for name in sorted(wanted_tiles(blocks)):
        kpis = payload.kpis[name]
        width = tile_width(len(kpis), theme)
        for number, kpi in enumerate(kpis):
            if kpi.points:
                line = sparkline(kpi.points, theme, width=width, height=SPARK_HEIGHT)
                yield f"{name}.{number}", SPARK, line
