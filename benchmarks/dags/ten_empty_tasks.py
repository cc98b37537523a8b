"""Ten tasks in a row that do nothing: what is left is what Airflow itself takes."""

from datetime import UTC, datetime

from airflow.sdk import DAG, chain, task


@task
def nothing() -> None:
    """Do nothing."""


with DAG("ten_empty_tasks", schedule=None, start_date=datetime(2013, 1, 1, tzinfo=UTC), max_active_runs=10):
    chain(*[nothing.override(task_id=f"task_{number}")() for number in range(10)])
