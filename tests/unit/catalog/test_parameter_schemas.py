"""The parameters of a definition: each slip in their schema is named with its line."""

from __future__ import annotations

import pytest
from tests.unit.catalog.conftest import DEFINITION, Workshop

# What is replaced by what in which file; the text of the line that must be named; what must be said.
FAULTS = [
    pytest.param(
        DEFINITION,
        "default: UA",
        "default: ZZ",
        "default: ZZ",
        "not permitted; use one of all, 9E",
        id="default",
    ),
    pytest.param(
        DEFINITION,
        "      type: string\n      title: Air",
        "      type: text\n      title: Air",
        "type: text",
        "'string', 'integer'",
        id="parameter type",
    ),
    pytest.param(
        DEFINITION,
        "      type: string\n      title: Air",
        "      type: sting\n      title: Air",
        "type: sting",
        "did you mean 'string'?",
        id="parameter type misspelt",
    ),
    pytest.param(
        DEFINITION,
        "      default: UA",
        "      defualt: UA",
        "defualt",
        "did you mean 'default'",
        id="keyword",
    ),
    pytest.param(
        DEFINITION,
        "        9E: Endeavor",
        "        8E: Endeavor",
        "8E:",
        "'8E' is not in the enum of parameter 'carrier': it has 9E",
        id="words",
    ),
    pytest.param(
        DEFINITION,
        "additionalProperties: false",
        "additionalProperties: true",
        "additional",
        "false",
        id="open",
    ),
    pytest.param(
        DEFINITION,
        "    origin:\n      type",
        "    zone:\n      type",
        "    zone:",
        "name of a binding",
        id="taken",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "message"), FAULTS)
def test_a_fault_is_named_with_its_line_and_what_to_do(
    workshop: Workshop, file: str, old: str, new: str, line: str, message: str
) -> None:
    workshop.replace(file, old, new)
    workshop.expect(file, line=line, message=message)
