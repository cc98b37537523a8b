"""Where each object of a file stands: at an offset of its own, or in a stream of many objects."""

from __future__ import annotations

import sys
from array import array

from isal import isal_zlib

_LEVEL = 2
_ROW = 8
"""Bytes of an entry after the predictor's mark: kind, offset or stream, place in that stream."""


def deflate(data: bytes) -> bytes:
    """Compress as zlib does, several times as fast; equal data give equal bytes on one installation."""
    return isal_zlib.compress(data, _LEVEL)


def text_string(text: str) -> str:
    """Return a text as a string object, in either of the two encodings that every reader knows."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        return f"({escaped})"
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"


class ObjectTable:
    """The table that says where objects are, by their numbers; seven bytes for each, however many."""

    def __init__(self) -> None:
        # Number 0 is the head of the list of free objects, and so is every number that is never placed.
        self._kinds = bytearray(1)
        self._places = array("I", [0])
        self._indexes = array("H", [65535])

    def __len__(self) -> int:
        return len(self._kinds)

    def has(self, number: int) -> bool:
        """Return whether it is known where an object is."""
        return number < len(self._kinds) and self._kinds[number] != 0

    def place(self, number: int, *, offset: int) -> None:
        """Note that an object starts at an offset of the file."""
        self._grow(number)
        self._kinds[number], self._places[number], self._indexes[number] = 1, offset, 0

    def place_inside(self, numbers: range, *, stream: int, first: int = 0) -> None:
        """Note that objects of consecutive numbers stand one after the other in a stream of objects."""
        self._grow(numbers.stop - 1)
        begin, end, count = numbers.start, numbers.stop, len(numbers)
        self._kinds[begin:end] = b"\2" * count
        self._places[begin:end] = array("I", [stream]) * count
        self._indexes[begin:end] = array("H", range(first, first + count))

    def _grow(self, number: int) -> None:
        missing = number + 1 - len(self._kinds)
        if missing > 0:
            self._kinds.extend(bytes(missing))
            self._places.extend(array("I", bytes(4 * missing)))
            self._indexes.extend(array("H", bytes(2 * missing)))

    def encode(self) -> bytes:
        """Return the table as rows, each as its difference from the row before (PNG's predictor *up*)."""
        places, indexes = array("I", self._places), array("H", self._indexes)
        if sys.byteorder == "little":
            places.byteswap()
            indexes.byteswap()
        rows = bytearray(_ROW * len(self))
        rows[1::_ROW] = self._kinds
        for column in range(4):
            rows[2 + column :: _ROW] = places.tobytes()[column::4]
        for column in range(2):
            rows[6 + column :: _ROW] = indexes.tobytes()[column::2]
        differences = _subtract(bytes(rows), bytes(_ROW) + rows[:-_ROW])
        differences[::_ROW] = b"\2" * len(self)
        return bytes(differences)

    @property
    def shape(self) -> str:
        """What a reader must know to read the rows."""
        return (
            f"/Size {len(self)} /W [1 4 2] "
            f"/DecodeParms << /Predictor 12 /Colors 1 /BitsPerComponent 8 /Columns {_ROW - 1} >>"
        )


def _subtract(left: bytes, right: bytes) -> bytearray:
    """Return the differences of bytes modulo 256, all of them at once as two large numbers."""
    size = len(left)
    high = int.from_bytes(b"\x80" * size, "big")
    low = int.from_bytes(b"\x7f" * size, "big")
    a, b = int.from_bytes(left, "big"), int.from_bytes(right, "big")
    # The highest bit of each byte is worked out by itself, so that nothing is borrowed from the next byte.
    difference = ((a | high) - (b & low)) ^ ((a ^ b ^ high) & high)
    return bytearray(difference.to_bytes(size, "big"))
