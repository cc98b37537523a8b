"""The way from a DAG run in Airflow to its job."""

from __future__ import annotations

from broadsheet.domain.access import Caller
from broadsheet.errors import NotFoundError
from broadsheet.services.installation import Installation
from broadsheet.services.jobs import Job, get_job
from broadsheet.store.database import transaction
from broadsheet.store.ledger import find_run


def job_of_dag_run(inst: Installation, caller: Caller, dag_id: str, dag_run_id: str) -> Job:
    """Return the job of a DAG run; NotFoundError when the ledger has none or it is not the caller's.

    A slot that is run again under another name keeps its job, so the id is looked up, not computed.
    """
    run = None
    # Postgres cannot even look for a NUL.
    if "\x00" not in f"{dag_id}{dag_run_id}":
        with transaction(inst.dsn()) as connection:
            run = find_run(connection, dag_id, dag_run_id)
    if run is None:
        raise NotFoundError(f"no report has been asked for by run {dag_run_id[:250]!r} of {dag_id[:250]!r}")
    return get_job(inst, caller, run.spec.run_id)
