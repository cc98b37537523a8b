"""A run in the words of the people who read reports: what asked for it, what went wrong, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from broadsheet.domain.delivery import REISSUABLE, DeliveryState
from broadsheet.domain.job import FINAL_STATES, STAGE_WORDS, STAGES, Stage, StageState
from broadsheet.domain.run import RunState, Trigger
from broadsheet.services.jobs import ArtifactView, DeliveryView, Job

BADGES = {
    RunState.WAITING: "Waiting",
    RunState.ACTIVE: "Under way",
    RunState.COMPLETED: "Done",
    RunState.PARTIAL: "Partly done",
    RunState.FAILED: "Failed",
    RunState.SKIPPED: "Skipped",
    RunState.CANCELLED: "Cancelled",
}
"""A state in one or two words."""

STAGE_BADGES = {
    StageState.WAITING: "To come",
    StageState.ACTIVE: "Under way",
    StageState.RETRYING: "Trying again soon",
    StageState.DONE: "Done",
    StageState.FAILED: "Failed",
    StageState.SKIPPED: "Not needed",
}

DELIVERY_TONES = {
    DeliveryState.PLANNED: "waiting",
    DeliveryState.SENDING: "active",
    DeliveryState.ACCEPTED: "good",
    DeliveryState.REFUSED: "bad",
    DeliveryState.UNKNOWN: "warn",
    DeliveryState.SUPPRESSED: "waiting",
}
"""A delivery's state as the style sheet's tone of its badge."""

# What each stage's failure means to somebody who waits for the report.
_TROUBLES = {
    "plan": "Its settings or its dates could not be used.",
    "fetch": "The data could not be read: its source did not answer, refused it, or a file is missing.",
    "aggregate": "The numbers could not be worked out from the data.",
    "render_charts": "The charts could not be drawn from the numbers.",
    "build_pdf": "The pages could not be laid out.",
    "upload": "The document was made, but could not be stored.",
    "email": "The document is there, but not every mail could be sent.",
    "finalize": "The document is there, but the run could not be closed properly.",
}
# How ``finalize`` says which stages failed.
_FAILED_STAGES = re.compile(r"([a-z_]+(?:, [a-z_]+)*) failed; its log says why")
_NO_DATA = "no data for this period"
_ADVICE = "Run it again from where it stopped. If it fails again, tell an operator the id below."


@dataclass(frozen=True)
class Trouble:
    """What went wrong, for its reader."""

    headline: str
    words: str
    tone: str
    """``bad``, ``warn`` or nothing: how loud the page says it."""
    advice: str | None = None


def trouble_of(job: Job) -> Trouble | None:
    """Say why a run is not simply done; None for one that is, or that is still under way."""
    stages = failed_stages(job)
    match job.state:
        case RunState.FAILED | RunState.PARTIAL if stages:
            return Trouble(_stopped(stages), _TROUBLES[stages[0]], "bad", _ADVICE)
        case RunState.FAILED:
            return Trouble("It did not work", _sentence(job.reason), "bad", _ADVICE)
        case RunState.PARTIAL:
            return Trouble(
                "Not everything reached everybody", _sentence(job.reason), "warn", "See “Who got it” below."
            )
        case RunState.SKIPPED if job.reason == _NO_DATA:
            words = "There is no data for this period, so there is nothing to show. Nobody was mailed."
            return Trouble("Nothing to report", words, "")
        case RunState.SKIPPED:
            return Trouble("It was left out", _sentence(job.reason), "")
        case RunState.CANCELLED:
            return Trouble("It was stopped", _sentence(job.reason), "", "You can run it again at any time.")
        case _:
            return None


def failed_stages(job: Job) -> list[str]:
    """Return the stages that failed, in the order of the pipeline."""
    named = {stage.name for stage in job.stages if stage.state is StageState.FAILED}
    return [name for name in STAGES if name in named | _stages_in(job.reason)]


def reason_words(reason: str | None) -> str:
    """Say the ledger's reason in a reader's words, as one sentence."""
    stages = [name for name in STAGES if name in _stages_in(reason)]
    return f"{_stopped(stages)}." if stages else _sentence(reason)


def short_reason(job: Job) -> str | None:
    """Return why a run is not simply done, in a few words for a list."""
    trouble = trouble_of(job)
    if trouble is None:
        return None
    return trouble.headline if failed_stages(job) or job.reason == _NO_DATA else _sentence(job.reason)


def trigger_words(job: Job) -> str:
    """Say what asked for a run."""
    match job.trigger:
        case Trigger.SCHEDULE:
            return "On schedule"
        case Trigger.BACKFILL:
            return "Filled in later"
        case Trigger.MANUAL if job.requested_by:
            return f"Asked for by {job.requested_by}"
        case Trigger.MANUAL:
            return "Asked for by hand"


def all_stages(job: Job) -> tuple[Stage, ...]:
    """Return every stage of the pipeline, those as waiting that Airflow tells nothing of."""
    known = {stage.name: stage for stage in job.stages}
    return tuple(known.get(name, Stage(name=name, state=StageState.WAITING)) for name in STAGES)


def document_of(job: Job) -> ArtifactView | None:
    """Return the document whose first page is shown: the newest PDF; None while there is none."""
    return next((file for file in job.artifacts if file.format == "pdf"), None)


def files_of(job: Job) -> list[ArtifactView]:
    """Return a run's files, its documents first."""
    return sorted(job.artifacts, key=lambda file: (file.format != "pdf", file.name))


def is_open(job: Job) -> bool:
    """Whether a run still moves."""
    return job.state not in FINAL_STATES


def can_resume(job: Job) -> bool:
    """Whether there is a stage to go on from, instead of beginning anew."""
    return job.state is RunState.CANCELLED or bool(failed_stages(job))


def can_resend(delivery: DeliveryView) -> bool:
    """Whether a mail may be sent once more: its fate is settled, and its recipient has not left."""
    return delivery.state in REISSUABLE


def open_jobs(jobs: Iterable[Job]) -> list[Job]:
    """Return those of some runs that still move."""
    return [job for job in jobs if is_open(job)]


def result_words(job: Job) -> str:
    """Say what a run that is done came to: ``2 files, mailed to 3 of 4``."""
    files = len(job.artifacts)
    made = f"{files} file{'' if files == 1 else 's'}"
    if not job.deliveries_total:
        return f"{made}, mailed to nobody"
    if job.accepted == job.deliveries_total:
        return f"{made}, mailed to {job.accepted}"
    return f"{made}, mailed to {job.accepted} of {job.deliveries_total}"


def _stages_in(reason: str | None) -> set[str]:
    found = _FAILED_STAGES.fullmatch(reason or "")
    return set(found[1].split(", ")) if found else set()


def _stopped(stages: list[str]) -> str:
    doing = [STAGE_WORDS[name][0].lower() + STAGE_WORDS[name][1:] for name in stages]
    return f"It stopped while {' and '.join(doing)}"


def _sentence(reason: str | None) -> str:
    if not reason:
        return "No reason is known."
    reason = reason.replace("deliveries: ", "Mails: ", 1)
    return reason[0].upper() + reason[1:] + ("" if reason.endswith((".", "!", "?")) else ".")
