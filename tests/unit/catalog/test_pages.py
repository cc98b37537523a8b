"""A report's page and its other templates; each slip is named with its line."""

from __future__ import annotations

import pytest
from tests.unit.catalog.conftest import DEFINITION, PAGE, Workshop

# What is replaced by what in which file; the text of the line that must be named; what must be said.
FAULTS = [
    pytest.param(
        DEFINITION,
        "{{ parameters.carrier.display }} from",
        "{{ parameters.carier.display }} from",
        "subtitle:",
        "did you mean 'carrier'",
        id="text names no parameter",
    ),
    pytest.param(
        DEFINITION, "{{ shown }} of", "{{ shown of", 'subtitle: "mean', "does not parse", id="text syntax"
    ),
    pytest.param(
        PAGE, '{{ chart("on_time', '{{ chart("ontime', "chart(", "'on_time_by_day'", id="block's name"
    ),
    pytest.param(PAGE, "{{ kpis(", "{{ kpi(", "kpi(", "did you mean kpis?", id="block"),
    pytest.param(
        PAGE, "values.on_time_share_change", "values.on_time_chnage", "chnage", "on_time_share", id="value"
    ),
    pytest.param(PAGE, "{% endif %}", "{% endfi %}", "endfi", "does not parse", id="page syntax"),
    pytest.param(
        PAGE, "{{ displays.flights }}", "{{ displays.flights | uper }}", "uper", "'upper'", id="filter"
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "message"), FAULTS)
def test_a_fault_is_named_with_its_line_and_what_to_do(
    workshop: Workshop, file: str, old: str, new: str, line: str, message: str
) -> None:
    workshop.replace(file, old, new)
    workshop.expect(file, line=line, message=message)
