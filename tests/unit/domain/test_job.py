"""How far a run is, in percent and in words."""

from __future__ import annotations

from broadsheet.domain.job import STAGES, Progress, Stage, StageState, progress_of
from broadsheet.domain.run import RunState


def progress(state: RunState = RunState.ACTIVE, **states: StageState) -> Progress:
    stages = [Stage(name=name, state=states.get(name, StageState.WAITING)) for name in STAGES]
    return progress_of(
        state, [one.model_copy(update={"done": int(one.state is StageState.DONE)}) for one in stages]
    )


def test_a_run_that_has_not_begun_names_no_stage() -> None:
    assert progress(RunState.WAITING) == Progress(percent=0, stage=None, words="Waiting to start")
    assert progress() == Progress(percent=0, stage=None, words="Starting")


def test_the_stage_under_way_is_named_and_half_counted() -> None:
    assert progress(plan=StageState.ACTIVE) == Progress(percent=4, stage="plan", words="Preparing")
    retrying = progress(plan=StageState.DONE, fetch=StageState.RETRYING)
    assert (retrying.stage, retrying.words) == ("fetch", "Collecting data: trying again soon")


def test_between_two_stages_the_next_one_is_named() -> None:
    between = progress(plan=StageState.DONE, fetch=StageState.DONE)
    assert (between.percent, between.stage, between.words) == (28, "aggregate", "Working out the numbers")


def test_only_a_run_that_is_over_is_at_a_hundred() -> None:
    done = dict.fromkeys(STAGES, StageState.DONE)
    assert progress(**done).percent == 99
    assert progress(RunState.COMPLETED, **done) == Progress(percent=100, stage=None, words="Done")


def test_progress_never_goes_back() -> None:
    states: dict[str, StageState] = {}
    seen = [progress(**states).percent]
    for name in STAGES:
        for state in (StageState.ACTIVE, StageState.DONE):
            states[name] = state
            seen.append(progress(**states).percent)
    assert seen == sorted(seen)
