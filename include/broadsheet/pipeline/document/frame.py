"""Pages: the frame that flowables fill, where pages break, and the file's metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Protocol, runtime_checkable

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import BaseDocTemplate
from reportlab.platypus.flowables import CondPageBreak, Flowable

from broadsheet.pipeline.document.canvas import Colophon, ReportCanvas
from broadsheet.pipeline.document.contents import Contents
from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.page_notes import (
    NoteFrame,
    NotePage,
    Notes,
    NotesLeft,
    notes_height,
    notes_named,
    take_notes,
)
from broadsheet.pipeline.document.pen import missing_characters
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.theme import Theme

_INTRODUCTION = 80.0


class _PageBreakUnless(CondPageBreak):  # type: ignore[misc]
    """Starts a page unless a height is left; it takes no part in the spacing of its neighbours."""

    _ZEROSIZE = True
    _SPACETRANSFER = True

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - reportlab's signature
        """Ask for the break, unless the page is full to within the space after its last part.

        Reportlab puts this off to the next page then, and a break asked for here would leave that one blank.
        """
        return (0.0, 0.0) if aH < 0 else super().wrap(aW, aH)


@runtime_checkable
class _Starts(Protocol):
    """A flowable that may be split over pages, but not before its start."""

    def start_height(self, width: float) -> float: ...
    def getSpaceBefore(self) -> float: ...  # noqa: N802 - reportlab's name


def keep_starts(story: Sequence[Flowable], theme: Theme, notes: Notes) -> list[Flowable]:
    """Return the story with page breaks where a heading would otherwise stand without what it heads.

    ``notes`` stand at the foot of the page with what names them.
    """
    kept: list[Flowable] = []
    for number, flowable in enumerate(story):
        if _is_heading(flowable):
            previous = number > 0 and _is_heading(story[number - 1])
            if not previous:
                kept.append(_PageBreakUnless(_needed(story[number:], theme, notes)))
        elif isinstance(flowable, _Starts) and not (number and _is_heading(story[number - 1])):
            kept.append(_PageBreakUnless(flowable.start_height(theme.content_width)))
        kept.append(flowable)
    return kept


def _is_heading(flowable: Flowable) -> bool:
    return isinstance(flowable, TextBlock) and flowable.outline is not None


def _needed(story: Sequence[Flowable], theme: Theme, notes: Notes) -> float:
    """Return the height of the headings that a story starts with and of the start of what follows them."""
    height, width = 0.0, theme.content_width
    named: list[int] = []
    for number, flowable in enumerate(story):
        # A few lines of introduction are kept together with the table or figure that they introduce.
        short = isinstance(flowable, TextBlock) and flowable.wrap(width, 0)[1] < _INTRODUCTION
        introduces = short and number + 1 < len(story) and not isinstance(story[number + 1], TextBlock)
        named += notes_named(flowable, at_start=not introduces)
        if _is_heading(flowable) or introduces:
            height += flowable.wrap(width, 0)[1] + flowable.getSpaceBefore() + flowable.getSpaceAfter()
            continue
        if isinstance(flowable, _Starts):
            height += flowable.start_height(width) + flowable.getSpaceBefore()
        break
    height += notes_height([notes[one] for one in dict.fromkeys(named) if one in notes], theme)
    return float(min(height, theme.content_height))


@dataclass(frozen=True)
class Written:
    """A written document; ``places`` has the page of each named place, ``missing`` what no font has."""

    data: bytes
    pages: int
    places: Mapping[str, int]
    missing: tuple[str, ...] = ()


def write_document(
    story: Sequence[Flowable], colophon: Colophon, *, theme: Theme, tagged: bool = True
) -> tuple[bytes, int]:
    """Set a story on pages and return the file and its number of pages. Equal input gives equal bytes.

    Untagged, nothing says what the parts are: for measuring what that costs.
    """
    written = write_pages(story, colophon, theme=theme, tagged=tagged)
    return written.data, written.pages


def write_pages(
    story: Sequence[Flowable], colophon: Colophon, *, theme: Theme, tagged: bool = True
) -> Written:
    """Set a story on pages, as :func:`write_document` does, and return what is known of them."""
    # Set here because reportlab reads it while writing, and nowhere takes it as an argument.
    rl_config.useA85 = 0
    buffer = BytesIO()
    pages = 0
    places: dict[str, int] = {}
    canvases: list[ReportCanvas] = []

    def make_canvas(target: BytesIO, **options: Any) -> ReportCanvas:
        canvas = ReportCanvas(target, colophon=colophon, theme=theme, tagged=tagged, **options)
        canvas.setViewerPreference("DisplayDocTitle", "true")
        _date(canvas, colophon.made_for)
        canvas.setPageCallBack(count_page)
        canvas.places = places
        canvases.append(canvas)
        return canvas

    def count_page(number: int) -> None:
        nonlocal pages
        pages = number

    for flowable in story:
        if isinstance(flowable, Contents):
            flowable.fill(story)
    body, notes = take_notes(story)
    document = _blank_document(buffer, colophon, theme, notes)
    # Behind a page break, even what takes no room would begin a page.
    end = [NotesLeft()] if notes else []
    document.build([*keep_starts(body, theme, notes), *end], canvasmaker=make_canvas)
    missing = {name for canvas in canvases for name in missing_characters(canvas._doc)}
    return Written(buffer.getvalue(), pages, places, tuple(sorted(missing)))


def _blank_document(buffer: BytesIO, colophon: Colophon, theme: Theme, notes: Notes) -> BaseDocTemplate:
    """Return a document of one-column pages, with its metadata."""
    document = BaseDocTemplate(
        buffer,
        pagesize=(theme.page_width, theme.page_height),
        invariant=1,
        pageCompression=1,
        lang=colophon.language,
        initialFontName=Face.SANS.value,
        allowSplitting=1,
        title=colophon.title,
        author=colophon.author,
        subject=colophon.subject,
        creator="Broadsheet",
        producer="Broadsheet",
    )
    document.addPageTemplates(NotePage(NoteFrame(theme, notes)))
    return document


def _date(canvas: Canvas, moment: datetime) -> None:
    """Date the file by its period: its true time of making would make each build another file."""
    stamp = canvas._doc._timeStamp
    utc = moment.astimezone(UTC)
    stamp.t, stamp.lt = utc.timestamp(), utc.timetuple()
    stamp.YMDhms, stamp.dhh, stamp.dmm, stamp.tzname = tuple(stamp.lt)[:6], 0, 0, "UTC"
