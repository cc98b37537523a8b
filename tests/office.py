"""An installation with a real database, an Airflow in memory and a clock that the test sets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from broadsheet.catalog import Catalog, load_catalog
from broadsheet.domain.access import Caller
from broadsheet.domain.run import RunState
from broadsheet.domain.subscription import Subscription
from broadsheet.services.installation import Installation
from broadsheet.services.job_views import Job
from broadsheet.services.requests import ReportRequest, request_report
from broadsheet.services.subscribe import SubscriptionDraft, subscribe
from broadsheet.settings import Settings
from broadsheet.store.database import transaction
from broadsheet.store.jobs import JobRow, find_job
from broadsheet.store.objects import S3ObjectStore
from tests.fakes import FakeEngine

HOME = Path(__file__).resolve().parents[1]
# Monday, 07:00 in New York: week 12 of 2013 has just ended.
MONDAY = datetime(2013, 3, 25, 11, 0, tzinfo=UTC)
REPORT = "airline_punctuality"

ADA = Caller(name="ada", email="ada@broadsheet.example", roles=frozenset({"subscriber"}))
BOB = Caller(name="bob", email="bob@broadsheet.example", roles=frozenset({"subscriber"}))
EVE = Caller(name="eve", email="eve@broadsheet.example", roles=frozenset({"visitor"}))
OPERATOR = Caller(name="olga", email="olga@broadsheet.example", roles=frozenset({"op"}), is_operator=True)


@cache
def shipped_catalog() -> Catalog:
    """Return the reports of the repository."""
    return load_catalog(
        HOME / "include/reports",
        sql_dir=HOME / "sql",
        templates_dir=HOME / "include/templates",
        themes_dir=HOME / "include/themes",
    )


@dataclass
class Office:
    """The installation, and short ways to what tests ask of it."""

    dsn: str
    engine: FakeEngine = field(default_factory=FakeEngine)
    now: datetime = MONDAY
    settings: Settings = field(default_factory=Settings)
    artifacts: S3ObjectStore | None = None
    catalog: Catalog = field(default_factory=shipped_catalog)

    @property
    def inst(self) -> Installation:
        """The installation as the use cases take it."""

        def artifacts() -> S3ObjectStore:
            assert self.artifacts is not None
            return self.artifacts

        return Installation(
            dsn=lambda: self.dsn,
            catalog=lambda: self.catalog,
            settings=lambda: self.settings,
            artifacts=artifacts,
            engine=self.engine,
            clock=lambda: self.now,
        )

    def pass_time(self, **amount: float) -> None:
        """Move the clock on."""
        self.now += timedelta(**amount)

    def limit(self, **settings: Any) -> None:
        """Change settings."""
        self.settings = self.settings.model_copy(update=settings)

    def without_report(self) -> None:
        """Take the report out of the catalog."""
        self.catalog = replace(self.catalog, reports={})

    def subscribe(self, *, name: str = "united", owner: str = "ada", **changes: Any) -> Subscription:
        """Store a subscription."""
        draft = {
            "report_id": REPORT,
            "cron": "0 7 * * MON",
            "recipients": ("ada@broadsheet.example",),
            "parameters": {"carrier": "UA"},
            "title": "United, every Monday",
            "name": name,
            **changes,
        }
        return subscribe(
            SubscriptionDraft.model_validate(draft),
            self.catalog,
            dsn=self.dsn,
            owner=owner,
            settings=self.settings,
            at=self.now,
        )

    def row(self, job_id: UUID) -> JobRow:
        """Return a run as the ledger has it."""
        with transaction(self.dsn) as connection:
            row = find_job(connection, job_id)
        assert row is not None
        return row

    def set_state(self, job_id: UUID, state: RunState, *, reason: str | None = None) -> None:
        """Put a run into a state as if its tasks had."""
        is_open = state in (RunState.WAITING, RunState.ACTIVE)
        with transaction(self.dsn) as connection:
            connection.execute(
                "UPDATE runs SET state = %s, reason = %s, closed_at = %s WHERE run_id = %s",
                (state.value, reason, None if is_open else self.now, job_id),
            )

    def runs(self) -> int:
        """Count the runs of the ledger."""
        with transaction(self.dsn) as connection:
            row = connection.execute("SELECT count(*) AS runs FROM runs").fetchone()
        assert row is not None
        return int(row["runs"])


def ask(**changes: Any) -> ReportRequest:
    """Return a request for the report."""
    return ReportRequest.model_validate({"report": REPORT, **changes})


def requested(office: Office, caller: Caller = ADA, *, state: RunState | None = None, **changes: Any) -> Job:
    """Ask for a report and put its run into a state; each a minute after the one before."""
    office.pass_time(minutes=1)
    job = request_report(office.inst, caller, ask(**changes))
    if state is not None:
        office.set_state(job.id, state)
    return job


def key_of(job: Job) -> tuple[str, str]:
    return job.dag_id, job.dag_run_id
