"""A matplotlib renderer that records what is drawn as marks of a :class:`Drawing`, instead of painting it.

Text never comes here: it is set by :class:`broadsheet.pipeline.charts.sheet.Sheet`, in the document's fonts.
Pictures, hatches and gradients are not covered, and no chart here uses them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform, Transform

from broadsheet.pipeline.document.drawing import Mark, PathMark

# Far outside of any page; a coordinate beyond it would only be written with an exponent, which PDF has not.
_FAR = 20_000.0
_IDENTITY = IdentityTransform()


class RecordingRenderer(RendererBase):
    """Records paths in points; one pixel is one point."""

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
        stroked = gc.get_linewidth() > 0 and gc.get_alpha() != 0 and gc.get_rgb()[3] > 0
        filled = rgbFace is not None and (len(rgbFace) < 4 or rgbFace[3] > 0)
        outline = operators(path, transform)
        if not outline or not (stroked or filled):
            return
        alpha = gc.get_alpha() if gc.get_forced_alpha() else rgbFace[3] if filled and len(rgbFace) == 4 else 1
        window = gc.get_clip_rectangle()
        dashes: Any = gc.get_dashes()[1]
        self.marks.append(
            PathMark(
                path=outline,
                fill=to_hex(rgbFace) if filled else None,
                stroke=to_hex(gc.get_rgb()) if stroked else None,
                width=rounded(gc.get_linewidth()),
                dash=tuple(rounded(length) for length in dashes) if dashes is not None else (),
                round_cap=gc.get_capstyle() == "round",
                alpha=rounded(1.0 if alpha is None else alpha),
                clip=None if window is None else tuple(rounded(side) for side in window.bounds),
            )
        )

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Outline,
        marker_trans: Transform,
        path: Outline,
        trans: Transform,
        rgbFace: Any = None,  # noqa: N803 - matplotlib's signature
    ) -> None:
        """Record all markers of a series as one outline, each painted by itself."""
        shape = marker_trans.transform_path(marker_path)
        places = trans.transform(path.vertices)
        outline = np.concatenate([shape.vertices + place for place in places])
        codes = np.tile(np.asarray(shape.codes), len(places))
        before = len(self.marks)
        self.draw_path(gc, Outline(outline, codes), _IDENTITY, rgbFace)
        self.marks[before:] = [mark.model_copy(update={"apart": True}) for mark in self.marks[before:]]


def rounded(number: float) -> float:
    """Return a length in hundredths of a point."""
    # Adding zero turns -0.0 into 0.0, which would be other bytes for the same picture.
    return round(float(number), 2) + 0.0


def operators(path: Outline, transform: Transform) -> str:
    """Write an outline in PDF's operators; what is no number is a gap."""
    if not np.isfinite(path.vertices).all():
        path = path.cleaned(remove_nans=True)
    vertices = np.clip(transform.transform(path.vertices), -_FAR, _FAR)
    points = [f"{x:g} {y:g}" for x, y in (np.round(vertices, 2) + 0.0).tolist()]
    codes = (
        [Outline.MOVETO] + [Outline.LINETO] * (len(points) - 1)
        if path.codes is None
        else np.asarray(path.codes).tolist()
    )
    written: list[str] = []
    at = 0
    while at < len(points):
        code = codes[at]
        if code == Outline.CURVE3:
            written.append(_cubic(vertices[at - 1 : at + 2]))
            at += 2
        elif code == Outline.CURVE4:
            written.append(f"{points[at]} {points[at + 1]} {points[at + 2]} c")
            at += 3
        else:
            if code != Outline.STOP:
                written.append("h" if code == Outline.CLOSEPOLY else points[at] + _LETTERS[code])
            at += 1
    return " ".join(written)


def _cubic(quadratic: Any) -> str:
    """Write the cubic curve that equals a quadratic one."""
    start, control, end = quadratic
    points = (start + 2 / 3 * (control - start), end + 2 / 3 * (control - end), end)
    return " ".join(f"{rounded(x):g} {rounded(y):g}" for x, y in points) + " c"


_LETTERS = {Outline.MOVETO: " m", Outline.LINETO: " l"}
