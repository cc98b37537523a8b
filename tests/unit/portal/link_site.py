"""A report with a link, and the public application in front of it, for the tests of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from airflow.api_fastapi.common.http_access_log import HttpAccessLogMiddleware
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from httpx import Client, Response
from tests.seed import NOW, PDF, plan, run_spec, store_run
from tests.web_server import served

from broadsheet.domain.delivery import new_link_token
from broadsheet.domain.subscription import Subscription
from broadsheet.portal.links import LinkServices, create_link_app
from broadsheet.portal.rate_limit import RateLimiter
from broadsheet.settings import get_settings
from broadsheet.store.database import transaction
from broadsheet.store.links import issue_link
from broadsheet.store.objects import S3ObjectStore

DAY = timedelta(days=1)


class Site:
    """A report with one link, and the application as it stands in the api-server: mounted at /r."""

    def __init__(self, dsn: str, store: S3ObjectStore, *, subscription: Subscription | None = None) -> None:
        self.dsn, self.store, self.now = dsn, store, NOW
        self.spec = run_spec(subscription=subscription)
        self.leave = new_link_token()
        self.key = f"artifacts/{self.spec.run_id}/main/x.pdf"
        store.put(self.key, PDF, content_type="application/pdf")
        artifact = store_run(dsn, self.spec, key=self.key, file_name="Übersicht 2013-W12.pdf")
        (delivery,) = plan(dsn, self.spec, "ada@broadsheet.example")
        with transaction(dsn) as connection:
            self.token = issue_link(
                connection,
                delivery_id=delivery.delivery_id,
                artifact_id=artifact,
                at=NOW,
                lifetime=DAY,
                unsubscribe_token=self.leave if subscription else None,
            )
        self.services = LinkServices(
            dsn=lambda: dsn,
            artifacts=lambda: self.store,
            templates_dir=lambda: get_settings().templates_dir,
            clock=self.clock,
        )
        self.limiter = RateLimiter(burst=1000)

    def clock(self) -> datetime:
        return self.now

    @contextmanager
    def client(self, **changed: Any) -> Iterator[Client]:
        root = FastAPI()
        root.mount("/r", create_link_app(replace(self.services, **changed), limiter=self.limiter))
        root.add_middleware(GZipMiddleware, minimum_size=1024)
        root.add_middleware(HttpAccessLogMiddleware)
        with served(root) as client:
            yield client

    def fetch(self, path: str | None = None, *, method: str = "GET", **changed: Any) -> Response:
        with self.client(**changed) as client:
            return client.request(method, f"/r/{self.token if path is None else path}")

    def audit(self) -> list[dict[str, Any]]:
        with transaction(self.dsn) as connection:
            return connection.execute("SELECT * FROM link_accesses ORDER BY access_id").fetchall()

    def outcomes(self) -> list[str]:
        return [row["outcome"] for row in self.audit()]

    def state(self) -> list[dict[str, Any]]:
        """Everything that a fetch could change, but for the audit."""
        with transaction(self.dsn) as connection:
            return [
                row
                for statement in (b"SELECT * FROM links", b"SELECT * FROM deliveries", b"SELECT * FROM runs")
                for row in connection.execute(statement).fetchall()
            ]


def assert_page(answer: Response, status: int, words: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert words in answer.text
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Traceback" not in answer.text
    # Nothing is loaded from anywhere, ours included.
    assert not re.search(r"(src|href)\s*=|@import|url\(|<script", answer.text)
