"""Import what tasks need once, in the worker's parent process, before it forks.

Celery imports this module by ``imports`` in its configuration (``deploy/airflow.env``). Every task runs in a
fork of the worker, so that it finds the libraries loaded: without it each task imports them anew, up to 0.9 s
with byte code and 2.9 s without (measured in ``docs/performance.md``). Safe to fork after: none of them
starts a thread on import, as long as OPENBLAS_NUM_THREADS and OMP_NUM_THREADS are 1.
"""

from broadsheet.orchestration import dag_builder
from broadsheet.pipeline import aggregate, charts, fetch, finish, letter, mail, pdf, plan, storage

__all__ = [
    "aggregate",
    "charts",
    "dag_builder",
    "fetch",
    "finish",
    "letter",
    "mail",
    "pdf",
    "plan",
    "storage",
]
