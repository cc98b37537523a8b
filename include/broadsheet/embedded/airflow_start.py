"""Run an ``airflow`` command that starts quicker: ``python -m broadsheet.embedded.airflow_start scheduler``.

A start makes millions of objects that live as long as the process. Looking through them again and again for
garbage is a quarter of the api-server's start (12 s without this, 9 s with it), so the collector looks less
often.
"""

from __future__ import annotations

import gc
import os
import sys

# Allocations before a look at the young objects (700 by default), and looks before one at older ones (10,
# 10).
_THRESHOLDS = (50_000, 20, 50)
# Reports are built on the cores that answer readers and programs, who wait: they go first.
_WORKER_NICENESS = 10


def run() -> None:
    """Run Airflow's command line in this process; a worker gives way to everything else."""
    if sys.argv[1:3] == ["celery", "worker"]:
        os.nice(_WORKER_NICENESS)
    gc.set_threshold(*_THRESHOLDS)
    # Only now: importing it is a good part of what is to be quicker.
    from airflow.__main__ import main

    sys.argv[0] = "airflow"
    main()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    run()
