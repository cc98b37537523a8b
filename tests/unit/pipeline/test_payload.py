"""The payload as it is stored and read back."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from uuid import UUID

import pytest

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.period import parse_period
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.errors import IntegrityError, NotFoundError
from broadsheet.pipeline.payload import (
    KpiPart,
    Payload,
    PeriodPart,
    payload_key,
    read_payload,
    text_context,
    write_payload,
)

SPEC = RunSpec(
    run_id=UUID(int=9),
    report_id="probe",
    slot=datetime(2013, 3, 25, 11, tzinfo=UTC),
    period=parse_period("2013-W12", zone="America/New_York"),
    parameters={},
    variants=(VariantSpec(name="main", parameters={}),),
)
WEEK = PeriodPart(
    name="2013-W12",
    label="Week 12",
    zone=SPEC.period.zone,
    start=SPEC.period.start,
    end=SPEC.period.end,
)


def payload(**changes: object) -> Payload:
    return Payload.model_validate(
        {"report_id": "probe", "title": "Probe", "period": WEEK, "previous_period": WEEK} | changes
    )


def test_what_was_written_is_read_back() -> None:
    staging = MemoryObjectStore()
    kpis = {"summary": (KpiPart(label="Flights", value=1159, display="1,159"),)}
    written = payload(values={"flights": 1159, "share": 0.5, "none": None}, kpis=kpis)
    write_payload(SPEC, "main", written, staging=staging)
    assert read_payload(SPEC, "main", staging=staging) == written
    # Whole numbers stay whole.
    assert b'"flights": 1159,' in staging.get(payload_key(SPEC, "main"))


def test_a_number_that_is_not_finite_is_never_stored() -> None:
    staging = MemoryObjectStore()
    for number in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="not JSON compliant"):
            write_payload(SPEC, "main", payload(values={"share": number}), staging=staging)
    assert staging.objects == {}


def test_a_payload_of_another_shape_is_refused_and_the_fields_are_named() -> None:
    staging = MemoryObjectStore()
    with pytest.raises(NotFoundError):
        read_payload(SPEC, "main", staging=staging)
    staging.put(payload_key(SPEC, "main"), b'{"report_id": "probe"}', content_type="application/json")
    with pytest.raises(IntegrityError, match=f"{SPEC.run_id}.*period, title"):
        read_payload(SPEC, "main", staging=staging)


def test_texts_of_a_definition_see_plain_values_and_parameters_by_name() -> None:
    parameter = {"name": "carrier", "label": "Airline", "value": "UA", "display": "United\n Air\u202e Lines"}
    context = text_context(payload(parameters=[parameter]))
    assert set(context) == {"title", "values", "displays", "parameters", "period", "previous_period"}
    assert context["parameters"] == {"carrier": parameter | {"display": "United Air Lines"}}
