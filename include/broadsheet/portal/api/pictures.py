"""First pages as pictures: of a job's document, and of what a subscription or a draft would give."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from broadsheet.domain.presentation import Presentation
from broadsheet.portal.api.answers import EVERYWHERE, WRITES, binary, problems
from broadsheet.portal.api.models.subscriptions import PreviewQuery, PreviewRequest
from broadsheet.portal.api.paths import JobId, SubscriptionName
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.portal.pictures import picture_of
from broadsheet.services.jobs import get_job
from broadsheet.services.preview import preview_page
from broadsheet.services.subscriptions import get_subscription

router = APIRouter(dependencies=[Depends(current_caller)])

_PNG = binary("image/png", "The page as a picture.")


@router.get(
    "/jobs/{job_id:uuid}/picture",
    tags=["jobs"],
    summary="See page one of a job's document",
    response_class=Response,
    responses={**_PNG, **problems(*EVERYWHERE, 404, 429)},
)
def show_picture(job_id: JobId, inst: InstallationDep, caller: CallerDep) -> Response:
    """Answer with page one as a PNG; 404 while there is no document."""
    return picture_of(inst, get_job(inst, caller, job_id))


@router.get(
    "/subscriptions/{name:slug}/preview",
    tags=["subscriptions"],
    summary="See page one of what it would give",
    response_class=Response,
    responses={**_PNG, **problems(*EVERYWHERE, 404, 422, 429)},
)
def preview_subscription(
    name: SubscriptionName,
    query: Annotated[PreviewQuery, Query()],
    inst: InstallationDep,
    caller: CallerDep,
) -> Response:
    """Answer with page one of a subscription's report, made from the data as it is now; nothing is stored."""
    terms = get_subscription(inst, caller, name).subscription.terms
    png = preview_page(
        inst,
        caller,
        terms.report_id,
        parameters=terms.parameters,
        period=query.period,
        kind=terms.period_kind,
        zone=terms.zone,
        presentation=terms.presentation,
    )
    return Response(png, media_type="image/png")


@router.post(
    "/subscriptions/preview",
    tags=["subscriptions"],
    summary="See page one of what a draft would give",
    response_class=Response,
    responses={**_PNG, **problems(*EVERYWHERE, *WRITES, 404, 422, 429)},
)
def preview_draft(body: PreviewRequest, inst: InstallationDep, caller: CallerDep) -> Response:
    """Answer with page one of a report with these parameters; nothing is stored."""
    png = preview_page(
        inst,
        caller,
        body.report,
        parameters=body.parameters,
        period=body.period,
        kind=body.period_kind,
        zone=body.zone,
        presentation=Presentation(locale=body.locale, theme=body.theme),
    )
    return Response(png, media_type="image/png")
