"""How wide texts are, a column at a time.

Digits have one width, so all numbers of one shape are as wide as each other: ``1,234.5`` and ``9,876.0`` are
``0,000.0``. A column of numbers or dates has few shapes, and each is measured once. In a font whose digits
differ every text is a shape of its own, measured by the font's widths.
"""

from __future__ import annotations

from collections.abc import Sequence

from broadsheet.pipeline.document.fonts import Face, text_width
from broadsheet.pipeline.document.shaping import is_shaped

_DIGITS = "0123456789"
_AT_ONCE = 2_000
_MOST_KEPT = 10_000


class _Characters(dict[str, float]):
    """Widths of characters in thousandths of the size; each is asked of the font once."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, character: str) -> float:
        self[character] = text_width(character, self._face, 1000)
        return self[character]


class Ruler:
    """Measures texts of one face and size; what it has measured it knows."""

    def __init__(self, face: Face, size: float) -> None:
        self._face = face
        self._size = size
        self._characters = _Characters(face)
        self._known: dict[str, float] = {}
        tabular = len({self._characters[digit] for digit in _DIGITS}) == 1
        self._shape = str.maketrans(_DIGITS, "0" * len(_DIGITS)) if tabular else {}

    def shapes(self, texts: Sequence[str]) -> Sequence[str]:
        """Return for each text one that is as wide; different numbers share theirs."""
        joined = "\n".join(texts).translate(self._shape).split("\n")
        # A text with a line end in it would move all that follow.
        return joined if len(joined) == len(texts) else [text.translate(self._shape) for text in texts]

    def thousandths(self, shape: str) -> float:
        """Return the width of a text or shape in thousandths of the size."""
        width = self._known.get(shape)
        if width is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            width = self._known[shape] = self._measured(shape)
        return width

    def _measured(self, shape: str) -> float:
        if shape.isascii() or not is_shaped(shape):
            return sum(map(self._characters.__getitem__, shape))
        return text_width(shape, self._face, 1000)

    def width(self, text: str) -> float:
        """Return the width of a text in points."""
        return self.thousandths(text) * self._size / 1000

    def widest(self, texts: Sequence[str]) -> float:
        """Return the width of the widest text in points, 0 where there is none."""
        widest = 0.0
        for start in range(0, len(texts), _AT_ONCE):
            shapes = set(self.shapes(texts[start : start + _AT_ONCE]))
            widest = max(widest, max(map(self.thousandths, shapes)))
        return widest * self._size / 1000
