"""Call-outs: words that a reader must not miss, on a tinted ground with a coloured edge."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from reportlab.lib.colors import Color
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.cell_marks import mixed
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.layout import cut_stack, draw_stack, stack_height
from broadsheet.pipeline.document.theme import Theme

_PAD_LEFT, _PAD_RIGHT, _PAD_Y = 14.0, 12.0, 8.0
_EDGE = 2.4


class Tone(StrEnum):
    """What a call-out is; ``> [!warning]`` in a page."""

    NOTE = "note"
    GOOD = "good"
    WARNING = "warning"


def edge_color(tone: Tone, theme: Theme) -> Color:
    """Return the colour of a call-out's edge and title."""
    return {Tone.NOTE: theme.accent, Tone.GOOD: theme.good, Tone.WARNING: theme.warn}[tone]


class Callout(Flowable):  # type: ignore[misc]
    """Flowables on a tinted ground. It is broken between pages like text, each part on its own ground."""

    def __init__(
        self, tone: Tone, content: Sequence[Flowable], *, theme: Theme, element: Element | None = None
    ) -> None:
        super().__init__()
        self.element = element or Element("Div")
        self.tone = tone
        self.content = list(content)
        self.theme = theme
        self.spaceBefore, self.spaceAfter = 6.0, 12.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes."""
        self.width, self.room = aW, aW - _PAD_LEFT - _PAD_RIGHT
        self.height = stack_height(self.content, self.room) + 2 * _PAD_Y
        return aW, self.height

    def start_height(self, width: float) -> float:
        """Return the least height that a page must have left for this to start on it."""
        return min(self.wrap(width, 0)[1], 60.0)

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Return the part that fits a height and the rest, or nothing when too little fits."""
        room = aW - _PAD_LEFT - _PAD_RIGHT
        fits, rest = cut_stack(self.content, room, aH - 2 * _PAD_Y)
        # Its title alone is no beginning.
        if not rest or not fits or fits == self.content[:1]:
            return []
        return [Callout(self.tone, part, theme=self.theme, element=self.element) for part in (fits, rest)]

    def draw(self) -> None:
        """Draw the ground, its edge and what stands on it."""
        canvas, theme = self.canv, self.theme
        color = edge_color(self.tone, theme)
        with canvas.artifact("Background"):
            canvas.setFillColor(theme.ground if self.tone is Tone.NOTE else mixed(theme.paper, color, 0.09))
            canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
            canvas.setFillColor(color)
            edge = theme.from_start(0, _EDGE, within=self.width)
            canvas.rect(edge, 0, _EDGE, self.height, stroke=0, fill=1)
        with canvas.group(self.element):
            x = theme.from_start(_PAD_LEFT, self.room, within=self.width)
            draw_stack(canvas, self.content, x=x, top=self.height - _PAD_Y, width=self.room)
