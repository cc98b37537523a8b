"""PDF files from outside, made safe to append: their pages' content and nothing else, in a file of ours.

Actions, scripts, attachments, links and forms do not come along; what annotations and form fields show is
drawn into the page. What was taken out is told, since the reader does not have it.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from broadsheet.errors import DocumentError
from broadsheet.pipeline.content import rewrite_content
from broadsheet.pipeline.pdf_contents import active_parts, keep_layers, missing_fonts, without_ways_out

LARGEST_FILE = 50_000_000
"""Bytes that a source PDF may have."""
_LONGEST_SIDE = 200_000.0
"""Points: 14,400 are the most by the standard, and a user unit may multiply them."""
_MOST_OPERATORS = 12_000_000
"""Bytes of drawing operators that a page may have: taken apart, they are a hundred times as many."""

# A page starts with these; a form would go on with what was set before it.
_INITIAL_STATE = b"0 g 0 G 1 w 0 J 0 j 10 M [] 0 d\n"

_BROKEN = (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError)
"""What a damaged page makes pikepdf raise."""


@dataclass
class CleanPdf:
    """A file of page contents; a page that could not be read is blank, with its fault."""

    data: bytes = b""
    total: int = 0
    """Pages of the source, those that were cut off included."""
    sizes: list[tuple[float, float]] = field(default_factory=list)
    """Width and height of each page as it is seen, in points."""
    page_faults: dict[int, str] = field(default_factory=dict)
    """By the page's number, from 1."""
    notes: list[str] = field(default_factory=list)
    """What was taken out or repaired."""


def clean_pdf(data: bytes, *, key: str, max_pages: int) -> CleanPdf:
    """Return the first pages of a PDF without anything that acts; the same bytes give the same bytes.

    DocumentError names the key of a file that is encrypted, broken beyond repair or without pages.
    """
    if len(data) > LARGEST_FILE:
        raise DocumentError(f"PDF {key!r} has {len(data):,} bytes; at most {LARGEST_FILE:,} are taken")
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as source:
            if source.is_encrypted:
                raise _encrypted(key)
            return _clean(source, key=key, max_pages=max_pages)
    except pikepdf.PasswordError as error:
        raise _encrypted(key) from error
    except _BROKEN as error:
        raise DocumentError(
            f"object {key!r} is no PDF that can be read; store it again, or move it out of the prefix"
        ) from error


def _encrypted(key: str) -> DocumentError:
    return DocumentError(f"PDF {key!r} is encrypted; store a copy without password and restrictions")


def _clean(source: Pdf, *, key: str, max_pages: int) -> CleanPdf:
    result = CleanPdf(total=len(source.pages))
    if not result.total:
        raise DocumentError(f"PDF {key!r} has no pages; store it again")
    removed = list(active_parts(source))
    if removed:
        result.notes.append(f"left out: {', '.join(removed)}")
    del source.pages[max_pages:]
    _flatten(source)
    with Pdf.new() as clean:
        for number, page in enumerate(source.pages, start=1):
            _take(page, source, clean, result, number=number)
        if len(result.page_faults) == len(result.sizes):
            raise DocumentError(f"PDF {key!r} has no page that can be read; store it again")
        keep_layers(source, clean)
        result.notes += without_ways_out(clean)
        if fonts := missing_fonts(clean):
            result.notes.append(f"not embedded in it: {', '.join(fonts)}")
        if any(source.get_warnings()):
            result.notes.append("the file was damaged and has been repaired as far as possible")
        target = io.BytesIO()
        clean.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    result.data = target.getvalue()
    return result


def _flatten(source: Pdf) -> None:
    """Draw what annotations and form fields show into their pages, as far as they can be read."""
    try:
        if Name.AcroForm in source.Root:
            source.generate_appearance_streams()
        source.flatten_annotations("print")
    except _BROKEN:
        # Then they are not shown; what they are is among what was left out.
        return


def _take(page: pikepdf.Page, source: Pdf, clean: Pdf, result: CleanPdf, *, number: int) -> None:
    """Add a page's content to the clean file, or a blank page and what is wrong with it."""
    try:
        box, turn, unit = _geometry(page)
        form = clean.make_stream(_INITIAL_STATE + rewrite_content(_bounded(page)))
        form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array(box)
        form.Matrix = Array(_matrix(box, turn, unit))
        # Only objects of their own can be copied into another file.
        resources = page.resources if page.resources.is_indirect else source.make_indirect(page.resources)
        form.Resources = clean.copy_foreign(resources)
        if isinstance(group := page.obj.get("/Group"), Dictionary):
            form.Group = clean.copy_foreign(group if group.is_indirect else source.make_indirect(group))
    except DocumentError as error:
        fault = str(error)
    except _BROKEN:
        fault = "its content is damaged"
    else:
        width, height = (box[2] - box[0]) * unit, (box[3] - box[1]) * unit
        size = (height, width) if turn % 180 else (width, height)
        clean.add_blank_page(page_size=size)
        clean.pages[-1].obj.Resources = Dictionary(XObject=Dictionary(Content=form))
        clean.pages[-1].obj.Contents = clean.make_stream(b"/Content Do")
        result.sizes.append(size)
        return
    clean.add_blank_page(page_size=(595, 842))
    result.sizes.append((595.0, 842.0))
    result.page_faults[number] = f"Page {number} cannot be shown: {fault}."


def _bounded(page: pikepdf.Page) -> pikepdf.Page:
    contents = page.obj.get("/Contents", Array())
    streams = list(contents) if isinstance(contents, Array) else [contents]
    size = sum(len(stream.read_bytes()) for stream in streams if isinstance(stream, pikepdf.Stream))
    if size > _MOST_OPERATORS:
        raise DocumentError(f"it has more than {_MOST_OPERATORS:,} bytes of drawing operators")
    return page


def _geometry(page: pikepdf.Page) -> tuple[list[float], int, float]:
    """Return a page's visible box, its turn in degrees, its user unit; DocumentError without an area."""
    box = _box(page.cropbox)
    media = _box(page.mediabox)
    box = [max(box[0], media[0]), max(box[1], media[1]), min(box[2], media[2]), min(box[3], media[3])]
    if box[2] - box[0] < 1 or box[3] - box[1] < 1:
        box = media
    width, height = box[2] - box[0], box[3] - box[1]
    unit = float(page.obj.get("/UserUnit", 1))
    if not (math.isfinite(unit) and 0 < unit <= 75_000):
        unit = 1.0
    if width < 1 or height < 1:
        raise DocumentError("it has no area")
    if max(width, height) * unit > _LONGEST_SIDE or max(map(abs, box)) > _LONGEST_SIDE:
        raise DocumentError(f"it measures {width * unit:,.0f} x {height * unit:,.0f} points")
    turn = page.obj.get("/Rotate", 0)
    return box, int(turn) % 360 // 90 * 90, unit


def _matrix(box: list[float], turn: int, unit: float) -> list[float]:
    """Return what takes a page's box, turned, to the origin. A form's own matrix moves patterns, too."""
    left, bottom, right, top = box
    turned = {
        0: (1, 0, 0, 1, -left, -bottom),
        90: (0, -1, 1, 0, -bottom, right),
        180: (-1, 0, 0, -1, right, top),
        270: (0, 1, -1, 0, top, -left),
    }
    return [value * unit for value in turned[turn]]


def _box(box: pikepdf.Object) -> list[float]:
    left, bottom, right, top = (float(value) for value in box.as_list())
    if not all(map(math.isfinite, (left, bottom, right, top))):
        raise DocumentError("it has no area")
    return [min(left, right), min(bottom, top), max(left, right), max(bottom, top)]
