"""Tell whether a service does its work: `check_health.py api-server | dag-processor | triggerer | worker`.

The status is 0 when it does. Airflow's own `airflow jobs check` and `celery inspect` take 3.5 s of a core to
start; this takes a tenth of a second, or half of one for a worker, and so may run often.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from urllib.request import ProxyHandler, build_opener

# What the api-server's report calls the parts whose heartbeats it reads in the database.
PARTS = {"api-server": "metadatabase", "dag-processor": "dag_processor", "triggerer": "triggerer"}
TIMEOUT = 5


def check_heartbeat(part: str, *, address: str) -> str | None:
    """Return what is wrong with a part, or None: the api-server answers and knows its recent heartbeat."""
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"{address}/api/v2/monitor/health", timeout=TIMEOUT) as answer:
            status = json.load(answer)[PARTS[part]]["status"]
    except OSError as error:
        return f"the api-server does not answer: {error}"
    return None if status == "healthy" else f"{part} is {status}"


def check_worker() -> str | None:
    """Return what is wrong with this container's worker, or None: it answers over the broker."""
    from celery import Celery  # slow to import, and only workers need it

    name = f"celery@{socket.gethostname()}"
    with Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"]) as app:
        answers = app.control.ping(destination=[name], timeout=TIMEOUT, limit=1)
    return None if answers else f"{name} does not answer over the broker"


def main(part: str, address: str = "http://api-server:8080") -> None:
    """Check a part and exit; the reason goes to standard error, where `docker inspect` shows it."""
    fault = check_worker() if part == "worker" else check_heartbeat(part, address=address)
    sys.exit(fault)


if __name__ == "__main__":
    main(*sys.argv[1:])
