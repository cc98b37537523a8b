"""A report's page, checked before any value is known: its blocks, its names and its lines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from jinja2 import TemplateSyntaxError, nodes

from broadsheet.catalog.page_lines import line_faults
from broadsheet.catalog.texts import CONTEXT, Names, parse, text_faults, unknown, value_names
from broadsheet.domain.report import DocumentKind, ReportDefinition

PAGE_CONTEXT = (
    *CONTEXT,
    "subtitle",
    "notices",
    "empty",
    "data_as_of",
    "data_as_of_display",
    "provenance",
    "report_id",
)
"""Names that a page may use beside its blocks: the top level of the payload."""

BLOCKS: Mapping[str, tuple[str, ...]] = {
    "kpis": (),
    "chart": (),
    "charts": (),
    "table": ("limit",),
    "images": ("across",),
    "appendix": (),
    "pagebreak": (),
    "cover": ("subtitle", "picture"),
    "contents": ("title", "depth"),
    "ref": (),
    "columns": (),
    "column": (),
    "end_columns": (),
}
"""Calls that put a part of the definition into the page, and what each may be told by name."""
_WITHIN_TEXT = frozenset({"ref"})
_OTHER_FILES = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


def page_faults(source: str, report: ReportDefinition) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of everything wrong in a report's page, block names included."""
    if not source.strip():
        yield 1, 'the page is empty; begin with a block such as {{ chart("…") }}'
        return
    faults = list(text_faults(source, context=(*PAGE_CONTEXT, *BLOCKS), names=value_names(report)))
    if any("does not parse" in message for _, message in faults):
        yield from faults
        return
    unquoted = {f"the template uses {name!r}," for name in _unquoted(parse(source))}
    yield from (fault for fault in faults if not fault[1].startswith(tuple(unquoted)))
    yield from line_faults(source, blocks=[name for name in BLOCKS if name not in _WITHIN_TEXT])
    others = list(parse(source).find_all(_OTHER_FILES))
    for other in others:
        yield other.lineno, "a page is one file: include, import and extends do not work here"
    # What stands in another file is not known here: it may well show what seems to be missing.
    yield from _call_faults(source, report, whole=not others)


def unplaced(source: str, report: ReportDefinition) -> list[str]:
    """Return what a report defines and its page does not show: ``charts.by_day``."""
    try:
        called = _called(parse(source))
    except TemplateSyntaxError:
        return []
    parts = [(f"kpis.{name}", f"kpis {name}") for name in report.kpis]
    for name in report.charts:
        parts.append((f"charts.{name}", f"charts {name}" if f"charts {name}" in called else f"chart {name}"))
    if not report.exports:
        parts += [(f"tables.{name}", f"table {name}") for name in report.tables]
    parts += [
        (f"documents.{name}", f"images {name}")
        for name in _documents(report, DocumentKind.PICTURES)
        if f"cover {name}" not in called
    ]
    return [shown for shown, call in parts if call not in called]


def _called(page: nodes.Template) -> set[str]:
    """Return the blocks that a page calls, each with each of its names."""
    return {
        f"{call.node.name} {one.value}"
        for call in page.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in BLOCKS
        for one in (*call.args, *(given.value for given in call.kwargs))
        if isinstance(one, nodes.Const)
    }


def _unquoted(page: nodes.Template) -> set[str]:
    """Return names that stand in blocks without quotes: one slip of the pen is one fault."""
    return {
        one.name
        for call in page.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in BLOCKS
        for one in call.args
        if isinstance(one, nodes.Name)
    }


def _call_faults(source: str, report: ReportDefinition, *, whole: bool) -> Iterator[tuple[int, str]]:
    known: Names = {
        "kpis": report.kpis,
        "chart": report.charts,
        "charts": report.charts,
        "table": report.tables,
        "images": _documents(report, DocumentKind.PICTURES),
        "appendix": _documents(report, DocumentKind.PDF),
        "ref": {**report.charts, **report.tables},
    }
    called = _called(parse(source))
    for call in parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in BLOCKS:
            for message in _block_faults(call, call.node.name, known):
                yield call.lineno, message
    if not whole:
        return
    yield from _reference_faults(parse(source), called)
    for name in known["appendix"]:
        if f"appendix {name}" not in called:
            yield 1, f'the page appends no documents.{name}: say where with {{{{ appendix("{name}") }}}}'


def _reference_faults(page: nodes.Template, called: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield what refers to a chart or table that the page does not show, or to one of each."""
    for call in page.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name == "ref"):
            continue
        for one in call.args:
            if not isinstance(one, nodes.Const):
                continue
            table = f"table {one.value}" in called
            chart = f"chart {one.value}" in called or f"charts {one.value}" in called
            if not table and not chart:
                yield call.lineno, f"ref({one.value!r}): the page does not show it, so nothing leads there"
            elif table and chart:
                yield (
                    call.lineno,
                    f"ref({one.value!r}): the page shows a chart and a table of this name, so it could lead "
                    f"to either; give one of charts.{one.value} and tables.{one.value} another name",
                )


def _documents(report: ReportDefinition, kind: DocumentKind) -> tuple[str, ...]:
    return tuple(name for name, documents in report.documents.items() if documents.kind is kind)


def _block_faults(call: nodes.Call, block: str, known: Names) -> Iterator[str]:
    for given in call.kwargs:
        if fault := unknown(given.key, BLOCKS[block]):
            yield f"{block}() is told nothing by the name {given.key!r}: {fault}"
    if block not in known:
        return
    # Two charts stand side by side; every other block is one thing.
    wanted = 2 if block == "charts" else 1
    named = [one.value for one in call.args if isinstance(one, nodes.Const) and isinstance(one.value, str)]
    if len(named) != wanted or len(call.args) != wanted:
        names = [f'"{one.name}"' if isinstance(one, nodes.Name) else '"…"' for one in call.args[:wanted]]
        example = ", ".join([*names, *['"…"'] * (wanted - len(names))])
        count = "two names" if wanted == 2 else "a name"
        yield f"{block}() needs {count} in quotes: {{{{ {block}({example}) }}}}"
        return
    for name in named:
        if fault := unknown(name, known[block]):
            yield f"{block}({name!r}): {fault}"
