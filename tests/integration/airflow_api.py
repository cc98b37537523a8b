"""A small client of Airflow's REST API: what an operator's script would do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

FINAL = {"success", "failed"}
# Seconds for one answer, and for something to come about: slow while reports are built on the same two cores.
PATIENCE = 60.0
LONG_PATIENCE = 240.0


def wait_for(
    check: Callable[[], T | None], *, what: str, seconds: float = LONG_PATIENCE, every: float = 0.3
) -> T:
    """Call ``check`` until it returns something true, and return that; fail by name at the deadline."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(every)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


def wait_out(seconds: float, *, since: float) -> None:
    """Wait until so much time has passed since a moment of the monotonic clock.

    For tests about time itself, as of an outage of a given length; whatever else can be asked for is to be
    waited for by :func:`wait_for`.
    """
    wait_for(
        lambda: time.monotonic() - since >= seconds, what=f"{seconds:.0f} s to pass", seconds=seconds + 5
    )


@dataclass(frozen=True)
class Airflow:
    """Airflow as one logged-in user sees it."""

    client: httpx.Client

    @classmethod
    def log_in(cls, base_url: str, *, username: str, password: str) -> Airflow:
        """Get a token for a user and return the API as he sees it."""
        wish = {"username": username, "password": password}
        answer = httpx.post(f"{base_url}/auth/token", json=wish, timeout=PATIENCE)
        answer.raise_for_status()
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return cls(httpx.Client(base_url=f"{base_url}/api/v2", headers=headers, timeout=PATIENCE))

    def __enter__(self) -> Airflow:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """Return a DAG, or None while Airflow does not know it."""
        answer = self.client.get(f"/dags/{dag_id}")
        return answer.json() if answer.status_code == 200 and not answer.json()["is_stale"] else None

    def wait_for_dag(self, dag_id: str) -> dict[str, Any]:
        """Wait until Airflow knows a DAG and return it."""
        return wait_for(lambda: self.dag(dag_id), what=f"DAG {dag_id}")

    def trigger(self, dag_id: str, *, logical_date: str | None = None, **conf: Any) -> httpx.Response:
        """Ask for a run with parameters and return the answer as it is."""
        return self.client.post(f"/dags/{dag_id}/dagRuns", json={"logical_date": logical_date, "conf": conf})

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Return a DAG run."""
        answer = self.client.get(f"/dags/{dag_id}/dagRuns/{run_id}")
        answer.raise_for_status()
        return dict(answer.json())

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Return the runs of a DAG."""
        answer = self.client.get(f"/dags/{dag_id}/dagRuns", params={"limit": 100})
        answer.raise_for_status()
        return list(answer.json()["dag_runs"])

    def wait_for_run(self, dag_id: str, run_id: str, *, seconds: float = 400) -> str:
        """Follow a run to its end and return its state."""
        return wait_for(
            lambda: state if (state := self.run(dag_id, run_id)["state"]) in FINAL else None,
            what=f"the end of {dag_id} {run_id}",
            seconds=seconds,
        )

    def complete(self, dag_id: str, **conf: Any) -> str:
        """Trigger a run, follow it to success and return its id; a failure tells the states of its tasks."""
        answer = self.trigger(dag_id, **conf)
        assert answer.status_code == 200, answer.text
        run_id = str(answer.json()["dag_run_id"])
        state = self.wait_for_run(dag_id, run_id)
        assert state == "success", self.task_states(dag_id, run_id)
        return run_id

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        answer = self.client.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", params={"limit": 100})
        answer.raise_for_status()
        return list(answer.json()["task_instances"])

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Return the state of each task of a run."""
        return {task["task_id"]: task["state"] for task in self.task_instances(dag_id, run_id)}

    def log(self, dag_id: str, run_id: str, task_id: str, *, try_number: int = 1, map_index: int = -1) -> str:
        """Return the text of a task's log."""
        answer = self.client.get(
            f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}",
            params={"map_index": map_index},
        )
        answer.raise_for_status()
        return answer.text

    def clear(self, dag_id: str, run_id: str) -> None:
        """Clear every task of a finished run, so that all of it runs again."""
        answer = self.client.post(
            f"/dags/{dag_id}/clearTaskInstances",
            json={"dry_run": False, "dag_run_id": run_id, "only_failed": False, "reset_dag_runs": True},
        )
        answer.raise_for_status()

    def repeat(self, dag_id: str, run_id: str) -> str:
        """Clear a finished run, follow it to its end once more and return its state."""

        def tries() -> int:
            tasks = self.task_instances(dag_id, run_id)
            return min(task["try_number"] for task in tasks if task["task_id"] == "plan")

        before = tries()
        self.clear(dag_id, run_id)
        wait_for(lambda: tries() > before, what="the cleared run to start again")
        return self.wait_for_run(dag_id, run_id)
