"""Check the aggregates of a definition: what they are made of exists, and functions can be found."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from broadsheet.catalog.fitting import value_fault
from broadsheet.catalog.yaml_lines import Location
from broadsheet.domain.aggregate import Aggregate, Every
from broadsheet.domain.parts import ColumnType
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest

Fault = tuple[Location, str]

_DAYS = (ColumnType.DATE, ColumnType.TIMESTAMP)
_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DECIMAL)


def check_aggregates(report: ReportDefinition) -> Iterator[Fault]:
    """Yield every fault of the aggregates, with its place in the definition."""
    for name, aggregate in report.aggregates.items():
        if name in report.datasets:
            yield ("aggregates", name), f"{name!r} is already a dataset; choose another name"
        for place, message in _check(report, name, aggregate):
            yield ("aggregates", name, *place), message


def _check(report: ReportDefinition, name: str, aggregate: Aggregate) -> Iterator[Fault]:
    if aggregate.dataset not in report.datasets:
        hint = suggest(aggregate.dataset, report.datasets)
        if aggregate.dataset in report.aggregates:
            hint = f"it is an aggregate, which another cannot be made of; {hint}"
        yield ("dataset",), f"{aggregate.dataset!r} is no dataset: {hint}"
        return
    if aggregate.function:
        yield from _check_function(aggregate)
        return
    if aggregate.returns:
        yield ("returns",), "`returns` goes with `function`, and only with it"
    types = report.datasets[aggregate.dataset].columns
    what = f"column of dataset {aggregate.dataset!r}"
    for position, column in enumerate(aggregate.group):
        yield from _missing(("group", position), column, types, what)
    for column, value in aggregate.where.items():
        yield from _missing(("where", column), column, types, what)
        if column in types and (fault := value_fault(column, types[column], value)):
            yield ("where", column), fault
    if not aggregate.columns:
        yield ("columns",), "say what is measured: `columns: {flights: {measure: flights}}`"
    yield from _check_resample(aggregate, types)
    yield from _check_top(report, aggregate)
    yield from _check_columns(report, name, aggregate)


def _missing(place: Location, name: str, known: Collection[str], what: str) -> Iterator[Fault]:
    if name not in known:
        yield place, f"{name!r} is no {what}: {suggest(name, known)}"


def _check_function(aggregate: Aggregate) -> Iterator[Fault]:
    if aggregate.group or aggregate.resample or aggregate.columns or aggregate.top or aggregate.where:
        yield (
            ("function",),
            "a function makes all of the rows: take out `group`, `resample`, `top`, `where` and `columns`",
        )
    if not aggregate.returns:
        yield ("function",), "say which columns it returns: `returns: {town: text, sales: decimal}`"


def _check_resample(aggregate: Aggregate, types: dict[str, ColumnType]) -> Iterator[Fault]:
    resample = aggregate.resample
    if resample is None:
        return
    if resample.column not in types:
        hint = suggest(resample.column, [name for name, kind in types.items() if kind in _DAYS])
        yield ("resample", "column"), f"{resample.column!r} is no column of dates: {hint}"
    elif types[resample.column] not in _DAYS:
        kind = types[resample.column].value
        yield ("resample", "column"), f"column {resample.column!r} is {kind}, and must be date or timestamp"
    elif resample.every is Every.HOUR and types[resample.column] is ColumnType.DATE:
        yield ("resample", "every"), f"column {resample.column!r} has days, which have no hours; use `day`"
    if resample.column in aggregate.group:
        yield ("resample", "column"), f"{resample.column!r} is in `group`, too; take it out there"


def _check_top(report: ReportDefinition, aggregate: Aggregate) -> Iterator[Fault]:
    if aggregate.top is None:
        return
    types = report.datasets[aggregate.dataset].columns
    if not aggregate.group:
        yield ("top",), "`top` needs `group`: the column whose foremost values are kept"
    elif types.get(aggregate.group[0]) not in (ColumnType.TEXT, None):
        yield ("top",), f"`top` keeps texts apart, and column {aggregate.group[0]!r} has none"
    measures = [one for one, measure in report.measures.items() if measure.dataset == aggregate.dataset]
    what = f"measure of dataset {aggregate.dataset!r}"
    yield from _missing(("top", "measure"), aggregate.top.measure, measures, what)


def _check_columns(report: ReportDefinition, name: str, aggregate: Aggregate) -> Iterator[Fault]:
    types = report.columns_of(name)
    measures = [one for one, measure in report.measures.items() if measure.dataset == aggregate.dataset]
    keys = [*aggregate.group, *([aggregate.resample.column] if aggregate.resample else [])]
    known = list(keys)
    for column, derived in aggregate.columns.items():
        place: Location = ("columns", column)
        if column in keys:
            yield place, f"{column!r} makes the groups already; choose another name"
        if derived.measure:
            yield from _missing(place, derived.measure, measures, f"measure of dataset {aggregate.dataset!r}")
        elif derived.base not in known:
            hint = suggest(str(derived.base), known)
            yield place, f"{derived.base!r} is no column of this aggregate above it: {hint}"
        elif types[str(derived.base)] not in _NUMBERS:
            yield place, f"column {derived.base!r} has no numbers"
        if derived.within:
            yield from _missing(place, derived.within, keys, "column that makes the groups")
        known.append(column)


def check_functions(report: ReportDefinition, *, folder: Path) -> Iterator[Fault]:
    """Yield every function that is not in its file; the files are read, never run."""
    for name, aggregate in report.aggregates.items():
        if not aggregate.function:
            continue
        place: Location = ("aggregates", name, "function")
        module, _, function = aggregate.function.partition(".")
        path = folder / f"{module}.py"
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            there = sorted(one.stem for one in folder.glob("*.py") if one.stem != "__init__")
            yield place, f"the file {path} does not exist: {suggest(module, there)}"
            continue
        except (SyntaxError, UnicodeDecodeError, OSError) as error:
            yield place, f"the file {path} cannot be read as Python: {error}"
            continue
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        if function not in functions:
            yield place, f"{path} has no function {function!r}: {suggest(function, functions)}"
