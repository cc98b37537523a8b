"""docs/definition.md is true, and every key that a report or a theme may have has an example in docs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from broadsheet.catalog.schemas import ParameterSchema, check_parameters
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.theme import ThemeDefinition, TypeScale

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = ("authoring", "definition", "charts", "numbers", "page", "languages", "themes")
TEXT = "\n".join((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in PAGES)
EXAMPLES = "\n".join(re.findall(r"^```(?:yaml|diff)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
# What stands in a table of a page as `{key: …}` is an example, too.
EXAMPLES += "\n".join(re.findall(r"`[^`\n]+`", TEXT))


def parts(annotation: object) -> Iterator[type]:
    """Yield every model and enumeration that an annotation leads to."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from parts(field.annotation)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for argument in get_args(annotation):
        yield from parts(argument)


MODELS = sorted(
    {one for start in (ReportDefinition, ThemeDefinition, ParameterSchema) for one in parts(start)}
    - {TypeScale},
    key=lambda one: one.__name__,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_and_value_has_an_example(model: type) -> None:
    if issubclass(model, Enum):
        lacking = [one.value for one in model if not re.search(rf"\b{one.value}\b", EXAMPLES)]
    else:
        assert issubclass(model, BaseModel)
        lacking = [name for name in model.model_fields if not re.search(rf"\b{name}\b", EXAMPLES)]
    assert lacking == []


def test_the_example_is_a_definition() -> None:
    (example,) = re.findall(
        r"^```yaml\n(.*?)^```$", (DOCS / "definition.md").read_text(), re.MULTILINE | re.DOTALL
    )
    data = yaml.safe_load(example)
    report = ReportDefinition.model_validate(data)
    assert list(check_parameters(report.parameters)) == []
