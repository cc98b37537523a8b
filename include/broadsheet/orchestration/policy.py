"""How tasks behave when something fails: retries, back-off, timeouts and queues, in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from broadsheet.domain.delivery import lease_retry_delay
from broadsheet.settings import get_settings

QUEUES = {
    "plan": "default",
    "fetch": "fetch",
    "aggregate": "aggregate",
    "render_charts": "render",
    "build_pdf": "render",
    "upload": "deliver",
    "email": "deliver",
    "finalize": "default",
}

TIMEOUTS = {
    "plan": timedelta(minutes=5),
    "fetch": timedelta(minutes=15),
    "aggregate": timedelta(minutes=15),
    "render_charts": timedelta(minutes=15),
    "build_pdf": timedelta(minutes=15),
    "upload": timedelta(minutes=10),
    "email": timedelta(minutes=30),
    "finalize": timedelta(minutes=5),
}


# Only `finalize` closes a run in the ledger: it waits out half an hour without Postgres or S3.
_FINALIZE_RETRIES = 8


def default_arguments() -> dict[str, Any]:
    """Return what all tasks of a DAG have in common; of the settings, only the mail timeout matters to it."""
    return {
        # After 15, 30 and 60 s, each up to doubled by Airflow's jitter: longer than a restart of a server.
        "retries": 3,
        "retry_delay": timedelta(seconds=15),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "retry_policy": retry_policy(mail_timeout=get_settings().mail_timeout),
    }


def retry_policy(*, mail_timeout: float) -> ExceptionRetryPolicy:
    """Return which errors are final, and which are waited for longer than others."""
    return ExceptionRetryPolicy(
        rules=[
            RetryRule(
                exception="broadsheet.errors.PermanentError",
                action=RetryAction.FAIL,
                reason="the same input would fail again",
            ),
            RetryRule(
                exception="broadsheet.errors.LeaseHeldError",
                action=RetryAction.RETRY,
                # A repeated `email` finds the lease of a dead sender ended.
                retry_delay=lease_retry_delay(mail_timeout),
                reason="another sender holds the delivery until its lease ends",
            ),
        ],
        default=RetryAction.DEFAULT,
    )


def stage_arguments(stage: str) -> dict[str, Any]:
    """Return the task arguments of a stage: its id, queue, timeout, and retries where they differ."""
    arguments = {"task_id": stage, "queue": QUEUES[stage], "execution_timeout": TIMEOUTS[stage]}
    return {**arguments, "retries": _FINALIZE_RETRIES} if stage == "finalize" else arguments
