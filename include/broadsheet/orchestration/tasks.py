"""The eight tasks of every report: each turns Airflow's context into plain arguments and calls one step.

The steps and their libraries are imported inside the tasks: a DAG file is parsed far more often than it runs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from pydantic import BaseModel

from broadsheet.catalog import Catalog, installed_catalog
from broadsheet.domain.presentation import Presentation
from broadsheet.domain.run import REQUEST_FIELDS, RunSpec, RunState, Trigger
from broadsheet.domain.subscription import slug_of_dag
from broadsheet.errors import NotFoundError, RunFailedError
from broadsheet.orchestration.connections import bucket, task_connection_uri
from broadsheet.orchestration.policy import stage_arguments
from broadsheet.settings import DATABASE, MAIL, get_settings, parse_endpoint, source_connection

if TYPE_CHECKING:
    from broadsheet.domain.report import ReportDefinition
    from broadsheet.store.objects import S3ObjectStore

# A `pipeline.plan.WorkUnit` as JSON, and what the stages add to it: a plain dict, since Airflow renders
# arguments.
Unit = dict[str, Any]

# Airflow's run types; asset-triggered and other automatic runs count as scheduled.
_TRIGGERS = {"manual": Trigger.MANUAL, "backfill": Trigger.BACKFILL}


@task(**stage_arguments("plan"))
def plan(report_id: str | None = None) -> list[Unit]:
    """Open the run in the ledger and cut its work into units."""
    from broadsheet.pipeline.plan import RunRequest, plan_run  # parse cost, as every import of a step below

    context = get_current_context()
    dag_run, params = context["dag_run"], context["params"]
    request = RunRequest(
        dag_id=dag_run.dag_id,
        dag_run_id=dag_run.run_id,
        trigger=_TRIGGERS.get(str(dag_run.run_type.value), Trigger.SCHEDULE),
        slot=dag_run.logical_date or dag_run.run_after,
        slug=None if report_id else slug_of_dag(dag_run.dag_id),
        report_id=report_id,
        parameters={name: value for name, value in params.items() if name not in REQUEST_FIELDS},
        period=params.get("period", "latest"),
        recipients=tuple(params.get("recipients") or ()),
        deliver=params["deliver"],
        presentation=Presentation(
            locale=params.get("locale"), theme=params.get("theme"), formats=params.get("formats")
        ),
        requested_by=dag_run.triggering_user_name,
        # Airflow starts a run anew when it is cleared.
        cleared_at=dag_run.start_date if dag_run.clear_number else None,
    )
    settings = get_settings()
    units = plan_run(
        request,
        _catalog(),
        dsn=task_connection_uri(DATABASE),
        staging=bucket("storage"),
        settings=settings,
    )
    return [unit.model_dump(mode="json") for unit in units]


@task(**stage_arguments("fetch"))
def fetch(unit: Unit) -> list[dict[str, Any]]:
    """Copy the unit's datasets and documents into staging."""
    from broadsheet.pipeline.fetch import fetch_dataset, fetch_documents

    spec, report, staging = _load(unit)
    settings = get_settings()
    fetched: list[BaseModel] = [
        fetch_dataset(
            spec,
            report,
            dataset,
            dsn=task_connection_uri(source_connection(report.source)),
            staging=staging,
            sql_dir=settings.sql_dir,
            statement_timeout=settings.statement_timeout,
        )
        for dataset in unit["datasets"]
    ]
    fetched += [
        fetch_documents(spec, report, documents, source=bucket("documents"), staging=staging)
        for documents in unit["documents"]
    ]
    return [summary.model_dump(mode="json") for summary in fetched]


@task(**stage_arguments("aggregate"))
def aggregate(unit: Unit) -> Unit:
    """Turn the datasets into one payload per variant; skip what the report does not want to be empty."""
    from broadsheet.pipeline.aggregate import aggregate_variants
    from broadsheet.pipeline.protection import is_protected

    spec, report, staging = _load(unit)
    protected = spec.subscription_id is not None and is_protected(
        spec.run_id, dsn=task_connection_uri(DATABASE)
    )
    summaries = aggregate_variants(spec, report, unit["variants"], staging=staging, protected=protected)
    kept = [name for name, summary in summaries.items() if not (summary.empty and report.on_empty == "skip")]
    if not kept:
        raise AirflowSkipException(f"no data for {spec.period.label}: report {report.id!r} is skipped then")
    exports = {name: [one.model_dump(mode="json") for one in summaries[name].exports] for name in kept}
    return {**unit, "variants": kept, "exports": exports}


@task(**stage_arguments("render_charts"))
def render_charts(unit: Unit) -> Unit:
    """Draw the charts of each variant."""
    from broadsheet.pipeline.charts import render_charts as render_variant_charts

    spec, report, staging = _load(unit)
    settings = get_settings()
    for variant in unit["variants"]:
        render_variant_charts(
            spec,
            report,
            variant,
            staging=staging,
            templates_dir=settings.templates_dir,
            static_dir=settings.static_dir,
            themes_dir=settings.themes_dir,
        )
    return unit


@task(**stage_arguments("build_pdf"))
def build_pdf(unit: Unit) -> Unit:
    """Build the PDF of each variant; one that a password protects is encrypted before it is kept."""
    from broadsheet.pipeline.pdf import build_pdf as build_variant_pdf
    from broadsheet.pipeline.protection import find_protector

    spec, report, staging = _load(unit)
    settings = get_settings()
    protector = find_protector(
        spec, staging=staging, stored=staging.get, dsn=task_connection_uri(DATABASE), settings=settings
    )
    built = {
        variant: build_variant_pdf(
            spec,
            report,
            variant,
            staging=staging,
            templates_dir=settings.templates_dir,
            static_dir=settings.static_dir,
            themes_dir=settings.themes_dir,
            protector=protector,
        ).model_dump(mode="json")
        for variant in unit["variants"]
    }
    return {**unit, "built": built}


@task(**stage_arguments("upload"))
def upload(unit: Unit) -> Unit:
    """Publish each document, and the files of rows beside it, under their final keys; record them."""
    from broadsheet.pipeline.protection import refuse_open
    from broadsheet.pipeline.storage import publish_artifact

    spec, report, storage = _load(unit)
    dsn = task_connection_uri(DATABASE)
    publish = partial(publish_artifact, spec, staging=storage, artifacts=storage, dsn=dsn)
    name = f"{report.id}-{spec.period.name}"
    artifacts: dict[str, str] = {}
    for variant, document in unit["built"].items():
        for export in unit.get("exports", {}).get(variant, ()):
            table = f"-{export['name']}" if export["name"] else ""
            publish(
                variant,
                file_name=f"{name}{table}.{export['format']}",
                staged_key=export["key"],
                sha256=export["sha256"],
                artifact_format=export["format"],
                part=export["name"],
            )
        # Nothing but what `build_pdf` has protected, whichever release it was that built it.
        refuse_open(spec, variant, sha256=document["sha256"], dsn=dsn)
        if picture := document.get("picture"):
            publish(
                variant,
                file_name=f"{name}.png",
                staged_key=picture["key"],
                sha256=picture["sha256"],
                artifact_format="png",
            )
        published = publish(
            variant,
            file_name=f"{name}.pdf",
            staged_key=document["key"],
            sha256=document["sha256"],
            pages=document["pages"],
        )
        artifacts[variant] = str(published.artifact_id)
    # The mail leads to what this execution stored, whatever else the run has.
    return {name: unit[name] for name in ("run_id", "deliver", "variants")} | {"artifacts": artifacts}


@task(**stage_arguments("email"))
def email(unit: Unit) -> dict[str, Any]:
    """Mail each planned delivery of the unit once, and record the mail server's verdict."""
    from broadsheet.pipeline.finish import is_cancelled
    from broadsheet.pipeline.letter import prepare_mailings
    from broadsheet.pipeline.mail import send_deliveries, settled_summary

    run_id, dsn = UUID(unit["run_id"]), task_connection_uri(DATABASE)
    # What somebody had sent again on purpose is sent, whatever this run is for.
    only_reissued = not unit["deliver"]
    settled = settled_summary(run_id, unit["variants"], dsn=dsn, only_reissued=only_reissued)
    if settled is not None:
        return settled.model_dump(mode="json")
    if is_cancelled(run_id, dsn=dsn):
        raise AirflowSkipException(f"run {run_id} was cancelled: nobody is mailed")
    spec = _recorded_spec()
    artifacts = {variant: UUID(artifact_id) for variant, artifact_id in unit["artifacts"].items()}
    mailings = prepare_mailings(spec, artifacts, _catalog(), staging=bucket("storage"), dsn=dsn)
    summary = send_deliveries(
        spec,
        mailings,
        dsn=dsn,
        endpoint=parse_endpoint(task_connection_uri(MAIL)),
        settings=get_settings(),
        clock=_now,
        only_reissued=only_reissued,
    )
    return summary.model_dump(mode="json")


@task(**stage_arguments("finalize"), trigger_rule="all_done")
def finalize() -> dict[str, Any] | None:
    """Close the run by what the ledger says, whatever happened before.

    This is the only task without a successor, so that Airflow shows the run as this task ends: it fails when
    any stage did, although some recipients may have their mail.
    """
    from broadsheet.pipeline.finish import finish_run

    context = get_current_context()
    dag_run = context["dag_run"]
    states = context["ti"].get_task_states(dag_id=dag_run.dag_id, run_ids=[dag_run.run_id])
    others = {name: state for name, state in states[dag_run.run_id].items() if name != "finalize"}
    outcome = finish_run(
        dag_run.dag_id,
        dag_run.run_id,
        task_states=others,
        dsn=task_connection_uri(DATABASE),
        staging=bucket("storage"),
        at=_now(),
    )
    if outcome is None:
        raise RunFailedError(f"{dag_run.dag_id} {dag_run.run_id} was refused by `plan`; its log says why")
    if outcome.state in (RunState.FAILED, RunState.CANCELLED) or outcome.stage_failed:
        raise RunFailedError(f"run {outcome.run_id} is {outcome.state.value}: {outcome.reason}")
    return outcome.model_dump(mode="json")


def _load(unit: Unit) -> tuple[RunSpec, ReportDefinition, S3ObjectStore]:
    """Read a run's spec from staging and its report from the catalog."""
    staging = bucket("storage")
    try:
        spec = RunSpec.model_validate_json(staging.get(unit["spec_key"]))
    except NotFoundError as error:
        raise NotFoundError(
            f"the working files of run {unit['run_id']} are gone, since nothing was left to repeat; "
            "clear the whole run, from `plan` on, to build it again"
        ) from error
    return spec, _catalog().get(spec.report_id), staging


def _recorded_spec() -> RunSpec:
    """Return the run's spec from the ledger: a mail can be sent again when the working files are gone."""
    from broadsheet.store.database import transaction
    from broadsheet.store.ledger import find_run

    dag_run = get_current_context()["dag_run"]
    with transaction(task_connection_uri(DATABASE)) as connection:
        run = find_run(connection, dag_run.dag_id, dag_run.run_id)
    if run is None:
        raise NotFoundError(
            f"the ledger has no run {dag_run.run_id} of {dag_run.dag_id}; clear it from `plan` on"
        )
    return run.spec


def _catalog() -> Catalog:
    return installed_catalog(get_settings())


def _now() -> datetime:
    return datetime.now(UTC)
