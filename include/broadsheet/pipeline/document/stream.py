"""The file, written while it is made: a page's drawing operators are deflated and written when it is full.

Reportlab keeps every page's operators as text until the end, and then joins the whole file twice. Its objects
and their numbers are used as they are; only the writing is ours. What is no stream itself is kept in streams
of objects, which makes a tagged document a tenth as large.
"""

from __future__ import annotations

from io import BytesIO
from itertools import accumulate

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject, PDFObjectReference
from reportlab.pdfgen.canvas import Canvas

from broadsheet.pipeline.document.objects import ObjectTable, deflate

# Said at the very start, before it is known what the pages need: 1.7 has all of it.
_HEADER = b"%PDF-1.7\n%\x93\x8c\x8b\x9e\n"
_MOST_TOGETHER = 200


class _Written(PDFObject):  # type: ignore[misc]
    """Stands in reportlab's list of objects for one that is in the file already."""


class PdfStream:
    """A file that grows: objects are written once each, in any order, and listed at the end."""

    def __init__(self, document: PDFDocument, target: BytesIO) -> None:
        self._document = document
        self._target = target
        self._table = ObjectTable()
        self._waiting: list[tuple[int, bytes]] = []
        target.write(_HEADER)

    def reserve(self, count: int = 1) -> int:
        """Return the first of as many consecutive object numbers, which nothing else will get."""
        first = int(self._document.objectcounter) + 1
        self._document.objectcounter += count
        return first

    def number_of(self, name: str) -> int:
        """Return the number of one of reportlab's objects; KeyError when it has none yet."""
        number, _ = self._document.idToObjectNumberAndVersion[name]
        return int(number)

    def add_operators(self, operators: str) -> PDFObjectReference:
        """Deflate drawing operators, write them, and return a reference to them."""
        data = deflate(operators.encode())
        # The file's identifier follows from all that is drawn.
        self._document.updateSignature(data)
        reference = self._document.Reference(_Written())
        self._write_stream(self.number_of(reference.name), "/Filter /FlateDecode", data)
        return reference

    def add_metadata(self, packet: bytes) -> int:
        """Write an XMP packet, readable as it is, and return its object number."""
        number = self.reserve()
        self._write_stream(number, "/Type /Metadata /Subtype /XML", packet)
        return number

    def add_object(self, number: int, body: bytes) -> None:
        """Keep an object that is no stream; it is written together with others."""
        self._waiting.append((number, body))
        if len(self._waiting) >= _MOST_TOGETHER:
            self._write_waiting()

    def add_objects(self, numbers: range, *, head: str, bodies: str) -> None:
        """Write objects of consecutive numbers; ``head`` holds number and offset of each."""
        stream = self._write_objects(head.encode(), bodies.encode(), count=len(numbers))
        self._table.place_inside(numbers, stream=stream)

    def _write_waiting(self) -> None:
        if not self._waiting:
            return
        offsets = accumulate((len(body) + 1 for _, body in self._waiting), initial=0)
        head = b" ".join(
            b"%d %d" % (number, at) for (number, _), at in zip(self._waiting, offsets, strict=False)
        )
        bodies = b"\n".join(body for _, body in self._waiting)
        stream = self._write_objects(head, bodies, count=len(self._waiting))
        for at, (number, _) in enumerate(self._waiting):
            self._table.place_inside(range(number, number + 1), stream=stream, first=at)
        self._waiting.clear()

    def _write_objects(self, head: bytes, bodies: bytes, *, count: int) -> int:
        number = self.reserve()
        data = deflate(b"%b\n%b" % (head, bodies))
        entries = f"/Type /ObjStm /N {count} /First {len(head) + 1} /Filter /FlateDecode"
        self._write_stream(number, entries, data)
        return number

    def _write_stream(self, number: int, entries: str, data: bytes) -> None:
        self._table.place(number, offset=self._target.tell())
        start = f"{number} 0 obj\n<< {entries} /Length {len(data)} >>\nstream\n"
        self._target.write(start.encode())
        self._target.write(data)
        self._target.write(b"\nendstream\nendobj\n")

    def list_of(self, references: list[PDFObjectReference]) -> str:
        """Return references as an array that stands where it is used, instead of as an object of its own."""
        return f"[ {' '.join(reference.format(self._document).decode() for reference in references)} ]"

    def finish(self, canvas: Canvas) -> None:
        """Write what is left: fonts, pictures, page dictionaries, outline, and the table of all objects."""
        document = self._document
        for font in document.delayedFonts:
            font.addObjects(document)
        document.info.invariant = document.invariant
        document.info.digest(document.signature)
        root, info = document.Reference(document.Catalog), document.Reference(document.info)
        document.Outlines.prepare(document, canvas)
        if document.Outlines.ready < 0:
            document.Catalog.Outlines = None
        # An object can bring others with it while it is written.
        last = 0
        while numbers := sorted(number for number in document.numberToId if number > last):
            last = numbers[-1]
            for number in numbers:
                if not self._table.has(number):
                    self._write(number, document.idToObject[document.numberToId[number]].format(document))
        self._write_waiting()
        self._write_table(root, info)

    def _write(self, number: int, body: bytes) -> None:
        """Write one of reportlab's objects: a stream as it is, anything else together with others."""
        if not body.rstrip().endswith(b"endstream"):
            self.add_object(number, body)
            return
        self._table.place(number, offset=self._target.tell())
        self._target.write(b"%d 0 obj\n%b\nendobj\n" % (number, body.rstrip()))

    def _write_table(self, root: PDFObjectReference, info: PDFObjectReference) -> None:
        number, start = self.reserve(), self._target.tell()
        self._table.place(number, offset=start)
        document = self._document
        whence = f"/Root {root.format(document).decode()} /Info {info.format(document).decode()}"
        digest = document.signature.hexdigest()
        entries = f"/Type /XRef {self._table.shape} {whence} /ID [<{digest}> <{digest}>] /Filter /FlateDecode"
        self._write_stream(number, entries, deflate(self._table.encode()))
        self._target.write(b"startxref\n%d\n%%%%EOF\n" % start)
