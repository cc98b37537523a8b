"""A job followed live, as server-sent events: one connection instead of asking again and again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, NamedTuple

import anyio
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from broadsheet.domain.job import FINAL_STATES
from broadsheet.errors import NotFoundError, QuotaError, TransientError
from broadsheet.portal.api.answers import EVERYWHERE, problems
from broadsheet.portal.api.models.jobs import Job
from broadsheet.portal.api.paths import JobId, Root
from broadsheet.portal.identity import CallerDep, InstallationDep, current_caller
from broadsheet.services import jobs as use_cases
from broadsheet.services.job_views import Job as FoundJob

router = APIRouter(tags=["jobs"], dependencies=[Depends(current_caller)])

# Of one event; a description of the whole stream would say nothing.
_EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "For `Last-Event-ID`.", "examples": ["active/64/build_pdf"]},
        "event": {"type": "string", "enum": ["progress", "state"], "description": "What the data is."},
        "data": {"type": "string", "description": "JSON: progress, stage and words, or the whole job."},
    },
}
_RETRY_MS = 3000
_RETRY_AFTER = 10


class Told(NamedTuple):
    """What a reader of events knows; also the id of an event, so that a new connection goes on from there."""

    state: str = ""
    percent: str = ""
    stage: str = ""

    @classmethod
    def of(cls, job: FoundJob) -> Told:
        """Return what somebody knows who was told everything."""
        return cls(job.state.value, str(job.progress.percent), job.progress.stage or "")

    @classmethod
    def read(cls, last_event_id: str) -> Told:
        """Return what the reader of an event knew; nothing, when the id is not one of ours."""
        parts = last_event_id.split("/")
        return cls(*parts) if len(parts) == len(cls._fields) else cls()

    @property
    def id(self) -> str:
        """The id of the event that tells it."""
        return "/".join(self)


@dataclass
class Streams:
    """The streams that are open now, and their measures in seconds."""

    most: int = 100
    most_of_one: int = 10
    """Streams that one caller may have open."""
    pause: float = 1.0
    heartbeat: float = 15.0
    longest: float = 600.0
    """After that a stream ends, and the reader's browser opens another one."""

    def __post_init__(self) -> None:
        self._open: Counter[str] = Counter()

    def check(self, caller: str) -> None:
        """Refuse another stream of a caller with QuotaError when there are too many."""
        if self._open.total() >= self.most or self._open[caller] >= self.most_of_one:
            raise QuotaError("too many streams are open: close one", retry_after=_RETRY_AFTER)

    async def follow(self, look: Callable[[], FoundJob], told: Told, *, root: str) -> AsyncIterator[str]:
        """Yield the events of a job until it is over; comments in between say that we are here."""
        yield f"retry: {_RETRY_MS}\n\n"
        end = anyio.current_time() + self.longest
        spoke = anyio.current_time()
        while anyio.current_time() < end:
            try:
                job = await run_in_threadpool(look)
            except NotFoundError:
                return
            except TransientError:
                job = None
            if job is not None:
                for event in events_between(told, job, root=root):
                    spoke = anyio.current_time()
                    yield event
                told = Told.of(job)
                if job.state in FINAL_STATES:
                    return
            if anyio.current_time() - spoke >= self.heartbeat:
                spoke = anyio.current_time()
                yield ": still here\n\n"
            await anyio.sleep(self.pause)

    def opened(self, caller: str, change: int) -> None:
        """Count a stream that was opened or closed."""
        self._open[caller] += change
        if not self._open[caller]:
            del self._open[caller]


class EventResponse(StreamingResponse):
    """A stream that is counted for as long as it lasts, however it ends."""

    def __init__(self, events: AsyncIterator[str], *, streams: Streams, caller: str) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._streams = streams
        self._caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream; QuotaError when others that came at the same time have taken its place."""
        self._streams.check(self._caller)
        self._streams.opened(self._caller, 1)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.opened(self._caller, -1)


@router.get(
    "/jobs/{job_id:uuid}/events",
    summary="Follow a job live",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events until the job is over: `progress` with percent, stage and "
            "words, `state` with the whole job. Comments in between keep the connection alive.",
            "content": {
                "text/event-stream": {
                    "schema": _EVENT,
                    "example": 'id: active/64/build_pdf\nevent: progress\ndata: {"progress": 64, "stage": '
                    '"build_pdf", "words": "Laying out pages"}\n\n',
                }
            },
        },
        204: {"description": "`Last-Event-ID` was the last event: there is no more to come."},
        **problems(*EVERYWHERE, 404, 422, 429),
    },
)
async def follow_job(
    job_id: JobId,
    request: Request,
    inst: InstallationDep,
    caller: CallerDep,
    root: Root,
    last_event_id: Annotated[
        str,
        Header(
            max_length=100,
            description="Id of the last event that was read; browsers send it when they connect again.",
            examples=["active/64/build_pdf"],
        ),
    ] = "",
) -> Response:
    """Send what changes as server-sent events, and end with the job."""
    streams: Streams = request.app.state.streams
    streams.check(caller.name)

    def look() -> FoundJob:
        return use_cases.get_job(inst, caller, job_id)

    told = Told.read(last_event_id)
    job = await run_in_threadpool(look)
    if job.state in FINAL_STATES and told == Told.of(job):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return EventResponse(streams.follow(look, told, root=root), streams=streams, caller=caller.name)


def events_between(told: Told, job: FoundJob, *, root: str) -> list[str]:
    """Return the events that lead from what a reader knows to the job as it is."""
    now = Told.of(job)
    events = []
    if now[1:] != told[1:]:
        data = {"progress": job.progress.percent, "stage": job.progress.stage, "words": job.progress.words}
        events.append(_event("progress", Told(told.state, *now[1:]), json.dumps(data)))
    if now.state != told.state:
        events.append(_event("state", now, Job.of(job, root=root).model_dump_json()))
    return events


def _event(kind: str, told: Told, data: str) -> str:
    return f"id: {told.id}\nevent: {kind}\ndata: {data}\n\n"
