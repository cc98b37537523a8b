"""A report's documents: chosen below their prefix, read apart from the task, told of where they lack.

What cannot be used is an error where the definition requires it. Otherwise it keeps its place in the set,
with the words that stand there instead.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.objects import ObjectStore, StoredObject
from broadsheet.domain.report import DocumentKind, Documents
from broadsheet.domain.run import DEFAULT_LOCALE
from broadsheet.errors import DocumentError, NotFoundError
from broadsheet.pipeline.formats import count_words, format_count
from broadsheet.pipeline.isolation import Outcome, read_documents
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.payload import AppendixPart, ImagePart, Text
from broadsheet.pipeline.pictures import WHITE

log = logging.getLogger(__name__)

_LARGEST_FILE = 50_000_000
"""Bytes that are read of one document at all; its reader may take fewer."""
_LARGEST_SET = 100_000_000
"""Bytes of source documents that one set may have."""
_SHOWN = {
    DocumentKind.PICTURES: "Pictures: showing {shown} of {count}.",
    DocumentKind.PDF: "PDF files: showing {shown} of {count}.",
}


class Manifest(BaseModel):
    """A fetched set of documents: each in its place, and what a reader must know of the set."""

    model_config = ConfigDict(frozen=True)

    images: tuple[ImagePart, ...] = ()
    appendices: tuple[AppendixPart, ...] = ()
    notices: tuple[Text, ...] = ()
    """What stands where the set stands."""
    faults: tuple[Text, ...] = ()
    """All that was left out or changed, for the last page."""


def gather_pictures(
    definition: Documents,
    *,
    prefix: str,
    source: ObjectStore,
    staging: ObjectStore,
    paper: str = WHITE,
    locale: str = DEFAULT_LOCALE,
) -> Manifest:
    """Store the pictures of a set as JPEG at print resolution below ``prefix``, in the order of their keys.

    ``paper`` is the colour that shows through them. DocumentError names what a required set lacks.
    """
    chosen, notices = _choose(definition, source, locale=locale)
    images: list[ImagePart] = []
    faults = list(notices)
    for item, outcome in _read_apart(definition, chosen, source=source, options={"paper": paper}):
        name = item.key.removeprefix(definition.prefix)
        caption = definition.captions.get(name, _words(name))
        if outcome.data is None:
            faults.append(_missing(definition, outcome.fault, locale=locale))
            images.append(ImagePart(caption=caption, fault=faults[-1]))
            continue
        key = f"{prefix}{len(images) + 1:03d}.jpg"
        staging.put(key, outcome.data, content_type="image/jpeg")
        image = ImagePart.model_validate({**outcome.facts, "key": key, "caption": caption})
        if image.note:
            image = image.model_copy(update={"note": say(locale, image.note)})
            faults.append(say(locale, "Picture {file}: {text}.", file=name, text=image.note))
        images.append(image)
    return Manifest(images=tuple(images), notices=tuple(notices), faults=tuple(faults))


def gather_appendices(
    definition: Documents,
    *,
    prefix: str,
    source: ObjectStore,
    staging: ObjectStore,
    locale: str = DEFAULT_LOCALE,
) -> Manifest:
    """Store the PDF files of a set below ``prefix``, without anything that acts, in the order of their keys.

    DocumentError names what a required set lacks.
    """
    chosen, notices = _choose(definition, source, locale=locale)
    parts: list[AppendixPart] = []
    faults = list(notices)
    left = definition.max_pages
    options = {"max_pages": str(definition.max_pages)}
    for item, outcome in _read_apart(definition, chosen, source=source, options=options):
        file = item.key.removeprefix(definition.prefix)
        title = definition.captions.get(file, _words(file))
        if outcome.data is None or not left:
            words = _beyond(item.key, definition.max_pages, locale)
            if outcome.fault:
                words = _missing(definition, outcome.fault, locale=locale)
            faults.append(words)
            parts.append(AppendixPart(file=file, title=title, fault=faults[-1]))
            continue
        key = f"{prefix}{len(parts) + 1:03d}.pdf"
        staging.put(key, outcome.data, content_type="application/pdf")
        found = {**outcome.facts, "key": key, "file": file, "title": title}
        part = AppendixPart.model_validate(found)
        part = part.model_copy(update={"pages": min(len(part.sizes), left)})
        left -= part.pages
        parts.append(part)
        faults += _faults_of(part, locale)
    return Manifest(appendices=tuple(parts), notices=tuple(notices), faults=tuple(faults))


def _beyond(key: str, most: int, locale: str) -> str:
    return count_words(
        locale,
        "Left out: PDF {key} comes after {count} page of others.",
        "Left out: PDF {key} comes after {count} pages of others.",
        most,
        key=repr(key),
    )


def _faults_of(part: AppendixPart, locale: str) -> Iterator[str]:
    """Yield what is not in the document as it is in a file."""
    if part.pages < part.total_pages:
        last, count = (format_count(number, locale=locale) for number in (part.pages, part.total_pages))
        words = "PDF {file}: pages 1 to {last} of {count} are appended."
        yield say(locale, words, file=part.file, last=last, count=count)
    for note in part.notes:
        yield say(locale, "PDF {file}: {text}.", file=part.file, text=note)
    for fault in part.page_faults.values():
        yield say(locale, "PDF {file}: {text}.", file=part.file, text=fault.removesuffix("."))


def _choose(
    definition: Documents, source: ObjectStore, *, locale: str
) -> tuple[list[StoredObject], list[str]]:
    """Return the first objects in the order of their keys, within the caps, and what must be said of them."""
    chosen: list[StoredObject] = []
    found = total = 0
    for item in source.list(definition.prefix):
        if item.key.endswith("/"):
            continue
        found += 1
        total += item.size_bytes
        if len(chosen) < definition.max_count and total <= _LARGEST_SET:
            chosen.append(item)
    if not chosen:
        pictures = definition.kind is DocumentKind.PICTURES
        words = (
            f"there is no {'picture' if pictures else 'PDF file'} under {definition.prefix!r} "
            "in the documents bucket"
        )
        return [], [_missing(definition, words, locale=locale)]
    if found > len(chosen):
        shown, count = (format_count(number, locale=locale) for number in (len(chosen), found))
        return chosen, [say(locale, _SHOWN[definition.kind], shown=shown, count=count)]
    return chosen, []


def _read_apart(
    definition: Documents, chosen: list[StoredObject], *, source: ObjectStore, options: dict[str, str]
) -> Iterator[tuple[StoredObject, Outcome]]:
    """Yield each chosen object with what its reader made of it."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-documents-") as name:
        folder = Path(name)
        faults: dict[str, str] = {}
        readable: list[StoredObject] = []
        for item in chosen:
            try:
                data = _read(item, source)
            except DocumentError as error:
                _missing(definition, str(error), locale=DEFAULT_LOCALE, cause=error)
                faults[item.key] = str(error)
                continue
            (folder / f"{len(readable):04d}.in").write_bytes(data)
            readable.append(item)
        keys = [item.key for item in readable]
        read = read_documents(definition.kind, keys, folder=folder, options=options) if keys else []
    outcomes = dict(zip(keys, read, strict=True))
    for item in chosen:
        yield item, outcomes.get(item.key) or Outcome(None, {}, faults[item.key])


def _read(item: StoredObject, source: ObjectStore) -> bytes:
    if item.size_bytes > _LARGEST_FILE:
        raise DocumentError(
            f"object {item.key!r} has {item.size_bytes:,} bytes; "
            f"at most {_LARGEST_FILE:,} are taken: store a smaller one"
        )
    try:
        return source.get(item.key)
    except NotFoundError as error:
        raise DocumentError(
            f"object {item.key!r} was listed and is gone; store it again or remove it from the report"
        ) from error


def _missing(definition: Documents, message: str, *, locale: str, cause: DocumentError | None = None) -> str:
    """Return a notice for the report where the set may lack documents; DocumentError where it must not."""
    if definition.required:
        raise DocumentError(f"{message} (the report's definition says `required: true`)") from cause
    return say(locale, "Left out: {reason}.", reason=message)


def _words(name: str) -> str:
    """Make a caption of a file's name: ``02-taxiing_at_JFK.png`` says ``Taxiing at JFK``."""
    words = (
        Path(name).stem.lstrip("0123456789-_ ").replace("_", " ").replace("-", " ").strip() or Path(name).stem
    )
    return words[:1].upper() + words[1:200]
