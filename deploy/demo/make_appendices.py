"""Make the demo's PDF documents: notes on the projections in which the dossier's maps are drawn.

    python deploy/demo/make_appendices.py

Needs the extra ``embedded`` (for the airports). Writes into ``documents/`` beside this file; the same
packages give the same bytes. Runs at development time only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pikepdf
from make_documents import EARTH_KM, NEW_YORK, OUTPUT, Albers, Azimuthal, Forward, Grid, airports_and_flights
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table
from reportlab.platypus.flowables import Flowable

FONTS = Path(__file__).resolve().parents[2] / "include/static/fonts"
INK, QUIET, ACCENT, GRID = (HexColor(one) for one in ("#1b1b1b", "#5c6066", "#0f4c75", "#c9c8c3"))
RHO = "\N{GREEK SMALL LETTER RHO}"
LAND, CIRCLE = HexColor("#8a9aa6"), HexColor("#9d2b1e")
PAGE, MARGIN = (455.0, 610.0), 42.0
TEXT = ParagraphStyle("text", fontName="Serif", fontSize=9.6, leading=14, textColor=INK, spaceAfter=7)
TITLE = ParagraphStyle("title", parent=TEXT, fontName="Serif Bold", fontSize=17, leading=22, spaceAfter=10)
HEAD = ParagraphStyle("head", parent=TEXT, fontName="Serif Bold", fontSize=12, leading=16, spaceBefore=8)
FORMULA = ParagraphStyle("formula", parent=TEXT, leftIndent=16, spaceAfter=3)
NOTE = ParagraphStyle("note", parent=TEXT, fontName="Sans", fontSize=8, leading=11, textColor=QUIET)
CELL = ParagraphStyle("cell", parent=NOTE, alignment=TA_RIGHT, textColor=INK, spaceAfter=0)


class Map(NamedTuple):
    """What a map shows: its projection, the size of its picture in kilometres, and what lies upon it."""

    forward: Forward
    size_km: tuple[float, float]
    step: int
    """Degrees between lines of the net."""
    places: tuple[range, range]
    """Latitudes and longitudes of circles."""
    radius_km: float
    """Of those circles."""
    bold: tuple[float, ...] = ()
    """Latitudes that are drawn heavier."""


NETWORK = Map(
    Azimuthal(np.radians(41.0), np.radians(-107.0)).forward,
    size_km=(1600 * 6.6, 1000 * 6.6),
    step=15,
    places=(range(15, 76, 15), range(-167, -46, 20)),
    radius_km=500,
)
STATES = Map(
    Albers(38.0, -96.0, (29.5, 45.5)).forward,
    size_km=(1600 * 3.2, 1000 * 3.2),
    step=5,
    places=(range(25, 51, 5), range(-126, -65, 6)),
    radius_km=150,
    bold=(29.5, 45.5),
)


class Net(Flowable):  # type: ignore[misc]
    """A map's net of meridians and parallels, with a dot for each airport, or with circles of one radius."""

    def __init__(self, shown: Map, *, circles: bool = False) -> None:
        super().__init__()
        self.shown = shown
        self.circles = circles
        self.width = PAGE[0] - 2 * MARGIN
        self.height = self.width * shown.size_km[1] / shown.size_km[0]

    def wrap(self, *_: float) -> tuple[float, float]:
        """Return the space it takes."""
        return self.width, self.height + 4

    def draw(self) -> None:
        """Draw the net, and what stands upon it."""
        canvas = self.canv
        canvas.saveState()
        frame = canvas.beginPath()
        frame.rect(0, 0, self.width, self.height)
        canvas.clipPath(frame, stroke=0, fill=0)
        self._net(canvas)
        if self.circles:
            canvas.setStrokeColor(CIRCLE)
            canvas.setLineWidth(0.8)
            latitudes, longitudes = self.shown.places
            for latitude in latitudes:
                for longitude in longitudes:
                    self._line(canvas, *circle(latitude, longitude, radius_km=self.shown.radius_km))
        else:
            self._airports(canvas)
        canvas.restoreState()
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.6)
        canvas.rect(0, 0, self.width, self.height)

    def _net(self, canvas: Canvas) -> None:
        along = np.linspace(0, 1, 120)
        for longitude in range(-180, 0, self.shown.step):
            self._styled(canvas, bold=False)
            self._line(canvas, -10 + 95 * along, np.full(120, float(longitude)))
        latitudes = [*range(0, 90, self.shown.step), *self.shown.bold]
        for latitude in latitudes:
            self._styled(canvas, bold=latitude in self.shown.bold)
            self._line(canvas, np.full(120, float(latitude)), -180 + 180 * along)

    def _styled(self, canvas: Canvas, *, bold: bool) -> None:
        canvas.setStrokeColor(ACCENT if bold else GRID)
        canvas.setLineWidth(1.4 if bold else 0.5)

    def _airports(self, canvas: Canvas) -> None:
        airports, _ = airports_and_flights()
        canvas.setFillColor(LAND)
        for x, y in self._points(airports["lat"].to_numpy(float), airports["lon"].to_numpy(float)):
            canvas.circle(x, y, 0.7, stroke=0, fill=1)
        canvas.setFillColor(CIRCLE)
        (x, y), *_ = self._points(np.array([NEW_YORK[0]]), np.array([NEW_YORK[1]]))
        canvas.circle(x, y, 2.6, stroke=0, fill=1)
        canvas.setFont("Sans Bold", 8)
        canvas.drawRightString(x - 5, y + 3, "New York")

    def _points(self, latitude: Grid, longitude: Grid) -> list[tuple[float, float]]:
        x, y = self.shown.forward(np.radians(latitude), np.radians(longitude))
        scale = self.width / self.shown.size_km[0]
        return [
            (round(self.width / 2 + a * scale, 2), round(self.height / 2 + b * scale, 2))
            for a, b in zip(x, y, strict=True)
        ]

    def _line(self, canvas: Canvas, latitude: Grid, longitude: Grid) -> None:
        points = self._points(latitude, longitude)
        path = canvas.beginPath()
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        canvas.drawPath(path, stroke=1, fill=0)


def circle(latitude: float, longitude: float, *, radius_km: float) -> tuple[Grid, Grid]:
    """Return the points, in degrees, that are as far from a place on the sphere."""
    centre, angle = np.radians(latitude), radius_km / EARTH_KM
    bearing = np.linspace(0, 2 * np.pi, 73)
    found = np.arcsin(np.sin(centre) * np.cos(angle) + np.cos(centre) * np.sin(angle) * np.cos(bearing))
    east = np.sin(bearing) * np.sin(angle) * np.cos(centre)
    step = np.arctan2(east, np.cos(angle) - np.sin(centre) * np.sin(found))
    return np.degrees(found), longitude + np.degrees(step)


def text(words: str) -> Paragraph:
    """Return a paragraph."""
    return Paragraph(words, TEXT)


def note(words: str) -> Paragraph:
    """Return the words below a figure."""
    return Paragraph(words, NOTE)


def head(words: str) -> Paragraph:
    """Return a heading."""
    return Paragraph(words, HEAD)


def formula(words: str) -> Paragraph:
    """Return a line of a formula."""
    return Paragraph(words, FORMULA)


def numbers(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Return a table of numbers."""
    cells = [[Paragraph(text, CELL) for text in row] for row in (head, *rows)]
    table = Table(cells, colWidths=[(PAGE[0] - 2 * MARGIN) / len(head)] * len(head), spaceAfter=8)
    table.setStyle(
        [("FONTNAME", (0, 0), (-1, -1), "Sans"),
         ("LINEBELOW", (0, 0), (-1, 0), 0.7, INK), ("LINEBELOW", (0, 1), (-1, -1), 0.4, GRID),
         ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)]
    )  # fmt: skip
    return table


def write(name: str, title: str, story: Sequence[Flowable]) -> None:
    """Write a document of one story."""
    path = OUTPUT / "airport_dossier" / "appendices" / name
    document = SimpleDocTemplate(
        str(path),
        pagesize=PAGE,
        invariant=1,
        title=title,
        author="Broadsheet",
        lang="en",
        # Reportlab begins every page in Helvetica, which no page here uses and no file has.
        initialFontName="Serif",
        # The frame has a padding of 6 points of its own.
        leftMargin=MARGIN - 6,
        rightMargin=MARGIN - 6,
        topMargin=MARGIN - 6,
        bottomMargin=MARGIN - 12,
    )
    document.build([Paragraph(title, TITLE), *story])
    with pikepdf.open(path, allow_overwriting_input=True) as made:
        made.remove_unreferenced_resources()
        made.save(
            path,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
            deterministic_id=True,
        )


def azimuthal() -> list[Flowable]:
    """Return the note on the map of all routes."""
    rows = [
        [
            f"{angle}°",
            f"{EARTH_KM * np.radians(angle):,.0f}",
            f"{np.cos(half):.3f}",
            f"{1 / np.cos(half):.3f}",
        ]
        for angle in (0, 15, 30, 45, 60)
        for half in (np.radians(angle) / 2,)
    ]
    return [
        text(
            "The map of all routes has to hold Honolulu and Portland in Maine, and to compare what lies"
            " between. It is drawn in the azimuthal projection that Johann Heinrich Lambert published "
            "in 1772: seen from its centre every direction is true, and areas keep their proportions "
            "everywhere."
        ),
        Net(NETWORK),
        note(
            "Figure 1. The net of the map, every 15 degrees, and the airports of the register. Its "
            "centre is 41° N 107° W; a pixel of the picture is 6.6 kilometres."
        ),
        text(
            "Straight lines through the centre are the shortest ways. Those from New York do not pass "
            "through it, so they bend a little: each is drawn as a great circle."
        ),
        head("How a place becomes a point"),
        text("For latitude φ, longitude λ, the centre φ₀, λ₀ and the Earth's radius R of 6,371 kilometres:"),
        formula("k = √(2 / (1 + sin φ₀ sin φ + cos φ₀ cos φ cos(λ − λ₀)))"),
        formula("x = R k cos φ sin(λ − λ₀)"),
        formula("y = R k (cos φ₀ sin φ − sin φ₀ cos φ cos(λ − λ₀))"),
        PageBreak(),
        head("What it costs"),
        text("Away from the centre distances shrink outwards and stretch across, by as much, so areas stay:"),
        numbers(("from the centre", "kilometres", "scale outwards", "scale across"), rows),
        Net(NETWORK, circles=True),
        note(
            "Figure 2. Circles of 500 kilometres. All enclose the same area on the map; far from the "
            "centre they are ellipses."
        ),
    ]


def conic() -> list[Flowable]:
    """Return the note on the map of the contiguous states."""
    first, second = np.radians([29.5, 45.5])
    n = (np.sin(first) + np.sin(second)) / 2
    c = np.cos(first) ** 2 + 2 * n * np.sin(first)
    rows = []
    for latitude in (25.0, 29.5, 37.5, 45.5, 49.0):
        scale = np.sqrt(c - 2 * n * np.sin(np.radians(latitude))) / np.cos(np.radians(latitude))
        rows.append([f"{latitude:.1f}° N", f"{scale:.3f}", f"{1 / scale:.3f}"])
    return [
        text(
            "The contiguous states are wider than they are high. A cone suits such a country: Heinrich "
            "Albers' projection of 1805 keeps areas, and along two parallels it keeps distances, too. "
            "The standard parallels of this map, 29.5° and 45.5° N, are those of most maps of the "
            "United States."
        ),
        Net(STATES),
        note(
            "Figure 1. The net of the map, every 5 degrees, with its standard parallels and the "
            "airports of the register. A pixel of the picture is 3.2 kilometres."
        ),
        text(
            "Meridians are straight and meet in one point beyond the pole; parallels are arcs around "
            "it. North is up only along 96° W: in Seattle it leans to the right, in Boston to the left."
        ),
        head("How a place becomes a point"),
        text("With standard parallels φ₁ and φ₂, origin φ₀ = 38° N, λ₀ = 96° W, and the Earth's radius R:"),
        formula("n = (sin φ₁ + sin φ₂) / 2"),
        formula(f"{RHO}(φ) = R √(cos² φ₁ + 2 n sin φ₁ − 2 n sin φ) / n"),
        formula(f"x = {RHO}(φ) sin(n (λ − λ₀)),   y = {RHO}(φ₀) − {RHO}(φ) cos(n (λ − λ₀))"),
        PageBreak(),
        head("What it costs"),
        text(
            "Between the standard parallels distances from west to east are a little too short, beyond "
            "them too long; those from south to north make up for it. Over the contiguous states no "
            "distance is wrong by as much as one part in fifty:"
        ),
        numbers(("latitude", "scale west to east", "scale south to north"), rows),
        Net(STATES, circles=True),
        note(
            "Figure 2. Circles of 150 kilometres. All enclose the same area, and one can hardly see "
            "their shapes change."
        ),
    ]


def main() -> None:
    """Write both notes anew."""
    for name, file in (
        ("Serif", "SourceSerif4-Regular"),
        ("Serif Bold", "SourceSerif4-SemiBold"),
        ("Sans", "SourceSans3-Regular"),
        ("Sans Bold", "SourceSans3-SemiBold"),
    ):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{file}.ttf")))
    (OUTPUT / "airport_dossier" / "appendices").mkdir(parents=True, exist_ok=True)
    write("azimuthal_projections.pdf", "Lambert's azimuthal equal-area projection", azimuthal())
    write("conic_projections.pdf", "Albers' conic equal-area projection", conic())


if __name__ == "__main__":
    main()
