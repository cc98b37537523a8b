"""The head of the first page: kicker, title, subtitle, and the facts that say what the report is about."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.figures import Notices
from broadsheet.pipeline.document.structure import Element
from broadsheet.pipeline.document.text import Line, Span, TextBlock, draw_lines, plain
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.payload import Payload

_PER_ROW = 4
_GAP = 16.0


class TopRule(Flowable):  # type: ignore[misc]
    """The heavy and the light rule that open the first page."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.spaceAfter = 11.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes."""
        self.width = aW
        return aW, 6.0

    def draw(self) -> None:
        """Draw the rules."""
        canvas = self.canv
        with canvas.artifact():
            canvas.setStrokeColor(self.theme.ink)
            canvas.setLineWidth(3)
            canvas.line(0, 4.5, self.width, 4.5)
            canvas.setLineWidth(0.5)
            canvas.line(0, 0.5, self.width, 0.5)


class Facts(Flowable):  # type: ignore[misc]
    """Labels and values between hairlines, up to four in a row."""

    def __init__(self, facts: Sequence[tuple[str, str]], theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        rows = -(-len(facts) // _PER_ROW)
        self.columns = -(-len(facts) // rows) if rows else 1
        self.facts = facts
        self.spaceAfter = 13.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the facts and return the space they take."""
        room = (aW - _GAP * (self.columns - 1)) / self.columns
        self.cells: list[tuple[list[Line], list[Line]]] = [
            (
                plain(label, self.theme.label, width=room, most=1),
                plain(value, self.theme.fact, width=room, most=4),
            )
            for label, value in self.facts
        ]
        self.rows = [self.cells[at : at + self.columns] for at in range(0, len(self.cells), self.columns)]
        self.heights = [
            self.theme.label.leading + 1 + max(len(value) for _, value in row) * self.theme.fact.leading + 9
            for row in self.rows
        ]
        self.room = room
        self.width, self.height = aW, sum(self.heights) + 5
        return aW, self.height

    def draw(self) -> None:
        """Draw rules and facts."""
        self._draw_rules()
        canvas, top = self.canv, self.height
        with canvas.group(Element("L", numbering="None")):
            for row, height in zip(self.rows, self.heights, strict=True):
                for number, (label, value) in enumerate(row):
                    x = number * (self.room + _GAP)
                    with canvas.group(Element("LI")):
                        with canvas.tagged(Element("Lbl")):
                            draw_lines(canvas, label, self.theme.label, x=x, top=top - 6)
                        with canvas.tagged(Element("LBody")):
                            draw_lines(
                                canvas, value, self.theme.fact, x=x, top=top - 7 - self.theme.label.leading
                            )
                top -= height

    def _draw_rules(self) -> None:
        canvas, top = self.canv, self.height
        with canvas.artifact():
            canvas.setStrokeColor(self.theme.rule)
            canvas.setLineWidth(0.6)
            for height in self.heights:
                canvas.line(0, top - 0.3, self.width, top - 0.3)
                top -= height
            canvas.line(0, 0.3, self.width, 0.3)


_KICKERS = {
    "day": "DAILY REPORT",
    "week": "WEEKLY REPORT",
    "month": "MONTHLY REPORT",
    "quarter": "QUARTERLY REPORT",
    "year": "YEARLY REPORT",
}


def _kicker(payload: Payload) -> str:
    return _KICKERS.get(payload.period.kind, "REPORT")


def build_masthead(payload: Payload, theme: Theme) -> list[Flowable]:
    """Return what opens the document."""
    facts = [("Period", payload.period.label), ("Time zone", payload.period.zone)]
    if payload.previous_period:
        facts.append(("Compared with", payload.previous_period.label))
    if payload.data_as_of_display:
        facts.append(("Data as of", payload.data_as_of_display))
    facts += [(part.label, part.display) for part in payload.parameters]
    story: list[Flowable] = [
        TopRule(theme),
        TextBlock([Span(_kicker(payload), theme.kicker.face)], theme.kicker, most=1),
        TextBlock([Span(payload.title, theme.title.face)], theme.title, outline=0, most=4),
    ]
    if payload.subtitle:
        story.append(TextBlock([Span(payload.subtitle, theme.subtitle.face)], theme.subtitle, most=4))
    story.append(Facts(facts, theme))
    if payload.notices:
        story.append(Notices(payload.notices[:12], theme))
    return story


def build_empty_page(payload: Payload, theme: Theme) -> list[Flowable]:
    """Return the body of a document whose period has no data."""
    heading = theme.headings[0].but(space_before=60)
    words = (
        f"The source holds no rows for {payload.period.label} ({payload.period.zone}) with the parameters "
        "above, so there is nothing to count, draw or list."
    )
    advice = (
        "Check the parameters, or ask for another period. A later run for the same period will show data "
        "that arrives in the meantime."
    )
    return [
        TextBlock([Span("No data for this period", heading.face)], heading, outline=1),
        TextBlock([Span(words, theme.lead.face)], theme.lead),
        TextBlock([Span(advice, theme.body.face, theme.quiet)], theme.body),
    ]
