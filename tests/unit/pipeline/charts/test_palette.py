"""Neighbouring series can be told apart by people who see colours otherwise, and on a grey print."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from broadsheet.pipeline.charts.palette import ink_on, look, ramp, readable, toned
from broadsheet.pipeline.document.theme import load_theme
from broadsheet.settings import Settings

THEMES = sorted(path.stem for path in Settings().themes_dir.glob("*.yaml"))
# Machado, Oliveira and Fernandes (2009), severity 1.0, for linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(color: str, eye: str = "all cones") -> np.ndarray:
    """Return a colour in CIE L*a*b*, as an eye sees it."""
    parts = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    scaled = _TO_XYZ @ np.clip(EYES[eye] @ linear, 0, 1) / _WHITE
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, two: str, eye: str) -> float:
    return float(np.linalg.norm(lab(one, eye) - lab(two, eye)))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eye", EYES)
def test_neighbours_differ_to_every_eye(theme: str, eye: str) -> None:
    colors = load_theme(Settings().themes_dir, theme).colors.series
    for one, two in pairwise(colors):
        assert distance(one, two, eye) >= 20, (one, two)


@pytest.mark.parametrize("theme", THEMES)
def test_neighbours_differ_on_a_grey_print(theme: str) -> None:
    colors = load_theme(Settings().themes_dir, theme).colors.series
    lightness = [lab(color)[0] for color in colors]
    for one, two in pairwise(lightness):
        assert abs(one - two) >= 15, (one, two)


@pytest.mark.parametrize("theme", THEMES)
def test_a_ramp_darkens_evenly_to_every_eye(theme: str) -> None:
    colors = ramp(6, load_theme(Settings().themes_dir, theme).colors)
    for eye in EYES:
        lightness = [lab(color, eye)[0] for color in colors]
        assert all(one - two >= 6 for one, two in pairwise(lightness)), eye


def test_neighbouring_lines_differ_in_dashes_and_markers_too() -> None:
    colors = load_theme(Settings().themes_dir, "broadsheet").colors
    looks = [look(number, colors) for number in range(12)]
    for one, two in pairwise(looks):
        assert one.dash != two.dash
        assert one.marker != two.marker


@pytest.mark.parametrize("theme", THEMES)
def test_words_in_a_series_colour_are_dark_enough_to_read(theme: str) -> None:
    for color in load_theme(Settings().themes_dir, theme).colors.series:
        linear = lab(readable(color))[0]
        assert linear <= 56


@pytest.mark.parametrize("theme", THEMES)
def test_tones_that_stand_upon_each_other_differ_on_a_grey_print(theme: str) -> None:
    colors = load_theme(Settings().themes_dir, theme).colors
    lightness = [lab(toned(0, tone, colors).color)[0] for tone in ("main", "warn", "bad", "quiet", "dark")]
    for one, two in pairwise(lightness):
        assert abs(one - two) >= 15, (one, two)


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_a_cell_have_contrast(theme: str) -> None:
    colors = load_theme(Settings().themes_dir, theme).colors
    for ground in ramp(8, colors):
        ink, back = (lab(one)[0] for one in (ink_on(ground, colors.ink), ground))
        assert abs(ink - back) >= 40, ground
