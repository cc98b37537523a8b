"""What is really true of each part: each is tried, not only asked whether its process lives."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import closing

from pydantic import AwareDatetime, BaseModel, ConfigDict

from broadsheet.errors import ConfigurationError, MailUnavailableError
from broadsheet.services.deadlines import Deadlines
from broadsheet.services.engine import PartHealth
from broadsheet.services.installation import Installation
from broadsheet.services.remembered import Remembered
from broadsheet.settings import MAIL, Endpoint, connection_uri, parse_endpoint
from broadsheet.store.database import transaction
from broadsheet.store.statistics import newest_migration

SECONDS = 5.0
"""How long a part may take to answer."""

_PROBE = "health/probe"
_SMTP_PORTS = {"none": 25, "starttls": 587, "implicit": 465}

_deadlines = Deadlines(seconds=SECONDS)


class Health(BaseModel):
    """Whether the installation does its work, and each part of it."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    is_healthy: bool
    """Whether every part is."""
    parts: tuple[PartHealth, ...]


# Monitoring, a load balancer and a page may all ask at once; none of them should be a load.
_recent: Remembered[Health] = Remembered(seconds=2, most=8)


def check_health(inst: Installation, *, mail: Callable[[], Endpoint] | None = None) -> Health:
    """Try every part in parallel, each for five seconds at most; the answer is at most two seconds old.

    ``mail`` gives the mail server, by default that of the connection in the environment.
    """
    return _recent.get((inst.dsn, mail), lambda: _try_all(inst, mail or _mail_of_environment))


def _try_all(inst: Installation, mail: Callable[[], Endpoint]) -> Health:
    parts = _deadlines.run(
        {
            "database": lambda: _database(inst),
            "object store": lambda: _object_store(inst),
            "mail server": lambda: _mail_server(mail()),
            "airflow": inst.engine.health,
            "workers": lambda: _workers(inst),
            "catalog": lambda: _catalog(inst),
        }
    )
    return Health(at=inst.clock(), is_healthy=all(part.is_healthy for part in parts), parts=parts)


def _database(inst: Installation) -> PartHealth:
    with transaction(inst.dsn(), statement_timeout=int(SECONDS)) as connection:
        version = newest_migration(connection)
    return PartHealth(name="database", is_healthy=True, words=f"answered a query; at migration {version}")


def _object_store(inst: Installation) -> PartHealth:
    token = inst.clock().isoformat().encode()
    store = inst.artifacts()
    store.put(_PROBE, token, content_type="text/plain")
    # Another api-server may have written its own between the two.
    is_there = len(store.get(_PROBE)) > 0
    words = "stored an object and read it" if is_there else "an object came back empty"
    return PartHealth(name="object store", is_healthy=is_there, words=words)


def _mail_server(endpoint: Endpoint) -> PartHealth:
    mode = endpoint.options.get("tls", "starttls")
    if mode not in _SMTP_PORTS or not endpoint.host:
        raise ConfigurationError(f"connection {MAIL!r} names no host, or a tls that is none")
    port = endpoint.port or _SMTP_PORTS[mode]
    try:
        with closing(_greeted(endpoint, port, is_encrypted=mode == "implicit")) as client:
            code, _ = client.ehlo()
    except (smtplib.SMTPException, ssl.SSLError) as error:
        raise MailUnavailableError(f"the mail server did not greet: {error}") from error
    is_ready = code // 100 == 2
    words = "answered a greeting" if is_ready else f"answered a greeting with {code}"
    return PartHealth(name="mail server", is_healthy=is_ready, words=words)


def _greeted(endpoint: Endpoint, port: int, *, is_encrypted: bool) -> smtplib.SMTP:
    if not is_encrypted:
        return smtplib.SMTP(endpoint.host, port, timeout=SECONDS)
    context = ssl.create_default_context(cafile=endpoint.options.get("ca_file"))
    return smtplib.SMTP_SSL(endpoint.host, port, timeout=SECONDS, context=context)


def _workers(inst: Installation) -> PartHealth:
    alive = [worker for worker in inst.engine.workers() if worker.is_alive]
    served = {queue for worker in alive for queue in worker.queues}
    slots = sum(worker.slots for worker in alive)
    unserved = sorted(queue.name for queue in inst.engine.queues() if queue.name not in served)
    if not alive:
        return PartHealth(name="workers", is_healthy=False, words="no worker answers")
    if unserved:
        words = f"no worker takes from {', '.join(unserved)}, where tasks wait"
        return PartHealth(name="workers", is_healthy=False, words=words)
    return PartHealth(name="workers", is_healthy=True, words=f"{len(alive)} answer, with {slots} slots")


def _catalog(inst: Installation) -> Sequence[PartHealth]:
    catalog = inst.catalog()
    good, broken = len(catalog.reports), len(catalog.broken)
    words = (
        f"{good} reports" if not broken else f"{good} reports; {broken} with a wrong definition are left out"
    )
    return [PartHealth(name="catalog", is_healthy=good > 0 or broken == 0, words=words)]


def _mail_of_environment() -> Endpoint:
    return parse_endpoint(connection_uri(MAIL))
