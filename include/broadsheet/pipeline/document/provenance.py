"""The end of every document: where its numbers come from, how it was made, and what is missing in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.layout import stack_height
from broadsheet.pipeline.document.masthead import Facts, facts_of
from broadsheet.pipeline.document.text import Span, TextBlock
from broadsheet.pipeline.document.text_table import TextTable
from broadsheet.pipeline.document.theme import TextStyle, Theme
from broadsheet.pipeline.payload import ChartPart, Payload

_SHOWN_DIGITS = 16
_MOST_FAULTS = 20
_ABOVE = 40.0


@dataclass(frozen=True)
class Making:
    """How a document was made, in words; nothing of it comes from the clock."""

    facts: tuple[tuple[str, str], ...]
    run: str = ""
    """The run's id, where it is one that the ledger knows."""


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


def build_provenance(payload: Payload, making: Making, theme: Theme) -> list[Flowable]:
    """Return the flowables of the last page."""
    heading, body = theme.headings[1], theme.body
    story: list[Flowable] = [
        TextBlock([Span("About this report", heading.face)], heading, outline=1),
    ]
    story += [_subheading("What was asked for", theme), Facts(facts_of(payload), theme)]
    if payload.provenance.datasets:
        story += [_subheading("Where the data comes from", theme), _sources(payload, theme)]
    missing = missing_parts(payload)
    story += [_subheading("How it was made", theme), Facts(making.facts, theme)]
    if making.run:
        note = theme.figure_note
        story.append(TextBlock([Span(f"Run {making.run}", note.face)], note))
    story.append(_subheading("What could not be shown", theme))
    if not missing:
        story.append(TextBlock([Span("Nothing is missing.", body.face)], body))
    for fault in missing[:_MOST_FAULTS]:
        story.append(_item(fault, body))
    if len(missing) > _MOST_FAULTS:
        story.append(_item(f"and {len(missing) - _MOST_FAULTS} more", body))
    return [Together(story, most=0.9 * theme.content_height), *story]


def missing_parts(payload: Payload) -> list[str]:
    """Return what a reader could miss: pictures, charts without numbers, tables without rows."""
    found = list(payload.provenance.faults)
    if payload.empty:
        return found
    for chart in payload.charts.values():
        if not _has_values(chart):
            found.append(f"Chart “{chart.title}”: there is no data for it in this period.")
    for table in payload.tables.values():
        if not table.rows:
            found.append(f"Table “{table.title}”: there are no rows for it in this period.")
    return found


def _has_values(chart: ChartPart) -> bool:
    """Tell whether there is anything to draw: in its own series, in those of small charts, or boxes."""
    series = [*chart.series, *(one for panel in chart.panels for one in panel.series)]
    boxes = any(spread.median is not None for spread in chart.spreads)
    return boxes or any(value is not None for one in series for value in one.values)


def _subheading(words: str, theme: Theme) -> TextBlock:
    style = theme.headings[2]
    return TextBlock([Span(words, style.face)], style)


def _item(words: str, style: TextStyle) -> TextBlock:
    return TextBlock([Span(words, style.face)], style.but(space_after=3.0), indent=14, mark="•")


def _sources(payload: Payload, theme: Theme) -> TextTable:
    def cell(words: str) -> list[Span]:
        return [Span(words, theme.cell.face)]

    labels = ("Dataset", "Rows", "Query", "Query, SHA-256", "Data, SHA-256")
    head = [[Span(words, theme.cell_head.face)] for words in labels]
    rows = [
        [
            cell(part.name),
            cell(f"{part.rows:,}"),
            cell(part.sql),
            cell(part.query_sha256[:_SHOWN_DIGITS] or "–"),
            cell(part.sha256[:_SHOWN_DIGITS] or "–"),
        ]
        for part in payload.provenance.datasets
    ]
    return TextTable(head, rows, right=(False, True, False, False, False), theme=theme)
