"""A function of the installation's own makes rows: found, called and held to what it declares."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from broadsheet.domain.aggregate import Aggregate
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.period import Period
from broadsheet.errors import DefinitionError, Problem
from broadsheet.pipeline.exact import exact_series

PACKAGE = "broadsheet_ext"
_TYPES = {
    ColumnType.INTEGER: "Int64",
    ColumnType.NUMBER: "float64",
    ColumnType.TEXT: "str",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "datetime64[s]",
    ColumnType.TIMESTAMP: "datetime64[us, UTC]",
}


@dataclass(frozen=True)
class Context:
    """What a function is told beside the rows."""

    period: Period
    parameters: Mapping[str, object] = field(default_factory=dict)


def call_function(
    aggregate: Aggregate, frame: pd.DataFrame, *, period: Period, parameters: Mapping[str, object]
) -> pd.DataFrame:
    """Return the rows that a function makes of a dataset's rows, in the types that it declares.

    DefinitionError names the function's file, and the line at which it failed.
    """
    module, _, name = (aggregate.function or "").partition(".")
    function, path = _find(module, name)
    # A copy: the rows are shared by everything else in the report.
    given, context = frame.copy(), Context(period, dict(parameters))
    try:
        made = function(given, context)
    except Exception as error:
        # Whatever an author's code raises is the author's to read, with its place.
        line = _line_in(error, path)
        message = f"{name}() failed: {type(error).__name__}: {error}"
        raise DefinitionError([Problem(path, line, message)]) from error
    return _checked(aggregate, made, name=name, path=path)


def _find(module: str, name: str) -> tuple[Callable[[pd.DataFrame, Context], object], Path]:
    try:
        found = import_module(f"{PACKAGE}.{module}")
    except Exception as error:
        path = Path(PACKAGE) / f"{module}.py"
        line = error.lineno if isinstance(error, SyntaxError) else None
        raise DefinitionError([Problem(path, line, f"cannot be imported: {error}")]) from error
    path = Path(found.__file__ or f"{PACKAGE}/{module}.py")
    function = getattr(found, name, None)
    if not callable(function):
        raise DefinitionError([Problem(path, None, f"there is no function {name!r} in it")])
    return function, path


def _line_in(error: Exception, path: Path) -> int | None:
    lines = [step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == str(path)]
    return lines[-1] if lines else None


def _checked(aggregate: Aggregate, made: object, *, name: str, path: Path) -> pd.DataFrame:
    if not isinstance(made, pd.DataFrame):
        message = f"{name}() must return a DataFrame, and returned {type(made).__name__}"
        raise DefinitionError([Problem(path, None, message)])
    if list(made.columns) != list(aggregate.returns):
        message = (
            f"{name}() returned the columns {', '.join(map(str, made.columns))}; the definition declares "
            f"{', '.join(aggregate.returns)}: make them equal, in the same order"
        )
        raise DefinitionError([Problem(path, None, message)])
    columns = {}
    for column, kind in aggregate.returns.items():
        try:
            columns[column] = _typed(made[column], kind)
        except (TypeError, ValueError, ArithmeticError) as error:
            message = f"column {column!r} of {name}() is not {kind.value}: {error}"
            raise DefinitionError([Problem(path, None, message)]) from error
    return pd.DataFrame(columns)


def _typed(column: pd.Series, kind: ColumnType) -> pd.Series:
    if kind is ColumnType.DECIMAL:
        values = [None if pd.isna(value) else Decimal(str(value)) for value in column.tolist()]
        return exact_series(values)
    wanted: Any = _TYPES[kind]
    typed: pd.Series = column.reset_index(drop=True).astype(wanted)
    return typed
