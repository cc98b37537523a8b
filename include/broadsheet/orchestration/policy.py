"""How tasks behave when something fails: retries, back-off, timeouts and queues, in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

# Longer than the lease of a delivery, so that a repeated `email` finds the lease of a dead sender expired.
LEASE_RETRY_DELAY = timedelta(minutes=6)

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="broadsheet.errors.PermanentError",
            action=RetryAction.FAIL,
            reason="the same input would fail again",
        ),
        RetryRule(
            exception="broadsheet.errors.LeaseHeldError",
            action=RetryAction.RETRY,
            retry_delay=LEASE_RETRY_DELAY,
            reason="another sender holds the delivery until its lease ends",
        ),
    ],
    default=RetryAction.DEFAULT,
)

# 15, 30 and 60 s: together longer than a restart of S3, SMTP or Postgres.
DEFAULT_ARGS: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=15),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "retry_policy": RETRY_POLICY,
}

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


def stage_arguments(stage: str) -> dict[str, Any]:
    """Return the task arguments of a stage: its id, queue and timeout."""
    return {"task_id": stage, "queue": QUEUES[stage], "execution_timeout": TIMEOUTS[stage]}
