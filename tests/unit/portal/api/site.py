"""The API as it stands in the api-server: behind the gate, at ``/reports/api/v1``, on real servers."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from httpx import Client, Response
from tests.fakes import FakeEngine
from tests.seed import NOW, PDF
from tests.web_server import served

from broadsheet.catalog import Catalog, load_catalog
from broadsheet.domain.access import Caller, caller_of
from broadsheet.domain.run import RunState
from broadsheet.errors import UnauthenticatedError
from broadsheet.portal.api.app import create_api
from broadsheet.portal.api.events import Streams
from broadsheet.portal.api.waiting import Waiters
from broadsheet.portal.gate import Gate
from broadsheet.services.installation import Installation
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import plan_deliveries
from broadsheet.store.ledger import add_artifact, close_run
from broadsheet.store.links import issue_link
from broadsheet.store.objects import S3ObjectStore

ROOT = "/reports/api/v1"
REPORT = "airline_punctuality"
# For authors alone: a subscriber must not hear of it.
SECRET_REPORT = "board_figures"
FILE = "Pünktlichkeit 2013-W12.pdf"
ROLES = {"ada": "Subscriber", "bob": "Subscriber", "eve": "Visitor", "olga": "Op", "art": "User"}


def person(name: str) -> Caller:
    """Return one of the people of the tests: two subscribers, a visitor, an operator, an author."""
    return caller_of(
        name,
        email=f"{name}@broadsheet.example",
        roles=[ROLES[name]],
        operator_roles=["Op"],
        author_roles=["User"],
    )


def identify(request: Request) -> Caller:
    """Know people by a bearer token that is their name."""
    name = request.headers.get("authorization", "").removeprefix("Bearer ")
    if name not in ROLES:
        raise UnauthenticatedError("log in first")
    return person(name)


def bearer(name: str | None) -> dict[str, str]:
    """Return the header that says who somebody is."""
    return {"Authorization": f"Bearer {name}"} if name else {}


def mounted(api: FastAPI, inst: Installation) -> FastAPI:
    """Return the API behind the gate, where the api-server has it."""
    portal = FastAPI()
    portal.mount("/api/v1", api)
    portal.add_middleware(Gate, installation=inst, identify=identify)
    outside = FastAPI()
    outside.mount("/reports", portal)
    return outside


@cache
def catalog() -> Catalog:
    """Return the project's catalog and a report that only authors and operators may have."""
    settings = Settings()
    found = load_catalog(settings.catalog_dir, sql_dir=settings.sql_dir, templates_dir=settings.templates_dir)
    secret = found.reports[REPORT].model_copy(update={"id": SECRET_REPORT, "audience": ("board",)})
    return replace(found, reports={**found.reports, SECRET_REPORT: secret})


@dataclass
class Site:
    """The application, people's clients of it, and the world behind it."""

    dsn: str
    store: S3ObjectStore
    engine: FakeEngine = field(default_factory=FakeEngine)
    settings: Settings = field(default_factory=Settings)
    now: datetime = NOW
    streams: Streams = field(default_factory=lambda: Streams(pause=0.02, heartbeat=0.05))

    def __post_init__(self) -> None:
        known = catalog()
        self.inst = Installation(
            dsn=lambda: self.dsn,
            catalog=lambda: known,
            settings=lambda: self.settings,
            artifacts=lambda: self.store,
            engine=self.engine,
            clock=lambda: self.now,
        )
        self.api = create_api(streams=self.streams, waiters=Waiters(pause=0.02))
        self.app = mounted(self.api, self.inst)
        self._open = ExitStack()
        self._client: Client | None = None

    def request(self, method: str, path: str, *, by: str | None = "ada", **more: Any) -> Response:
        """Send a request as somebody, or as nobody."""
        if self._client is None:
            self._client = self._open.enter_context(served(self.app))
        headers = {**bearer(by), **more.pop("headers", {})}
        return self._client.request(method, ROOT + path, headers=headers, **more)

    def stream(
        self, path: str, *, by: str | None = "ada", **headers: str
    ) -> AbstractContextManager[Response]:
        """Open an answer that is read while it comes."""
        if self._client is None:
            self._client = self._open.enter_context(served(self.app))
        return self._client.stream("GET", ROOT + path, headers={**bearer(by), **headers})

    def get(self, path: str, *, by: str | None = "ada", **more: Any) -> Response:
        return self.request("GET", path, by=by, **more)

    def post(self, path: str, *, by: str | None = "ada", **more: Any) -> Response:
        return self.request("POST", path, by=by, **more)

    def put(self, path: str, *, by: str | None = "ada", **more: Any) -> Response:
        return self.request("PUT", path, by=by, **more)

    def delete(self, path: str, *, by: str | None = "ada", **more: Any) -> Response:
        return self.request("DELETE", path, by=by, **more)

    def ask(self, *, by: str = "ada", **body: Any) -> str:
        """Ask for a report, a second after the last one, and return the job's id."""
        self.now += timedelta(seconds=1)
        answer = self.post("/reports/generate", by=by, json={"report": REPORT, "period": "2013-W12", **body})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def finish(
        self,
        job_id: str,
        *,
        state: RunState = RunState.COMPLETED,
        reason: str | None = None,
        data: bytes = PDF,
    ) -> None:
        """Let a job end with its file stored, as the last stages do."""
        run_id = UUID(job_id)
        key = f"artifacts/{job_id}/main.pdf"
        self.store.put(key, data, content_type="application/pdf")
        with transaction(self.dsn) as connection:
            add_artifact(
                connection,
                run_id,
                variant="main",
                artifact_format="pdf",
                key=key,
                file_name=FILE,
                sha256=hashlib.sha256(data).hexdigest(),
                size_bytes=len(data),
                pages=1,
            )
            close_run(connection, run_id, state=state, reason=reason, at=self.now)

    def mail(self, job_id: str, recipient: str) -> tuple[str, str]:
        """Let a job plan a mail and make its link; return the ids of delivery and link."""
        with transaction(self.dsn) as connection:
            plan_deliveries(
                connection,
                UUID(job_id),
                variant="main",
                recipients=(recipient,),
                resend_unknown=True,
                mail_domain="broadsheet.example",
            )
            found = connection.execute(
                "SELECT d.delivery_id, a.artifact_id FROM deliveries AS d JOIN artifacts AS a USING (run_id) "
                "WHERE run_id = %s",
                [job_id],
            ).fetchone()
            assert found is not None
            issue_link(connection, **found, at=self.now, lifetime=timedelta(days=1))
            link = connection.execute(
                "SELECT link_id FROM links WHERE delivery_id = %s", [found["delivery_id"]]
            ).fetchone()
            assert link is not None
        return str(found["delivery_id"]), str(link["link_id"])

    def settle(self, delivery_id: str) -> None:
        """Let a mail be accepted by the mail server."""
        with transaction(self.dsn) as connection:
            connection.execute(
                "UPDATE deliveries SET state = 'accepted', smtp_reply = '250 OK', settled_at = now(), "
                "artifact_id = (SELECT artifact_id FROM artifacts WHERE run_id = deliveries.run_id) "
                "WHERE delivery_id = %s",
                [delivery_id],
            )

    def subscribe(self, *, by: str = "ada", **changed: Any) -> dict[str, Any]:
        """Subscribe somebody and return the answer."""
        answer = self.post("/subscriptions", by=by, json=terms(by, **changed))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def close(self) -> None:
        """Close the clients."""
        self._open.close()


def terms(whose: str = "ada", **changed: Any) -> dict[str, Any]:
    """Return what somebody subscribes with."""
    return {
        "report": REPORT,
        "cron": "0 7 * * MON",
        "recipients": [f"{whose}@broadsheet.example"],
        **changed,
    }
