"""The step that builds a document: payload, drawings, pictures and template in, one PDF out."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline.document.appendix import Appendix, appendix_pages, fill_appendices
from broadsheet.pipeline.document.blocks import BlockBuilder
from broadsheet.pipeline.document.canvas import Colophon
from broadsheet.pipeline.document.drawing import Drawing, drawing_key
from broadsheet.pipeline.document.figures import Photo, open_photo
from broadsheet.pipeline.document.fonts import load_fonts
from broadsheet.pipeline.document.frame import write_document
from broadsheet.pipeline.document.markdown import build_flowables
from broadsheet.pipeline.document.masthead import build_empty_page, build_masthead
from broadsheet.pipeline.document.template import render_page
from broadsheet.pipeline.document.theme import Theme, load_theme
from broadsheet.pipeline.payload import ImagePart, Payload, read_payload

log = logging.getLogger(__name__)


class PdfSummary(BaseModel):
    """What ``build_pdf`` hands on."""

    model_config = ConfigDict(frozen=True)

    key: str
    pages: int
    size_bytes: int
    sha256: str


def build_pdf(
    spec: RunSpec,
    report: ReportDefinition,
    variant: str,
    *,
    staging: ObjectStore,
    templates_dir: Path,
    static_dir: Path,
    themes_dir: Path,
) -> PdfSummary:
    """Build a variant's PDF and keep it as ``report.pdf`` beside its payload.

    The same payload, drawings, pictures, template and theme give the same bytes. DefinitionError names the
    template's or theme's file and line; DocumentError names a picture that cannot be used.
    """
    load_fonts(static_dir, language=spec.locale)
    theme = load_theme(themes_dir, spec.theme or report.theme)
    payload = read_payload(spec, variant, staging=staging)
    story = build_masthead(payload, theme)
    appendices: list[Appendix] = []
    if payload.empty:
        story += build_empty_page(payload, theme)
    else:
        page = render_page(payload, templates_dir=templates_dir, report_id=report.id)
        builder = _builder(spec, variant, payload=payload, staging=staging, theme=theme)
        story += build_flowables(page, builder, theme=theme)
        appendices = [appendix for files in builder.appendices.values() for appendix in files]
        story += appendix_pages(appendices, theme=theme)
    data, pages = write_document(story, _colophon(payload), theme=theme)
    if appendices:
        files = [(appendix, _staged(spec, appendix.part.key, staging=staging)) for appendix in appendices]
        data = fill_appendices(data, files)
    key = f"{spec.variant_prefix(variant)}report.pdf"
    staging.put(key, data, content_type="application/pdf")
    log.info("run %s variant %s: document of %d pages, %d bytes", spec.run_id, variant, pages, len(data))
    return PdfSummary(key=key, pages=pages, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def _builder(
    spec: RunSpec, variant: str, *, payload: Payload, staging: ObjectStore, theme: Theme
) -> BlockBuilder:
    def load_drawing(chart: str, size: str) -> Drawing:
        key = drawing_key(spec, variant, chart=chart, size=size)
        try:
            return Drawing.model_validate_json(staging.get(key))
        except ValidationError as error:
            raise IntegrityError(f"drawing {key} of run {spec.run_id} cannot be read") from error

    def load_photo(picture: ImagePart) -> Photo:
        data = _staged(spec, picture.key, staging=staging)
        return open_photo(picture.key, data, caption=picture.caption)

    return BlockBuilder(payload, theme=theme, load_drawing=load_drawing, load_photo=load_photo)


def _staged(spec: RunSpec, key: str, *, staging: ObjectStore) -> bytes:
    """Return a document's copy; only those that the fetch step has checked are drawn."""
    if not key.startswith(spec.staging_prefix):
        raise IntegrityError(f"document {key} is not among the files of run {spec.run_id}")
    return staging.get(key)


def _colophon(payload: Payload) -> Colophon:
    as_of = payload.data_as_of_display
    return Colophon(
        title=payload.title,
        subject=f"{payload.period.label} ({payload.period.zone})",
        author="Broadsheet",
        period=f"{payload.period.label} ({payload.period.zone})",
        as_of=f"Data as of {as_of}" if as_of else "Data as of: not stated",
        made_for=payload.period.end,
    )
