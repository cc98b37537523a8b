"""What a new report shows of a table: which columns, measures, day and groups, guessed from names and types.

A guess only has to be a working start that an author changes; so it is simple, and the same every time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from broadsheet.catalog.naming import LONGEST_NAME, as_name, in_words, uncapitalised
from broadsheet.domain.measure import Function
from broadsheet.domain.parts import ColumnType, Format
from broadsheet.domain.suggestion import suggest
from broadsheet.errors import InputError

_MOST_COLUMNS = 40
_MOST_NUMBERS = 3
_FEW_GROUPS = 50
_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DECIMAL)
_MONEY_SCALE = 2
# Numbers that say which, where or when, not how much.
_IDENTIFIERS = frozenset({"id", "no", "number", "code", "zip", "version"})
_PLACES = frozenset({"lat", "lon", "latitude", "longitude"})
_TIMES = frozenset({"year", "quarter", "month", "week", "day", "hour", "minute", "second"})
_LABELS = _IDENTIFIERS | _PLACES | _TIMES
_COUNTS = frozenset({"count", "quantity", "qty", "items", "units", "orders", "seats"})
_AMOUNTS = _COUNTS | {"amount", "total", "sum", "cost", "costs", "revenue", "sales", "turnover"}
# They have two digits after the point as money has, and no sum.
_RATES = frozenset({"pct", "percent", "percentage", "price", "rate", "ratio", "score", "share"})
_UNREADABLE = re.compile(r";|--|/\*|'")
_BINARY = frozenset({"bytea", "tsvector"})


@dataclass(frozen=True)
class SourceColumn:
    """A column of a source's table."""

    name: str
    sql_name: str
    """Its name as SQL has it, in quotes where it needs them."""
    type: ColumnType | None
    """None where a report does not take the type as it is."""
    type_name: str
    scale: int | None = None
    """Digits after the point of a ``numeric``, where it has a fixed number of them."""
    required: bool = False
    in_key: bool = False
    """Whether it belongs to the primary key or leads to another table."""
    in_primary_key: bool = False
    distinct_values: float | None = None
    """As Postgres estimates it: a number or, negative, a fraction of the rows; None when it does not know."""


@dataclass(frozen=True)
class SourceTable:
    """A table or view of a source."""

    name: str
    sql_name: str
    columns: tuple[SourceColumn, ...]


@dataclass(frozen=True)
class ChosenColumn:
    """A column of the new report's query."""

    name: str
    type: ColumnType
    expression: str
    sort_name: str
    """How ORDER BY names it."""
    source: SourceColumn


@dataclass(frozen=True)
class ChosenMeasure:
    """A measure of the new report."""

    name: str
    take: Function
    label: str
    format: Format
    column: str | None = None


@dataclass(frozen=True)
class Condition:
    """Which rows belong to the period and the one before it, as two comparisons."""

    start: str
    end: str


@dataclass(frozen=True)
class Choice:
    """Everything that the files of a new report are written from."""

    table: SourceTable
    dataset: str
    columns: tuple[ChosenColumn, ...]
    measures: tuple[ChosenMeasure, ...]
    day: str | None
    condition: Condition | None
    table_group: str | None
    chart_group: str
    order_by: str
    order: tuple[str, ...]

    @property
    def group_label(self) -> str:
        """What the groups of chart and table are called."""
        return next(in_words(one.source.name) for one in self.columns if one.name == self.chart_group)

    @property
    def bindings(self) -> str:
        """What the query binds, in words for its header."""
        limits = (self.condition.start, self.condition.end) if self.condition else ()
        texts = [*limits, *(column.expression for column in self.columns)]
        return ", ".join(dict.fromkeys(name for text in texts for name in re.findall(r"%\((\w+)\)s", text)))


def choose(table: SourceTable, *, day: str | None = None) -> Choice:
    """Return what a report on a table starts with; ``day`` is the column that says when a row happened.

    InputError when the table has no column that a report can take, or not that one.
    """
    readable = [column for column in table.columns if not _UNREADABLE.search(column.sql_name)]
    when = _day_column(readable, day)
    columns = list(_output_columns([column for column in readable if column.type_name not in _BINARY], when))
    if not columns:
        raise InputError(f"table {table.name!r} has no column that a report can show", field="table")
    chosen = next((one for one in columns if one.source is when and one.type is ColumnType.DATE), None)
    group = _group_column(columns)
    measures = (
        ChosenMeasure(
            "row_count" if group == "rows" else "rows",
            Function.COUNT,
            label=in_words(table.name),
            format=Format.INTEGER,
        ),
        *_measures(columns, without=when),
    )
    numbers = [
        measure.column for measure in measures if measure.column and measure.take is not Function.SHARE
    ]
    return Choice(
        table=table,
        dataset=as_name(table.name),
        columns=tuple(columns),
        measures=measures,
        day=chosen.name if chosen else None,
        condition=_condition(when) if when else None,
        table_group=group,
        chart_group=group or columns[0].name,
        order_by=next(iter([*([chosen.name] if chosen else []), *numbers, columns[0].name])),
        order=_order(table, columns, chosen),
    )


def _day_column(columns: Sequence[SourceColumn], wanted: str | None) -> SourceColumn | None:
    """Return the column that says when: a date rather than an instant, and one that every row has."""
    datable = [
        column
        for column in columns
        if column.type in (ColumnType.DATE, ColumnType.TIMESTAMP) or column.type_name == "timestamp"
    ]
    if wanted is not None:
        for column in datable:
            if column.name == wanted:
                return column
        hint = suggest(wanted, [column.name for column in datable])
        raise InputError(f"{wanted!r} is no date or time of the table: {hint}", field="day")
    ranked = sorted(datable, key=lambda column: (not column.required, column.type is not ColumnType.DATE))
    return ranked[0] if ranked else None


def _output_columns(columns: Sequence[SourceColumn], when: SourceColumn | None) -> Iterator[ChosenColumn]:
    taken: set[str] = set()
    kept = [column for column in columns[:_MOST_COLUMNS] if column is not when]
    if when is not None:
        sql_name = _text(when.sql_name)
        if when.type is ColumnType.TIMESTAMP:
            sql_name = f"({sql_name} AT TIME ZONE %(zone)s)"
        name = _free_name(when.name if when.type is ColumnType.DATE else f"{when.name}_day", taken)
        bare = when.type is ColumnType.DATE
        yield _chosen(when, name, ColumnType.DATE, sql_name if bare else f"{sql_name}::date")
        kept = [when, *kept] if not bare else kept
    for column in kept:
        sql_name = _text(column.sql_name)
        kind = column.type
        if column.type_name == "timestamp":
            kind, sql_name = ColumnType.TIMESTAMP, f"{sql_name} AT TIME ZONE %(zone)s"
        elif kind is None:
            kind, sql_name = ColumnType.TEXT, f"{sql_name}::text"
        yield _chosen(column, _free_name(column.name, taken), kind, sql_name)


def _chosen(column: SourceColumn, name: str, kind: ColumnType, expression: str) -> ChosenColumn:
    if expression in (name, f'"{name}"'):
        return ChosenColumn(name, kind, expression, expression, column)
    # AS takes every word, ORDER BY none of SQL's own; no such word ends so.
    sort_name = name if name.endswith("_day") else f'"{name}"'
    return ChosenColumn(name, kind, f"{expression} AS {name}", sort_name, column)


def _free_name(text: str, taken: set[str]) -> str:
    name = first = as_name(text)
    number = 1
    while name in taken:
        number += 1
        name = f"{first[: LONGEST_NAME - 3]}_{number}"
    taken.add(name)
    return name


def _condition(when: SourceColumn) -> Condition:
    sql_name = _text(when.sql_name)
    if when.type is ColumnType.TIMESTAMP:
        return Condition(f"{sql_name} >= %(previous_start)s", f"{sql_name} < %(period_end)s")
    return Condition(f"{sql_name} >= %(previous_first_day)s", f"{sql_name} < %(end_day)s")


def _group_column(columns: Collection[ChosenColumn]) -> str | None:
    """Return a text with few values or, where Postgres has not counted them, the first text."""
    texts = [one for one in columns if one.type is ColumnType.TEXT and not one.source.in_primary_key]
    counted = [(one.source.distinct_values, one.name) for one in texts]
    few = [name for count, name in counted if count is not None and 1 < count <= _FEW_GROUPS]
    unknown = [name for count, name in counted if count is None]
    return next(iter([*few, *unknown]), None)


def _measures(columns: Sequence[ChosenColumn], *, without: SourceColumn | None) -> Iterator[ChosenMeasure]:
    open_columns = [one for one in columns if not one.source.in_key and one.source is not without]
    numbers = [one for one in open_columns if one.type in _NUMBERS and _last_word(one.name) not in _LABELS]
    for one in numbers[:_MOST_NUMBERS]:
        money = one.source.scale == _MONEY_SCALE
        words = set(one.name.split("_"))
        if (money or words & _AMOUNTS) and not words & _RATES:
            style = Format.DECIMAL2 if money else Format.DECIMAL1
            style = Format.INTEGER if one.type is ColumnType.INTEGER else style
            yield _measure("total", Function.SUM, one, style)
        else:
            yield _measure("mean", Function.MEAN, one, Format.DECIMAL1)
    for one in open_columns:
        if one.type is ColumnType.BOOLEAN:
            yield _measure("share", Function.SHARE, one, Format.PERCENT)
            return


def _measure(prefix: str, take: Function, column: ChosenColumn, style: Format) -> ChosenMeasure:
    words = in_words(column.source.name)
    said = take is Function.SHARE or words.lower().startswith(prefix)
    label = words if said else f"{in_words(prefix)} {uncapitalised(words)}"
    name = column.name if column.name.startswith(f"{prefix}_") else f"{prefix}_{column.name}"
    name = name[: LONGEST_NAME - 2]
    # Texts know these names already, as the change of another measure.
    clashes = name.endswith(("_previous", "_change", "_change_size"))
    return ChosenMeasure(f"{name}_1" if clashes else name, take, label, style, column.name)


def _last_word(name: str) -> str:
    return name.rpartition("_")[2]


def _order(table: SourceTable, columns: Sequence[ChosenColumn], day: ChosenColumn | None) -> tuple[str, ...]:
    """Return what makes the order of the rows certain: the primary key or, without one, every column."""
    first = [day.sort_name] if day else []
    key = [column.sql_name for column in table.columns if column.in_primary_key]
    certain = key and not any(_UNREADABLE.search(name) for name in key)
    rest = [_text(name) for name in key] if certain else [column.sort_name for column in columns]
    return tuple(dict.fromkeys([*first, *rest]))


def _text(sql_name: str) -> str:
    # A per cent sign would begin a binding.
    return sql_name.replace("%", "%%")
