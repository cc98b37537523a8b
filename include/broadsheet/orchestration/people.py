"""Takes over the users of Airflow's FAB auth manager, so that tasks can check what an owner may have.

Tasks have no access to Airflow's database; the dag-processor, which refreshes the bundle, has.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import UTC, datetime

from airflow.configuration import conf
from airflow.utils.session import create_session
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from broadsheet.errors import BroadsheetError
from broadsheet.orchestration.connections import task_connection_uri
from broadsheet.orchestration.timer import Timer
from broadsheet.settings import DATABASE, get_settings
from broadsheet.store.database import transaction
from broadsheet.store.people import Person, sync_people

log = logging.getLogger(__name__)

_AUTH_MANAGER = "FabAuthManager"


_timer = Timer(30.0)


def take_over_people_if_due() -> None:
    """Take the people over, at most every 30 s; a failure is logged, and the next call tries again."""
    if not _timer.is_due():
        return
    try:
        changed = take_over_people(at=datetime.now(UTC))
    except RuntimeError:
        log.debug("people are taken over where Airflow's database can be read, not in a worker")
        return
    except (BroadsheetError, SQLAlchemyError) as error:
        log.warning("people cannot be taken over from Airflow, the last known stay: %s", _words(error))
        return
    if changed:
        log.info("took over %d people who are new or changed in Airflow", changed)


def take_over_people(*, at: datetime) -> int:
    """Take over all users of the FAB auth manager and return how many have changed.

    Does nothing under another auth manager, whose people are known from their visits to the portal only.
    """
    if _AUTH_MANAGER not in conf.get("core", "auth_manager", fallback=""):
        return 0
    # A session of its own: that of the thread belongs to whoever refreshes the bundle, in mid-transaction.
    with create_session(scoped=False) as session:
        if not inspect(session.get_bind()).has_table("ab_user"):
            return 0
        people = _people(session)
    with transaction(task_connection_uri(DATABASE)) as connection:
        return sync_people(connection, people, at=at)


def _people(session: Session) -> list[Person]:
    statement = (get_settings().sql_dir / "airflow" / "people.sql").read_text(encoding="utf-8")
    roles: dict[tuple[str, str | None, bool], list[str]] = defaultdict(list)
    for row in session.execute(text(statement)):
        roles[(row.username, row.email, bool(row.active))] += [row.role] if row.role else []
    return [
        Person(name=name, email=email, roles=tuple(sorted(held)), is_active=is_active)
        for (name, email, is_active), held in roles.items()
    ]


def _words(error: Exception) -> str:
    """Return an error without the statement and the address that SQLAlchemy adds to it."""
    return str(error) if isinstance(error, BroadsheetError) else type(error).__name__
