"""A chart on its way from the chart step to the page: paths and texts, in points from the lower left.

Kept as JSON in the staging prefix. It holds numbers and plain text only, is drawn as vectors in the
document's own fonts, and is the same for the same chart whichever process draws it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from broadsheet.domain.run import RunSpec
from broadsheet.pipeline.document.fonts import Face, split_by_font

Segment = tuple[Literal["M", "L", "C", "Z"], tuple[float, ...]]


class PathMark(BaseModel):
    """A filled or stroked outline; nothing shows outside of ``clip``: x, y, width, height."""

    model_config = ConfigDict(frozen=True)

    mark: Literal["path"] = "path"
    segments: tuple[Segment, ...]
    fill: str | None = None
    stroke: str | None = None
    width: float = 0.0
    dash: tuple[float, ...] = ()
    round_cap: bool = False
    alpha: float = 1.0
    clip: tuple[float, float, float, float] | None = None


class TextMark(BaseModel):
    """One line of text that starts at a point on its base line, turned by ``angle`` degrees."""

    model_config = ConfigDict(frozen=True)

    mark: Literal["text"] = "text"
    x: float
    y: float
    text: str
    face: Face
    size: float
    color: str
    angle: float = 0.0


Mark = Annotated[PathMark | TextMark, Field(discriminator="mark")]


class Drawing(BaseModel):
    """A whole chart."""

    model_config = ConfigDict(frozen=True)

    width: float
    height: float
    marks: tuple[Mark, ...]


def drawing_key(spec: RunSpec, variant: str, *, chart: str, size: str) -> str:
    """Return the key of a chart's drawing in one size, ``half`` or ``full``."""
    return f"{spec.variant_prefix(variant)}charts/{chart}.{size}.json"


def draw(drawing: Drawing, canvas: Canvas) -> None:
    """Draw on a canvas whose origin is the drawing's lower left corner."""
    for mark in drawing.marks:
        canvas.saveState()
        if isinstance(mark, PathMark):
            _draw_path(mark, canvas)
        else:
            _draw_text(mark, canvas)
        canvas.restoreState()


def _draw_path(mark: PathMark, canvas: Canvas) -> None:
    if mark.clip:
        window = canvas.beginPath()
        window.rect(*mark.clip)
        canvas.clipPath(window, stroke=0, fill=0)
    path = canvas.beginPath()
    for command, numbers in mark.segments:
        match command:
            case "M":
                path.moveTo(*numbers)
            case "L":
                path.lineTo(*numbers)
            case "C":
                path.curveTo(*numbers)
            case "Z":
                path.close()
    if mark.fill:
        canvas.setFillColor(HexColor(mark.fill))
    if mark.stroke:
        canvas.setStrokeColor(HexColor(mark.stroke))
        canvas.setLineWidth(mark.width)
        canvas.setLineJoin(1)
        canvas.setLineCap(1 if mark.round_cap else 0)
        if mark.dash:
            canvas.setDash(list(mark.dash))
    if mark.alpha < 1:
        canvas.setFillAlpha(mark.alpha)
        canvas.setStrokeAlpha(mark.alpha)
    canvas.drawPath(path, stroke=int(mark.stroke is not None), fill=int(mark.fill is not None))


def _draw_text(mark: TextMark, canvas: Canvas) -> None:
    canvas.translate(mark.x, mark.y)
    if mark.angle:
        canvas.rotate(mark.angle)
    line = canvas.beginText(0, 0)
    line.setFillColor(HexColor(mark.color))
    # Without a space, words of neighbouring labels are read as one.
    for face, part in split_by_font(f"{mark.text} ", mark.face):
        line.setFont(face.value, mark.size)
        line.textOut(part)
    canvas.drawText(line)
