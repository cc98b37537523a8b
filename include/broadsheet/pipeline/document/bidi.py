"""Right-to-left text: which way each character runs, and in which order a line's characters stand.

The rules are those of the Unicode Bidirectional Algorithm (UAX #9), as python-bidi applies them. Paired
brackets (rule N0), which it lacks, are added here; isolates are read as embeddings, which differ only for
numbers and punctuation at an isolate's edge. A sign before a number is part of it, as if the mark stood there
that CLDR's patterns have in such languages: -39 is never 39-.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TypedDict

from bidi.algorithm import (
    explicit_embed_and_overrides,
    get_base_level,
    get_empty_storage,
    resolve_implicit_levels,
    resolve_neutral_types,
    resolve_weak_types,
)

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_EMBEDDINGS = {"LRI": "LRE", "RLI": "RLE", "PDI": "PDF"}
_BRACKETS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⟪": "⟫", "⟦": "⟧", "⁅": "⁆", "「": "」", "『": "』",
             "（": "）", "【": "】", "〈": "〉", "《": "》", "［": "］", "｛": "｝"}  # fmt: skip
_SIGNS = frozenset("+-−±")
_CLOSING = frozenset(_BRACKETS.values())
_DEEPEST = 63


class _Character(TypedDict):
    ch: str
    level: int
    type: str
    orig: str
    at: int


def has_right_to_left(text: str) -> bool:
    """Whether a text has any character that runs from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def base_level(text: str, *, default: int = 0) -> int:
    """Return 1 for a paragraph that runs from right to left, 0 otherwise, by its first letter.

    A paragraph without letters has the ``default``.
    """
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return int(get_base_level(character))
    return default


def levels_of(text: str, base: int) -> bytes:
    """Return the embedding level of each character of a paragraph; odd ones run from right to left."""
    if not base and not has_right_to_left(text):
        return bytes(len(text))
    storage = get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    characters: list[_Character] = []
    for at, character in enumerate(text):
        kind = unicodedata.bidirectional(character) or "L"
        kind = ("RLE" if base else "LRE") if kind == "FSI" else _EMBEDDINGS.get(kind, kind)
        characters.append({"ch": character, "level": base, "type": kind, "orig": kind, "at": at})
    storage["chars"] = characters
    explicit_embed_and_overrides(storage)
    resolve_weak_types(storage)
    _resolve_signs(storage["chars"])
    for run in storage["runs"]:
        _resolve_brackets(storage["chars"][run["start"] : run["start"] + run["length"]], run["sor"])
    resolve_neutral_types(storage, None)
    resolve_implicit_levels(storage, None)
    found: dict[int, int] = {entry["at"]: entry["level"] for entry in storage["chars"]}
    levels, last = bytearray(len(text)), base
    for at in range(len(text)):
        # What the rules leave out takes part in nothing: it stays with what is before it.
        last = levels[at] = found.get(at, last)
    return bytes(levels)


def _resolve_signs(characters: list[_Character]) -> None:
    """Give a sign the direction of the number that it stands before; one between two numbers is none."""
    before = ""
    for sign, digit in pairwise(characters):
        if (
            sign["ch"] in _SIGNS
            and digit["type"] in ("EN", "AN")
            and digit["ch"].isdigit()
            and not before.isalnum()
        ):
            sign["type"] = digit["type"]
        before = sign["ch"]


def _resolve_brackets(run: list[_Character], before: str) -> None:
    """Give both brackets of a pair the direction of what they hold, or of what is around them (N0)."""
    if not run:
        return
    embedding = "LR"[run[0]["level"] % 2]
    for opening, closing in _pairs(run):
        inside = {_direction(entry) for entry in run[opening + 1 : closing]} - {""}
        if embedding in inside:
            chosen = embedding
        elif inside:
            strong = (_direction(entry) for entry in reversed(run[:opening]))
            context = next(filter(None, strong), before)
            chosen = context if context != embedding else embedding
        else:
            continue
        run[opening]["type"] = run[closing]["type"] = chosen


def _direction(entry: _Character) -> str:
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(entry["type"], "")


def _pairs(run: list[_Character]) -> list[tuple[int, int]]:
    """Return the places of brackets that belong together, in the order of the opening ones (BD16)."""
    waiting: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for at, entry in enumerate(run):
        if entry["type"] != "ON":
            continue
        character = entry["ch"]
        if character in _BRACKETS:
            if len(waiting) == _DEEPEST:
                return []
            waiting.append((_BRACKETS[character], at))
        elif character in _CLOSING:
            for depth in range(len(waiting) - 1, -1, -1):
                if waiting[depth][0] == character:
                    pairs.append((waiting[depth][1], at))
                    del waiting[depth:]
                    break
    return sorted(pairs)


def visual_runs(text: str, levels: bytes, base: int) -> list[tuple[int, int, bool]]:
    """Return a line's runs from left to right: where each starts and stops, and whether it is reversed.

    ``levels`` are those of the line's characters in their paragraph.
    """
    if not base and not any(levels):
        return [(0, len(text), False)] if text else []
    fixed = bytearray(levels)
    for at in range(len(text) - 1, -1, -1):
        # White space at a line's end stands where the paragraph ends (L1).
        if unicodedata.bidirectional(text[at]) not in ("WS", "BN", "B", "S"):
            break
        fixed[at] = base
    edges = [0, *(at for at in range(1, len(text)) if fixed[at] != fixed[at - 1]), len(text)]
    runs = [(start, stop, fixed[start]) for start, stop in pairwise(edges) if stop > start]
    for level in range(max(fixed, default=0), 0, -1):
        at = 0
        while at < len(runs):
            end = at
            while end < len(runs) and runs[end][2] >= level:
                end += 1
            runs[at:end] = reversed(runs[at:end])
            at = end + 1
    return [(start, stop, bool(level % 2)) for start, stop, level in runs]
