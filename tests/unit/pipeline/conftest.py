"""A source database with the true flights of 2013, and runs over it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.servers import Servers
from tests.smtp_server import ScriptedMailServer
from tests.unit.pipeline.post import Post

from broadsheet.catalog import load_catalog
from broadsheet.domain.period import parse_period
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.embedded import postgres
from broadsheet.embedded.flights import load_flights

HOME = Path(__file__).resolve().parents[3]
LOADED_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)

MakeSpec = Callable[..., RunSpec]


@pytest.fixture(scope="session")
def source_dsn(servers: Servers) -> str:
    """DSN of the flights' reader; nothing is moved, so week 12 of 2013 is that week."""
    secrets = servers.stack.secrets
    load_flights(
        servers.stack.owner_dsn("flights"),
        shift_weeks=0,
        reader_password=secrets.postgres_reader,
        loaded_at=LOADED_AT,
    )
    return postgres.dsn(
        servers.stack.ports,
        user="broadsheet_reader",
        password=secrets.postgres_reader,
        database="flights",
    )


@pytest.fixture(scope="session")
def report() -> ReportDefinition:
    """The shipped report."""
    catalog = load_catalog(
        HOME / "include/reports", sql_dir=HOME / "sql", templates_dir=HOME / "include/templates"
    )
    return catalog.get("airline_punctuality")


@pytest.fixture
def make_spec(report: ReportDefinition) -> MakeSpec:
    """Make a run's spec for a period and parameters."""

    def make(period: str = "2013-W12", *, number: int = 1, **parameters: Any) -> RunSpec:
        values = report.validate_parameters(parameters)
        return RunSpec(
            run_id=UUID(int=number),
            report_id=report.id,
            slot=datetime(2013, 3, 25, 11, tzinfo=UTC),
            period=parse_period(period, zone=report.zone),
            parameters=values,
            variants=(VariantSpec(name="main", parameters=values),),
        )

    return make


@pytest.fixture
def post(database_dsn: str, mail_server: ScriptedMailServer) -> Post:
    """A run without deliveries yet, and a mail server that takes everything."""
    return Post(database_dsn, mail_server)
