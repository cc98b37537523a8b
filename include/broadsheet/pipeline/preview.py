"""A report without Airflow: every step in this process, over real sources, with staging in memory.

The only module of the pipeline that knows several steps. Nothing is stored and nobody is mailed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from broadsheet.domain.objects import MemoryObjectStore, ObjectStore
from broadsheet.domain.period import Period
from broadsheet.domain.presentation import Presentation, check_presentation, offered_locales
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec, VariantSpec
from broadsheet.errors import DefinitionError, Problem, QueryError
from broadsheet.pipeline import source
from broadsheet.pipeline.aggregate import aggregate_variant
from broadsheet.pipeline.charts import render_charts
from broadsheet.pipeline.fetch import fetch_dataset, fetch_documents
from broadsheet.pipeline.pdf import build_pdf

_VARIANT = "main"
_SETS_AT_ONCE = 4


@dataclass(frozen=True)
class Preview:
    """A previewed document."""

    pdf: bytes | None
    """None when the period has no data and the definition says to skip it."""
    pages: int
    empty: bool
    seconds: dict[str, float]
    """Time that each stage took."""


def preview_report(
    report: ReportDefinition,
    *,
    parameters: Mapping[str, Any],
    period: Period,
    dsn: str,
    documents: Callable[[], ObjectStore],
    sql_dir: Path,
    templates_dir: Path,
    static_dir: Path,
    themes_dir: Path,
    statement_timeout: int,
    presentation: Presentation | None = None,
) -> Preview:
    """Build a report's PDF for checked parameters and a period; ``documents`` opens the bucket if need be.

    Without ``presentation`` it is in the report's own language and theme. Raises what the steps raise. The
    bytes are those of a stored report of the same data.
    """
    values = dict(parameters)
    shown = check_presentation(presentation or Presentation(), report)
    spec = RunSpec(
        run_id=UUID(int=0),
        report_id=report.id,
        slot=period.end,
        period=period,
        parameters=values,
        variants=(VariantSpec(name=_VARIANT, parameters=values),),
        locale=shown.locale or offered_locales(report)[0],
        theme=shown.theme,
    )
    staging = MemoryObjectStore()
    seconds: dict[str, float] = {}
    with _timed(seconds, "fetch"):
        _fetch(spec, report, dsn=dsn, staging=staging, sql_dir=sql_dir, statement_timeout=statement_timeout)
        if report.documents:
            _fetch_documents(spec, report, bucket=documents(), staging=staging)
    with _timed(seconds, "aggregate"):
        summary = aggregate_variant(spec, report, _VARIANT, staging=staging, exports=False)
    if summary.empty and report.on_empty == "skip":
        return Preview(pdf=None, pages=0, empty=True, seconds=seconds)
    with _timed(seconds, "render_charts"):
        render_charts(
            spec,
            report,
            _VARIANT,
            staging=staging,
            templates_dir=templates_dir,
            static_dir=static_dir,
            themes_dir=themes_dir,
        )
    with _timed(seconds, "build_pdf"):
        built = build_pdf(
            spec,
            report,
            _VARIANT,
            staging=staging,
            templates_dir=templates_dir,
            static_dir=static_dir,
            themes_dir=themes_dir,
        )
    return Preview(pdf=staging.get(built.key), pages=built.pages, empty=summary.empty, seconds=seconds)


def _fetch(
    spec: RunSpec,
    report: ReportDefinition,
    *,
    dsn: str,
    staging: ObjectStore,
    sql_dir: Path,
    statement_timeout: int,
) -> None:
    """Fetch every dataset; DefinitionError names what is wrong with each query, in the server's own words.

    Elsewhere those go to the log alone, as they may hold data. Here they are for the query's author.
    """
    problems = []
    with _quiet(logging.getLogger(source.__name__)):
        for name, dataset in report.datasets.items():
            try:
                fetch_dataset(
                    spec,
                    report,
                    name,
                    dsn=dsn,
                    staging=staging,
                    sql_dir=sql_dir,
                    statement_timeout=statement_timeout,
                )
            except QueryError as error:
                path = sql_dir / "reports" / report.id / dataset.sql
                problems.append(Problem(path, error.line, error.reason or str(error)))
    if problems:
        raise DefinitionError(problems)


def _fetch_documents(
    spec: RunSpec, report: ReportDefinition, *, bucket: ObjectStore, staging: ObjectStore
) -> None:
    """Fetch every set of documents, some at a time: each is read in a process of its own."""
    with ThreadPoolExecutor(max_workers=_SETS_AT_ONCE) as pool:
        fetched = [
            pool.submit(fetch_documents, spec, report, name, source=bucket, staging=staging)
            for name in report.documents
        ]
    for one in fetched:
        one.result()


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep a logger from saying what will be raised."""
    was = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = was


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - started
