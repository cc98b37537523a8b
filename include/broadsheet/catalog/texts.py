"""Templates of a report, checked and rendered in a sandbox: one-line texts in its definition, and its page.

Only texts of the catalog are ever compiled; data is given to them as values, so that markup or ``{{ }}`` in
data stays what it is. A rendered text is plain: whoever puts it into a page or a mail escapes it there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes

from broadsheet.catalog.sandbox import TemplateSandbox
from broadsheet.domain.report import DocumentKind, ReportDefinition
from broadsheet.domain.suggestion import suggest
from broadsheet.errors import DefinitionError, Problem

CONTEXT = ("title", "values", "displays", "parameters", "period", "previous_period")
"""Names that every text of a definition may use."""

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

BLOCKS = (
    "kpis",
    "chart",
    "charts",
    "table",
    "images",
    "appendix",
    "pagebreak",
    "cover",
    "contents",
    "ref",
    "columns",
    "column",
    "end_columns",
)
"""Calls that put a part of the definition into the page: ``{{ chart("on_time_by_day") }}``."""

_GLOBALS = frozenset({"range", "dict", "cycler", "joiner", "namespace", "loop"})

FAILURES = (
    *(TemplateError, TypeError, ValueError, ArithmeticError, LookupError),
    *(RecursionError, MemoryError),
)
"""What a template raises that does not fit its values, or that calls itself without end."""

Names = Mapping[str, Collection[str]]
"""For some names of the context, all attributes that they have."""


@lru_cache(maxsize=1)
def _environment() -> TemplateSandbox:
    return TemplateSandbox(autoescape=False)


@lru_cache(maxsize=256)
def _parse(source: str) -> nodes.Template:
    return _environment().parse(source)


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    """Compile a text once per process: the variants of a burst share their definition."""
    return _environment().from_string(source)


def value_names(report: ReportDefinition) -> Names:
    """Return the attributes that ``values``, ``displays`` and ``parameters`` have in a report's texts."""
    values = [*report.facts, *report.highlights, *(f"{name}_value" for name in report.highlights)]
    for name in report.measures:
        values += [name, *measure_names(report, name)]
    return {"values": values, "displays": values, "parameters": list(report.parameter_schemas)}


def measure_names(report: ReportDefinition, measure: str) -> list[str]:
    """Return the names that texts have for a measure beside its own."""
    names = [f"{measure}_previous", f"{measure}_change", f"{measure}_change_size"]
    if report.has_year_before(report.measures[measure].dataset):
        names += [f"{measure}_year_before", f"{measure}_year_change"]
    return names


def text_faults(source: str, *, context: Collection[str], names: Names) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of everything in a template that is wrong before any value is known."""
    try:
        tree = _parse(source)
    except TemplateSyntaxError as error:
        yield error.lineno, f"the template does not parse: {error.message}"
        return
    # One walk over the tree: a catalog is loaded by every task and every parse of a DAG file.
    found = list(tree.find_all(nodes.Node))
    names_used = [node for node in found if isinstance(node, nodes.Name)]
    known = {*context, *_GLOBALS, *(node.name for node in names_used if node.ctx != "load")}
    for name in names_used:
        if name.name not in known:
            hint = suggest(name.name, context, form="{}")
            yield name.lineno, f"the template uses {name.name!r}, which does not exist: {hint}"
    for node in found:
        if isinstance(node, (nodes.Filter, nodes.Test)):
            what = "filter" if isinstance(node, nodes.Filter) else "test"
            offered = _environment().filters if what == "filter" else _environment().tests
            if fault := _unknown(node.name, offered):
                yield node.lineno, f"{what} {node.name!r} does not exist: {fault}"
        elif isinstance(node, (nodes.Getattr, nodes.Getitem)):
            yield from _attribute_faults(node, names)


def page_faults(source: str, report: ReportDefinition) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of everything wrong in a report's page, block names included."""
    faults = list(text_faults(source, context=(*PAGE_CONTEXT, *BLOCKS), names=value_names(report)))
    yield from faults
    if any("does not parse" in message for _, message in faults):
        return
    known: Names = {
        "kpis": report.kpis,
        "chart": report.charts,
        "charts": report.charts,
        "table": report.tables,
        "images": _documents(report, DocumentKind.PICTURES),
        "appendix": _documents(report, DocumentKind.PDF),
        "ref": {**report.charts, **report.tables},
    }
    called: set[str] = set()
    for call in _parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in known:
            called |= {f"{call.node.name} {one.value}" for one in call.args if isinstance(one, nodes.Const)}
            for message in _block_faults(call, call.node.name, known):
                yield call.lineno, message
    yield from _reference_faults(_parse(source), called)
    for name in known["appendix"]:
        if f"appendix {name}" not in called:
            yield 1, f'the page appends no documents.{name}: say where with {{{{ appendix("{name}") }}}}'


def _reference_faults(page: nodes.Template, called: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield what refers to a chart or table that the page does not show."""
    for call in page.find_all(nodes.Call):
        if not (isinstance(call.node, nodes.Name) and call.node.name == "ref"):
            continue
        for one in call.args:
            if isinstance(one, nodes.Const) and not any(
                f"{block} {one.value}" in called for block in ("chart", "charts", "table")
            ):
                yield call.lineno, f"ref({one.value!r}): the page does not show it, so nothing leads there"


def _documents(report: ReportDefinition, kind: DocumentKind) -> tuple[str, ...]:
    return tuple(name for name, documents in report.documents.items() if documents.kind is kind)


def _block_faults(call: nodes.Call, block: str, known: Names) -> Iterator[str]:
    # Two charts stand side by side; every other block is one thing.
    wanted = 2 if block == "charts" else 1
    named = [one.value for one in call.args if isinstance(one, nodes.Const) and isinstance(one.value, str)]
    if len(named) != wanted or len(call.args) != wanted:
        example = ", ".join(['"…"'] * wanted)
        count = "two names" if wanted == 2 else "a name"
        yield f"{block}() needs {count} in quotes: {{{{ {block}({example}) }}}}"
        return
    for name in named:
        if fault := _unknown(name, known[block]):
            yield f"{block}({name!r}): {fault}"


def render_text(source: str, context: Mapping[str, object], *, report_id: str) -> str:
    """Render a template to one line of text; DefinitionError when it fails on these values."""
    try:
        rendered = _compiled(source).render(context)
    except FAILURES as error:
        problem = Problem(
            Path(f"{report_id}.yaml"),
            None,
            f"the text {source!r} fails on this period's values: {failure_words(error)}",
        )
        raise DefinitionError([problem]) from error
    return " ".join(rendered.split())


def failure_words(error: Exception) -> str:
    """Return what is wrong with a template that raised one of ``FAILURES``."""
    if isinstance(error, RecursionError):
        return "it calls or includes itself without end"
    return str(error) or "it takes more memory than there is"


def _attribute_faults(node: nodes.Getattr | nodes.Getitem, names: Names) -> Iterator[tuple[int, str]]:
    if not isinstance(node.node, nodes.Name):
        return
    if isinstance(node, nodes.Getattr):
        attribute: object = node.attr
    else:
        attribute = node.arg.value if isinstance(node.arg, nodes.Const) else None
    owner = node.node.name
    if owner in names and isinstance(attribute, str) and (fault := _unknown(attribute, names[owner])):
        yield node.lineno, f"the template uses {owner}.{attribute}: {fault}"


def _unknown(name: str, known: Collection[str]) -> str | None:
    return None if name in known else suggest(name, known)
