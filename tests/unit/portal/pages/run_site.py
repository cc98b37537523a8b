"""The portal in a browser, with runs in a real ledger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from httpx import Response
from tests.office import ADA, Office, ask
from tests.seed import PDF
from tests.unit.portal.pages.browser import Browser

from broadsheet.domain.access import Caller
from broadsheet.domain.run import RunState
from broadsheet.services.jobs import Job, get_job
from broadsheet.services.requests import request_report
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import plan_deliveries
from broadsheet.store.ledger import add_artifact
from broadsheet.store.links import issue_link


@dataclass
class RunSite:
    """An installation, a browser of ada's at its portal, and short ways to runs in every state."""

    office: Office
    browser: Browser

    def get(self, path: str, *, by: str = "ada", htmx: bool = False) -> Response:
        """Ask for a page, or as htmx for a part of one."""
        return self.browser.get(path, who=by, htmx=htmx)

    def post(self, path: str, *, by: str = "ada", **form: str) -> Response:
        """Press a button, as htmx does."""
        return self.browser.post(path, form, who=by)

    def run(
        self,
        state: RunState = RunState.COMPLETED,
        *,
        reason: str | None = None,
        by: Caller = ADA,
        files: tuple[str, ...] = ("pdf",),
        recipients: tuple[str, ...] = (),
    ) -> Job:
        """Put a run into the ledger, a minute after the last one, with files and accepted mails."""
        self.office.pass_time(minutes=1)
        job = request_report(self.office.inst, by, ask(parameters={"carrier": "UA"}))
        with transaction(self.office.dsn) as connection:
            connection.execute("UPDATE runs SET opened_at = %s WHERE run_id = %s", (self.office.now, job.id))
            for kind in files:
                artifact_id = add_artifact(
                    connection,
                    job.id,
                    variant="main",
                    artifact_format=kind,
                    key=f"artifacts/{job.id}/main.{kind}",
                    file_name=f"report.{kind}",
                    sha256=hashlib.sha256(PDF).hexdigest(),
                    size_bytes=len(PDF),
                    pages=3 if kind == "pdf" else None,
                )
            plan_deliveries(
                connection,
                job.id,
                variant="main",
                recipients=recipients,
                resend_unknown=True,
                mail_domain="broadsheet.example",
            )
            if recipients:
                connection.execute(
                    "UPDATE deliveries SET state = 'accepted', smtp_reply = '250 OK', artifact_id = %s, "
                    "settled_at = %s WHERE run_id = %s",
                    (artifact_id, self.office.now, job.id),
                )
            for row in connection.execute(
                "SELECT delivery_id FROM deliveries WHERE run_id = %s", [job.id]
            ).fetchall():
                issue_link(
                    connection,
                    delivery_id=row["delivery_id"],
                    artifact_id=artifact_id,
                    at=self.office.now,
                    lifetime=timedelta(days=30),
                )
        self.office.set_state(job.id, state, reason=reason)
        return get_job(self.office.inst, by, job.id)

    def first_link(self, job_id: UUID) -> UUID:
        """Return the id of a run's link."""
        with transaction(self.office.dsn) as connection:
            row = connection.execute(
                "SELECT link_id FROM links JOIN deliveries USING (delivery_id) WHERE run_id = %s", [job_id]
            ).fetchone()
        assert row is not None
        return UUID(str(row["link_id"]))
