"""Tiles of key figures: the value large, its unit beside it, its change in an arrow, colour and words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.drawing import Drawing, draw
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.line_drawing import draw_line, draw_lines
from broadsheet.pipeline.document.lines import Line, Span, plain, set_lines
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.formats import format_power
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import KpiPart
from broadsheet.pipeline.units import unit_first, unit_sign

_GAP = 14.0
_LEAST_UNIT = 7.0
_LEAST_SCALE = 0.35
_ARROW_WIDTH = 9.0
_ARROW_SIZE = 5.8
SPARK = "spark"
"""Size in which the small lines of tiles are kept among the charts."""
SPARK_HEIGHT = 20.0
_SPARK_BELOW = 4.0


def columns_for(count: int) -> int:
    """Return how many tiles stand in a row, so that rows are full or nearly so."""
    return {0: 1, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 3, 7: 4, 8: 4, 9: 3}.get(count, 4)


def tile_width(count: int, theme: Theme) -> float:
    """Return how wide each of so many tiles is on a page."""
    columns = columns_for(count)
    return (theme.content_width - _GAP * (columns - 1)) / columns


class TileRow(Flowable):  # type: ignore[misc]
    """One row of tiles. All parts of the row stand on common lines; all rows of a set are one list."""

    def __init__(
        self,
        kpis: Sequence[KpiPart],
        *,
        columns: int,
        last: bool,
        theme: Theme,
        sparks: Sequence[Drawing | None] = (),
        element: Element | None = None,
    ) -> None:
        super().__init__()
        self.theme = theme
        self.kpis = kpis
        self.sparks = sparks or [None] * len(kpis)
        self.element = element or Element("L", numbering="None")
        self.columns = columns
        self.spaceBefore, self.spaceAfter = 4.0, 14.0 if last else 8.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the words and return the space they take."""
        width = (aW - _GAP * (self.columns - 1)) / self.columns
        self.tile_width = width
        self.labels = [plain(kpi.label, self.theme.tile_label, width=width, most=2) for kpi in self.kpis]
        self.changes = [_change(kpi, width, self.theme) for kpi in self.kpis]
        self.targets = [_target(kpi, width, self.theme) for kpi in self.kpis]
        self.notes = [plain(kpi.note, self.theme.tile_note, width=width, most=3) for kpi in self.kpis]
        label_lines, change_lines, target_lines, note_lines = (
            max((len(lines) for lines in part), default=0)
            for part in (self.labels, self.changes, self.targets, self.notes)
        )
        self.spark_height = SPARK_HEIGHT + _SPARK_BELOW if any(self.sparks) else 0.0
        self.target_height = target_lines * self.theme.tile_change.leading
        self.label_height = 7 + label_lines * self.theme.tile_label.leading
        self.change_height = change_lines * self.theme.tile_change.leading
        self.width = aW
        self.height = (
            self.label_height
            + self.theme.tile_value.leading
            + 2
            + self.spark_height
            + self.change_height
            + self.target_height
            + 1
            + note_lines * self.theme.tile_note.leading
        )
        return aW, self.height

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left for this to start on it."""
        return self.wrap(width, 0)[1]

    def draw(self) -> None:
        """Draw the tiles from left to right."""
        with self.canv.group(self.element):
            for number, kpi in enumerate(self.kpis):
                distance = number * (self.tile_width + _GAP)
                x = self.theme.from_start(distance, self.tile_width, within=self.width)
                self._draw_tile(number, kpi, x=x)

    def _draw_tile(self, number: int, kpi: KpiPart, *, x: float) -> None:
        canvas, top, width = self.canv, self.height, self.tile_width
        arrow = kpi.direction in ("up", "down")
        change_top = top - self.label_height - self.theme.tile_value.leading - 2 - self.spark_height
        with canvas.artifact():
            canvas.setStrokeColor(self.theme.accent)
            canvas.setLineWidth(1.4)
            canvas.line(x, top - 0.7, x + self.tile_width, top - 0.7)
            if spark := self.sparks[number]:
                # Its numbers are said by the value and the change: what it adds is for the eye.
                canvas.saveState()
                canvas.translate(x, change_top + _SPARK_BELOW)
                draw(spark, canvas)
                canvas.restoreState()
            if arrow:
                _draw_arrow(
                    canvas,
                    kpi,
                    x=x + self.theme.from_start(0.0, _ARROW_SIZE, within=self.tile_width),
                    middle=change_top - self.theme.tile_change.leading / 2,
                    theme=self.theme,
                )
        with canvas.group(Element("LI")):
            with canvas.tagged(Element("Lbl")):
                draw_lines(canvas, self.labels[number], self.theme.tile_label, x=x, top=top - 6, width=width)
            with canvas.tagged(Element("LBody")):
                _draw_value(
                    canvas, kpi, x=x, y=top - self.label_height - 22, width=self.tile_width, theme=self.theme
                )
                indent = _ARROW_WIDTH if arrow else 0
                left = x if self.theme.rtl else x + indent
                draw_lines(
                    canvas,
                    self.changes[number],
                    self.theme.tile_change,
                    x=left,
                    top=change_top,
                    width=width - indent,
                )
                target_top = change_top - self.change_height
                draw_lines(
                    canvas, self.targets[number], self.theme.tile_change, x=x, top=target_top, width=width
                )
                note_top = target_top - self.target_height - 1
                draw_lines(canvas, self.notes[number], self.theme.tile_note, x=x, top=note_top, width=width)


def _draw_value(canvas: Canvas, kpi: KpiPart, *, x: float, y: float, width: float, theme: Theme) -> None:
    """Draw value and unit on one line, smaller when they would not fit the tile."""
    sign = unit_sign(kpi.unit, locale=theme.locale)
    gap = 3.0 if sign else 0.0
    room = width - gap
    display = _fitting(kpi, width, theme)
    value = text_width(display, theme.tile_value.face, theme.tile_value.size)
    unit_width = text_width(sign, theme.tile_unit.face, theme.tile_unit.size)
    scale = min(1.0, room / (value + unit_width)) if value + unit_width else 1.0
    least = _LEAST_UNIT / theme.tile_unit.size
    if scale < least and value:
        # The unit gets no smaller than that: the value takes what it leaves.
        scale = (room - unit_width * least) / value
    scale = max(scale, _LEAST_SCALE)
    value_style = theme.tile_value.but(size=theme.tile_value.size * scale)
    unit_style = theme.tile_unit.but(size=max(theme.tile_unit.size * scale, _LEAST_UNIT))
    # Below the least scale the value is cut with an ellipsis rather than run into its neighbour.
    first = unit_first(kpi.unit, locale=theme.locale)
    for line in plain(display, value_style, width=width, most=1):
        room = max(width - line.width - gap, 1.0)
        units = [
            unit
            for unit in plain(sign, unit_style, width=room, most=1)[:1]
            if line.width + gap + unit.width <= width + 0.5
        ]
        before = sum(unit.width + gap for unit in units) if first else 0.0
        start = theme.from_start(before, line.width, within=width)
        draw_line(canvas, line, value_style, x=x + start, y=y)
        for unit in units:
            start = theme.from_start(0.0 if first else line.width + gap, unit.width, within=width)
            draw_line(canvas, unit, unit_style, x=x + start, y=y)


def _fitting(kpi: KpiPart, width: float, theme: Theme) -> str:
    """Return a value in words; with a power of ten where a tile has no room for all of its digits."""
    style = theme.tile_value
    needed = text_width(kpi.display, style.face, style.size * _LEAST_SCALE)
    if kpi.value is None or needed <= width:
        return kpi.display
    shown = Decimal(kpi.value) * (100 if kpi.unit == "%" else 1)
    return format_power(shown, locale=theme.locale)


def _change(kpi: KpiPart, width: float, theme: Theme) -> list[Line]:
    indent = _ARROW_WIDTH if kpi.direction in ("up", "down") else 0.0
    if kpi.direction == "flat":
        return plain(
            say(theme.locale, "Unchanged"), theme.tile_change.but(color=theme.quiet), width=width, most=1
        )
    spans = [Span(kpi.change_display, Face.SANS_BOLD, _tone(kpi, theme))]
    if kpi.direction in ("up", "down") and kpi.good is not None:
        word = say(theme.locale, "better") if kpi.good else say(theme.locale, "worse")
        spans.append(Span(f" {word}", Face.SANS, _tone(kpi, theme)))
    if kpi.against:
        spans.append(Span(f" {kpi.against}", Face.SANS, theme.quiet))
    return set_lines(spans, theme.tile_change, width=width - indent, most=3)


def _target(kpi: KpiPart, width: float, theme: Theme) -> list[Line]:
    """Say where the value should be, and whether it is there: in words, by a sign and by a colour."""
    if not kpi.target_display:
        return []
    sign, words, color = {
        True: ("✓ ", "Target reached:", theme.good),
        False: ("✗ ", "Target missed:", theme.bad),
        None: ("", "Target:", theme.quiet),
    }[kpi.reached]
    spans = [
        Span(f"{sign}{say(theme.locale, words)} ", Face.SANS, color),
        Span(kpi.target_display, Face.SANS_BOLD, color),
    ]
    return set_lines(spans, theme.tile_change, width=width, most=2)


def _tone(kpi: KpiPart, theme: Theme) -> Color:
    if kpi.direction == "none":
        return theme.quiet
    if kpi.good is None:
        return theme.ink
    return theme.good if kpi.good else theme.bad


def _draw_arrow(canvas: Canvas, kpi: KpiPart, *, x: float, middle: float, theme: Theme) -> None:
    half, height = 2.9, 5.2
    sign = 1 if kpi.direction == "up" else -1
    canvas.setFillColor(_tone(kpi, theme))
    path = canvas.beginPath()
    path.moveTo(x, middle - sign * height / 2)
    path.lineTo(x + 2 * half, middle - sign * height / 2)
    path.lineTo(x + half, middle + sign * height / 2)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
