"""Check that the tables of a definition name columns and measures that exist and can do what is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from broadsheet.catalog.fitting import format_fault, value_fault
from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest
from broadsheet.domain.table import Shade, Table, TableColumn, Total

Fault = tuple[Location, str]

_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DECIMAL)
_NOT_NUMERIC_TOTALS = (Total.COUNT, Total.DISTINCT)


def check_table(report: ReportDefinition, table: Table) -> Iterator[Fault]:
    """Yield every fault of a table, with its place below the table."""
    if table.dataset not in report.sources_of_rows:
        hint = suggest(table.dataset, report.sources_of_rows)
        yield ("dataset",), f"{table.dataset!r} is no dataset: {hint}"
        return
    types = report.columns_of(table.dataset)
    for position, name in enumerate(table.group):
        yield from _missing(("group", position), name, types, f"column of dataset {table.dataset!r}")
    known: Collection[str] = types
    what = f"column of dataset {table.dataset!r}"
    if table.group:
        measures = [name for name, one in report.measures.items() if one.dataset == table.dataset]
        known, what = [*table.group, *measures], f"group or measure of dataset {table.dataset!r}"
    for position, column in enumerate(table.columns):
        faults = list(_missing(("columns", position), column.name, known, what))
        yield from faults
        if not faults:
            for place, message in _check_column(report, table, column):
                yield ("columns", position, *place), message
    if table.order_by:
        yield from _missing(("order_by",), table.order_by, known, what)
    for column_name, value in table.where.items():
        yield from _missing(
            ("where", column_name), column_name, types, f"column of dataset {table.dataset!r}"
        )
        if column_name in types and (fault := value_fault(column_name, types[column_name], value)):
            yield ("where", column_name), fault
    yield from _check_lines(table)
    yield from _check_sections(table, types)
    yield from _check_pivot(report, table)


def _missing(place: Location, name: str, known: Collection[str], what: str) -> Iterator[Fault]:
    if name not in known:
        yield place, f"{name!r} is no {what}: {suggest(name, known)}"


def _check_column(report: ReportDefinition, table: Table, column: TableColumn) -> Iterator[Fault]:
    types = report.columns_of(table.dataset)
    kind = ColumnType.NUMBER if _is_measure(table, column) else types[column.name]
    numeric = kind in _NUMBERS
    if column.format is not None and (fault := format_fault(column.name, kind, column.format)):
        yield ("format",), fault
    for key, wanted in (("bar", column.bar), ("shade", column.shade)):
        if wanted and not numeric:
            yield (
                (key,),
                f"`{key}` goes with numbers, and column {column.name!r} is {kind.value}",
            )
    if isinstance(column.shade, Shade):
        yield from _check_shade(column.shade)
    for position, flag in enumerate(column.flags):
        if (flag.above is not None or flag.below is not None) and not numeric:
            yield (
                ("flags", position),
                f"`above` and `below` go with numbers, and column {column.name!r} is "
                f"{kind.value}; use `equals`",
            )
        if flag.equals is not None and (fault := value_fault(column.name, kind, flag.equals)):
            yield ("flags", position, "equals"), fault
        if flag.above is not None and flag.below is not None and flag.above >= flag.below:
            yield ("flags", position), "no number is above `above` and below `below`; exchange them"
    if column.bar and column.align == "left":
        yield ("align",), "a number beside a bar stands on the right; take out `align` or `bar`"
    yield from _check_total(report, table, column)


def _is_measure(table: Table, column: TableColumn) -> bool:
    return bool(table.group) and column.name not in table.group


def _check_shade(shade: Shade) -> Iterator[Fault]:
    if shade.low is not None and shade.high is not None and shade.low >= shade.high:
        yield ("shade",), "`low` must be below `high`"


def _check_total(report: ReportDefinition, table: Table, column: TableColumn) -> Iterator[Fault]:
    if column.total is None:
        return
    summed = table.totals or table.other or (table.sections is not None and table.sections.summed)
    if not summed:
        yield (
            ("total",),
            "no row shows this total: add `totals: true` to the table, or `subtotals: true` to its sections",
        )
    types = report.columns_of(table.dataset)
    if _is_measure(table, column):
        if isinstance(column.total, Total):
            yield (
                ("total",),
                f"{column.name!r} is a measure, which is taken again over all rows; "
                "leave `total` out, or say `total: false`",
            )
        return
    if column.total is True:
        words = ", ".join(one.value for one in Total)
        yield ("total",), f"say which total column {column.name!r} has: {words}"
    elif isinstance(column.total, Total):
        fits = types[column.name] in _NUMBERS or column.total in _NOT_NUMERIC_TOTALS
        if not fits:
            yield (
                ("total",),
                f"`total: {column.total.value}` goes with numbers, and column {column.name!r} is "
                f"{types[column.name].value}; use count or distinct",
            )


def _check_lines(table: Table) -> Iterator[Fault]:
    """Check rows below others: they need room for their name, and `other` needs a limit."""
    if table.other and table.limit == "all":
        yield ("other",), "`other` sums up what a limit leaves out, and this table shows all rows"
    summed = table.totals or table.other or (table.sections is not None and table.sections.summed)
    first = table.columns[0]
    has_total = first.total not in (None, False)
    if summed and has_total:
        yield (
            ("columns", 0, "total"),
            "in the first column stands the word Total; put a column without a total first",
        )


def _check_sections(table: Table, types: Collection[str]) -> Iterator[Fault]:
    if table.sections is None:
        return
    columns = table.sections.columns
    for position, by in enumerate(columns):
        if by in columns[:position]:
            yield ("sections", "by"), f"{by!r} makes sections twice; name each column once"
        elif not table.group:
            yield from _missing(("sections", "by"), by, types, f"column of dataset {table.dataset!r}")
        elif by not in table.group:
            yield ("sections", "by"), f"{by!r} is not in the table's `group`: {suggest(by, table.group)}"
    for name in table.sections.summed:
        yield from _missing(("sections", "subtotals"), name, columns, "column of these sections")


def _check_pivot(report: ReportDefinition, table: Table) -> Iterator[Fault]:
    if table.pivot is None:
        return
    pivot = table.pivot
    if not table.group:
        yield ("pivot",), "a pivot needs `group`: the columns whose values make the rows"
    types = report.columns_of(table.dataset)
    yield from _missing(("pivot", "by"), pivot.by, types, f"column of dataset {table.dataset!r}")
    if pivot.by in table.group:
        yield ("pivot", "by"), f"{pivot.by!r} makes the rows already, being in `group`; name another column"
    measures = [name for name, one in report.measures.items() if one.dataset == table.dataset]
    yield from _missing(
        ("pivot", "measure"), pivot.measure, measures, f"measure of dataset {table.dataset!r}"
    )
    if isinstance(pivot.shade, Shade):
        yield from ((("pivot", *place), message) for place, message in _check_shade(pivot.shade))
