"""Postgres types as Arrow types: what a query's columns become in Parquet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pyarrow as pa

from broadsheet.domain.parts import ColumnType
from broadsheet.errors import QueryError

LARGEST_PRECISION = 38
"""Digits that an exact number can have."""

_TYPES: dict[str, tuple[ColumnType, pa.DataType]] = {
    "int2": (ColumnType.INTEGER, pa.int64()),
    "int4": (ColumnType.INTEGER, pa.int64()),
    "int8": (ColumnType.INTEGER, pa.int64()),
    "float4": (ColumnType.NUMBER, pa.float64()),
    "float8": (ColumnType.NUMBER, pa.float64()),
    "numeric": (ColumnType.NUMBER, pa.float64()),
    "text": (ColumnType.TEXT, pa.string()),
    "varchar": (ColumnType.TEXT, pa.string()),
    "bpchar": (ColumnType.TEXT, pa.string()),
    "name": (ColumnType.TEXT, pa.string()),
    "uuid": (ColumnType.TEXT, pa.string()),
    "bool": (ColumnType.BOOLEAN, pa.bool_()),
    "date": (ColumnType.DATE, pa.date32()),
    "timestamptz": (ColumnType.TIMESTAMP, pa.timestamp("us", tz="UTC")),
}
# What a column may be declared as, beside its own type.
_ALSO = {(ColumnType.INTEGER, ColumnType.NUMBER), (ColumnType.NUMBER, ColumnType.DECIMAL)}
_CASTS = {
    "timestamp": "AT TIME ZONE makes it an instant",
    "unknown": "cast it, for example to text",
}


@dataclass(frozen=True)
class ArrowColumn:
    """One column of a result: its Arrow field and how a value from psycopg becomes one of Arrow's."""

    field: pa.Field
    convert: Callable[[object], object] | None


def column_type(type_name: str) -> ColumnType | None:
    """Return what a definition calls a Postgres type; None for one that a query must cast first."""
    found = _TYPES.get(type_name)
    return found[0] if found else None


def arrow_columns(
    found: Sequence[psycopg.Column], declared: dict[str, ColumnType], *, dataset: str
) -> list[ArrowColumn]:
    """Return the Arrow columns of a query; QueryError when they are not what the definition declares."""
    names = [column.name for column in found]
    if names != list(declared):
        raise QueryError(f"dataset {dataset}: {_difference(names, declared)}")
    return [_arrow_column(column, declared[column.name], dataset=dataset) for column in found]


def _difference(names: Sequence[str], declared: Collection[str]) -> str:
    """Return what a query gives and a definition does not declare, or the other way round."""
    given = [f"gives {name!r}, which is not declared" for name in names if name not in declared]
    lacking = [f"does not give {name!r}, which is declared" for name in declared if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if given or lacking:
        said = " and ".join([*given, *lacking])
        return f"the query {said}; write the same columns under `columns` and in SELECT"
    if twice:
        return f"the query gives {', '.join(twice)} more than once; give each its own name with AS"
    return f"the query gives the columns in another order; declare them as it does: {', '.join(names)}"


def _arrow_column(column: psycopg.Column, declared: ColumnType, *, dataset: str) -> ArrowColumn:
    info = psycopg.adapters.types.get(column.type_code)
    type_name = info.name if info and column.type_code == info.oid else "another type"
    if type_name not in _TYPES:
        hint = _CASTS.get(type_name, f"cast it, for example {column.name}::text AS {column.name}")
        raise QueryError(
            f"dataset {dataset}: column {column.name} is {type_name}, which reports do not take; {hint}"
        )
    kind, arrow = _TYPES[type_name]
    inexact = type_name != "numeric" and declared is ColumnType.DECIMAL
    if inexact or (kind is not declared and (kind, declared) not in _ALSO):
        raise QueryError(
            f"dataset {dataset}: column {column.name} is {type_name} and declared {declared.value}; "
            f"declare {kind.value} or cast the column"
        )
    if type_name == "uuid":
        return ArrowColumn(pa.field(column.name, arrow), str)
    if type_name == "numeric":
        return _numeric_column(column, exact=declared is ColumnType.DECIMAL, dataset=dataset)
    return ArrowColumn(pa.field(column.name, arrow), None)


def _numeric_column(column: psycopg.Column, *, exact: bool, dataset: str) -> ArrowColumn:
    """Keep numeric(p, s) exact; numeric without bounds becomes a float, as Arrow has no such type."""
    precision, scale = column.precision, column.scale
    if precision is None or scale is None or not 0 <= scale <= precision <= LARGEST_PRECISION:
        if exact:
            raise QueryError(
                f"dataset {dataset}: column {column.name} is declared decimal, but its numeric does not say "
                f"how many digits it has; cast it, as in {column.name}::numeric(18, 2)"
            )
        return ArrowColumn(pa.field(column.name, pa.float64()), _to_float)
    return ArrowColumn(pa.field(column.name, pa.decimal128(precision, scale)), _finite_decimal)


def _to_float(value: object) -> float | None:
    return float(value) if isinstance(value, Decimal) else None


def _finite_decimal(value: object) -> Decimal | None:
    # Postgres has NaN in numeric, Arrow's decimals have not: it is no number, so it is no value.
    return value if isinstance(value, Decimal) and value.is_finite() else None
