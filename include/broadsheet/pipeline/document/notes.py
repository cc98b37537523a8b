"""How footnotes are set: a short rule, and each note with its number."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.footnotes import anchor_of
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Span, plain
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import TextStyle, Theme

_LENGTH = 72.0
_INDENT = 14.0
_MOST_WHOLE = 300.0


class FootnoteRule(Flowable):  # type: ignore[misc]
    """A short hairline above the first note."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.spaceBefore, self.spaceAfter = 8.0, 4.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes."""
        self.width = aW
        return aW, 0.6

    def draw(self) -> None:
        """Draw the line."""
        with self.canv.artifact():
            self.canv.setStrokeColor(self.theme.rule)
            self.canv.setLineWidth(0.6)
            x = self.theme.from_start(0, _LENGTH, within=self.width)
            self.canv.line(x, 0.3, x + _LENGTH, 0.3)


class FootnoteLine(TextBlock):
    """A note, which the number in the text leads to."""

    def __init__(self, spans: Sequence[Span], style: TextStyle, *, number: int) -> None:
        self.note = Element("Note")
        super().__init__(
            spans, style, indent=_INDENT, mark=str(number), element=Element("P", parent=self.note)
        )
        self.number = number

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Return nothing, since a note stays whole; one that fills half a page is broken like text."""
        return [] if self.wrap(aW, aH)[1] < _MOST_WHOLE else list(super().split(aW, aH))

    def draw(self) -> None:
        """Draw the note, and make its place one that links lead to."""
        self.canv.mark_place(anchor_of(self.number)[1:], top=self.height)
        super().draw()

    def _draw_mark(self) -> None:
        with self.canv.tagged(Element("Lbl", parent=self.note)):
            mark = plain(self.mark, self.style, width=self.indent)
            x = self.width - self.indent if self.style.rtl else 0.0
            draw_lines(self.canv, mark, self.style, x=x, top=self.height, width=self.indent)
