"""Ask for a report now: check everything, open its run in the ledger, start it in Airflow."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from broadsheet.domain.access import Caller
from broadsheet.domain.subscription import Subscription
from broadsheet.services.installation import Installation
from broadsheet.services.job_views import Job
from broadsheet.services.subscribe import SubscriptionDraft


class ReportRequest(BaseModel):
    """What a person or a program asks for, as given: nothing in it is checked yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    report: str
    """Id of a report in the catalog."""
    parameters: dict[str, Any] = {}
    period: str = "latest"
    """``latest``, or a name: 2013-03-18, 2013-W12, 2013-03, 2013-Q1, 2013."""
    formats: tuple[str, ...] = ("pdf",)
    locale: str | None = None
    """Language of the document; English is the only one there is."""
    recipients: tuple[str, ...] = ()
    """Mail addresses that get a link to the report; none: it is only stored."""


def request_report(
    inst: Installation, caller: Caller, request: ReportRequest, *, idempotency_key: str | None = None
) -> Job:
    """Start a report on demand and return its job.

    With an idempotency key a repeated call returns the first one's job. Raises InputErrors that lists every
    fault, NotFoundError for a report that is unknown or not the caller's, QuotaError, ConflictError while
    the first call with the same key is under way, and InputError with field ``Idempotency-Key`` when the key
    was used for something else.
    """
    raise NotImplementedError


def send_test(inst: Installation, caller: Caller, draft: SubscriptionDraft) -> Job:
    """Mail the report of a draft to the caller alone, now."""
    raise NotImplementedError


def open_subscription_run(inst: Installation, caller: Caller, subscription: Subscription) -> Job:
    """Run a subscription now, for all its recipients, and return the job."""
    raise NotImplementedError
