"""Commands as an operator's acts, without an Airflow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from broadsheet.cli.as_operator import NoEngine, operator
from broadsheet.errors import EngineUnavailableError

ENGINE = NoEngine()
KEY = ("subscription__united", "manual__1")
AT = datetime(2013, 3, 25, tzinfo=UTC)


def test_whoever_runs_a_command_is_an_operator_of_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "joe")
    caller = operator()
    assert (caller.name, caller.is_operator, caller.may_act_for("ada")) == ("joe", True, True)


def test_without_an_airflow_nothing_is_known() -> None:
    assert ENGINE.knows(KEY[0]) is False
    assert ENGINE.known([KEY[0]]) == frozenset()
    assert ENGINE.stages([KEY]) == {}


@pytest.mark.parametrize(
    "act",
    [
        lambda: ENGINE.trigger(KEY[0], dag_run_id=KEY[1], conf={}, at=AT, by="joe"),
        lambda: ENGINE.cancel(KEY),
        lambda: ENGINE.repeat(KEY),
        lambda: ENGINE.stage_times(since=AT),
        ENGINE.workers,
        ENGINE.queues,
        ENGINE.health,
    ],
)
def test_without_an_airflow_nothing_is_started_and_the_other_way_is_named(act: Callable[[], object]) -> None:
    with pytest.raises(EngineUnavailableError, match="does not reach Airflow; use"):
        act()
