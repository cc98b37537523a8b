"""The file, written while it is made: a page's drawing operators are deflated and written when it is full.

Reportlab keeps every page's operators as text until the end, and then joins the whole file twice. Its objects
and their numbers are used as they are; only the writing is ours.
"""

from __future__ import annotations

import zlib
from io import BytesIO

from reportlab.pdfbase.pdfdoc import (
    PDFDocument,
    PDFIndirectObject,
    PDFObject,
    PDFObjectReference,
    PDFTrailer,
)
from reportlab.pdfgen.canvas import Canvas

# Said at the very start, before it is known what the pages need: 1.7 has all of it.
_HEADER = b"%PDF-1.7\n%\x93\x8c\x8b\x9e\n"


class _Written(PDFObject):  # type: ignore[misc]
    """Stands in reportlab's list of objects for one that is in the file already."""


class PdfStream:
    """A file that grows: objects are written once each, in any order, and listed at the end."""

    def __init__(self, document: PDFDocument, target: BytesIO) -> None:
        self._document = document
        self._target = target
        self._offsets: dict[int, int] = {}
        target.write(_HEADER)

    def add_operators(self, operators: str) -> PDFObjectReference:
        """Deflate drawing operators, write them, and return a reference to them."""
        data = zlib.compress(operators.encode(), 6)
        # The file's identifier follows from all that is drawn.
        self._document.updateSignature(data)
        reference = self._document.Reference(_Written())
        number, _ = self._document.idToObjectNumberAndVersion[reference.name]
        self._offsets[number] = self._target.tell()
        self._target.write(b"%d 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n" % (number, len(data)))
        self._target.write(data)
        self._target.write(b"\nendstream\nendobj\n")
        return reference

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
        number = 0
        while (number := number + 1) in document.numberToId:
            if number not in self._offsets:
                name = document.numberToId[number]
                self._offsets[number] = self._target.tell()
                self._target.write(PDFIndirectObject(name, document.idToObject[name]).format(document))
        start = self._target.tell()
        self._target.write(b"xref\n0 %d\n0000000000 65535 f \n" % number)
        self._target.writelines(b"%010d 00000 n \n" % self._offsets[entry] for entry in range(1, number))
        trailer = PDFTrailer(startxref=start, Size=number, Root=root, Info=info, ID=document.ID())
        self._target.write(trailer.format(document))
