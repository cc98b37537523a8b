"""A run as people and programs see it: stages, progress from 0 to 100, and words for both."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from broadsheet.domain.run import RunState

# Stage, its share of the usual run's time in percent, and what it does in a reader's words.
_STAGES = (
    ("plan", 8, "Preparing"),
    ("fetch", 20, "Collecting data"),
    ("aggregate", 12, "Working out the numbers"),
    ("render_charts", 18, "Drawing charts"),
    ("build_pdf", 22, "Laying out pages"),
    ("upload", 8, "Storing the document"),
    ("email", 8, "Sending mails"),
    ("finalize", 4, "Finishing"),
)
STAGES = tuple(name for name, _, _ in _STAGES)
STAGE_WORDS = {name: words for name, _, words in _STAGES}

_STATE_WORDS = {
    RunState.WAITING: "Waiting to start",
    RunState.ACTIVE: "Starting",
    RunState.COMPLETED: "Done",
    RunState.PARTIAL: "Done, but not everything reached everybody",
    RunState.FAILED: "Failed",
    RunState.SKIPPED: "Skipped",
    RunState.CANCELLED: "Cancelled",
}
FINAL_STATES = frozenset(
    {RunState.COMPLETED, RunState.PARTIAL, RunState.FAILED, RunState.SKIPPED, RunState.CANCELLED}
)


class StageState(StrEnum):
    """State of one stage of a run, all its instances taken together."""

    WAITING = "waiting"
    ACTIVE = "active"
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Stage(BaseModel):
    """One stage of a run."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: StageState
    done: int = 0
    """Instances that are over."""
    total: int = 1
    tries: int = 0
    """Tries of the instance that was tried most often."""
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None

    @property
    def words(self) -> str:
        """What the stage does, for readers."""
        return STAGE_WORDS.get(self.name, self.name)

    @property
    def seconds(self) -> float | None:
        """Time from the first instance's start to the last one's end, once it is over."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


class Progress(BaseModel):
    """How far a run is."""

    model_config = ConfigDict(frozen=True)

    percent: int
    """0 to 100; 100 only when the run is over."""
    stage: str | None
    """The stage that is under way or next, or None before the first and after the last."""
    words: str
    """The same in words, for people and screen readers."""


def progress_of(state: RunState, stages: Iterable[Stage]) -> Progress:
    """Return how far a run is, from its state in the ledger and its stages in Airflow."""
    if state in FINAL_STATES:
        return Progress(percent=100, stage=None, words=_STATE_WORDS[state])
    known = {stage.name: stage for stage in stages}
    percent = 0.0
    current: Stage | None = None
    upcoming: Stage | None = None
    for name, share, _ in _STAGES:
        stage = known.get(name)
        if stage is None:
            continue
        over = (
            1.0 if stage.state in (StageState.DONE, StageState.SKIPPED) else stage.done / max(stage.total, 1)
        )
        percent += share * over
        if upcoming is None and over < 1:
            upcoming = stage
        if current is None and stage.state in (StageState.ACTIVE, StageState.RETRYING):
            current = stage
            percent += share * 0.5 * (1 - over)
    if current is None and percent > 0:
        # One stage is over, and Airflow has yet to start the next.
        current = upcoming
    if current is None:
        return Progress(percent=min(99, int(percent)), stage=None, words=_STATE_WORDS[state])
    is_retrying = current.state is StageState.RETRYING
    words = f"{current.words}: trying again soon" if is_retrying else current.words
    return Progress(percent=min(99, int(percent)), stage=current.name, words=words)


def words_of_state(state: RunState) -> str:
    """Return a run's state in a reader's words."""
    return _STATE_WORDS[state]
