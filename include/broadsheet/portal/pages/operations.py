"""Operations: what runs, waits, is late, fails and takes long, for those who run the installation."""

from __future__ import annotations

from typing import Annotated, TypedDict

from fastapi import APIRouter, Depends, Query, Request, Response

from broadsheet.domain.access import Caller
from broadsheet.domain.run import RunState
from broadsheet.errors import EngineUnavailableError, NotFoundError
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.portal.pages.operations_view import (
    NAMES,
    FailureRow,
    Tile,
    chart_of_days,
    days_words,
    failure_rows,
    tiles_of,
)
from broadsheet.portal.pages.rendering import page
from broadsheet.portal.pages.svg import StackedBars, share
from broadsheet.services.engine import Worker
from broadsheet.services.health import check_health
from broadsheet.services.installation import Installation
from broadsheet.services.statistics import Quarantined, Stats, quarantine, stats


def for_operators(caller: CallerDep) -> Caller:
    """Return the caller; NotFoundError when they are no operator, as if there were no such page."""
    if not caller.is_operator:
        raise NotFoundError("there is no page of this name")
    return caller


router = APIRouter(dependencies=[Depends(current_caller), Depends(for_operators)])


class Figures(TypedDict):
    """What the templates of operations show."""

    stats: Stats
    tiles: tuple[Tile, ...]
    chart: StackedBars
    chart_words: str
    failures: tuple[FailureRow, ...]
    held: tuple[Quarantined, ...]
    workers: tuple[Worker, ...]
    workers_fault: str | None
    slowest: float
    """The longest p95 of a stage, in seconds."""
    names: dict[RunState, str]
    share: object
    paused: bool


@router.get("/operations", response_class=Response)
def operations_page(
    request: Request, inst: InstallationDep, paused: Annotated[bool, Query()] = False
) -> Response:
    """Show the figures; htmx gets them alone, every few seconds unless ``paused``."""
    name = "operations_figures" if "hx-request" in request.headers else "operations"
    return page(request, name, section="operations", **_figures(inst, paused=paused))


@router.get("/operations/parts", response_class=Response)
def parts_of_installation(request: Request, inst: InstallationDep) -> Response:
    """Show what is true of each part; apart from the figures, since one may take seconds to fail."""
    return page(request, "operations_parts", parts=check_health(inst).parts)


def _figures(inst: Installation, *, paused: bool) -> Figures:
    found = stats(inst)
    workers, fault = _workers(inst)
    return {
        "stats": found,
        "tiles": tiles_of(found),
        "chart": chart_of_days(found),
        "chart_words": days_words(found),
        "failures": failure_rows(found),
        "held": quarantine(inst),
        "workers": workers,
        "workers_fault": fault,
        "slowest": max((stage.p95 for stage in found.stages), default=0.0),
        "names": NAMES,
        "share": share,
        "paused": paused,
    }


def _workers(inst: Installation) -> tuple[tuple[Worker, ...], str | None]:
    """Return the workers, those that are away last; without Airflow, why there are none."""
    try:
        found = inst.engine.workers()
    except EngineUnavailableError as error:
        return (), str(error)
    return tuple(sorted(found, key=lambda one: (not one.is_alive, one.name))), None
