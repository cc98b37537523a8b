"""Retries: what is final, and who waits for the end of a lease."""

from datetime import UTC, datetime

import pytest
from airflow.sdk import RetryAction

from broadsheet.domain.delivery import lease_of
from broadsheet.domain.subscription import DagDefinition
from broadsheet.errors import LeaseHeldError, QueryError, StorageUnavailableError
from broadsheet.orchestration.dag_builder import build_subscription_dag
from broadsheet.settings import get_settings


@pytest.fixture
def email(monkeypatch):
    """Return a maker of the `email` task of an installation with a mail timeout of its own."""

    def build(timeout):
        monkeypatch.setenv("BROADSHEET_MAIL_TIMEOUT", str(timeout))
        get_settings.cache_clear()
        dag = build_subscription_dag(
            DagDefinition(
                slug="united-weekly",
                title="United, weekly",
                report_id="airline_punctuality",
                owner="ada",
                cron="0 7 * * MON",
                zone="America/New_York",
                due_from=datetime(2013, 1, 1, tzinfo=UTC),
            )
        )
        return dag.get_task("email")

    yield build
    monkeypatch.undo()
    get_settings.cache_clear()


def decision(task, error):
    """Return what a task's policy decides when its first try fails."""
    return task.retry_policy.evaluate(error, 1, 3)


@pytest.mark.parametrize("timeout", [0.3, 60, 600])
def test_a_held_delivery_is_tried_again_after_its_lease_whatever_the_mail_timeout_is(email, timeout):
    found = decision(email(timeout), LeaseHeldError("held"))
    assert found.action is RetryAction.RETRY
    assert found.retry_delay > lease_of(timeout)


def test_what_would_fail_again_is_not_tried_again_and_the_rest_follows_the_task(email):
    task = email(60)
    assert decision(task, QueryError("no such column")).action is RetryAction.FAIL
    assert decision(task, StorageUnavailableError("S3 is away")).action is RetryAction.DEFAULT
