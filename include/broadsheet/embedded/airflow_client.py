"""A small client of Airflow's REST API: what the demo needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from broadsheet.errors import TransientError


class AirflowApiError(TransientError):
    """Airflow's REST API refused a request or does not answer."""

    code = "airflow_api_error"


@dataclass(frozen=True)
class TaskInstance:
    """A task of a run, or one of its mapped copies."""

    task_id: str
    map_index: int
    try_number: int
    state: str
    started_at: datetime | None
    ended_at: datetime | None


class AirflowClient:
    """Airflow as one logged-in user sees it."""

    def __init__(self, url: str, *, user: str, password: str) -> None:
        # Straight to the loopback interface, whatever proxy the machine has.
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        token = self._call("POST", "/auth/token", {"username": user, "password": password})["access_token"]
        self._client.headers["Authorization"] = f"Bearer {token}"

    def knows(self, dag_id: str) -> bool:
        """Tell whether Airflow has parsed a DAG."""
        answer = self._client.get(f"/api/v2/dags/{quote(dag_id)}")
        return answer.status_code == httpx.codes.OK and not answer.json()["is_stale"]

    def import_errors(self) -> list[str]:
        """Return what went wrong when DAG files were parsed."""
        found = self._call("GET", "/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in found]

    def trigger(self, dag_id: str) -> str:
        """Ask for a run now and return its id."""
        answer = self._call("POST", f"/api/v2/dags/{quote(dag_id)}/dagRuns", {"logical_date": None})
        return str(answer["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run: queued, running, success or failed."""
        return str(self._call("GET", self._run(dag_id, run_id))["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """Return the tasks of a run that have a state by now."""
        found = self._call("GET", f"{self._run(dag_id, run_id)}/taskInstances?limit=200")["task_instances"]
        return [
            TaskInstance(
                task_id=item["task_id"],
                map_index=item["map_index"],
                try_number=item["try_number"],
                state=item["state"],
                started_at=_instant(item["start_date"]),
                ended_at=_instant(item["end_date"]),
            )
            for item in found
            if item["state"]
        ]

    def log(self, dag_id: str, run_id: str, task: TaskInstance) -> list[str]:
        """Return the lines that a task's last try logged."""
        path = f"{self._run(dag_id, run_id)}/taskInstances/{task.task_id}/logs/{task.try_number}"
        content = self._call("GET", f"{path}?map_index={task.map_index}")["content"]
        return [text for line in content for text in log_texts(line)]

    def _run(self, dag_id: str, run_id: str) -> str:
        return f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id)}"

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise AirflowApiError(f"Airflow does not answer {method} {path}: {error}") from error
        if answer.is_error:
            raise AirflowApiError(f"Airflow answered {answer.status_code} to {method} {path}: {answer.text}")
        return dict(answer.json())


def log_texts(line: str | dict[str, Any]) -> list[str]:
    """Return what an entry of a task's log says: its event, then the errors that it carries."""
    if isinstance(line, str):
        return [line]
    event = str(line.get("event", line))
    errors = [f"{error['exc_type']}: {error['exc_value']}" for error in line.get("error_detail") or []]
    # Marks for Airflow's page, which folds what lies between them.
    return ([] if event.startswith(("::group::", "::endgroup::")) else [event]) + errors


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
