"""A chart on its way from the chart step to the page: paths and texts, in points from the lower left.

Kept as JSON in the staging prefix. It holds numbers and plain text only, is drawn as vectors in the
document's own fonts, and is the same for the same chart whichever process draws it.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from broadsheet.domain.run import RunSpec
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.line_drawing import spoken, spoken_parts
from broadsheet.pipeline.document.pen import has_outline, show_operators
from broadsheet.pipeline.document.shaping import set_text

Operators = Annotated[str, StringConstraints(pattern=r"^[-0-9. mlch]*$")]
"""An outline in PDF's own operators: ``x y m`` moves, ``l`` is a line, ``c`` a cubic curve, ``h`` closes."""
Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]


class PathMark(BaseModel):
    """A filled or stroked outline; nothing shows outside of ``clip``: x, y, width, height.

    With ``apart`` every closed part of it is painted by itself, so that parts which are not opaque add up.
    """

    model_config = ConfigDict(frozen=True)

    mark: Literal["path"] = "path"
    path: Operators
    fill: Hex | None = None
    stroke: Hex | None = None
    width: float = 0.0
    dash: tuple[float, ...] = ()
    round_cap: bool = False
    alpha: float = 1.0
    clip: tuple[float, float, float, float] | None = None
    apart: bool = False


class TextMark(BaseModel):
    """One line of text that starts at a point on its base line, turned by ``angle`` degrees."""

    model_config = ConfigDict(frozen=True)

    mark: Literal["text"] = "text"
    x: float
    y: float
    text: str
    face: Face
    size: float
    color: Hex
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
            if mark.alpha < 1:
                canvas.setFillAlpha(mark.alpha)
                canvas.setStrokeAlpha(mark.alpha)
            canvas._code.append(_path_operators(mark))
        else:
            _draw_text(mark, canvas)
        canvas.restoreState()


def _path_operators(mark: PathMark) -> str:
    """Return everything between saving and restoring the state, in operators: reportlab's own way is slow."""
    parts = []
    if mark.clip:
        parts.append(f"{' '.join(f'{side:g}' for side in mark.clip)} re W n")
    if mark.fill:
        parts.append(f"{_color(mark.fill)} rg")
    if mark.stroke:
        dash = " ".join(f"{length:g}" for length in mark.dash)
        parts.append(f"{_color(mark.stroke)} RG {mark.width:g} w 1 j {int(mark.round_cap)} J [{dash}] 0 d")
    paint = {(True, True): "B", (True, False): "f", (False, True): "S"}.get(
        (bool(mark.fill), bool(mark.stroke))
    )
    if paint and mark.apart:
        parts.append(mark.path.replace("h", f"h {paint}"))
    else:
        parts += [mark.path, paint or "n"]
    return " ".join(parts)


@lru_cache(maxsize=256)
def _color(hexadecimal: str) -> str:
    return " ".join(f"{int(hexadecimal[at : at + 2], 16) / 255:.4g}" for at in (1, 3, 5))


def _draw_text(mark: TextMark, canvas: Canvas) -> None:
    canvas.translate(mark.x, mark.y)
    if mark.angle:
        canvas.rotate(mark.angle)
    # Without a space, words of neighbouring labels are read as one.
    setting = set_text(f"{mark.text} ", mark.face)
    parts = spoken_parts(setting, mark.face) if setting.spoken else [(setting, "")]
    x = 0.0
    for part, words in parts:
        with spoken(canvas, words) if words else nullcontext():
            line = canvas.beginText(x, 0)
            line.setFillColor(HexColor(mark.color))
            if has_outline(part):
                line.setStrokeColor(HexColor(mark.color))
            line._code.append(show_operators(part, mark.size, canvas._doc))
            canvas.drawText(line)
        x += part.width * mark.size / 1000
