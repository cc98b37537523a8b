"""The figures in Prometheus' text format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from broadsheet.errors import EngineUnavailableError
from broadsheet.services.engine import Worker
from broadsheet.services.installation import Installation
from broadsheet.services.statistics import DAYS, Stats, quarantine, stats

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]


def metrics_text(inst: Installation) -> str:
    """Return every metric. What Airflow does not answer for is absent; ``broadsheet_engine_up`` says so."""
    figures = stats(inst)
    workers = _workers(inst)
    lines: list[str] = []
    for name, help_text, samples in (*_of_runs(inst, figures), *_of_airflow(figures, workers)):
        lines += [f"# HELP {name} {help_text}", f"# TYPE {name} gauge"]
        lines += [_line(name, labels, value) for labels, value in samples]
    return "\n".join(lines) + "\n"


Metric = tuple[str, str, Iterable[Sample]]


def _of_runs(inst: Installation, figures: Stats) -> list[Metric]:
    return [
        (
            "broadsheet_runs",
            f"Runs by state: those opened in the last {DAYS} days, and all that are open.",
            [({"state": state.value}, count) for state, count in figures.states.items()],
        ),
        (
            "broadsheet_report_runs",
            f"Runs by report and state: those opened in the last {DAYS} days, and all that are open.",
            [
                ({"report": one.report_id, "state": state.value}, count)
                for one in figures.reports
                for state, count in one.states.items()
            ],
        ),
        (
            "broadsheet_deliveries",
            f"Deliveries by state, of those planned in the last {DAYS} days.",
            [({"state": state.value}, count) for state, count in figures.deliveries.items()],
        ),
        (
            "broadsheet_late",
            "Slots that nobody began, and runs that are open for long.",
            [({}, len(figures.late))],
        ),
        (
            "broadsheet_quarantined",
            "Reports and subscriptions that are left out because they are wrong.",
            [({}, len(quarantine(inst)))],
        ),
    ]


def _of_airflow(figures: Stats, workers: tuple[Worker, ...] | None) -> list[Metric]:
    is_up = figures.engine_fault is None and workers is not None
    metrics: list[Metric] = [
        ("broadsheet_engine_up", "Whether Airflow's database and broker answered.", [({}, int(is_up))])
    ]
    if figures.engine_fault is None:
        oldest = figures.oldest_waiting_since
        waits = (figures.at - oldest).total_seconds() if oldest else 0.0
        metrics += [
            (
                "broadsheet_queue_waiting_tasks",
                "Tasks that wait, by queue.",
                [({"queue": one.name}, one.waiting) for one in figures.queues],
            ),
            (
                "broadsheet_queue_active_tasks",
                "Tasks that run, by queue.",
                [({"queue": one.name}, one.active) for one in figures.queues],
            ),
            (
                "broadsheet_oldest_waiting_seconds",
                "How long the task has waited that waits longest.",
                [({}, max(0.0, waits))],
            ),
            (
                "broadsheet_stage_seconds",
                "Seconds that a stage's tasks took in the last day, by quantile.",
                [
                    ({"stage": one.name, "quantile": quantile}, seconds)
                    for one in figures.stages
                    for quantile, seconds in (("0.5", one.p50), ("0.95", one.p95), ("1", one.longest))
                ],
            ),
        ]
    if workers is not None:
        metrics += [
            ("broadsheet_worker_up", "Whether a worker answers.", _per_worker(workers, "is_alive")),
            (
                "broadsheet_worker_slots",
                "Tasks that a worker can do at a time.",
                _per_worker(workers, "slots"),
            ),
            ("broadsheet_worker_active_tasks", "Tasks that a worker does.", _per_worker(workers, "active")),
        ]
    return metrics


def _per_worker(workers: Iterable[Worker], figure: str) -> list[Sample]:
    return [({"worker": one.name}, float(getattr(one, figure))) for one in workers]


def _workers(inst: Installation) -> tuple[Worker, ...] | None:
    try:
        return inst.engine.workers()
    except EngineUnavailableError:
        return None


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    text = ",".join(f'{label}="{_escaped(content)}"' for label, content in labels.items())
    number = repr(int(value)) if value == int(value) else repr(value)
    return f"{name}{{{text}}} {number}" if text else f"{name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
