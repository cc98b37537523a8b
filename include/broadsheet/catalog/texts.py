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
from broadsheet.catalog.template_syntax import explain
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.suggestion import suggest
from broadsheet.errors import DefinitionError, Problem

CONTEXT = ("title", "values", "displays", "parameters", "period", "previous_period")
"""Names that every text of a definition may use."""

PERIOD_NAMES = ("name", "label", "short", "kind", "zone", "start", "end", "first_day", "last_day")
"""What ``period`` and ``previous_period`` have."""
PARAMETER_NAMES = ("name", "label", "value", "display")
"""What each parameter has."""

_OF_NUMBERS = frozenset({"abs", "filesizeformat", "float", "int", "round", "sum"})
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
def parse(source: str) -> nodes.Template:
    """Parse a template as it will be run; TemplateSyntaxError where it is none."""
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
    period = list(PERIOD_NAMES)
    return {
        "values": values,
        "displays": values,
        "parameters": list(report.parameter_schemas),
        "period": period,
        "previous_period": period,
    }


def measure_names(report: ReportDefinition, measure: str) -> list[str]:
    """Return the names that texts have for a measure beside its own."""
    names = [f"{measure}_previous", f"{measure}_change", f"{measure}_change_size"]
    if report.has_year_before(report.measures[measure].dataset):
        names += [f"{measure}_year_before", f"{measure}_year_change"]
    return names


def text_faults(source: str, *, context: Collection[str], names: Names) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of everything in a template that is wrong before any value is known."""
    try:
        tree = parse(source)
    except TemplateSyntaxError as error:
        yield explain(source, error)
        return
    # One walk over the tree: a catalog is loaded by every task and every parse of a DAG file.
    found = list(tree.find_all(nodes.Node))
    names_used = [node for node in found if isinstance(node, nodes.Name)]
    known = {*context, *_GLOBALS, *(node.name for node in names_used if node.ctx != "load")}
    for name in names_used:
        if name.name not in known:
            yield (
                name.lineno,
                f"the template uses {name.name!r}, which does not exist: {_meant(name.name, context, names)}",
            )
    for node in found:
        if isinstance(node, (nodes.Filter, nodes.Test)):
            what = "filter" if isinstance(node, nodes.Filter) else "test"
            offered = _environment().filters if what == "filter" else _environment().tests
            if fault := unknown(node.name, offered):
                yield node.lineno, f"{what} {node.name!r} does not exist: {fault}"
            elif isinstance(node, nodes.Filter) and (fault := _word_fault(node)):
                yield node.lineno, fault
        elif isinstance(node, (nodes.Getattr, nodes.Getitem)):
            yield from _attribute_faults(node, names)


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
    if "NoneType" in str(error):
        return f"{error}: a value that is not there is none, so ask first: {{% if values.x is not none %}}"
    return str(error) or "it takes more memory than there is"


def _attribute_faults(node: nodes.Getattr | nodes.Getitem, names: Names) -> Iterator[tuple[int, str]]:
    attribute, owner = _attribute(node), node.node
    if attribute is None:
        return
    if isinstance(owner, nodes.Name) and owner.name in names:
        shown, known = owner.name, names[owner.name]
    elif isinstance(owner, nodes.Getattr | nodes.Getitem) and _is_parameter(owner):
        shown, known = f"parameters.{_attribute(owner)}", PARAMETER_NAMES
    else:
        return
    if fault := unknown(attribute, known):
        yield node.lineno, f"the template uses {shown}.{attribute}: {fault}"


def _attribute(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.arg.value if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str) else None


def _is_parameter(node: nodes.Getattr | nodes.Getitem) -> bool:
    return isinstance(node.node, nodes.Name) and node.node.name == "parameters"


def _meant(name: str, context: Collection[str], names: Names) -> str:
    if name in names.get("values", ()):
        return f"did you mean displays.{name} in words, or values.{name} as a number?"
    if name in names.get("parameters", ()):
        return f"did you mean parameters.{name}.display?"
    return suggest(name, context, form="{}")


def _word_fault(node: nodes.Filter) -> str | None:
    """Return what is wrong with a filter of numbers behind words."""
    of = node.node
    if node.name not in _OF_NUMBERS or not isinstance(of, nodes.Getattr | nodes.Getitem):
        return None
    if not isinstance(of.node, nodes.Name) or of.node.name != "displays":
        return None
    name = _attribute(of)
    return f"displays.{name} is words, ready to be read; {node.name} goes with a number: values.{name}"


def unknown(name: str, known: Collection[str]) -> str | None:
    """Return what was probably meant by a name that is not known; None for one that is."""
    return None if name in known else suggest(name, known)
