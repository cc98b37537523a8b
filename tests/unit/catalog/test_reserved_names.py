"""Names that a report's parameters may not have: the trigger form has fields of its own."""

import pytest

from broadsheet.catalog.schemas import check_parameters
from broadsheet.domain.run import REQUEST_FIELDS


@pytest.mark.parametrize("name", sorted(REQUEST_FIELDS))
def test_a_parameter_with_the_name_of_a_field_of_the_form_is_refused(name):
    schema = {"type": "object", "properties": {name: {"type": "string", "title": "X", "default": "a"}}}
    faults = list(check_parameters(schema))
    assert [place for place, _ in faults] == [("properties", name)]
    assert "trigger form" in faults[0][1]
