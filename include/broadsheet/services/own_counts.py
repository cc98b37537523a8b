"""Figures for everybody: the caller's own jobs, counted. Those of everybody's are for operators."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from broadsheet.domain.access import Caller
from broadsheet.domain.run import RunState
from broadsheet.services.installation import Installation
from broadsheet.services.statistics import DAYS, ReportCounts
from broadsheet.store.database import transaction
from broadsheet.store.own_counts import own_run_counts


def own_counts(inst: Installation, caller: Caller) -> tuple[ReportCounts, ...]:
    """Count the caller's jobs of the last fourteen days, and all that are open, by report and state."""
    since = inst.clock() - timedelta(days=DAYS)
    with transaction(inst.dsn()) as connection:
        counts = own_run_counts(connection, caller.name, since=since)
    titles = {report.id: report.title for report in inst.catalog()}
    reports = []
    for report_id in sorted({one.report_id for one in counts}):
        rows = [one for one in counts if one.report_id == report_id]
        states = Counter({row.state: row.runs for row in rows})
        reports.append(
            ReportCounts(
                report_id=report_id,
                title=titles.get(report_id, report_id),
                states={state: states[state] for state in RunState},
                last_at=max(row.last_at for row in rows),
            )
        )
    return tuple(sorted(reports, key=lambda one: (-sum(one.states.values()), one.report_id)))
