"""A matplotlib renderer that records what is drawn as a :class:`Drawing`, measured in the document's fonts.

Matplotlib's own text machinery is never asked: it would look for fonts on the machine, and set other ones
than the document does. Pictures, hatches and gradients are not covered, and no chart here uses them.
"""

from __future__ import annotations

from typing import Any

from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from matplotlib.transforms import Transform

from broadsheet.pipeline.document.drawing import Drawing, Mark, PathMark, Segment, TextMark
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.theme import Theme

_ASCENT = 0.75
_DESCENT = 0.22
_HALF_CAPITAL = 0.33
_BOLD = frozenset({"bold", "semibold", "demibold", "heavy"})


class RecordingRenderer(RendererBase):
    """Records paths and texts in points; one pixel is one point."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width = width
        self.height = height
        self.marks: list[Mark] = []

    def flipy(self) -> bool:
        """Say that y grows upwards, as on the page."""
        return False

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the drawing's size."""
        return self.width, self.height

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Outline,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803 - matplotlib's signature
    ) -> None:
        """Record an outline with its fill, stroke and clip."""
        segments = _segments(path, transform)
        stroke = to_hex(gc.get_rgb()) if gc.get_linewidth() > 0 and gc.get_alpha() != 0 else None
        fill = to_hex(rgbFace) if rgbFace is not None and (len(rgbFace) < 4 or rgbFace[3] > 0) else None
        if not segments or (stroke is None and fill is None):
            return
        alpha = (
            gc.get_alpha() if gc.get_forced_alpha() else (rgbFace[3] if fill and len(rgbFace) == 4 else 1.0)
        )
        window = gc.get_clip_rectangle()
        dashes: Any = gc.get_dashes()[1]
        self.marks.append(
            PathMark(
                segments=segments,
                fill=fill,
                stroke=stroke,
                width=_round(gc.get_linewidth()),
                dash=tuple(_round(length) for length in dashes) if dashes is not None else (),
                round_cap=gc.get_capstyle() == "round",
                alpha=_round(1.0 if alpha is None else alpha),
                clip=None if window is None else tuple(_round(side) for side in window.bounds),
            )
        )

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: bool | str = False,  # noqa: ARG002 - matplotlib's signature
        mtext: Any = None,  # noqa: ARG002 - matplotlib's signature
    ) -> None:
        """Record one line of text."""
        self.marks.append(
            TextMark(
                x=_round(x),
                y=_round(y),
                text=s,
                face=_face(prop),
                size=_round(prop.get_size_in_points()),
                color=to_hex(gc.get_rgb()),
                angle=_round(angle),
            )
        )

    def get_text_width_height_descent(
        self,
        s: str,
        prop: Any,
        ismath: bool | str,  # noqa: ARG002 - matplotlib's signature
    ) -> tuple[float, float, float]:
        """Measure a line of text in the document's fonts."""
        size = prop.get_size_in_points()
        return text_width(s, _face(prop), size), size * (_ASCENT + _DESCENT), size * _DESCENT

    def _get_font_height_metrics(self, prop: Any) -> tuple[float, float, float]:
        """Answer matplotlib 3.11's question for ascent, descent and gap, so that it opens no font."""
        size = prop.get_size_in_points()
        return size * _ASCENT, size * _DESCENT, size * 0.2


class Sheet(Figure):
    """A figure whose pixels are points. Its labels go straight into the drawing, on top of everything.

    Matplotlib's own text objects cost more than all else in a chart, and their places are known here anyway.
    """

    def __init__(self, width: float, height: float, theme: Theme) -> None:
        super().__init__(figsize=(width / 72, height / 72), dpi=72)
        self.patch.set_visible(False)
        self.theme = theme
        self.labels: list[TextMark] = []

    def add_label(
        self, x: float, y: float, text: str, *, face: Face, size: float, color: str, align: str, middle: bool
    ) -> None:
        """Write one line at a point: on its base line or around its middle, from, to or around that point."""
        if not text:
            return
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * text_width(text, face, size)
        drop = size * _HALF_CAPITAL if middle else 0.0
        mark = TextMark(x=_round(x - shift), y=_round(y - drop), text=text, face=face, size=size, color=color)
        self.labels.append(mark)


def record(sheet: Sheet, width: float, height: float) -> Drawing:
    """Draw a figure and return what was drawn."""
    renderer = RecordingRenderer(width, height)
    sheet.draw(renderer)
    return Drawing(width=_round(width), height=_round(height), marks=(*renderer.marks, *sheet.labels))


def _face(prop: Any) -> Face:
    weight = prop.get_weight()
    heavy = weight in _BOLD if isinstance(weight, str) else weight >= 600
    return Face.SANS_BOLD if heavy else Face.SANS


def _round(number: float) -> float:
    # Adding zero turns -0.0 into 0.0, which would be other bytes for the same picture.
    return round(float(number), 2) + 0.0


def _segments(path: Outline, transform: Transform) -> tuple[Segment, ...]:
    """Turn an outline into moves, lines and cubic curves."""
    segments: list[Segment] = []
    last = (0.0, 0.0)
    for numbers, code in path.iter_segments(transform, remove_nans=True, simplify=False):
        points = [float(number) for number in numbers]
        if code == Outline.MOVETO:
            segments.append(("M", (_round(points[0]), _round(points[1]))))
        elif code == Outline.LINETO:
            segments.append(("L", (_round(points[0]), _round(points[1]))))
        elif code == Outline.CURVE3:
            segments.append(("C", _cubic(last, points)))
        elif code == Outline.CURVE4:
            segments.append(("C", tuple(_round(number) for number in points)))
        elif code == Outline.CLOSEPOLY:
            segments.append(("Z", ()))
            continue
        last = (points[-2], points[-1])
    return tuple(segments)


def _cubic(start: tuple[float, float], points: list[float]) -> tuple[float, ...]:
    """Return the cubic curve that equals a quadratic one."""
    (x0, y0), (x1, y1, x2, y2) = start, points
    controls = (
        x0 + 2 / 3 * (x1 - x0),
        y0 + 2 / 3 * (y1 - y0),
        x2 + 2 / 3 * (x1 - x2),
        y2 + 2 / 3 * (y1 - y2),
    )
    return tuple(_round(number) for number in (*controls, x2, y2))
