"""The spec of a run: the names of its variants are safe as parts of keys."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from broadsheet.domain.period import parse_period
from broadsheet.domain.run import RunSpec, VariantSpec


@pytest.mark.parametrize("name", ["main", "ua", "7", "new-york_jfk", "a" * 100])
def test_a_variant_is_named_by_small_letters_digits_dashes_and_underscores(name: str) -> None:
    assert VariantSpec(name=name, parameters={}).name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a" * 101,
        ".",
        "..",
        "a.b",
        "a/b",
        "../other",
        "/a",
        "a b",
        "a\n",
        "Main",
        "münchen",
        "-a",
        "_a",
        "a%2fb",
    ],
)
def test_a_name_that_could_lead_out_of_its_folder_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        VariantSpec(name=name, parameters={})


def test_a_stored_spec_with_such_a_name_is_refused_when_read() -> None:
    spec = RunSpec(
        run_id=UUID(int=1),
        report_id="probe",
        slot=datetime(2013, 3, 25, 11, tzinfo=UTC),
        period=parse_period("2013-W12", zone="America/New_York"),
        parameters={},
        variants=(VariantSpec(name="main", parameters={}),),
    )
    stored = spec.model_dump_json()
    assert RunSpec.model_validate_json(stored) == spec
    with pytest.raises(ValidationError, match="pattern"):
        RunSpec.model_validate_json(stored.replace('"main"', '"../main"'))
