"""Places that other parts of a document point to: figures and tables, their numbers, and their pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reportlab.platypus.flowables import Flowable

from broadsheet.pipeline.document.fonts import Face
from broadsheet.pipeline.document.lines import Span
from broadsheet.pipeline.document.template import Block
from broadsheet.pipeline.document.theme import Theme
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import Payload

_FIGURES = ("chart", "charts")
_GUESS = 8
"""Page that is assumed before the pages are known."""


@dataclass(frozen=True)
class Place:
    """A figure or table: what it is called, and by which name links find it."""

    words: str
    anchor: str


class Places:
    """The figures and tables of one page in the order in which they stand, numbered if so wished.

    ``pages`` has the page of each anchor, once it is known; None where references are to name no pages.
    """

    def __init__(
        self, blocks: Iterable[Block], payload: Payload, *, numbered: bool, pages: Mapping[str, int] | None
    ) -> None:
        self.numbered = numbered
        self.pages = pages
        self.places: dict[tuple[str, str], Place] = {}
        self.refers = False
        counts = {"Figure": 0, "Table": 0}
        for block in blocks:
            self.refers = self.refers or block.kind == "ref"
            if block.kind not in (*_FIGURES, "table"):
                continue
            group, noun = ("tables", "Table") if block.kind == "table" else ("charts", "Figure")
            for name in block.names:
                if (group, name) in self.places:
                    continue
                counts[noun] += 1
                title = (payload.tables if group == "tables" else payload.charts)[name].title
                words = f"“{title}”"
                if numbered:
                    words = f"{say(payload.locale, noun)} {counts[noun]}"
                self.places[group, name] = Place(words, f"{noun.lower()}-{name}")

    def title(self, group: str, name: str, title: str) -> str:
        """Return a figure's title, with its number where they have numbers."""
        place = self.places.get((group, name))
        return f"{place.words}. {title}" if self.numbered and place else title

    def anchor(self, group: str, name: str) -> str:
        """Return the name by which links find a figure or table."""
        place = self.places.get((group, name))
        return place.anchor if place else ""

    def reference(self, name: str, face: Face, theme: Theme) -> Span:
        """Return the words of a cross reference: ``Table 2 on page 5``; they lead there."""
        place = self.places.get(("tables", name)) or self.places.get(("charts", name))
        if place is None:
            return Span(say(theme.locale, "“{name}” (not in this document)", name=name), face)
        if self.pages is None:
            return Span(place.words, face, theme.accent, f"#{place.anchor}")
        page = self.pages.get(place.anchor, _GUESS)
        words = say(theme.locale, "{place} on page {page}", place=place.words, page=page)
        return Span(words, face, theme.accent, f"#{place.anchor}")


class Anchored(Flowable):  # type: ignore[misc]
    """A flowable to whose start links lead; in all else it is that flowable."""

    def __init__(self, inner: Flowable, anchor: str) -> None:
        super().__init__()
        self.inner = inner
        self.anchor = anchor

    @property
    def content(self) -> list[Flowable]:
        """What is inside."""
        return [self.inner]

    def getSpaceBefore(self) -> float:  # noqa: N802 - reportlab's name
        """Return the space above."""
        return float(self.inner.getSpaceBefore())

    def getSpaceAfter(self) -> float:  # noqa: N802 - reportlab's name
        """Return the space below."""
        return float(self.inner.getSpaceAfter())

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - reportlab's signature
        """Return the space it takes."""
        self.width, self.height = self.inner.wrap(aW, aH)
        return self.width, self.height

    def start_height(self, width: float) -> float:
        """Return the height that a page must have left for this to start on it."""
        return float(self.inner.start_height(width))

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - reportlab's signature
        """Split what is inside; links lead to the first part."""
        parts = self.inner.split(aW, aH)
        return [Anchored(parts[0], self.anchor), *parts[1:]] if parts else []

    def draw(self) -> None:
        """Note the place, and draw."""
        self.canv.mark_place(self.anchor, top=self.height)
        self.inner.canv = self.canv
        self.inner.draw()
