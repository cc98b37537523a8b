"""What a document's parts are, for programs that read it aloud, search it or turn it into another form.

A flowable makes an ``Element`` for each of its parts and draws the part within ``canvas.tagged(element)``.
An element is put into the document's tree when it is first drawn, below its ``parent``, or where it has none
below the element that is being drawn, or the document itself. So elements stand in the order in which they
are drawn, which is the order in which they are read; and a part that goes on over pages is drawn with the
same element again. What is no content of its own (rules, grounds, repeated headers, footers) is drawn
within ``canvas.artifact()``.

The rows of a large table do not become ``Element`` objects: ``table_rows`` writes theirs page by page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from broadsheet.pipeline.document.elements import HEADINGS, Annotation, Content, Element
from broadsheet.pipeline.document.objects import text_string
from broadsheet.pipeline.document.spoken import actual_text, spoken_entries
from broadsheet.pipeline.document.stream import PdfStream
from broadsheet.pipeline.document.table_rows import RowBatch, write_rows


class Page(Protocol):
    """What is drawn on: the operators of the current page, and its number from 0."""

    @property
    def operators(self) -> list[str]: ...
    @property
    def page_index(self) -> int: ...


class Structure:
    """The tree of a document's elements, and which of them is being drawn."""

    def __init__(self, page: Page, stream: PdfStream, *, language: str = "") -> None:
        self._page = page
        self._stream = stream
        self._language = language
        self.root = Element("Document")
        self.root.tree, self.root.number = self, stream.reserve()
        self._group: Element = self.root
        self._current: Element | str | None = None
        self._opening = ""
        # What each mark of the current page belongs to, by the numbers of elements.
        self._owners: list[int] = []
        self._batches: list[RowBatch] = []
        self._keys: list[str] = []
        self._page_keys: dict[int, int] = {}
        self._heading = 0

    @contextmanager
    def tagged(self, element: Element) -> Iterator[Element]:
        """Draw an element's own content; within it other elements and artifacts can be drawn."""
        with self.group(element), self._content(element):
            yield element

    @contextmanager
    def group(self, element: Element) -> Iterator[Element]:
        """Draw elements that belong to one, which has no content of its own."""
        outer, current = self._group, self._current
        self._close()
        self._current = None
        self._attach(element)
        self._group = element
        try:
            yield element
        finally:
            self._group = outer
            self._open(current)

    @contextmanager
    def artifact(self, properties: str) -> Iterator[None]:
        """Draw what is no content."""
        with self._content(f"/Artifact << {properties} >> BDC"):
            yield

    def reads(self, line: str) -> None:
        """Take note of a line of what is being drawn, as it is written."""
        if isinstance(self._current, Element):
            self._current.said.append(line)

    @contextmanager
    def spoken(self, text: str) -> Iterator[None]:
        """Draw a piece of what is being drawn whose text cannot be told from its glyphs, and say it."""
        owner = self._current
        if not isinstance(owner, Element):
            self._page.operators.append(actual_text(text))
            yield
            self._page.operators.append("EMC")
            return
        self._close()
        self._open(owner, text)
        yield
        self._close()
        self._open(owner)

    @contextmanager
    def _content(self, owner: Element | str) -> Iterator[None]:
        outer = self._current
        self._close()
        self._open(owner)
        try:
            yield
        finally:
            self._close()
            self._open(outer)

    def _open(self, owner: Element | str | None, text: str = "") -> None:
        self._current = owner
        if owner is None:
            return
        mark = len(self._owners)
        if isinstance(owner, str):
            self._opening = owner
        elif text:
            # One piece, not one within another: there are programs that read on only to the end of the inner.
            self._opening = f"/Span << /MCID {mark} /ActualText {text_string(text)} >> BDC"
        else:
            self._opening = f"/{owner.tag} << /MCID {mark} >> BDC"
        self._page.operators.append(self._opening)

    def _close(self) -> None:
        owner, operators = self._current, self._page.operators
        self._current = None
        if owner is None:
            return
        # What was opened only to be closed again, between two inner parts, is left out.
        if operators and operators[-1] is self._opening:
            operators.pop()
            return
        operators.append("EMC")
        if isinstance(owner, Element):
            owner.kids.append(Content(self._page.page_index, len(self._owners)))
            self._owners.append(owner.number)

    def _attach(self, element: Element) -> None:
        """Put an element into the tree where it is drawn first; one of another document starts anew."""
        if element.tree is self:
            return
        parent = element.parent or self._group
        if parent.tree is not self:
            self._attach(parent)
        element.tree, element.kids, element.said = self, [], []
        element.number = self._stream.reserve()
        parent.kids.append(element)

    def settle_heading(self, element: Element) -> None:
        """Make a heading at most one level deeper than the heading before it: none may be left out."""
        if element.tree is self:
            return
        self._heading = min(int(element.tag[1]), self._heading + 1)
        element.tag = HEADINGS[self._heading - 1]

    def add_annotation(self, element: Element, name: str) -> int:
        """Make an annotation of the current page belong to an element; return its key in the parent tree."""
        element.kids.append(Annotation(self._page.page_index, name))
        self._keys.append(f"{element.number} 0 R")
        return len(self._keys) - 1

    def add_rows(
        self, element: Element, *, count: int, cells: Sequence[str], texts: Mapping[int, str]
    ) -> int:
        """Add rows to a table's element, each with cells of given tags; return the first cell's mark.

        ``texts`` are those of cells that are not plain Latin, by their number, row by row.
        The marks of all cells are consecutive, row by row; the caller draws them, on the current page.
        """
        self._attach(element)
        mark, size = len(self._owners), count * (len(cells) + 1)
        first = self._stream.reserve(size)
        said = {number: spoken_entries(text, self._language) for number, text in texts.items()}
        batch = RowBatch(element.number, first, count, tuple(cells), mark, tuple(said.items()))
        self._batches.append(batch)
        self._owners.extend(batch.cell_numbers())
        element.kids.append(batch.row_numbers())
        return mark

    def finish_page(self, page_name: str) -> int | None:
        """Write what the page that was just closed brought; return its key in the parent tree, if any."""
        page = self._stream.number_of(page_name)
        for batch in self._batches:
            write_rows(self._stream, batch, page=page)
        self._batches.clear()
        if not self._owners:
            return None
        number = self._stream.reserve()
        owners = " 0 R ".join(map(str, self._owners))
        self._stream.add_object(number, f"[{owners} 0 R]".encode())
        self._owners.clear()
        self._keys.append(f"{number} 0 R")
        return len(self._keys) - 1

    def finish(self) -> int:
        """Write the tree, and return the number of its root."""
        top, parents = self._stream.reserve(), self._stream.reserve()
        self._write(self.root, top)
        entries = " ".join(f"{key} {reference}" for key, reference in enumerate(self._keys))
        self._stream.add_object(parents, f"<< /Nums [{entries}] >>".encode())
        body = (
            f"<< /Type /StructTreeRoot /K {self.root.number} 0 R /ParentTree {parents} 0 R "
            f"/ParentTreeNextKey {len(self._keys)}{self._notes()} >>"
        )
        self._stream.add_object(top, body.encode())
        return top

    def _notes(self) -> str:
        """Return the index of the elements that have names of their own: notes."""
        numbers = sorted(self._named(self.root))
        names = " ".join(f"(n{number:07d}) {number} 0 R" for number in numbers)
        return f" /IDTree << /Names [{names}] >>" if numbers else ""

    def _named(self, element: Element) -> Iterator[int]:
        if element.tag == "Note":
            yield element.number
        for kid in element.kids:
            if isinstance(kid, Element):
                yield from self._named(kid)

    def _write(self, element: Element, parent: int) -> None:
        entries = [f"<< /S /{element.tag} /P {parent} 0 R"]
        pages = {kid.page for kid in element.kids if isinstance(kid, Content)}
        home = min(pages, default=None)
        if home is not None:
            entries.append(f"/Pg {self._page_number(home)} 0 R")
        if element.alt:
            entries.append(f"/Alt {text_string(element.alt)}")
        if element.title:
            entries.append(f"/T {text_string(element.title)}")
        if all(isinstance(kid, Content) for kid in element.kids):
            entries.append(spoken_entries("".join(element.said).strip(), self._language))
        if element.tag == "Note":
            entries.append(f"/ID (n{element.number:07d})")
        entries.append(element.attributes())
        kids = " ".join(self._kid(kid, home) for kid in element.kids)
        entries.append(f"/K [{kids}] >>")
        self._stream.add_object(element.number, " ".join(filter(None, entries)).encode())
        for kid in element.kids:
            if isinstance(kid, Element):
                self._write(kid, element.number)

    def _kid(self, kid: Element | Content | Annotation | range, home: int | None) -> str:
        match kid:
            case Element():
                return f"{kid.number} 0 R"
            case range():
                return " ".join(f"{number} 0 R" for number in kid)
            case Annotation():
                number = self._stream.number_of(f"Annot.{kid.name}")
                return f"<< /Type /OBJR /Obj {number} 0 R /Pg {self._page_number(kid.page)} 0 R >>"
            case Content():
                if kid.page == home:
                    return str(kid.mark)
                return f"<< /Type /MCR /Pg {self._page_number(kid.page)} 0 R /MCID {kid.mark} >>"

    def _page_number(self, index: int) -> int:
        return self._stream.number_of(f"Page{index + 1}")
