"""The end of every document: where its numbers come from, how it was made, and what is missing in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.layout import stack_height
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.masthead import MOST_NOTICES, Facts, facts_of
from broadsheet.pipeline.document.pen import missing_characters
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.text_table import TextTable
from broadsheet.pipeline.document.theme import TextStyle, Theme
from broadsheet.pipeline.formats import count_words, format_count
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import Payload, is_drawable

_SHOWN_DIGITS = 16
_MOST_FAULTS = 20
_ABOVE = 40.0


class Together(Flowable):  # type: ignore[misc]
    """Takes no room, but asks for as much as what follows it needs: where it is not left, a page begins."""

    _ZEROSIZE = True

    def __init__(self, following: Sequence[Flowable], *, most: float) -> None:
        super().__init__()
        self.following = list(following)
        self.most = most

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return no space."""
        return 0.0, 0.0

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left."""
        return min(stack_height(self.following, width) + _ABOVE, self.most)

    def draw(self) -> None:
        """Draw nothing."""


class MissingCharacters(TextBlock):
    """Says which characters no font has. It stands last, so that all text has been drawn when it is set."""

    def __init__(self, style: TextStyle, *, alone: bool, locale: str) -> None:
        super().__init__([], style)
        self.alone = alone
        self.locale = locale

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - reportlab's signature
        """Set the words for what is known now, and return the space they take."""
        canvas: Canvas | None = getattr(self, "canv", None)
        missing = missing_characters(canvas._doc) if canvas is not None else []
        words = say(self.locale, "Nothing is missing.") if self.alone else ""
        if missing:
            listed = ", ".join(missing[:_MOST_FAULTS]) + (" …" if len(missing) > _MOST_FAULTS else "")
            words = say(
                self.locale, "Characters that no font has are shown as boxes: {listed}.", listed=listed
            )
        self.spans, self.lines = [Span(words, self.style.face)] if words else [], None
        return super().wrap(aW, aH)


def build_provenance(
    payload: Payload,
    making: Sequence[tuple[str, str]],
    theme: Theme,
    *,
    placed: Collection[tuple[str, str]] | None = None,
    left_out: Sequence[str] = (),
) -> list[Flowable]:
    """Return the flowables of the last page; ``making`` says how the document was made, in pairs.

    ``placed`` are the figures and tables that the page asks for, as ``(group, name)``; all where it is None.
    ``left_out`` says what had no room where it should stand.
    """
    heading, body, locale = theme.headings[1], theme.body, theme.locale
    story: list[Flowable] = [
        TextBlock([Span(say(locale, "About this report"), heading.face)], heading, outline=1),
    ]
    story += [_subheading("What was asked for", theme), Facts(facts_of(payload), theme)]
    if payload.provenance.datasets:
        story += [_subheading("Where the data comes from", theme), _sources(payload, theme)]
    if payload.provenance.credit:
        credit = theme.figure_note.but(space_after=12.0)
        story.append(TextBlock([Span(payload.provenance.credit, credit.face)], credit))
    story += [_subheading("How it was made", theme), Facts(making, theme)]
    missing = [*missing_parts(payload, placed), *left_out]
    story.append(_subheading("What could not be shown", theme))
    story += [_item(fault, body) for fault in missing[:_MOST_FAULTS]]
    if len(missing) > _MOST_FAULTS:
        story.append(
            _item(
                count_words(locale, "and {count} more", "and {count} more", len(missing) - _MOST_FAULTS), body
            )
        )
    story.append(MissingCharacters(body, alone=not missing, locale=locale))
    return [Together(story, most=0.9 * theme.content_height), *story]


def missing_parts(payload: Payload, placed: Collection[tuple[str, str]] | None = None) -> list[str]:
    """Return what a reader could miss: pictures, charts without numbers, tables without rows.

    What the page does not ask for, by a condition or at all, nobody misses.
    """
    found = [*payload.provenance.faults, *payload.notices[MOST_NOTICES:]]
    if payload.empty:
        return found
    for name, chart in payload.charts.items():
        if placed is not None and ("charts", name) not in placed:
            continue
        if chart.empty:
            words = "Chart “{title}”: {reason}."
            found.append(say(payload.locale, words, title=chart.title, reason=chart.empty))
        elif not is_drawable(chart):
            words = "Chart “{title}”: there is no data for it in this period."
            found.append(say(payload.locale, words, title=chart.title))
    for name, table in payload.tables.items():
        if not table.rows and (placed is None or ("tables", name) in placed):
            words = "Table “{title}”: there are no rows for it in this period."
            found.append(say(payload.locale, words, title=table.title))
    return found


def _subheading(words: str, theme: Theme) -> TextBlock:
    style = theme.headings[2]
    return TextBlock([Span(say(theme.locale, words), style.face)], style)


def _item(words: str, style: TextStyle) -> TextBlock:
    return TextBlock([Span(words, style.face)], style.but(space_after=3.0), indent=14, mark="•")


def _sources(payload: Payload, theme: Theme) -> TextTable:
    def cell(words: str) -> list[Span]:
        return [Span(words, theme.cell.face)]

    labels = ("Dataset", "Rows", "Query", "Query, SHA-256", "Data, SHA-256")
    head = [[Span(say(theme.locale, words), theme.cell_head.face)] for words in labels]
    rows = [
        [
            cell(part.name),
            cell(format_count(part.rows, locale=theme.locale)),
            cell(part.sql),
            cell(part.query_sha256[:_SHOWN_DIGITS] or "–"),
            cell(part.sha256[:_SHOWN_DIGITS] or "–"),
        ]
        for part in payload.provenance.datasets
    ]
    return TextTable(head, rows, right=(False, True, False, False, False), theme=theme)
