"""The head of the first page: kicker, title, subtitle, and the facts that say what the report is about."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.utils import ImageReader
from reportlab.platypus.flowables import Flowable

from broadsheet.domain.theme import Masthead
from broadsheet.pipeline.document.elements import Element
from broadsheet.pipeline.document.figures import Notices
from broadsheet.pipeline.document.line_drawing import draw_lines
from broadsheet.pipeline.document.lines import Line, Span, plain
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import LogoPicture, Theme
from broadsheet.pipeline.formats import count_words
from broadsheet.pipeline.languages import capitals, say
from broadsheet.pipeline.payload import Payload

_PER_ROW = 4
_GAP = 16.0
MOST_NOTICES = 12
"""Shown at the head; the document's last page has the others."""
_BAND_FOOT = 16.0
"""From a band's lower edge to where text begins on other pages."""


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


class Band(Flowable):  # type: ignore[misc]
    """A band of colour across the paper's upper edge, with the name of who publishes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.spaceAfter = 4.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes; most of it lies in the margin."""
        self.width = aW
        return aW, 8.0

    def draw(self) -> None:
        """Draw the band, and the name or the logo on it."""
        canvas, theme = self.canv, self.theme
        x, y = canvas.absolutePosition(0, 0)
        height = theme.margin_top - _BAND_FOOT
        bottom = theme.page_height - height
        with canvas.artifact("Background"):
            canvas.setFillColor(theme.accent)
            canvas.rect(-x, bottom - y, theme.page_width, height, stroke=0, fill=1)
        if theme.logo is None and theme.brand:
            style = theme.headings[2].but(color=theme.paper, size=11.0, leading=14.0)
            top = bottom - y + (height + style.leading) / 2
            with canvas.tagged(Element("P")):
                line = plain(theme.brand, style, width=self.width, most=1)
                draw_lines(canvas, line, style, x=0, top=top, width=self.width)


class LogoLine(Flowable):  # type: ignore[misc]
    """The logo above the title."""

    def __init__(self, logo: LogoPicture) -> None:
        super().__init__()
        self.logo = logo
        self.spaceAfter = 10.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return the space it takes."""
        return aW, self.logo.height

    def draw(self) -> None:
        """Draw the picture."""
        logo = self.logo
        with self.canv.figure(Element("Figure", alt=logo.alt), (0, 0, logo.width, logo.height)):
            image = ImageReader(BytesIO(logo.data))
            self.canv.drawImage(image, 0, 0, logo.width, logo.height, mask="auto")


class Facts(Flowable):  # type: ignore[misc]
    """Labels and values between hairlines, up to four in a row."""

    def __init__(self, facts: Sequence[tuple[str, str]], theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.cells: list[tuple[list[Line], list[Line]]] = []
        self.facts = facts
        self.spaceAfter = 13.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Set the facts and return the space they take."""
        layouts = (self._set(aW, most) for most in range(_PER_ROW, 1, -1))
        whole = (cells for cells in layouts if all(len(value) == 1 for _, value in cells[0]))
        # Fewer in a row are better than one broken over two lines; what is too long for any is broken.
        self.cells, self.columns, room = next(whole, None) or self._set(aW, _PER_ROW)
        self.rows = [self.cells[at : at + self.columns] for at in range(0, len(self.cells), self.columns)]
        self.heights = [
            self.theme.label.leading + 1 + max(len(value) for _, value in row) * self.theme.fact.leading + 9
            for row in self.rows
        ]
        self.room = room
        self.width, self.height = aW, sum(self.heights) + 5
        return aW, self.height

    def _set(self, width: float, most: int) -> tuple[list[tuple[list[Line], list[Line]]], int, float]:
        """Set the facts, at most so many in a row; return them with the columns' number and width."""
        rows = -(-len(self.facts) // most)
        columns = -(-len(self.facts) // rows) if rows else 1
        room = (width - _GAP * (columns - 1)) / columns
        label, fact = self.theme.label, self.theme.fact
        cells = [
            (plain(name, label, width=room, most=1), plain(value, fact, width=room, most=4))
            for name, value in self.facts
        ]
        return cells, columns, room

    def draw(self) -> None:
        """Draw rules and facts."""
        self._draw_rules()
        canvas, top = self.canv, self.height
        with canvas.group(Element("L", numbering="None")):
            for row, height in zip(self.rows, self.heights, strict=True):
                for number, (label, value) in enumerate(row):
                    x = self.theme.from_start(number * (self.room + _GAP), self.room, within=self.width)
                    with canvas.group(Element("LI")):
                        with canvas.tagged(Element("Lbl")):
                            draw_lines(canvas, label, self.theme.label, x=x, top=top - 6, width=self.room)
                        with canvas.tagged(Element("LBody")):
                            draw_lines(
                                canvas,
                                value,
                                self.theme.fact,
                                x=x,
                                top=top - 7 - self.theme.label.leading,
                                width=self.room,
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
    "day": "Daily report",
    "week": "Weekly report",
    "month": "Monthly report",
    "quarter": "Quarterly report",
    "year": "Yearly report",
}


def kicker_of(payload: Payload) -> str:
    """Return the line above the title."""
    return capitals(say(payload.locale, _KICKERS.get(payload.period.kind, "Report")), payload.locale)


def facts_of(payload: Payload) -> list[tuple[str, str]]:
    """Return label and value of what the report is about."""
    locale = payload.locale
    facts = [(say(locale, "Period"), payload.period.label), (say(locale, "Time zone"), payload.period.zone)]
    if payload.previous_period and payload.compared:
        facts.append((say(locale, "Compared with"), payload.previous_period.label))
    if payload.data_as_of_display:
        facts.append((say(locale, "Data as of"), payload.data_as_of_display))
    return [*facts, *((part.label, part.display) for part in payload.parameters)]


def build_notices(payload: Payload, theme: Theme) -> list[Flowable]:
    """Return what a reader must know before reading on."""
    shown, more = payload.notices[:MOST_NOTICES], len(payload.notices) - MOST_NOTICES
    if more > 0:
        shown = (
            *shown,
            count_words(
                payload.locale,
                "{count} more of these stands on the last page.",
                "{count} more of these stand on the last page.",
                more,
            ),
        )
    return [Notices(shown, theme)] if shown else []


def build_masthead(payload: Payload, theme: Theme) -> list[Flowable]:
    """Return what opens a document without a cover."""
    story: list[Flowable] = [
        Band(theme) if theme.masthead is Masthead.BAND else TopRule(theme),
        *([LogoLine(theme.logo)] if theme.logo else []),
        TextBlock([Span(kicker_of(payload), theme.kicker.face)], theme.kicker, most=1),
        TextBlock([Span(payload.title, theme.title.face)], theme.title, outline=0, most=4),
    ]
    if payload.subtitle:
        story.append(TextBlock([Span(payload.subtitle, theme.subtitle.face)], theme.subtitle, most=4))
    story.append(Facts(facts_of(payload), theme))
    return [*story, *build_notices(payload, theme)]


def build_empty_page(payload: Payload, theme: Theme) -> list[Flowable]:
    """Return the body of a document whose period has no data."""
    heading = theme.headings[0].but(space_before=60)
    locale = payload.locale
    words = say(
        locale,
        "The source holds no rows for {period} ({zone}) with the parameters above, so there is nothing to "
        "count, draw or list.",
        period=payload.period.label,
        zone=payload.period.zone,
    )
    advice = say(
        locale,
        "Check the parameters, or ask for another period. A later run for the same period will show data "
        "that arrives in the meantime.",
    )
    return [
        TextBlock([Span(say(locale, "No data for this period"), heading.face)], heading, outline=1),
        TextBlock([Span(words, theme.lead.face)], theme.lead),
        TextBlock([Span(advice, theme.body.face, theme.quiet)], theme.body),
    ]
