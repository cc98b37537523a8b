"""The elements of a table's rows on one page, written at once: a template per shape of page, filled in.

A hundred thousand rows of eight cells are nine hundred thousand elements, so none of them is an object of
Python's. All numbers are set seven digits wide: then every element of a page starts at the same place as on
the page before, and only the numbers themselves have to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from broadsheet.pipeline.document.stream import PdfStream

_SCOPES = {"TH": " /A << /O /Table /Scope /Row >>"}
_DIGITS = 7
# At most so many objects stand in one stream: a reader that wants one reads them all.
_MOST_ROWS = 400


@dataclass(frozen=True)
class RowBatch:
    """Rows of one table on one page. Each row's object number is followed by those of its cells."""

    table: int
    first: int
    count: int
    cells: tuple[str, ...]
    mark: int

    @property
    def step(self) -> int:
        """How far the numbers of two rows are apart."""
        return len(self.cells) + 1

    def row_numbers(self) -> range:
        """Return the object numbers of the rows."""
        return range(self.first, self.first + self.count * self.step, self.step)

    def cell_numbers(self) -> Iterator[int]:
        """Return the object numbers of all cells, row by row."""
        return chain.from_iterable(range(row + 1, row + self.step) for row in self.row_numbers())


def write_rows(stream: PdfStream, batch: RowBatch, *, page: int) -> None:
    """Write the elements of a batch, which is drawn on a page of a given object number."""
    head, bodies = _template(batch.count, batch.cells, batch.mark)
    names = [f"{number:{_DIGITS}d}" for number in range(batch.first, batch.first + batch.count * batch.step)]
    table, home = f"{batch.table:{_DIGITS}d}", f"{page:{_DIGITS}d}"
    slots: list[str] = []
    for at in range(0, len(names), batch.step):
        row = names[at]
        slots += (table, *names[at + 1 : at + batch.step])
        slots += (row, home) * len(batch.cells)
    stream.add_objects(
        range(batch.first, batch.first + len(names)), head=head % tuple(names), bodies=bodies % tuple(slots)
    )


@lru_cache(maxsize=64)
def _template(count: int, cells: tuple[str, ...], mark: int) -> tuple[str, str]:
    """Return the numbers with their offsets, and the elements, with places for what differs."""
    blank, reference = " " * _DIGITS, "%s 0 R"
    bodies: list[str] = []
    for row in range(count):
        kids = " ".join([reference] * len(cells))
        bodies.append(f"<</S/TR/P {reference}/K[{kids}]>>")
        for at, tag in enumerate(cells):
            own = mark + row * len(cells) + at
            bodies.append(f"<</S/{tag}/P {reference}/Pg {reference}/K {own}{_SCOPES.get(tag, '')}>>")
    head, offset = [], 0
    for body in bodies:
        head.append(f"%s {offset}")
        offset += len(body.replace("%s", blank)) + 1
    return " ".join(head), "\n".join(bodies)
