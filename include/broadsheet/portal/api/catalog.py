"""Which reports there are for the caller, and what each takes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from broadsheet.portal.api.answers import EVERYWHERE, problems
from broadsheet.portal.api.models.catalog import CatalogQuery, Report, ReportList, ReportSummary
from broadsheet.portal.api.paths import ReportPath, Root
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.services.catalog import offered_report, offered_reports, report_cards

router = APIRouter(prefix="/catalog", tags=["catalog"], dependencies=[Depends(current_caller)])


@router.get("", summary="List the reports that the caller may have", responses=problems(*EVERYWHERE, 422))
def list_reports(
    query: Annotated[CatalogQuery, Query()], inst: InstallationDep, caller: CallerDep, root: Root
) -> ReportList:
    """Answer with the reports that the caller may have, by title."""
    reports = offered_reports(inst, caller)
    if query.text:
        found = {card.id for card in report_cards(inst, caller, search=query.text)}
        reports = [report for report in reports if report.id in found]
    return ReportList(reports=tuple(ReportSummary.of(report, root=root) for report in reports))


@router.get(
    "/{report:report}",
    summary="Show a report and the JSON Schema of its parameters",
    responses=problems(*EVERYWHERE, 404),
)
def show_report(report: ReportPath, inst: InstallationDep, caller: CallerDep, root: Root) -> Report:
    """Answer with what a report tells, for whom, and what it takes."""
    themes = inst.catalog().theme_names
    return Report.of(offered_report(inst, caller, report), root=root, themes=themes)
