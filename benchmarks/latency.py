"""Time from the REST request for a report to the mail server's acceptance, split by stage.

Run it with ``make bench-latency``. One request at a time, after two that are not counted; the instants are
Airflow's start and end of each task and the ledger's record of the accepted mail, all from one machine's
clock.
"""

from __future__ import annotations

import statistics
from datetime import UTC, datetime

from tests.integration.airflow_api import Airflow

from benchmarks.installation import installation, machine
from broadsheet.store.database import transaction

DAG = "report__airline_punctuality"
STAGES = ["plan", "fetch", "aggregate", "render_charts", "build_pdf", "upload", "email"]
RUNS = 10


def main() -> None:
    """Measure, and print a Markdown table."""
    where = machine()
    with installation() as (stack, environment):
        url, password = environment["AIRFLOW__API__BASE_URL"], stack.secrets.user_admin
        with Airflow.log_in(url, username="admin", password=password) as airflow:
            airflow.wait_for_dag(DAG)
            for _ in range(2):
                measure(environment, airflow)
            samples = [measure(environment, airflow) for _ in range(RUNS)]
    print(f"\nMedian of {RUNS} requests, one at a time; {where}.\n")
    print("| stage | waiting, s | working, s |\n|---|---:|---:|")
    for stage in STAGES:
        waiting = statistics.median(sample[f"{stage} waiting"] for sample in samples)
        working = statistics.median(sample[f"{stage} working"] for sample in samples)
        print(f"| {stage} | {waiting:.2f} | {working:.2f} |")
    total = [sample["total"] for sample in samples]
    print(
        f"| **request to accepted mail** | | **{statistics.median(total):.2f}** |\n\n"
        f"Slowest {max(total):.2f} s, quickest {min(total):.2f} s."
    )


def measure(environment: dict[str, str], airflow: Airflow) -> dict[str, float]:
    """Ask for one report and return the seconds that each stage waited and worked, and the total."""
    asked = datetime.now(UTC)
    run_id = airflow.complete(DAG, period="2013-W12", recipients=["reader@example.com"])
    with transaction(environment["AIRFLOW_CONN_BROADSHEET_DB"]) as connection:
        row = connection.execute(
            "SELECT max(settled_at) AS at FROM deliveries JOIN runs USING (run_id) WHERE dag_run_id = %s",
            (run_id,),
        ).fetchone()
    sample = {"total": (row["at"] - asked).total_seconds()} if row else {}
    tasks = {task["task_id"]: task for task in airflow.task_instances(DAG, run_id)}
    before = asked
    for stage in STAGES:
        start, end = (datetime.fromisoformat(tasks[stage][name]) for name in ("start_date", "end_date"))
        sample[f"{stage} waiting"] = (start - before).total_seconds()
        sample[f"{stage} working"] = (end - start).total_seconds()
        before = end
    return sample


if __name__ == "__main__":
    main()
