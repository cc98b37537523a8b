"""Build the DAGs: pure functions of their arguments and the settings; no clock, no database, no set order.

Two builds of one definition serialise to the same hash, so that Airflow keeps one version of a DAG until it
changes.
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from airflow.sdk import DAG, Param, get_parsing_context, task_group
from airflow.sdk.exceptions import AirflowException

from broadsheet.domain.run import Deliver
from broadsheet.domain.subscription import DagDefinition, slug_of_dag, subscription_dag_id
from broadsheet.errors import BroadsheetError
from broadsheet.orchestration import tasks
from broadsheet.orchestration.policy import default_arguments
from broadsheet.orchestration.presentation_params import presentation_params
from broadsheet.orchestration.timetable import SlotTimetable
from broadsheet.settings import get_settings

if TYPE_CHECKING:
    from broadsheet.catalog import Catalog
    from broadsheet.domain.report import ReportDefinition

log = logging.getLogger(__name__)

# Before any period that somebody may ask for: Airflow makes runs before a DAG's start_date without any task.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What Markdown can read as a mark; a backslash before any of it gives the character itself.
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")
# Control and direction characters, lone surrogates, line and paragraph separators.
_UNPRINTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

ADDRESS_PATTERN = r'^[^\s@,;<>"]+@[^\s@,;<>"]+$'
PERIOD_PATTERN = r"^(latest|\d{4}(-(\d{2}(-\d{2})?|W\d{2}|Q[1-4]))?)$"

_DELIVER: dict[str, Any] = {
    "type": "string",
    "enum": [choice.value for choice in Deliver],
    "values_display": {
        Deliver.USUAL.value: "As usual: a run mails its recipients, a backfill nobody",
        Deliver.YES.value: "Yes, a backfill too",
        Deliver.NO.value: "No, only store the report",
    },
    "title": "Send mails",
    "description": "Whether the recipients get a mail with a link to the report.",
}


def register_subscriptions(
    namespace: MutableMapping[str, Any], definitions: Iterable[Mapping[str, Any]]
) -> None:
    """Put a DAG for each definition of a generated file into its namespace.

    While a task runs only its own DAG is built, from the id alone: all subscriptions have the same tasks, and
    the definition may be gone by then.
    """
    running = get_parsing_context().dag_id
    if running is not None:
        slug = slug_of_dag(running)
        if slug is not None:
            namespace[running] = _pipeline_dag(running, title=slug, report_id=None)
        return
    for definition in definitions:
        try:
            dag = build_subscription_dag(DagDefinition.model_validate(definition))
        except (AirflowException, BroadsheetError, TypeError, ValueError) as error:
            # Raised further, it would take the DAGs of the whole file with it.
            log.error("subscription %s cannot become a DAG: %s", definition.get("slug"), error)
            continue
        namespace[dag.dag_id] = dag


def build_subscription_dag(definition: DagDefinition) -> DAG:
    """Build the DAG of a subscription; a paused one has no schedule, but can still be run by hand."""
    schedule = (
        SlotTimetable(definition.cron, definition.zone, definition.due_from) if definition.cron else None
    )
    when = f"`{definition.cron}` in {definition.zone}" if definition.cron else "paused"
    return _pipeline_dag(
        subscription_dag_id(definition.slug),
        title=definition.title,
        report_id=None,
        schedule=schedule,
        tags=["broadsheet", "subscription", definition.report_id],
        owner=definition.owner,
        doc_md=(
            f"### {_plain(definition.title)}\n\n"
            f"Subscription `{definition.slug}` of **{_plain(definition.owner)}** "
            f"to report `{definition.report_id}`.\n\n"
            f"Due: {when}.\n\n"
            "A scheduled or manual run builds the report of the latest complete period and mails its "
            "recipients. A backfill stores the reports of past periods and mails nobody.\n\n"
            f"[Its runs, mails and next dates]({_portal_url(f'subscriptions/{definition.slug}')})"
        ),
    )


def build_report_dag(report: ReportDefinition, *, themes: Sequence[str] = ()) -> DAG:
    """Build the DAG that makes a report on demand, its parameters being the fields of the trigger form."""
    kinds = ", ".join(kind.value for kind in report.period_kinds)
    schemas = cast("Mapping[str, Mapping[str, Any]]", report.parameters["properties"])
    params = {name: Param(**schema) for name, schema in schemas.items()}
    params["period"] = Param(
        "latest",
        type="string",
        pattern=PERIOD_PATTERN,
        title="Period",
        description=f"`latest`, or the name of a {kinds}: 2013-03-18, 2013-W12, 2013-03, 2013-Q1, 2013.",
    )
    params["recipients"] = Param(
        [],
        type="array",
        # `format` lets line breaks and lists pass.
        items={"type": "string", "format": "email", "maxLength": 254, "pattern": ADDRESS_PATTERN},
        maxItems=get_settings().max_recipients,
        title="Recipients",
        description="Mail addresses that get a link to the report. None: the report is only stored.",
    )
    params |= presentation_params(report, themes=themes)
    return _pipeline_dag(
        f"report__{report.id}",
        title=f"{report.title} (on demand)",
        report_id=report.id,
        params=params,
        tags=["broadsheet", "on-demand", report.id],
        doc_md=(
            f"### {_plain(report.title)}\n\n{_plain(report.summary)}\n\n"
            "Trigger it with parameters to get the report now.\n\n"
            f"[The same as a form]({_portal_url(f'catalog/{report.id}/get')})"
        ),
    )


def register_reports(namespace: MutableMapping[str, Any], catalog: Catalog) -> None:
    """Put a DAG for each good report of the catalog into a namespace; while a task runs, only its own."""
    running = get_parsing_context().dag_id
    for problem in catalog.problems:
        log.error("a report is left out: %s", problem)
    for report in catalog:
        if running in (None, f"report__{report.id}"):
            dag = build_report_dag(report, themes=catalog.theme_names)
            namespace[dag.dag_id] = dag


def generated_file(definitions: Iterable[DagDefinition]) -> str:
    """Return the text of a generated DAG file: an import, and a call with the definitions as literals."""
    literals = [json.loads(definition.model_dump_json()) for definition in definitions]
    lines = "".join(f"    {_literal(definition)},\n" for definition in literals)
    return (
        '"""Generated from the subscriptions; changes here are overwritten."""\n\n'
        "from broadsheet.orchestration.dag_builder import register_subscriptions\n\n"
        f"register_subscriptions(globals(), [\n{lines}])\n"
    )


def _literal(definition: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{name!r}: {definition[name]!r}" for name in sorted(definition)) + "}"


def _plain(text: str) -> str:
    """Return a person's text as Markdown that shows it: one line, no markup, no direction marks.

    Airflow renders a DAG's documentation to everybody who may see the DAG.
    """
    kept = "".join(" " if unicodedata.category(one) in _UNPRINTED else one for one in text)
    return _MARKS.sub(r"\\\g<0>", " ".join(kept.split()))


def _portal_url(path: str) -> str:
    """Return the address of one of the portal's pages."""
    return f"{str(get_settings().public_url).rstrip('/')}/reports/{path}"


def _pipeline_dag(
    dag_id: str,
    *,
    title: str,
    report_id: str | None,
    schedule: SlotTimetable | None = None,
    params: Mapping[str, Param] | None = None,
    tags: Iterable[str] = (),
    owner: str = "broadsheet",
    doc_md: str | None = None,
) -> DAG:
    """Wire the eight tasks: each unit of the plan passes through its own chain of them.

    The chain is a mapped task group rather than tasks that map over each other. The latter would be marked as
    removed when a run is cleared after its DAG changed: Airflow then counts their instances anew, and cannot
    while the tasks before them have not run (`DagRun.verify_integrity`). Here only what ``plan`` returned
    counts, and a unit that is skipped stops no other.
    """
    with DAG(
        dag_id,
        dag_display_name=title,
        schedule=schedule,
        start_date=_EPOCH,
        catchup=False,
        max_active_runs=4,
        params={**(params or {}), "deliver": Param(Deliver.USUAL.value, **_DELIVER)},
        tags=list(tags),
        default_args={**default_arguments(), "owner": owner},
        doc_md=doc_md,
        render_template_as_native_obj=False,
    ) as dag:
        units = tasks.plan(report_id)
        fetched = tasks.fetch.expand(unit=units)
        built = _documents.expand(unit=units)
        fetched >> built >> tasks.finalize()
    return dag


@task_group(group_id="documents", prefix_group_id=False)
def _documents(unit: tasks.Unit) -> None:
    """Chain the stages from the fetched data to the mail, for one unit."""
    drawn = tasks.render_charts(tasks.aggregate(unit))
    tasks.email(tasks.upload(tasks.build_pdf(drawn)))
