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
    """A glyph by its number in the font, and where it stands in its piece, in thousandths of the size."""

    number: int
    x: float
    y: float = 0.0
    wide: bool = True
    """Whether it has room of its own; marks have none."""


@dataclass(frozen=True)
class Cluster:
    """Glyphs that together stand for a piece of text."""

    text: str
    glyphs: tuple[Glyph, ...]


@dataclass(frozen=True)
class Piece:
    """A run of one font; without ``clusters`` it is drawn by its characters. Width is in thousandths.

    Clusters come in the order of reading; where ``rtl`` in that of the page, from left to right, which is
    what programs expect that copy text by its places.
    """

    face: Face
    text: str
    width: float
    clusters: tuple[Cluster, ...] | None = None
    heavy: bool = False
    """Whether it is made bold by an outline, for want of a bold font."""
    rtl: bool = False

    @property
    def spoken(self) -> bool:
        """Whether its text is not to be read off its glyphs, though it runs from left to right."""
        return self.clusters is not None and not self.rtl and _JOINS.search(self.text) is not None


@dataclass(frozen=True)
class Setting:
    """A text as it is drawn, from left to right."""

    pieces: tuple[Piece, ...]
    width: float
    """In thousandths of the size."""
    plain: bool
    """Whether all of it is drawn character by character."""

    @property
    def spoken(self) -> bool:
        """Whether some of its text is not to be read off its glyphs."""
        return any(piece.spoken for piece in self.pieces)


def is_shaped(text: str) -> bool:
    """Whether a text is more than its characters beside each other."""
    return not text.isascii() and (_JOINS.search(text) is not None or has_right_to_left(text))


def is_spoken(text: str) -> bool:
    """Whether a text is not to be read off its glyphs, though all of it runs from left to right."""
    return not text.isascii() and _JOINS.search(text) is not None and not has_right_to_left(text)


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
    parts, width = _shape(_bounded(text), face, rtl=rtl)
    told = tuple(_told(part, rtl=rtl) if marked or (rtl and part.text != " ") else part for part in parts)
    if told:
        yield Piece(face, text, width, told, heavy=heavy, rtl=rtl)


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


def _shape(parts: list[tuple[str, str]], face: Face, *, rtl: bool) -> tuple[list[Cluster], float]:
    """Give text to HarfBuzz; return its clusters as a piece has them, and how wide they are together."""
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
    if not rtl:
        # Each glyph is told the characters that it was made of, not just the letter that it belongs to.
        buffer.cluster_level = uharfbuzz.BufferClusterLevel.CHARACTERS
    uharfbuzz.shape(font.shaper, buffer, _FEATURES)
    infos = buffer.glyph_infos
    if not infos:
        # All of it is signs for how to draw others, and there are none.
        return [], 0.0
    starts = sorted({info.cluster for info in infos})
    ends = dict(zip(starts, [*starts[1:], len(drawn)], strict=True))
    found: dict[int, list[Glyph]] = {}
    x, missing = 0.0, _Missing(font)
    for info, position in zip(infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            boxes = list(missing.boxes(drawn[info.cluster : ends[info.cluster]], x))
            found.setdefault(info.cluster, []).extend(boxes)
            x += len(boxes) * missing.advance
            continue
        glyph = Glyph(info.codepoint, x + position.x_offset, float(position.y_offset), position.x_advance > 0)
        found.setdefault(info.cluster, []).append(glyph)
        x += position.x_advance
    clusters = []
    for start in starts:
        first = 0 if start == starts[0] else start
        text = drawn[first : ends[start]] + "".join(
            more for stop, more in extra.items() if first < stop <= ends[start]
        )
        # Programs that copy text turn what runs from right to left around, letter by letter.
        clusters.append(Cluster(text[::-1] if rtl else text, tuple(found[start])))
    return clusters[::-1] if rtl else clusters, x


@dataclass(frozen=True)
class _Missing:
    """Draws boxes for what a font has not."""

    font: DocumentFont

    @property
    def advance(self) -> float:
        """How wide a box is, in thousandths."""
        return self.font.advance(self.font.glyph_of(BOX))

    def boxes(self, text: str, x: float) -> Iterator[Glyph]:
        """Return a box for each character that is not just a sign for how to draw others."""
        for number, _ in enumerate(re.findall(f".{IGNORABLE.pattern}*", text, re.DOTALL)):
            yield Glyph(self.font.glyph_of(BOX), x + number * self.advance)
