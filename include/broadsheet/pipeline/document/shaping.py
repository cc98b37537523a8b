"""Text as it is drawn: in runs of one font and direction from left to right, with letters joined.

Latin, Cyrillic, Greek, Chinese, Japanese and Korean are drawn character by character. What runs from right
to left, has marks, or joins its letters goes through HarfBuzz, and is drawn by the glyphs that come back.
Each glyph, or group of glyphs, carries the text that it stands for, so that a copy is what was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import uharfbuzz
from reportlab.pdfbase import pdfmetrics

from broadsheet.pipeline.document.bidi import base_level, has_right_to_left, levels_of, visual_runs
from broadsheet.pipeline.document.faces import (
    BOX,
    IGNORABLE,
    Face,
    clusters,
    font_of,
    fonts_in_use,
    is_heavy,
    split_by_font,
    visible,
)
from broadsheet.pipeline.document.glyphs import DocumentFont

MOST_MARKS = 8
"""Marks that are drawn on one letter; the others are only copied with it."""
_MOST_KEPT = 8_192
# Letters of Latin text stand as reportlab sets them, whatever stands beside them.
_FEATURES = {"kern": False, "liga": False, "clig": False}
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "ES", "ET", "CS", "BN"})
_LEFT_MARK, _RIGHT_MARK = "\N{LEFT-TO-RIGHT MARK}", "\N{RIGHT-TO-LEFT MARK}"
# Marks, joiners and the scripts whose letters change with their neighbours.
_JOINS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0600-\u08ff\u0900-\u0dff\u0e31\u0e34-\u0e4e\u1ab0-\u1aff\u1cd0-\u1cff"
    "\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ua8e0-\ua8ff\ufb50-\ufdff\ufe20-\ufe2f"
    "\ufe70-\ufefc]"
)


@dataclass(frozen=True)
class Glyph:
    """A glyph by its number in the font; advance and shifts are in thousandths of the size."""

    number: int
    advance: float
    dx: float = 0.0
    dy: float = 0.0


@dataclass(frozen=True)
class Cluster:
    """Glyphs that together stand for a piece of text."""

    text: str
    glyphs: tuple[Glyph, ...]


@dataclass(frozen=True)
class Piece:
    """A run of one font; without ``clusters`` it is drawn by its characters. Width is in thousandths."""

    face: Face
    text: str
    width: float
    clusters: tuple[Cluster, ...] | None = None
    heavy: bool = False
    """Whether it is made bold by an outline, for want of a bold font."""


@dataclass(frozen=True)
class Setting:
    """A text as it is drawn, from left to right."""

    pieces: tuple[Piece, ...]
    width: float
    """In thousandths of the size."""
    plain: bool
    """Whether all of it is drawn character by character."""


def is_shaped(text: str) -> bool:
    """Whether a text is more than its characters beside each other."""
    return not text.isascii() and (_JOINS.search(text) is not None or has_right_to_left(text))


def set_text(text: str, face: Face, base: int | None = None) -> Setting:
    """Set one line of text; ``base`` 1 is a line that runs from right to left, None one that says itself."""
    if not base and not has_right_to_left(text):
        return set_run(text, face)
    return _set_line(text, face, base, fonts_in_use())


def set_run(text: str, face: Face, *, rtl: bool = False, between: bool = False) -> Setting:
    """Set text of one direction; ``between`` says that it stands beside text of the other one."""
    return _set_run(text, face, rtl, between, fonts_in_use())


@lru_cache(maxsize=_MOST_KEPT)
def _set_line(text: str, face: Face, base: int | None, _fonts: object) -> Setting:
    level = base_level(text) if base is None else base
    levels = levels_of(text, level)
    runs = visual_runs(text, levels, level)
    return joined(
        [set_run(text[start:stop], face, rtl=rtl, between=len(runs) > 1) for start, stop, rtl in runs]
    )


def joined(settings: Sequence[Setting]) -> Setting:
    """Return settings that stand beside each other as one."""
    return Setting(
        tuple(piece for setting in settings for piece in setting.pieces),
        sum(setting.width for setting in settings),
        all(setting.plain for setting in settings),
    )


@lru_cache(maxsize=_MOST_KEPT)
def _set_run(text: str, face: Face, rtl: bool, between: bool, _fonts: object) -> Setting:
    edges = _edges(text) if between else (0, len(text))
    parts = [(text[: edges[0]], True), (text[edges[0] : edges[1]], False), (text[edges[1] :], True)]
    pieces = [
        piece
        for part, marked in parts
        for drawn, run in split_by_font(part, face)
        for piece in _pieces(run, drawn, rtl=rtl, heavy=is_heavy(face, drawn), marked=marked)
    ]
    if rtl:
        pieces.reverse()
    return Setting(
        tuple(pieces), sum(piece.width for piece in pieces), all(piece.clusters is None for piece in pieces)
    )


def _edges(text: str) -> tuple[int, int]:
    """Return where the first character starts and the last one ends that has a direction of its own."""
    own = [at for at, character in enumerate(text) if unicodedata.bidirectional(character) not in _NEUTRAL]
    return (own[0], own[-1] + 1) if own else (len(text), len(text))


def _pieces(text: str, face: Face, *, rtl: bool, heavy: bool, marked: bool) -> Iterator[Piece]:
    """Set a run of one font: by its characters where all of it can be, else by glyphs.

    ``marked`` characters say their direction to whoever copies them, as it is not told from their place.
    """
    font = font_of(face)
    drawn = visible(text)
    if not (rtl or marked) and not _JOINS.search(text) and all(map(font.glyph_of, drawn)):
        if drawn:
            width = float(pdfmetrics.stringWidth(drawn, face.value, 1000))
            yield Piece(face, drawn, width, heavy=heavy)
        return
    parts = tuple(_shape(_bounded(text), face, rtl=rtl))
    parts = tuple(_told(part, rtl=rtl) if marked or (rtl and part.text != " ") else part for part in parts)
    if parts:
        width = sum(glyph.advance for part in parts for glyph in part.glyphs)
        yield Piece(face, text, width, parts, heavy=heavy)


def _told(part: Cluster, *, rtl: bool) -> Cluster:
    """Return a cluster that says its direction, if it is one that takes it from its neighbours."""
    if any(unicodedata.bidirectional(character) not in _NEUTRAL for character in part.text):
        return part
    mark = _RIGHT_MARK if rtl else _LEFT_MARK
    return Cluster(f"{mark}{part.text}{mark}", part.glyphs)


def _bounded(text: str) -> list[tuple[str, str]]:
    """Return what is drawn of each letter with its marks, and what it stands for."""
    found = []
    for cluster in clusters(text):
        found.append((cluster[: MOST_MARKS + 1] if len(cluster) > MOST_MARKS * 4 else cluster, cluster))
    return found


def _shape(parts: list[tuple[str, str]], face: Face, *, rtl: bool) -> Iterator[Cluster]:
    """Give text to HarfBuzz, and return clusters from left to right."""
    font = font_of(face)
    drawn = "".join(shown for shown, _ in parts)
    extra: dict[int, str] = {}
    at = 0
    for shown, whole in parts:
        at += len(shown)
        if len(whole) > len(shown):
            extra[at] = whole[len(shown) :]
    buffer = uharfbuzz.Buffer()
    buffer.add_str(drawn)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if rtl else "ltr"
    buffer.flags = uharfbuzz.BufferFlags.REMOVE_DEFAULT_IGNORABLES
    uharfbuzz.shape(font.shaper, buffer, _FEATURES)
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    if not infos:
        return
    starts = sorted({info.cluster for info in infos} | {0})
    ends = dict(zip(starts, [*starts[1:], len(drawn)], strict=True))
    grouped: list[tuple[int, list[Glyph]]] = []
    for info, position in zip(infos, positions, strict=True):
        glyph = Glyph(info.codepoint, position.x_advance, float(position.x_offset), float(position.y_offset))
        if grouped and grouped[-1][0] == info.cluster:
            grouped[-1][1].append(glyph)
        else:
            grouped.append((info.cluster, [glyph]))
    first = min(info.cluster for info in infos)
    for start, glyphs in grouped:
        stop = ends[start]
        start = 0 if start == first else start
        text = drawn[start:stop] + extra.get(stop, "")
        if any(glyph.number == 0 for glyph in glyphs):
            yield from _boxes(drawn[start:stop], extra.get(stop, ""), font, rtl=rtl)
            continue
        # Programs that copy text turn what runs from right to left around, letter by letter.
        yield Cluster(text[::-1] if rtl else text, tuple(glyphs))


def _boxes(text: str, extra: str, font: DocumentFont, *, rtl: bool) -> Iterator[Cluster]:
    """Return a box for each character that is not just a sign for how to draw others."""
    number = font.glyph_of(BOX)
    box = Glyph(number, font.advance(number))
    parts = [match.group() for match in re.finditer(f".{IGNORABLE.pattern}*", text, re.DOTALL)]
    parts[-1] += extra
    for part in reversed(parts) if rtl else parts:
        yield Cluster(part[::-1] if rtl else part, (box,))
