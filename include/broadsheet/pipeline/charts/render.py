"""The step that draws a variant's charts, as vectors for the document step."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.pipeline.charts.kinds import SIZES, make_drawing
from broadsheet.pipeline.charts.sparkline import sparkline
from broadsheet.pipeline.document.drawing import drawing_key
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.pipeline.document.tiles import SPARK, SPARK_HEIGHT, tile_width
from broadsheet.pipeline.payload import read_payload

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
    static_dir: Path,
    themes_dir: Path,
) -> ChartsSummary:
    """Draw each chart of a variant in both sizes, for the template says which one stands where.

    The small lines of tiles are drawn too, in the size of their tiles.

    ``static_dir`` holds the fonts to measure with. DefinitionError when the theme cannot be used.
    """
    load_fonts(static_dir, language=spec.locale)
    theme = load_theme(themes_dir, spec.theme or report.theme).in_language(spec.locale)
    payload = read_payload(spec, variant, staging=staging)
    drawings = size_bytes = 0
    if not payload.empty:
        for name, chart in sorted(payload.charts.items()):
            for size in SIZES:
                drawing = make_drawing(chart, size=size, theme=theme)
                data = drawing.model_dump_json().encode()
                key = drawing_key(spec, variant, chart=name, size=size)
                staging.put(key, data, content_type="application/json")
                drawings, size_bytes = drawings + 1, size_bytes + len(data)
        for name, kpis in sorted(payload.kpis.items()):
            for number, kpi in enumerate(kpis):
                if kpi.points:
                    width = tile_width(len(kpis), theme)
                    line = sparkline(kpi.points, theme, width=width, height=SPARK_HEIGHT)
                    data = line.model_dump_json().encode()
                    key = drawing_key(spec, variant, chart=f"{name}.{number}", size=SPARK)
                    staging.put(key, data, content_type="application/json")
                    drawings, size_bytes = drawings + 1, size_bytes + len(data)
    log.info("run %s variant %s: %d drawings for report %s", spec.run_id, variant, drawings, report.id)
    return ChartsSummary(charts=len(payload.charts), drawings=drawings, size_bytes=size_bytes)
