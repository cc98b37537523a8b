"""The step that builds a document: payload, drawings, pictures and template in, one PDF out."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from reportlab.platypus.flowables import Flowable, PageBreak

import broadsheet
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.report import ExportFormat, ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline.document.appendix import Appendix, appendix_pages, fill_appendices
from broadsheet.pipeline.document.blocks import BlockBuilder
from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.cover import Cover
from broadsheet.pipeline.document.drawing import Drawing, drawing_key
from broadsheet.pipeline.document.figures import Photo, open_photo
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import Written, write_pages
from broadsheet.pipeline.document.markdown import build_flowables
from broadsheet.pipeline.document.masthead import build_empty_page, build_masthead, build_notices
from broadsheet.pipeline.document.places import Places
from broadsheet.pipeline.document.provenance import build_provenance
from broadsheet.pipeline.document.tables import columns_left_out
from broadsheet.pipeline.document.template import Page, render_page
from broadsheet.pipeline.document.theme import Theme, load_theme
from broadsheet.pipeline.formats import format_instant
from broadsheet.pipeline.languages import say
from broadsheet.pipeline.page_picture import draw_pages
from broadsheet.pipeline.payload import ImagePart, Payload, read_payload
from broadsheet.pipeline.protection import Protector

log = logging.getLogger(__name__)

_MOST_ROUNDS = 8


class PictureSummary(BaseModel):
    """The picture of a document's first page, in staging."""

    model_config = ConfigDict(frozen=True)

    key: str
    sha256: str


class PdfSummary(BaseModel):
    """What ``build_pdf`` hands on."""

    model_config = ConfigDict(frozen=True)

    key: str
    pages: int
    size_bytes: int
    sha256: str
    picture: PictureSummary | None = None
    """Page one as PNG, where the report stores it."""


def build_pdf(
    spec: RunSpec,
    report: ReportDefinition,
    variant: str,
    *,
    staging: ObjectStore,
    templates_dir: Path,
    static_dir: Path,
    themes_dir: Path,
    protector: Protector | None = None,
) -> PdfSummary:
    """Build a variant's PDF and keep it as ``report.pdf`` beside its payload, or as ``protector`` keeps it.

    The same payload, drawings, pictures, template and theme give the same bytes. DefinitionError names the
    template's or theme's file and line; DocumentError names a picture that cannot be used. There is no
    picture beside a protected document.
    """
    load_fonts(static_dir, language=spec.locale)
    theme = load_theme(themes_dir, spec.theme or report.theme).in_language(spec.locale)
    payload = read_payload(spec, variant, staging=staging)
    page = None if payload.empty else render_page(payload, templates_dir=templates_dir, report_id=report.id)
    template = page.path if page else templates_dir / "reports" / f"{report.id}.md.j2"
    making = _making(spec, payload, theme=theme, template=template)
    load = _Loader(spec, variant, staging)
    written, appendices = _write(
        page, payload, theme=theme, making=making, load=load, numbered=report.numbered
    )
    data, pages = written.data, written.pages
    if written.missing:
        log.warning(
            "run %s variant %s: no font has %s", spec.run_id, variant, ", ".join(written.missing[:20])
        )
    if appendices:
        data = fill_appendices(data, [(appendix, load.staged(appendix.part.key)) for appendix in appendices])
    log.info("run %s variant %s: document of %d pages, %d bytes", spec.run_id, variant, pages, len(data))
    if protector is not None:
        return PdfSummary(pages=pages, **protector.protect(variant, data).model_dump())
    key = f"{spec.variant_prefix(variant)}report.pdf"
    staging.put(key, data, content_type="application/pdf")
    return PdfSummary(
        key=key,
        pages=pages,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        picture=_picture(data, key, staging=staging) if _wants_picture(spec, report) else None,
    )


def _wants_picture(spec: RunSpec, report: ReportDefinition) -> bool:
    return ExportFormat.PNG in report.exports and spec.makes(ExportFormat.PNG.value)


def _picture(data: bytes, key: str, *, staging: ObjectStore) -> PictureSummary:
    picture = next(draw_pages(data))
    key = f"{key.removesuffix('.pdf')}.png"
    staging.put(key, picture, content_type="image/png")
    return PictureSummary(key=key, sha256=hashlib.sha256(picture).hexdigest())


@dataclass(frozen=True)
class _Loader:
    """Reads what other steps have left for a document."""

    spec: RunSpec
    variant: str
    staging: ObjectStore

    def drawing(self, chart: str, size: str) -> Drawing:
        key = drawing_key(self.spec, self.variant, chart=chart, size=size)
        try:
            return Drawing.model_validate_json(self.staging.get(key))
        except ValidationError as error:
            raise IntegrityError(f"drawing {key} of run {self.spec.run_id} cannot be read") from error

    def photo(self, picture: ImagePart) -> Photo:
        return open_photo(picture.key, self.staged(picture.key), caption=picture.caption)

    def staged(self, key: str) -> bytes:
        """Return a document's copy; only those that the fetch step has checked are drawn."""
        if not key.startswith(self.spec.staging_prefix):
            raise IntegrityError(f"document {key} is not among the files of run {self.spec.run_id}")
        return self.staging.get(key)


def _write(
    page: Page | None,
    payload: Payload,
    *,
    theme: Theme,
    making: tuple[tuple[str, str], ...],
    load: _Loader,
    numbered: bool,
) -> tuple[Written, list[Appendix]]:
    """Set a document; one that refers to pages again until it names the right ones.

    Where the numbers themselves move what they count, so that none is ever right, references have none.
    """
    blocks = [] if page is None else page.blocks

    def write(known: Mapping[str, int] | None) -> tuple[Written, list[Appendix], bool]:
        places = Places(blocks, payload, numbered=numbered, pages=known)
        story, appendices = _story(page, payload, theme=theme, places=places, load=load)
        left_out = columns_left_out(story, width=theme.content_width)
        story += [
            *appendix_pages(appendices, theme=theme),
            *build_provenance(payload, making, theme, placed=places.places, left_out=left_out),
        ]
        written = write_pages(story, _colophon(payload), theme=theme)
        return written, appendices, not places.refers or written.places == known

    tried: list[Mapping[str, int]] = []
    known: Mapping[str, int] = {}
    # What was tried before leads to the same pages again, and so on without end.
    while len(tried) < _MOST_ROUNDS and known not in tried:
        tried.append(known)
        written, appendices, right = write(known)
        if right:
            return written, appendices
        known = written.places
    log.warning(
        "run %s variant %s: the pages of references do not settle; they are left out",
        load.spec.run_id,
        load.variant,
    )
    written, appendices, _ = write(None)
    return written, appendices


def _story(
    page: Page | None, payload: Payload, *, theme: Theme, places: Places, load: _Loader
) -> tuple[list[Flowable], list[Appendix]]:
    """Return the flowables of a page, and the files that it appends."""
    if page is None:
        return [*build_masthead(payload, theme), *build_empty_page(payload, theme)], []
    builder = BlockBuilder(
        payload, theme=theme, places=places, load_drawing=load.drawing, load_photo=load.photo
    )
    refer = partial(places.reference, theme=theme)
    body = build_flowables(page, builder, theme=theme, refer=refer)
    appendices = [appendix for files in builder.appendices.values() for appendix in files]
    cover = next((block for block in page.blocks if block.kind == "cover"), None)
    if cover is None:
        return [*build_masthead(payload, theme), *body], appendices
    pictures = payload.images[cover.names[0]] if cover.names else ()
    photo = next((load.photo(picture) for picture in pictures if not picture.fault), None)
    opening = Cover(payload, subtitle=cover.words, photo=photo, theme=theme)
    return [opening, PageBreak(), *build_notices(payload, theme), *body], appendices


def _making(spec: RunSpec, payload: Payload, *, theme: Theme, template: Path) -> tuple[tuple[str, str], ...]:
    """Return how a document is made, in words; nothing of it comes from the clock."""
    locale, version = spec.locale, payload.provenance.report_version or "–"
    facts = [
        (
            say(locale, "Report"),
            say(locale, "{report}, version {version}", report=payload.report_id, version=version),
        ),
        (say(locale, "Template, SHA-256"), _digest(template)),
        (say(locale, "Theme"), theme.name),
        (say(locale, "Made by"), f"Broadsheet {broadsheet.__version__}"),
    ]
    # Whoever asks twice for a report of one period gets the same bytes, so when he asked is not said.
    if spec.revision is not None:
        facts += [
            (say(locale, "Subscription"), say(locale, "revision {number}", number=spec.revision)),
            (say(locale, "Made for"), format_instant(spec.slot, payload.period.zone, locale=locale)),
        ]
    return tuple(facts)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else "–"


def _colophon(payload: Payload) -> Colophon:
    as_of, locale = payload.data_as_of_display, payload.locale
    return Colophon(
        title=payload.title,
        subject=f"{payload.period.label} ({payload.period.zone})",
        author="Broadsheet",
        period=f"{payload.period.label} ({payload.period.zone})",
        as_of=say(locale, "Data as of {time}", time=as_of)
        if as_of
        else say(locale, "Data as of: not stated"),
        made_for=payload.period.end,
        language=locale,
    )
