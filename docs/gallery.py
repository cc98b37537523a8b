"""Build the reports of the gallery on real data, and take the pictures that ``docs/gallery.md`` shows.

Run it with ``make gallery``; it starts its own Postgres and S3, loads the flights of 2013 as they are, and
needs no Airflow. PDFs and a PNG of every page go to ``build/gallery``, the chosen pages to
``docs/images/gallery``, and a page of each report to the samples that the portal's cards show. The first
argument, if there is one, is the beginning of the names that are wanted.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from broadsheet.cli.preview import preview_command
from broadsheet.embedded.documents import load_documents
from broadsheet.embedded.flights import load_flights
from broadsheet.embedded.stack import Stack
from broadsheet.settings import STORAGE, connection_uri, get_settings, parse_endpoint
from broadsheet.store.objects import S3ObjectStore

BUILD = Path("build/gallery")
IMAGES = Path(__file__).parent / "images" / "gallery"
SAMPLES = Path("include/static/portal/samples")
LOADED_AT = datetime(2014, 1, 6, 11, tzinfo=UTC)
"""When the data is said to have been loaded; fixed, so that the same reports give the same pictures."""
WIDTH = 640
LARGEST = 90_000
"""Bytes that a picture for the docs may have."""
SAMPLE_LARGEST = 60_000
"""Bytes that a picture on a card of the portal may have."""
README_SHOWS = "airline_punctuality-2013-W12-UA"
STRIP, GAP = (700, 990), 20
"""Size of a page in the README's picture, and the room between two, in pixels."""


@dataclass(frozen=True)
class Document:
    """One document of the gallery: a report with its period and parameters, and the pages that docs show."""

    report: str
    period: str
    parameters: dict[str, str] = field(default_factory=dict)
    shown: tuple[int, ...] = ()
    language: str = ""
    """The report's own when empty."""
    sample: int = 1
    """The page that stands for the report on its card in the portal."""

    @property
    def name(self) -> str:
        """Name of its files."""
        return "-".join([self.report, self.period, *self.parameters.values(), *filter(None, [self.language])])

    @property
    def options(self) -> dict[str, str]:
        """What the preview of another language is told."""
        return {"language": self.language} if self.language else {}


DOCUMENTS = (
    Document("airline_punctuality", "2013-W12", {"carrier": "UA"}, shown=(1, 2)),
    Document("airport_day", "2013-06-13", {"airport": "LGA"}, shown=(2, 3)),
    Document("fleet_register", "2013", {"carrier": "all"}, shown=(3, 11), sample=3),
    Document("carrier_scorecard", "2013-05", {"carrier": "B6"}, shown=(1, 2)),
    Document("airport_dossier", "2013-Q3", {"airport": "JFK"}, shown=(1, 4)),
    *(
        Document(
            "airport_day",
            "2013-06-13",
            {"airport": "LGA"},
            shown=(1,),
            language=language,
        )
        for language in ("de", "fr", "hi", "ja", "ar")
    ),
)


def main() -> None:
    """Build everything, or the documents whose names begin with the first argument."""
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    wanted = [document for document in DOCUMENTS if document.name.startswith(only)]
    BUILD.mkdir(parents=True, exist_ok=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="broadsheet-gallery-")
    with Stack(Path(folder), keep=False) as stack:
        stack.up_servers(tied=True)
        load(stack)
        for document in wanted:
            preview_command(
                document.report,
                param=[f"{name}={value}" for name, value in document.parameters.items()],
                period=document.period,
                output=BUILD / f"{document.name}.pdf",
                pages=BUILD / document.name,
                **document.options,
            )
            for page in document.shown:
                take_picture(document, page)
            if not document.language:
                take_sample(document)
            if document.name == README_SHOWS:
                take_strip(document)


def load(stack: Stack) -> None:
    """Load the flights and the documents, and let reports of this process find them."""
    load_flights(
        stack.owner_dsn("flights"),
        shift_weeks=0,
        reader_password=stack.secrets.postgres_reader,
        loaded_at=LOADED_AT,
    )
    os.environ.update(stack.environment())
    endpoint = parse_endpoint(connection_uri(STORAGE))
    load_documents(S3ObjectStore(endpoint, get_settings().documents_bucket))


def take_strip(document: Document) -> None:
    """Write the README's picture: the first three pages side by side."""
    strip = Image.new("RGB", (3 * STRIP[0] + 2 * GAP, STRIP[1]), "#d8d6d0")
    for number in range(3):
        with Image.open(page_file(document, number + 1)) as picture:
            page = picture.convert("RGB").resize(STRIP, Image.Resampling.LANCZOS)
        strip.paste(page, (number * (STRIP[0] + GAP), 0))
    strip.quantize(256, kmeans=2, dither=Image.Dither.NONE).save(
        IMAGES.parent / f"{document.report}.png", optimize=True
    )


def page_file(document: Document, page: int) -> Path:
    """Return where the preview has put a page's picture."""
    return BUILD / document.name / f"{document.report}-{page:03d}.png"


def small_page(document: Document, page: int) -> Image.Image:
    """Return a page's picture in the width of docs and cards."""
    with Image.open(page_file(document, page)) as picture:
        small = picture.convert("RGB")
        return small.resize((WIDTH, round(WIDTH * small.height / small.width)), Image.Resampling.LANCZOS)


def take_sample(document: Document) -> None:
    """Write a page for the report's card in the portal, in as many colours as fit."""
    small = small_page(document, document.sample)
    for colours in (96, 48, 24, 12):
        data = io.BytesIO()
        small.quantize(colours, kmeans=2, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
        if data.tell() <= SAMPLE_LARGEST:
            break
    (SAMPLES / f"{document.report}.png").write_bytes(data.getvalue())


def take_picture(document: Document, page: int) -> None:
    """Write a page's picture for the docs: PNG of few colours, or JPEG where that would be too large."""
    small = small_page(document, page)
    target = IMAGES / f"{document.name}-{page}"
    for suffix in (".png", ".jpg"):
        target.with_suffix(suffix).unlink(missing_ok=True)
    data = io.BytesIO()
    small.quantize(96, kmeans=2, dither=Image.Dither.NONE).save(data, "PNG", optimize=True)
    suffix = ".png"
    for quality in (85, 75, 65, 55):
        if data.tell() <= LARGEST:
            break
        data, suffix = io.BytesIO(), ".jpg"
        small.save(data, "JPEG", quality=quality, optimize=True)
    target.with_suffix(suffix).write_bytes(data.getvalue())


if __name__ == "__main__":
    main()
