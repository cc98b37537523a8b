"""What a task costs beside its work: ten empty tasks at the chosen settings and at Airflow's own.

Run it with ``make bench-overhead``. Both stacks are started one after the other in one run of this program,
on the same machine; only the settings that are named below differ.
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from tests.integration.airflow_api import Airflow

from benchmarks.installation import installation, machine

DAG = "ten_empty_tasks"
TASKS = 10
# Airflow 3.3.2's own values for what was chosen for speed.
STOCK: dict[str, str | None] = {
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": None,
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": None,
    "AIRFLOW__LOGGING__UVICORN_LOGGING_LEVEL": None,
}


def main() -> None:
    """Measure both settings, and print a Markdown table."""
    where = machine()
    figures = {"stock settings": measure(STOCK), "chosen settings": measure({})}
    print(f"\nA DAG of {TASKS} empty tasks in a row; {where}.\n")
    print("| | one run, s (median of 5) | ten runs at once, s |\n|---|---:|---:|")
    for name, (single, together) in figures.items():
        print(f"| {name} | {single:.1f} | {together:.1f} |")
    (slow, many), (quick, few) = figures.values()
    print(f"| stock / chosen | {slow / quick:.1f} | {many / few:.1f} |")


def measure(settings: dict[str, str | None]) -> tuple[float, float]:
    """Return the seconds of one run, as the median of five, and of ten runs at once."""
    dags = Path(__file__).parent / "dags"
    with installation(data=False, settings=settings, dags=dags) as (stack, environment):
        url, password = environment["AIRFLOW__API__BASE_URL"], stack.secrets.user_admin
        with Airflow.log_in(url, username="admin", password=password) as airflow:
            airflow.wait_for_dag(DAG)
            follow(airflow, 1)
            singles = [follow(airflow, 1) for _ in range(5)]
            return statistics.median(singles), follow(airflow, 10)


def follow(airflow: Airflow, count: int) -> float:
    """Trigger runs at once and return the seconds until the last has succeeded."""
    begun = time.monotonic()
    answers = [airflow.trigger(DAG).raise_for_status().json() for _ in range(count)]
    for answer in answers:
        state = airflow.wait_for_run(DAG, answer["dag_run_id"], seconds=600)
        if state != "success":
            raise SystemExit(f"run {answer['dag_run_id']} of {DAG} ended as {state}")
    return time.monotonic() - begun


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    main()
