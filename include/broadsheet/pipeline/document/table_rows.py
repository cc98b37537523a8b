"""The elements of a table's rows on one page, written at once: a template per shape of page, filled in.

A hundred thousand rows of eight cells are nine hundred thousand elements, so none of them is an object of
Python's. All numbers of a page are set equally wide: then every element starts at the same place as on the
page before, and only the numbers themselves have to be filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain
from operator import itemgetter

from broadsheet.pipeline.document.stream import PdfStream

_SCOPES = {"TH": " /A << /O /Table /Scope /Row >>"}


@dataclass(frozen=True)
class RowBatch:
    """Rows of one table on one page. Each row's object number is followed by those of its cells."""

    table: int
    first: int
    count: int
    cells: tuple[str, ...]
    mark: int
    said: tuple[tuple[int, str], ...] = ()
    """What some cells say of themselves besides, by their number, row by row."""

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
    numbers = range(batch.first, batch.first + batch.count * batch.step)
    width = len(str(max(numbers[-1], page)))
    shape = _shape(batch.count, batch.cells, batch.mark, width, batch.said)
    names = [str(number).rjust(width) for number in (batch.table, page)]
    # Only where numbers grow by a digit some must be made as wide as the others.
    if len(str(batch.first)) == width:
        names += map(str, numbers)
    else:
        names += [str(number).rjust(width) for number in numbers]
    stream.add_objects(numbers, head=shape.head % tuple(names[2:]), bodies=shape.bodies % shape.order(names))


@dataclass(frozen=True)
class _Shape:
    """What pages of one shape share: their numbers with offsets and their elements, with places for names.

    ``order`` takes the names of table, page, rows and cells, and returns what fills the elements' places.
    """

    head: str
    bodies: str
    order: Callable[[list[str]], tuple[str, ...]]


@lru_cache(maxsize=64)
def _shape(
    count: int, cells: tuple[str, ...], mark: int, width: int, said: tuple[tuple[int, str], ...]
) -> _Shape:
    blank, reference, more = " " * width, "%s 0 R", dict(said)
    kids = " ".join([reference] * len(cells))
    bodies: list[str] = []
    order: list[int] = []
    for row in range(count):
        own = 2 + row * (len(cells) + 1)
        bodies.append(f"<</S/TR/P {reference}/K[{kids}]>>")
        order += (0, *range(own + 1, own + 1 + len(cells)))
        for at, tag in enumerate(cells, start=mark + row * len(cells)):
            own_words = more.get(at - mark, "")
            bodies.append(
                f"<</S/{tag}/P {reference}/Pg {reference}/K {at}{_SCOPES.get(tag, '')}{own_words}>>"
            )
            order += (own, 1)
    offsets = accumulate((len(body.replace("%s", blank)) + 1 for body in bodies), initial=0)
    head = " ".join(f"%s {offset}" for _, offset in zip(bodies, offsets, strict=False))
    return _Shape(head, "\n".join(bodies), itemgetter(*order))
