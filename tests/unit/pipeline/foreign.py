"""PDF files as they come from outside, good and hostile."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from reportlab.pdfgen.canvas import Canvas

A4 = (595.0, 842.0)


def make_pdf(
    pages: int = 1, *, size: tuple[float, float] = A4, words: str = "Foreign page", dress: str = ""
) -> bytes:
    """Return a file whose pages say their number; ``dress`` is a link that each has."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=size, invariant=1)
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica", 24)
        canvas.drawString(60, size[1] - 100, f"{words} {number} of {pages}")
        canvas.rect(40, 40, size[0] - 80, size[1] - 80)
        if dress:
            canvas.linkURL(dress, (50, 50, 100, 100))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def changed(change: Callable[[Pdf], object], data: bytes = b"", **options: object) -> bytes:
    """Return a file of three pages after a change to it."""
    with pikepdf.open(BytesIO(data or make_pdf(3))) as pdf:
        change(pdf)
        target = BytesIO()
        pdf.save(target, **options)
    return target.getvalue()


def script() -> Dictionary:
    """Return an action that runs JavaScript."""
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def armed(pdf: Pdf) -> None:
    """Put everything that acts into a file."""
    pdf.attachments["evil.exe"] = b"MZ evil"
    pdf.Root.OpenAction = script()
    pdf.Root.AA = Dictionary(WC=script())
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<xdp/>"))
    page = pdf.pages[0]
    page.AA = Dictionary(O=script())
    actions = [
        script(),
        Dictionary(S=Name.Launch, F="cmd.exe"),
        Dictionary(S=Name.URI, URI="file:///etc/passwd"),
        Dictionary(S=Name.GoToR, F="other.pdf", D=Array([0, Name.Fit])),
    ]
    page.Annots = Array(
        [
            pdf.make_indirect(
                Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
            )
            for action in actions
        ]
    )
    outside = pdf.make_stream(b"q Q")
    outside.Type, outside.Subtype, outside.BBox = Name.XObject, Name.Form, Array([0, 0, 9, 9])
    outside.F, outside.Ref = "/etc/passwd", Dictionary(F="other.pdf", Page=0)
    page.Resources.XObject = Dictionary(Outside=outside)
