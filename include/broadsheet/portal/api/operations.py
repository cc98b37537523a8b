"""How the installation does. Workers and metrics are for operators; everybody sees counts of their own."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Depends, Response
from fastapi.responses import PlainTextResponse

from broadsheet.portal.api.answers import EVERYWHERE, problems
from broadsheet.portal.api.models.operations import (
    Health,
    Stats,
    WorkerList,
    all_stats,
    health_of,
    own_stats,
    queues_of,
    workers_of,
)
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller, current_operator
from broadsheet.services.health import check_health
from broadsheet.services.metrics import MEDIA_TYPE, metrics_text
from broadsheet.services.own_counts import own_counts
from broadsheet.services.statistics import quarantine, stats

router = APIRouter(tags=["operations"], dependencies=[Depends(current_caller)])


@router.get("/stats", summary="Count jobs", responses=problems(*EVERYWHERE))
def show_stats(inst: InstallationDep, caller: CallerDep) -> Stats:
    """Answer with counts by state and report: the caller's own or, for operators, of everything."""
    if caller.is_operator:
        return all_stats(stats(inst), quarantine(inst))
    return own_stats(own_counts(inst, caller), at=inst.clock())


@router.get(
    "/workers",
    summary="Show workers and queues",
    dependencies=[Depends(current_operator)],
    responses=problems(*EVERYWHERE, 403),
)
def show_workers(inst: InstallationDep) -> WorkerList:
    """Answer with the Celery workers, their heartbeat, queues and load; for operators."""
    return WorkerList(workers=workers_of(inst.engine.workers()), queues=queues_of(inst.engine.queues()))


@router.get(
    "/healthz",
    summary="Try every part",
    responses={
        503: {"model": Health, "description": "A part does not do its work; `parts` says which."},
        **problems(401),
    },
)
def show_health(response: Response, inst: InstallationDep) -> Health:
    """Try every part and say what came of it: 200 when all do their work, 503 when not."""
    health = health_of(check_health(inst))
    if not health.is_healthy:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return health


@router.get(
    "/metrics",
    summary="Give the figures to Prometheus",
    dependencies=[Depends(current_operator)],
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "Prometheus' text format.",
            "content": {"text/plain": {"example": 'broadsheet_runs{state="active"} 2\n'}},
        },
        **problems(*EVERYWHERE, 403),
    },
)
def show_metrics(inst: InstallationDep) -> Response:
    """Answer with every figure as a gauge; for operators, which the scraper's user has to be."""
    return Response(metrics_text(inst), media_type=MEDIA_TYPE)
