"""The sheet that a chart is drawn on: a matplotlib figure whose pixels are points, from the lower left.

Marks of one look are one artist, however many there are, and there are no matplotlib axes: both would cost
more than everything else in a chart. Labels go straight into the drawing, on top of everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.transforms import Bbox, IdentityTransform

from broadsheet.pipeline.charts.renderer import RecordingRenderer, rounded
from broadsheet.pipeline.document.drawing import Drawing, TextMark
from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.units import localized

TICK = 7.5
"""Size of labels, in points."""
ROW = 11.0
"""Height of a row of labels, in points."""
STYLE: dict[str, object] = {
    "lines.scale_dashes": False,
    "path.simplify": False,
    "path.sketch": None,
    "path.effects": [],
}
"""Matplotlib's settings while a chart is drawn: nothing of the machine's own shows."""
_HALF_CAPITAL = 0.33
_NUMBER = re.compile(r"[+\N{MINUS SIGN}]?\d{1,3}(,\d{3})*(\.\d+)?( %)?")
_OTHER_SIDE = {"left": "right", "center": "center", "right": "left"}
_IDENTITY = IdentityTransform()
_MOVE, _LINE, _CLOSE = (int(code) for code in (Outline.MOVETO, Outline.LINETO, Outline.CLOSEPOLY))

Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle in points; the sides may come in either order."""

    left: float
    bottom: float
    right: float
    top: float


class Sheet(Figure):
    """A figure without axes; colours are hexadecimal, lengths in points."""

    def __init__(self, width: float, height: float, theme: Theme) -> None:
        super().__init__(figsize=(width / 72, height / 72), dpi=72)
        self.patch.set_visible(False)
        self.theme = theme
        self.colors = theme.colors
        self.wide = width
        self.high = height
        self.labels: list[TextMark] = []
        self.mirrored = False

    @contextmanager
    def from_start(self) -> Iterator[None]:
        """Draw so that left is where lines of the document's language begin: from the right in Arabic."""
        before, self.mirrored = self.mirrored, self.theme.rtl
        try:
            yield
        finally:
            self.mirrored = before

    def _placed(self, points: Iterable[Point]) -> list[Point]:
        return [(self.wide - x, y) for x, y in points] if self.mirrored else list(points)

    def fill(
        self,
        boxes: Iterable[Box],
        color: str,
        *,
        edge: str | None = None,
        edge_width: float = 0.0,
        alpha: float | None = None,
    ) -> None:
        """Fill rectangles with one colour."""
        outlines = [
            [(box.left, box.bottom), (box.left, box.top), (box.right, box.top), (box.right, box.bottom)]
            for box in boxes
        ]
        self.fill_outlines(outlines, color, edge=edge, edge_width=edge_width, alpha=alpha)

    def fill_outlines(
        self,
        outlines: Iterable[Sequence[Point]],
        color: str,
        *,
        edge: str | None = None,
        edge_width: float = 0.0,
        alpha: float | None = None,
    ) -> None:
        """Fill closed outlines of at least three points with one colour."""
        vertices: list[Point] = []
        codes: list[int] = []
        for outline in outlines:
            vertices += self._placed([*outline, outline[0]])
            codes += [_MOVE, *[_LINE] * (len(outline) - 1), _CLOSE]
        if vertices:
            self._add(
                PathPatch(
                    Outline(vertices, codes),
                    facecolor=color,
                    edgecolor=edge or "none",
                    linewidth=edge_width if edge else 0.0,
                    alpha=alpha,
                    transform=_IDENTITY,
                )
            )

    def line(
        self,
        runs: Iterable[Sequence[Point]],
        color: str,
        *,
        width: float,
        dash: tuple[float, ...] = (),
        round_cap: bool = False,
        clip: Box | None = None,
        alpha: float | None = None,
    ) -> None:
        """Draw open lines of one look; between two of them is a gap."""
        vertices: list[Point] = []
        codes: list[int] = []
        for run in runs:
            if len(run) > 1:
                vertices += self._placed(run)
                codes += [_MOVE, *[_LINE] * (len(run) - 1)]
        if not vertices:
            return
        artist = PathPatch(
            Outline(vertices, codes),
            fill=False,
            edgecolor=color,
            linewidth=width,
            linestyle=(0, dash) if dash else "-",
            capstyle="round" if round_cap else "butt",
            alpha=alpha,
            transform=_IDENTITY,
        )
        if clip is not None:
            (left, bottom), (right, top) = self._placed([clip[:2], clip[2:]])
            artist.set_clip_box(Bbox.from_extents(min(left, right), bottom, max(left, right), top))
        self._add(artist)

    def dots(
        self,
        points: Sequence[Point],
        color: str,
        *,
        size: float,
        marker: str = "o",
        edge: str | None = None,
        edge_width: float = 0.0,
        alpha: float | None = None,
    ) -> None:
        """Draw a marker at each point; ``size`` is its diameter."""
        if points:
            placed = self._placed(points)
            self._add(
                Line2D(
                    [x for x, _ in placed],
                    [y for _, y in placed],
                    linestyle="",
                    marker=marker,
                    markersize=size,
                    markerfacecolor=color,
                    markeredgecolor=edge or color,
                    markeredgewidth=edge_width if edge else 0.0,
                    alpha=alpha,
                    transform=_IDENTITY,
                )
            )

    def label(
        self,
        x: float,
        y: float,
        text: str,
        *,
        color: str | None = None,
        size: float = TICK,
        align: str = "left",
        bold: bool = False,
        middle: bool = False,
    ) -> None:
        """Write one line at a point: on its base line or around its middle, from, to or around that point.

        Its colour is quiet by default; a text that is nothing but a number is written as the language does.
        """
        if not text:
            return
        if _NUMBER.fullmatch(text):
            text = localized(text, locale=self.theme.locale)
        if self.mirrored:
            x, align = self.wide - x, _OTHER_SIDE[align]
        face = Face.SANS_BOLD if bold else Face.SANS
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * text_width(text, face, size)
        drop = size * _HALF_CAPITAL if middle else 0.0
        mark = TextMark(
            x=rounded(x - shift),
            y=rounded(y - drop),
            text=text,
            face=face,
            size=size,
            color=color or self.colors.quiet,
        )
        self.labels.append(mark)

    def record(self) -> Drawing:
        """Return everything that was drawn, in the order in which it was."""
        renderer = RecordingRenderer(self.wide, self.high)
        self.draw(renderer)
        return Drawing(
            width=rounded(self.wide), height=rounded(self.high), marks=(*renderer.marks, *self.labels)
        )

    def _add(self, artist: PathPatch | Line2D) -> None:
        artist.set_zorder(len(self.artists))
        self.add_artist(artist)
