"""Rules about the tree of elements: tables, lists, headings, figures and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from broadsheet.pipeline.document.conformance.reading import Node, Reading
from broadsheet.pipeline.document.conformance.rules import rule
from broadsheet.pipeline.document.conformance.standard import (
    CONTENTS_KIDS,
    CONTENTS_PARENTS,
    LIST_KIDS,
    LIST_PARENTS,
    TABLE_KIDS,
    TABLE_PARENTS,
)

_GROUPS = ("/THead", "/TBody", "/TFoot")


def _misplaced(
    reading: Reading, kids: Mapping[str, set[str]], parents: Mapping[str, set[str]]
) -> Iterator[str]:
    for node in reading.nodes:
        for kid in node.kids:
            if node.tag in kids and kid.tag not in kids[node.tag]:
                yield f"{kid} stands in {node}"
        around = node.parent.tag if node.parent else "/StructTreeRoot"
        if node.tag in parents and around not in parents[node.tag]:
            yield f"{node} stands in {around}"


@rule("09-004", "tables, rows and cells stand in each other as the standard says")
def _tables(reading: Reading) -> Iterator[str]:
    yield from _misplaced(reading, TABLE_KIDS, TABLE_PARENTS)
    for node in reading.nodes:
        counts = Counter(kid.tag for kid in node.kids)
        if node.tag == "/Table":
            for tag in ("/Caption", "/THead", "/TFoot"):
                if counts[tag] > 1:
                    yield f"{node} has {counts[tag]} of {tag}"


@rule("09-005", "lists and items stand in each other as the standard says")
def _lists(reading: Reading) -> Iterator[str]:
    yield from _misplaced(reading, LIST_KIDS, LIST_PARENTS)


@rule("09-006", "tables of contents and their entries stand in each other as the standard says")
def _contents(reading: Reading) -> Iterator[str]:
    yield from _misplaced(reading, CONTENTS_KIDS, CONTENTS_PARENTS)


@rule("13-004", "every figure has an alternative text")
def _figures(reading: Reading) -> Iterator[str]:
    for node in reading.nodes:
        if node.tag == "/Figure" and not (node.text("/Alt").strip() or node.text("/ActualText").strip()):
            yield f"{node} has neither Alt nor ActualText"


@rule("17-002", "every formula has an alternative text")
def _formulas(reading: Reading) -> Iterator[str]:
    for node in reading.nodes:
        if node.tag == "/Formula" and not node.text("/Alt").strip():
            yield f"{node} has no Alt"


def _headings(reading: Reading) -> Iterator[tuple[Node, int]]:
    for node in reading.nodes:
        if len(node.tag) == 3 and node.tag.startswith("/H") and node.tag[2].isdigit():
            yield node, int(node.tag[2])


@rule("14-002", "the first heading is of level 1")
def _first_heading(reading: Reading) -> Iterator[str]:
    node, level = next(_headings(reading), (None, 1))
    if level != 1:
        yield f"{node} is the first heading"


@rule("14-003", "no level of headings is left out")
def _levels(reading: Reading) -> Iterator[str]:
    before = 0
    for node, level in _headings(reading):
        if before and level > before + 1:
            yield f"{node} follows a heading of level {before}"
        before = level


@rule("14-006", "no element has two headings without levels")
def _twice(reading: Reading) -> Iterator[str]:
    for node in reading.nodes:
        if sum(kid.tag == "/H" for kid in node.kids) > 1:
            yield f"{node} has more than one H"


@rule("14-007", "headings have levels everywhere or nowhere")
def _mixed(reading: Reading) -> Iterator[str]:
    if any(node.tag == "/H" for node in reading.nodes) and any(_headings(reading)):
        yield "there are both H and numbered headings"


@rule("15-003", "every header cell says what it heads")
def _scopes(reading: Reading) -> Iterator[str]:
    for table in reading.nodes:
        if table.tag != "/Table":
            continue
        cells = [cell for row in _rows(table) for cell in row.kids]
        if any(cell.attribute("/Headers") is not None for cell in cells):
            continue
        for cell in cells:
            scope = cell.attribute("/Scope")
            if cell.tag == "/TH" and str(scope) not in ("/Row", "/Column", "/Both"):
                yield f"{cell} has no Scope"


@rule("01-006", "all rows of a table have as many columns as each other (note 3)")
def _regular(reading: Reading) -> Iterator[str]:
    for table in reading.nodes:
        if table.tag != "/Table":
            continue
        rows = list(_rows(table))
        # Where cells reach over rows, a row's own cells do not tell its width.
        if any(cell.attribute("/RowSpan") is not None for row in rows for cell in row.kids):
            continue
        widths = Counter(sum(_reach(cell) for cell in row.kids) for row in rows)
        if len(widths) > 1:
            yield f"{table} has rows of {', '.join(map(str, sorted(widths)))} columns"


def _rows(table: Node) -> Iterator[Node]:
    for kid in table.kids:
        if kid.tag == "/TR":
            yield kid
        elif kid.tag in _GROUPS:
            yield from (row for row in kid.kids if row.tag == "/TR")


def _reach(cell: Node) -> int:
    span = cell.attribute("/ColSpan")
    return int(span) if span is not None else 1


@rule("19-003", "every note has a name (ID)")
def _notes(reading: Reading) -> Iterator[str]:
    for node in reading.nodes:
        if node.tag == "/Note" and not node.text("/ID"):
            yield f"{node} has no ID"


@rule("19-004", "no two notes have one name")
def _note_names(reading: Reading) -> Iterator[str]:
    names = Counter(node.text("/ID") for node in reading.nodes if node.tag == "/Note" and node.text("/ID"))
    yield from (f"{times} notes have the ID {name}" for name, times in names.items() if times > 1)
