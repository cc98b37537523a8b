"""The mails of a job: who got it, who opened it, revoking a link, and sending a mail again."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from psycopg.errors import QueryCanceled
from tests.office import ADA, OPERATOR, Office, ask

from broadsheet.domain.delivery import DeliveryState
from broadsheet.domain.run import RunState
from broadsheet.errors import ConflictError, EngineUnavailableError, NotFoundError
from broadsheet.services.jobs import (
    DeliveryView,
    Job,
    cancel_job,
    job_deliveries,
    repeat_job,
    resend,
    revoke_job_link,
)
from broadsheet.services.requests import request_report
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import claim_delivery, deliveries_of_run, plan_deliveries, settle_delivery
from broadsheet.store.ledger import add_artifact
from broadsheet.store.links import LinkOutcome, Visitor, find_link, issue_link, record_access

LEASE = timedelta(minutes=5)


@pytest.fixture
def office(database_dsn: str) -> Office:
    return Office(database_dsn)


class Mailed:
    """A job whose report was stored, and whose one recipient was mailed."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.job: Job = request_report(office.inst, ADA, ask(recipients=("bob@broadsheet.example",)))
        with transaction(office.dsn) as connection:
            self.artifact_id = add_artifact(
                connection,
                self.job.id,
                variant="main",
                artifact_format="pdf",
                key=f"artifacts/{self.job.id}",
                file_name="report.pdf",
                sha256=hashlib.sha256(b"x").hexdigest(),
                size_bytes=1,
                pages=1,
            )
            plan_deliveries(
                connection,
                self.job.id,
                variant="main",
                recipients=["bob@broadsheet.example"],
                resend_unknown=True,
                mail_domain="broadsheet.example",
            )
        office.set_state(self.job.id, RunState.ACTIVE)

    @property
    def delivery_id(self) -> UUID:
        with transaction(self.office.dsn) as connection:
            (delivery,) = deliveries_of_run(connection, self.job.id)
        return delivery.delivery_id

    def send(self) -> bool:
        """Claim and settle the delivery as the sender does; return whether it could be claimed."""
        with transaction(self.office.dsn) as connection:
            claim = claim_delivery(connection, self.delivery_id, artifact_id=self.artifact_id, lease=LEASE)
            if claim is None:
                return False
            return settle_delivery(connection, claim, state=DeliveryState.ACCEPTED, reply="250 OK")

    def link(self) -> str:
        with transaction(self.office.dsn) as connection:
            return issue_link(
                connection,
                delivery_id=self.delivery_id,
                artifact_id=self.artifact_id,
                at=self.office.now,
                lifetime=timedelta(days=1),
            )

    def fetch(self, token: str, method: str = "GET") -> LinkOutcome:
        with transaction(self.office.dsn) as connection:
            answer = find_link(connection, token, at=self.office.now)
            record_access(connection, answer, Visitor(method))
        return answer.outcome

    @property
    def view(self) -> DeliveryView:
        (view,) = job_deliveries(self.office.inst, ADA, self.job.id)
        return view


def test_a_delivery_says_who_was_mailed_and_how_often_the_link_was_opened(office: Office) -> None:
    mailed = Mailed(office)
    assert (mailed.view.state, mailed.view.words) == (DeliveryState.PLANNED, "Not sent yet")
    mailed.send()
    token = mailed.link()
    for method in ("HEAD", "GET", "GET"):
        mailed.fetch(token, method)
    view = mailed.view
    assert (view.recipient, view.words) == ("bob@broadsheet.example", "Accepted by the mail server")
    assert view.settled_at is not None
    (link,) = view.links
    assert (link.opened, link.revoked_at) == (2, None)
    assert link.last_opened_at is not None
    assert token not in view.model_dump_json()


def test_a_revoked_link_leads_nowhere_and_who_was_first_stays(office: Office) -> None:
    mailed = Mailed(office)
    mailed.send()
    token = mailed.link()
    (link,) = mailed.view.links
    for _ in range(2):
        revoke_job_link(office.inst, ADA, mailed.job.id, link.link_id)
        office.pass_time(hours=1)
    assert mailed.fetch(token) is LinkOutcome.REVOKED
    (link,) = mailed.view.links
    assert link.revoked_at == office.now - timedelta(hours=2)


def test_a_link_is_revoked_through_its_own_job_only(office: Office) -> None:
    mailed, other = Mailed(office), Mailed(office)
    mailed.link()
    (link,) = mailed.view.links
    for job_id, link_id in ((other.job.id, link.link_id), (mailed.job.id, uuid4())):
        with pytest.raises(NotFoundError):
            revoke_job_link(office.inst, OPERATOR, job_id, link_id)
    (link,) = mailed.view.links
    assert link.revoked_at is None


def test_a_mail_is_sent_again_through_the_stage_that_mails(office: Office) -> None:
    mailed = Mailed(office)
    mailed.send()
    office.set_state(mailed.job.id, RunState.COMPLETED)
    resend(office.inst, ADA, mailed.job.id, mailed.delivery_id)
    assert office.engine.repeats == [((mailed.job.dag_id, mailed.job.dag_run_id), ("email",))]
    assert office.row(mailed.job.id).state is RunState.ACTIVE
    assert mailed.view.state is DeliveryState.PLANNED
    assert mailed.send()


def test_a_mail_is_not_sent_again_while_the_job_is_at_work_or_when_it_was_cancelled(office: Office) -> None:
    mailed = Mailed(office)
    mailed.send()
    with pytest.raises(ConflictError, match="not over"):
        resend(office.inst, ADA, mailed.job.id, mailed.delivery_id)
    office.set_state(mailed.job.id, RunState.CANCELLED)
    with pytest.raises(ConflictError, match="cancelled"):
        resend(office.inst, ADA, mailed.job.id, mailed.delivery_id)
    assert mailed.view.state is DeliveryState.ACCEPTED
    assert office.engine.repeats == []


def test_a_delivery_of_another_job_is_not_sent_again(office: Office) -> None:
    mailed, other = Mailed(office), Mailed(office)
    mailed.send()
    for one in (mailed, other):
        office.set_state(one.job.id, RunState.COMPLETED)
    with pytest.raises(NotFoundError):
        resend(office.inst, ADA, other.job.id, mailed.delivery_id)
    assert mailed.view.state is DeliveryState.ACCEPTED
    assert office.row(other.job.id).state is RunState.COMPLETED


def test_what_airflow_refuses_to_repeat_stays_as_it_was(office: Office) -> None:
    mailed = Mailed(office)
    mailed.send()
    office.set_state(mailed.job.id, RunState.PARTIAL, reason="deliveries: 1 refused")
    before = office.row(mailed.job.id)
    office.engine.fail()
    with pytest.raises(EngineUnavailableError):
        resend(office.inst, ADA, mailed.job.id, mailed.delivery_id)
    office.engine.fault = None
    office.engine.runs.clear()
    with pytest.raises(ConflictError, match="forgotten"):
        resend(office.inst, ADA, mailed.job.id, mailed.delivery_id)
    assert (office.row(mailed.job.id), mailed.view.state) == (before, DeliveryState.ACCEPTED)


def test_nobody_is_mailed_after_a_cancellation_until_the_job_is_repeated(office: Office) -> None:
    mailed = Mailed(office)
    cancel_job(office.inst, ADA, mailed.job.id)
    assert mailed.send() is False
    assert mailed.view.words == "Not sent: the run was cancelled"
    repeat_job(office.inst, ADA, mailed.job.id)
    assert mailed.send()


def test_of_a_claim_and_a_cancellation_one_sees_the_other(office: Office) -> None:
    mailed = Mailed(office)
    with transaction(office.dsn) as connection:
        connection.execute("UPDATE runs SET state = 'cancelled'")
        # Waits for the cancellation that is not committed yet, until its own time is over.
        with transaction(office.dsn) as other:
            other.execute("SET LOCAL statement_timeout = '300ms'")
            with pytest.raises(QueryCanceled):
                claim_delivery(other, mailed.delivery_id, artifact_id=mailed.artifact_id, lease=LEASE)
            other.rollback()
    assert mailed.send() is False
