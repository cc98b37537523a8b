"""Footnotes at the foot of the page on which they are named.

A frame that a flowable is added to asks which notes it names, and keeps room for them below everything else.
What does not fit with its notes goes to the next page or is split. Where even an empty page has no room for
both, the notes stand at the foot of the next page.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.doctemplate import BaseDocTemplate, FrameActionFlowable, PageTemplate
from reportlab.platypus.flowables import Flowable, PageBreak
from reportlab.platypus.frames import Frame

from broadsheet.pipeline.document.callouts import Callout
from broadsheet.pipeline.document.footnotes import number_of
from broadsheet.pipeline.document.layout import Columns, draw_stack, stack_height
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.notes import FootnoteLine, FootnoteRule
from broadsheet.pipeline.document.text import TextBlock
from broadsheet.pipeline.document.text_table import TextTable
from broadsheet.pipeline.document.theme import Theme

_ABOVE = 10.0
"""Points between the words of a page and the rule above its notes."""
_MOST_LEFT = 0.5
"""Share of a page that notes left over from the one before may take."""
_STARTING_LINES = 2

Notes = Mapping[int, FootnoteLine]


class PageNotes(Flowable):  # type: ignore[misc]
    """The notes of a story, by their numbers; it takes no room, and is taken out before the story is set."""

    _ZEROSIZE = True

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes = dict(notes)

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - reportlab's signature
        """Return that it takes no space."""
        return 0.0, 0.0

    def draw(self) -> None:
        """Draw nothing."""


def take_notes(story: Sequence[Flowable]) -> tuple[list[Flowable], dict[int, FootnoteLine]]:
    """Return a story without its notes, and these."""
    notes = {
        number: line for one in story if isinstance(one, PageNotes) for number, line in one.notes.items()
    }
    return [one for one in story if not isinstance(one, PageNotes)], notes


def notes_named(flowable: Flowable, *, at_start: bool = False) -> list[int]:
    """Return the numbers of the notes that a flowable names, in order; or those named where it starts."""
    numbers = (number_of(span.link) for span in _spans(flowable, at_start=at_start) if span.link)
    return list(dict.fromkeys(number for number in numbers if number is not None))


def _spans(flowable: Flowable, *, at_start: bool) -> Iterator[Span]:
    match flowable:
        case TextBlock(lines=None):
            yield from flowable.spans
        case TextBlock():
            lines = flowable.lines or []
            for line in lines[:_STARTING_LINES] if at_start else lines:
                yield from line.pieces
        case TextTable():
            yield from flowable.spans()
        case Callout():
            for part in flowable.content:
                yield from _spans(part, at_start=at_start)
        case Columns():
            for stack in flowable.stacks:
                for part in stack:
                    yield from _spans(part, at_start=at_start)


def notes_height(notes: Sequence[FootnoteLine], theme: Theme) -> float:
    """Return the room that notes take at the foot of a page, with their rule."""
    if not notes:
        return 0.0
    return _ABOVE + stack_height([FootnoteRule(theme), *notes], theme.content_width)


class NoteFrame(Frame):  # type: ignore[misc]
    """The frame of a page, whose foot rises with the notes that its flowables name."""

    def __init__(self, theme: Theme, notes: Notes) -> None:
        self.theme = theme
        self.notes = notes
        # The notes of this page, those that wait for the next one, and all that have their place.
        self.here: list[FootnoteLine] = []
        self.later: list[FootnoteLine] = []
        self.placed: set[int] = set()
        super().__init__(
            theme.margin_x,
            theme.margin_bottom,
            theme.content_width,
            theme.content_height,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )

    def _reset(self) -> None:
        """Begin a page, with what the one before had no room for at its foot."""
        super()._reset()
        self.here = []
        most = _MOST_LEFT * self.theme.content_height
        while self.later and (not self.here or notes_height([*self.here, self.later[0]], self.theme) <= most):
            self.here.append(self.later.pop(0))
        self._keep_room()

    def _keep_room(self, new: Sequence[int] = ()) -> None:
        """Put the frame's foot above the page's notes, and above new ones."""
        lines = [*self.here, *(self.notes[number] for number in new)]
        self._y1p = self.theme.margin_bottom + notes_height(lines, self.theme)

    def _new(self, flowable: Flowable) -> list[int]:
        """Return the notes that a flowable names first."""
        return [
            number for number in notes_named(flowable) if number in self.notes and number not in self.placed
        ]

    def add(self, flowable: Flowable, canv: Canvas, trySplit: int = 0) -> int:  # noqa: N803 - reportlab's name
        """Draw a flowable where there is room for it and its notes; return 0 where there is not."""
        new = self._new(flowable)
        if not new:
            return int(self._add(flowable, canv, trySplit=trySplit))
        self._keep_room(new)
        if self._add(flowable, canv, trySplit=1):
            self.here += [self.notes[number] for number in new]
            self.placed.update(new)
            return 1
        self._keep_room()
        if not self._atTop or (trySplit and self.split(flowable, canv)):
            return 0
        # Not even a page of its own has room for both.
        if not self._add(flowable, canv, trySplit=trySplit):
            return 0
        self.later += [self.notes[number] for number in new]
        self.placed.update(new)
        return 1

    def split(self, flowable: Flowable, canv: Canvas) -> list[Flowable]:
        """Return the part of a flowable that fits together with the notes that it names, and the rest."""
        new = self._new(flowable)
        if not new:
            return list(super().split(flowable, canv))
        # The more notes have room, the fewer the part names: the first that is enough is found by halving.
        found = bisect_left(
            range(len(new)), True, key=lambda count: self._suffice(new[:count], flowable, canv)
        )
        self._keep_room(new[:found])
        parts: list[Flowable] = super().split(flowable, canv)
        self._keep_room()
        if parts or not self._atTop:
            return parts
        return list(super().split(flowable, canv))

    def _suffice(self, kept: Sequence[int], flowable: Flowable, canv: Canvas) -> bool:
        """Whether room for some notes is enough for those of the part that fits beside it."""
        self._keep_room(kept)
        foot = self._y1p
        parts = super().split(flowable, canv)
        if not parts:
            return True
        self._keep_room(self._new(parts[0]))
        return bool(self._y1p <= foot + 0.01)

    def draw_notes(self, canvas: Canvas) -> None:
        """Draw the page's notes at its foot."""
        if not self.here:
            return
        height = notes_height(self.here, self.theme)
        draw_stack(
            canvas,
            [FootnoteRule(self.theme), *self.here],
            x=self.theme.margin_x,
            top=self.theme.margin_bottom + height - _ABOVE,
            width=self.theme.content_width,
        )


class NotePage(PageTemplate):  # type: ignore[misc]
    """A page with notes at its foot."""

    def __init__(self, frame: NoteFrame) -> None:
        super().__init__(id="page", frames=[frame])
        self.frame = frame

    def afterDrawPage(self, canv: Canvas, doc: BaseDocTemplate) -> None:  # noqa: ARG002, N802 - reportlab's name
        """Draw the notes, which are read after all else on the page."""
        self.frame.draw_notes(canv)


class NotesLeft(FrameActionFlowable):  # type: ignore[misc]
    """The end of a story: notes that still have no place get further pages."""

    def __init__(self) -> None:
        # Reportlab's own is for its subclasses to leave out.
        Flowable.__init__(self)

    def frameAction(self, frame: NoteFrame) -> None:  # noqa: N802 - reportlab's name
        """Ask for another page where one is needed."""
        if frame.later:
            frame.add_generated_content(PageBreak(), NotesLeft())
