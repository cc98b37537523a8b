"""A payload says what independent queries over the same flights say, in the same words each time."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from tests.unit.pipeline.conftest import HOME, MakeSpec

from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.parts import Format, Rounding
from broadsheet.domain.report import ExportFormat, ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline.aggregate import aggregate_variant
from broadsheet.pipeline.fetch import fetch_dataset, fetch_documents
from broadsheet.pipeline.formats import format_number
from broadsheet.pipeline.payload import TablePart, payload_key, read_payload
from broadsheet.pipeline.table_data import table_part

pytestmark = pytest.mark.integration

Aggregate = Callable[..., dict[str, Any]]


def stage(spec: RunSpec, report: ReportDefinition, dsn: str) -> MemoryObjectStore:
    staging = MemoryObjectStore()
    for dataset in report.datasets:
        fetch_dataset(
            spec, report, dataset, dsn=dsn, staging=staging, sql_dir=HOME / "sql", statement_timeout=30
        )
    staging.objects |= fetched_pictures(spec, report)
    return staging


_FETCHED: dict[str, dict[str, bytes]] = {}


def fetched_pictures(spec: RunSpec, report: ReportDefinition) -> dict[str, bytes]:
    """Return what `fetch` leaves of the pictures: a process to make, and the same for runs of one number."""
    prefix = spec.document_prefix("pictures")
    if prefix not in _FETCHED:
        source, staging = MemoryObjectStore(), MemoryObjectStore()
        for path in sorted((HOME / "deploy/demo/documents/airline_punctuality/images").glob("*.jpg")):
            key = f"airline_punctuality/images/{path.name}"
            source.put(key, path.read_bytes(), content_type="image/jpeg")
        fetch_documents(spec, report, "pictures", source=source, staging=staging)
        _FETCHED[prefix] = staging.objects
    return _FETCHED[prefix]


@pytest.fixture
def aggregate(source_dsn: str, report: ReportDefinition, make_spec: MakeSpec) -> Aggregate:
    """Fetch and aggregate a period; returns the payload."""

    def run(
        period: str = "2013-W12", *, definition: ReportDefinition = report, **parameters: Any
    ) -> dict[str, Any]:
        spec = make_spec(period, **parameters)
        staging = stage(spec, definition, source_dsn)
        summary = aggregate_variant(spec, definition, "main", staging=staging)
        payload = read_payload(spec, "main", staging=staging).model_dump(mode="json")
        assert summary.empty == payload["empty"]
        return payload

    return run


def test_the_figures_are_those_of_an_independent_query(aggregate: Aggregate, source_dsn: str) -> None:
    payload = aggregate("2013-W12", carrier="UA")
    with psycopg.connect(source_dsn) as connection:
        row = connection.execute(
            "SELECT count(*), avg((arr_delay < 15)::int)::float8, avg((dep_time IS NULL)::int)::float8,"
            " percentile_cont(0.5) WITHIN GROUP (ORDER BY arr_delay), avg(arr_delay)::float8,"
            " percentile_cont(0.9) WITHIN GROUP (ORDER BY arr_delay)"
            " FROM flights WHERE carrier = 'UA' AND flight_date BETWEEN '2013-03-18' AND '2013-03-24'"
        ).fetchone()
    assert row is not None
    assert [kpi["value"] for kpi in payload["kpis"]["summary"]] == [
        pytest.approx(row[position], rel=1e-9) for position in (1, 0, 2, 3, 4, 5)
    ]
    on_time = payload["kpis"]["summary"][0]
    assert (on_time["display"], on_time["unit"], on_time["change_display"]) == (
        "72.3", "%", "\N{MINUS SIGN}8.5\N{NO-BREAK SPACE}points",
    )  # fmt: skip
    assert (on_time["direction"], on_time["good"]) == ("down", False)


def test_the_table_shows_a_hundred_of_all_arrivals_latest_first(
    aggregate: Aggregate, source_dsn: str
) -> None:
    table = aggregate("2013-W12", carrier="UA")["tables"]["latest_arrivals"]
    with psycopg.connect(source_dsn) as connection:
        delays = connection.execute(
            "SELECT arr_delay FROM flights WHERE carrier = 'UA' AND arr_delay IS NOT NULL"
            " AND flight_date BETWEEN '2013-03-18' AND '2013-03-24' ORDER BY 1 DESC"
        ).fetchall()
    assert (table["shown"], table["total_rows"], len(table["rows"])) == (100, len(delays), 100)
    assert [row[-1] for row in table["rows"]] == [f"{delay:,}" for (delay,) in delays[:100]]
    assert [row[0] for row in table["rows"]] == [str(place) for place in range(1, 101)]
    assert [column["align"] for column in table["columns"]][-2:] == ["right", "right"]


def test_every_chart_has_a_value_or_none_for_each_group(aggregate: Aggregate) -> None:
    for period in ("2013-W12", "2013-03", "2013-03-18", "2013-W01", "2014-W20"):
        for name, chart in aggregate(period)["charts"].items():
            assert all(len(one["values"]) == len(chart["x"]) for one in chart["series"]), (period, name)
            assert len(set(chart["x"])) == len(chart["x"]), (period, name)
            assert chart["alt"], (period, name)


def test_the_layers_of_a_day_add_up_to_its_flights(aggregate: Aggregate) -> None:
    payload = aggregate("2013-W06", carrier="all")
    chart = payload["charts"]["outcomes_by_day"]
    by_day = [sum(values) for values in zip(*(one["values"] for one in chart["series"]), strict=True)]
    assert sum(by_day) == payload["values"]["flights"]
    assert [one["name"] for one in chart["series"]][-1] == "Cancelled"
    assert (
        sum(payload["charts"]["arrival_delays"]["series"][0]["values"])
        == (payload["tables"]["latest_arrivals"]["total_rows"])
    )


def test_a_day_is_drawn_by_hour_and_a_month_by_day(aggregate: Aggregate) -> None:
    by_hour = aggregate("2013-03-18")["charts"]["on_time_by_day"]
    assert by_hour["title"] == "On-time arrivals"
    assert by_hour["subtitle"].endswith("by hour of departure")
    assert by_hour["x"][0] == "5"
    by_day = aggregate("2013-03")["charts"]["on_time_by_day"]
    assert by_day["x"] == [str(day) for day in range(1, 32)]
    # February is shorter: the last days of March have nothing to be compared with.
    assert by_day["series"][1]["values"][28:] == [None, None, None]


def test_a_period_without_flights_is_empty_although_the_one_before_had_some(aggregate: Aggregate) -> None:
    payload = aggregate("2014-W02", carrier="UA")
    assert payload["empty"] is True
    payload = aggregate("2014-01", carrier="UA")
    assert payload["empty"] is True
    assert payload["values"]["flights"] is None
    assert payload["values"]["flights_previous"] > 0
    assert payload["kpis"]["summary"][0]["change_display"] == "no comparison"
    assert payload["tables"]["latest_arrivals"]["rows"] == []
    assert payload["data_as_of_display"] == "20 November 2026, 07:00 EST"


def test_the_first_period_has_nothing_to_compare_with(aggregate: Aggregate) -> None:
    payload = aggregate("2013-01", carrier="UA")
    assert payload["kpis"]["summary"][0]["direction"] == "none"
    assert [one["role"] for one in payload["charts"]["on_time_by_day"]["series"]] == ["current"]


@pytest.mark.parametrize("carrier", ["HA", "OO", "YV", "AS", "F9", "all"])
@pytest.mark.parametrize("origin", ["EWR", "LGA", "all"])
def test_any_airline_from_anywhere_gives_a_payload(aggregate: Aggregate, carrier: str, origin: str) -> None:
    payload = aggregate("2013-W30", carrier=carrier, origin=origin)
    assert [part["value"] for part in payload["parameters"]] == [carrier, origin]
    assert "None" not in json.dumps(payload["displays"])


def test_two_runs_write_the_same_bytes_but_for_the_keys_of_pictures(
    source_dsn: str, report: ReportDefinition, make_spec: MakeSpec
) -> None:
    written = []
    for number in (1, 2):
        spec = make_spec("2013-W12", number=number)
        staging = stage(spec, report, source_dsn)
        aggregate_variant(spec, report, "main", staging=staging)
        written.append(staging.get(payload_key(spec, "main")).replace(str(spec.run_id).encode(), b"RUN"))
    assert written[0] == written[1]


def test_demo_data_is_named_in_a_notice(aggregate: Aggregate, servers: Any) -> None:
    assert aggregate()["notices"] == []
    with psycopg.connect(servers.stack.owner_dsn("flights"), autocommit=True) as owner:
        owner.execute("UPDATE load_info SET shift_weeks = 714")
        try:
            notices = aggregate()["notices"]
        finally:
            owner.execute("UPDATE load_info SET shift_weeks = 0")
    assert notices == ["Demo data: flights of 2013, moved forward by 714 weeks."]


def test_pictures_come_with_their_size_and_caption(aggregate: Aggregate) -> None:
    pictures = aggregate()["images"]["pictures"]
    assert len(pictures) == 3
    assert all(picture["width"] > 0 and picture["caption"] for picture in pictures)


def test_a_variant_whose_parameters_were_not_fetched_is_refused(
    source_dsn: str, report: ReportDefinition, make_spec: MakeSpec
) -> None:
    spec = make_spec("2013-W12", carrier="UA")
    other = VariantSpec(name="main", parameters={**spec.parameters, "carrier": "AA"})
    spec = spec.model_copy(update={"variants": (other,)})
    with pytest.raises(IntegrityError, match="'carrier'"):
        aggregate_variant(spec, report, "main", staging=stage(spec, report, source_dsn))


def test_a_protected_document_has_no_files_beside_it_and_says_so(
    source_dsn: str, report: ReportDefinition, make_spec: MakeSpec
) -> None:
    spec = make_spec("2013-W12", carrier="UA")
    exporting = report.model_copy(update={"exports": (ExportFormat.CSV,)})
    staging = stage(spec, exporting, source_dsn)
    assert aggregate_variant(spec, exporting, "main", staging=staging).exports
    protected = aggregate_variant(spec, exporting, "main", staging=staging, protected=True)
    assert protected.exports == ()
    (fault,) = read_payload(spec, "main", staging=staging).provenance.faults
    assert "protected by a password" in fault


@pytest.mark.parametrize(("way", "words"), [(Rounding.HALF_UP, "0.13"), (Rounding.HALF_EVEN, "0.12")])
def test_what_is_written_is_rounded_as_the_report_says(
    aggregate: Aggregate,
    report: ReportDefinition,
    monkeypatch: pytest.MonkeyPatch,
    way: Rounding,
    words: str,
) -> None:
    written: list[str] = []

    def noting(*arguments: Any, **options: Any) -> TablePart:
        written.append(format_number(Decimal("0.125"), Format.DECIMAL2))
        return table_part(*arguments, **options)

    monkeypatch.setattr("broadsheet.pipeline.aggregate.table_part", noting)
    aggregate(definition=report.model_copy(update={"rounding": way}))
    assert set(written) == {words}
    # Nothing of it is left behind for the next report.
    assert format_number(Decimal("0.125"), Format.DECIMAL2) == "0.13"
