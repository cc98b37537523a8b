"""``aggregate``: the fetched rows to one payload per variant. A retry writes the same bytes again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd
from pydantic import BaseModel, ConfigDict

from broadsheet.catalog.texts import render_text
from broadsheet.domain.objects import ObjectStore
from broadsheet.domain.parameters import display_parameter
from broadsheet.domain.period import Period
from broadsheet.domain.report import Format, Measure, ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.errors import IntegrityError
from broadsheet.pipeline.chart_data import chart_part
from broadsheet.pipeline.formats import (
    NOTHING,
    change_unit,
    finite,
    format_day,
    format_instant,
    format_number,
    format_text,
    period_short,
    rounded,
    unit_of,
    with_unit,
)
from broadsheet.pipeline.measures import measure_groups, measure_rows, number
from broadsheet.pipeline.payload import (
    DatasetPart,
    Direction,
    ImagePart,
    Kpi,
    Number,
    ParameterPart,
    Payload,
    PeriodPart,
    Provenance,
    Value,
    text_context,
    write_payload,
)
from broadsheet.pipeline.rows import Rows, load_rows
from broadsheet.pipeline.table_data import table_part

_NO_COMPARISON = "no comparison"


class AggregateSummary(BaseModel):
    """Where a variant's payload is, and whether its period has no data."""

    model_config = ConfigDict(frozen=True)

    variant: str
    key: str
    empty: bool


def aggregate_variant(
    spec: RunSpec, report: ReportDefinition, variant: str, *, staging: ObjectStore
) -> AggregateSummary:
    """Compute everything that a variant's document says and store it as its payload.

    ``empty`` means that the primary dataset has no row in the period itself, whatever the period before had.
    """
    chosen = spec.variant(variant)
    for name, value in chosen.parameters.items():
        if spec.parameters.get(name) != value:
            raise IntegrityError(
                f"run {spec.run_id}: variant {variant!r} has parameter {name!r} of its own, "
                "but the data was fetched for the run's"
            )
    rows = load_rows(spec, report, staging=staging)
    payload = _frame_of(spec, report, chosen, rows)
    _add_measures(report, payload, rows)
    _add_facts(spec, report, payload, rows)
    context = text_context(payload)
    payload["subtitle"] = render_text(report.subtitle, context, report_id=report.id)
    notices = [render_text(notice, context, report_id=report.id) for notice in report.notices]
    payload["notices"] = [notice for notice in notices if notice]
    for name in report.charts:
        payload["charts"][name] = chart_part(report, name, period=spec.period, rows=rows, context=context)
    for name in report.tables:
        payload["tables"][name] = table_part(report, name, zone=spec.period.zone, rows=rows, context=context)
    _add_images(spec, report, payload, staging)
    key = write_payload(spec, variant, payload, staging=staging)
    return AggregateSummary(variant=variant, key=key, empty=payload["empty"])


def _frame_of(
    spec: RunSpec, report: ReportDefinition, variant: VariantSpec, rows: Mapping[str, Rows]
) -> Payload:
    """Return a payload with everything that needs no calculation."""
    instant = _data_as_of(report, rows)
    return Payload(
        report_id=report.id,
        title=report.title,
        subtitle="",
        parameters=[
            ParameterPart(
                name=name,
                label=str(schema.get("title", name)),
                value=variant.parameters.get(name),
                display=format_text(display_parameter(schema, variant.parameters.get(name))),
            )
            for name, schema in report.parameter_schemas.items()
        ],
        period=_period_part(spec.period),
        previous_period=_period_part(spec.period.previous()),
        data_as_of=instant.isoformat() if instant else None,
        data_as_of_display=format_instant(instant, spec.period.zone) if instant else NOTHING,
        notices=[],
        empty=rows[report.primary].current.empty,
        values={},
        displays={},
        kpis={},
        charts={},
        tables={},
        images={},
        provenance=Provenance(
            datasets=[
                DatasetPart(
                    name=name,
                    rows=len(rows[name].everything),
                    sql=f"{report.id}/{definition.sql}",
                    sha256=rows[name].sha256,
                )
                for name, definition in report.datasets.items()
            ],
            report_version=report.version,
        ),
    )


def _period_part(period: Period) -> PeriodPart:
    return PeriodPart(
        name=period.name,
        label=period.label,
        short=period_short(period),
        kind=period.kind.value,
        zone=period.zone,
        start=period.start.isoformat(),
        end=period.end.isoformat(),
        first_day=period.first_day.isoformat(),
        last_day=period.last_day.isoformat(),
    )


def _data_as_of(report: ReportDefinition, rows: Mapping[str, Rows]) -> datetime | None:
    if report.freshness is None:
        return None
    latest = rows[report.freshness.dataset].everything[report.freshness.column].max()
    return None if pd.isna(latest) else latest.to_pydatetime().astimezone(UTC)


def _add_measures(report: ReportDefinition, payload: Payload, rows: Mapping[str, Rows]) -> None:
    """Put every measure, its value a period earlier and its change into values, displays and figures."""
    figures: dict[str, Kpi] = {}
    for name, measure in report.measures.items():
        source = rows[measure.dataset]
        # Without a row there is nothing to count either: no data is not the same as zero flights.
        value = None if source.current.empty else measure_rows(source.current, measure)
        has_previous = source.previous is not None and not source.previous.empty
        previous = (
            measure_rows(source.previous, measure) if source.previous is not None and has_previous else None
        )
        figures[name] = _figure(measure, value, previous)
        change, unit = figures[name]["change"], unit_of(measure.format, measure.unit)
        size = None if change is None else abs(change)
        size_unit = change_unit(measure.format, measure.unit)
        payload["values"] |= {
            name: value,
            f"{name}_previous": previous,
            f"{name}_change": change,
            f"{name}_change_size": size,
        }
        payload["displays"] |= {
            name: with_unit(format_number(value, measure.format), unit),
            f"{name}_previous": with_unit(format_number(previous, measure.format), unit),
            f"{name}_change": figures[name]["change_display"],
            # For prose that says "up by" or "down by" itself.
            f"{name}_change_size": with_unit(format_number(size, measure.format), size_unit),
        }
    for name, members in report.kpis.items():
        payload["kpis"][name] = [figures[member] for member in members]


def _figure(measure: Measure, value: Number, previous: Number) -> Kpi:
    style = measure.format
    change = None if value is None or previous is None else finite(value - previous)
    direction: Direction = "none"
    words = _NO_COMPARISON
    if change is not None:
        visible = rounded(change, style)
        direction = "flat" if visible == 0 else "up" if visible > 0 else "down"
        words = with_unit(format_number(change, style, signed=True), change_unit(style, measure.unit))
    good = None
    if direction in ("up", "down") and measure.better != "neither":
        good = direction == measure.better
    return Kpi(
        label=measure.label,
        value=value,
        display=format_number(value, style),
        unit=unit_of(style, measure.unit),
        change=change,
        change_display=words,
        direction=direction,
        good=good,
        note=measure.note,
    )


def _add_facts(spec: RunSpec, report: ReportDefinition, payload: Payload, rows: Mapping[str, Rows]) -> None:
    """Put single cells and the highest or lowest groups into values and displays."""
    for name, fact in report.facts.items():
        cells = rows[fact.dataset].everything[fact.column].tolist()
        cell = cells[0] if cells and not pd.isna(cells[0]) else None
        payload["values"][name], payload["displays"][name] = _named(cell, fact.format, spec.period.zone)
    for name, highlight in report.highlights.items():
        measure = report.measures[highlight.measure]
        groups = measure_groups(rows[measure.dataset].current, measure, [highlight.group])
        ranked = groups[groups["rows"] >= highlight.min_rows]["value"].dropna()
        # Stable, so that the first of equal groups wins.
        ranked = ranked.sort_values(ascending=highlight.order == "lowest", kind="stable")
        key = ranked.index[0] if len(ranked) else None
        value = number(ranked.iloc[0], measure) if len(ranked) else None
        payload["values"][name], payload["displays"][name] = _named(key, Format.TEXT, spec.period.zone)
        payload["values"][f"{name}_value"] = value
        payload["displays"][f"{name}_value"] = with_unit(
            format_number(value, measure.format), unit_of(measure.format, measure.unit)
        )


def _named(cell: object, style: Format, zone: str) -> tuple[Value, str]:
    """Return a cell raw and in words."""
    if cell is None:
        return None, NOTHING
    if isinstance(cell, datetime):
        if style is Format.DATETIME:
            return cell.isoformat(), format_instant(cell, zone)
        return cell.date().isoformat(), format_day(cell.date())
    found = finite(cell)
    if found is not None:
        return found, format_number(found, style) if style is not Format.TEXT else str(found)
    return format_text(cell), format_text(cell)


def _add_images(spec: RunSpec, report: ReportDefinition, payload: Payload, staging: ObjectStore) -> None:
    for name in report.documents:
        manifest = json.loads(staging.get(f"{spec.document_prefix(name)}manifest.json"))
        payload["notices"] += manifest["notices"]
        payload["images"][name] = [
            ImagePart(
                key=image["key"],
                width=image["width"],
                height=image["height"],
                caption=format_text(image["caption"]),
            )
            for image in manifest["images"]
        ]
