"""The first page of a report with some settings, before anybody subscribes to it.

``broadsheet preview`` builds it in a process of its own, with a limit on its time and memory and with none of
the api-server's secrets: a report that is heavy, or made of hostile data, hurts nobody but its own preview.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from broadsheet.domain.access import Caller
from broadsheet.domain.period import Period, PeriodKind, latest_complete_period, parse_period
from broadsheet.domain.presentation import Presentation, check_presentation
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.schedule import check_zone
from broadsheet.errors import ConflictError, InputError, QuotaError, RunFailedError
from broadsheet.services.catalog import offered_report
from broadsheet.services.installation import Installation
from broadsheet.services.page_picture import draw_first_page
from broadsheet.services.remembered import Remembered
from broadsheet.settings import STORAGE, connection_variable, source_connection

log = logging.getLogger(__name__)

SECONDS = 60
"""How long a preview may take."""
AT_ONCE = 2
"""How many are built at a time."""

_RETRY_AFTER = 5
_MEMORY = 4 * 1024**3
# What the command line needs of the environment, beside the connections of this one report.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "MPLCONFIGDIR", "NO_PROXY", "no_proxy")
_SECRET = "BROADSHEET_SECRET_KEY"
_slots = BoundedSemaphore(AT_ONCE)
# Those who wait for a page that somebody else has asked for, too.
_askers = BoundedSemaphore(3 * AT_ONCE)
# Whoever changes a setting and changes it back sees the same page at once.
_pages: Remembered[bytes] = Remembered(seconds=60, most=32)


def preview_page(
    inst: Installation,
    caller: Caller,
    report_id: str,
    *,
    parameters: Mapping[str, Any],
    period: str = "latest",
    kind: PeriodKind | None = None,
    zone: str | None = None,
    presentation: Presentation | None = None,
) -> bytes:
    """Return page one as PNG. ``kind`` and ``zone`` say which period is the latest; default: the report's.

    Raises NotFoundError for a report that is not theirs, InputErrors for wrong parameters or a language or
    theme that there is not, InputError for a
    wrong period or one without data, QuotaError when two are being built already, and ConflictError for a
    report that takes too long.
    """
    report = offered_report(inst, caller, report_id)
    checked = report.validate_parameters(dict(parameters))
    themes = inst.catalog().theme_names
    look = check_presentation(presentation or Presentation(), report, themes=themes)
    chosen = _period(inst, report, period, kind=kind, zone=check_zone(zone or report.zone))
    key = (inst.dsn, report.id, json.dumps(checked, sort_keys=True), chosen.name, chosen.zone, look)
    # Who waits for the same page holds a thread that Airflow's own pages need, for as long as it takes.
    if not _askers.acquire(blocking=False):
        raise _busy()
    try:
        return _pages.get(key, lambda: _build(report, checked, chosen, look))
    finally:
        _askers.release()


def _period(
    inst: Installation, report: ReportDefinition, text: str, *, kind: PeriodKind | None, zone: str
) -> Period:
    if text == "latest":
        period = latest_complete_period(inst.clock(), kind or report.default_period_kind, zone=zone)
    else:
        period = parse_period(text, zone=zone)
    if period.kind not in report.period_kinds:
        kinds = ", ".join(one.value for one in report.period_kinds)
        raise InputError(f"report {report.id} describes a {kinds}, not a {period.kind.value}", field="period")
    return period


def _build(
    report: ReportDefinition, parameters: Mapping[str, Any], period: Period, look: Presentation
) -> bytes:
    if not _slots.acquire(blocking=False):
        raise _busy()
    try:
        with tempfile.TemporaryDirectory(prefix="broadsheet-preview-") as folder:
            target = Path(folder) / "preview.pdf"
            _run(report, _command(report, parameters, period, look, target), folder)
            if not target.exists():
                raise InputError(
                    f"there is no data for {period.label}; the report is skipped then", field="period"
                )
            return draw_first_page(target.read_bytes())
    finally:
        _slots.release()


def _busy() -> QuotaError:
    return QuotaError(f"{AT_ONCE} previews are being made already", retry_after=_RETRY_AFTER)


def _command(
    report: ReportDefinition, parameters: Mapping[str, Any], period: Period, look: Presentation, target: Path
) -> list[str]:
    # A parameter without a value is left out, and so becomes the same again.
    given = [f"--param={name}={_text(value)}" for name, value in parameters.items() if value is not None]
    where = [f"--period={period.name}", f"--zone={period.zone}", f"--output={target}"]
    where += [f"--language={look.locale}"] if look.locale else []
    where += [f"--theme={look.theme}"] if look.theme else []
    return [sys.executable, "-m", "broadsheet.cli.main", "preview", *given, *where, "--", report.id]


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _run(report: ReportDefinition, command: list[str], folder: str) -> None:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(report),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # A group of its own, so that nothing it may have started is left behind.
        start_new_session=True,
    )
    with process:
        _limit_memory(process.pid)
        try:
            _, said = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise ConflictError(
                f"a preview may take {SECONDS} s, and this report took longer; ask for the report itself"
            ) from error
    if process.returncode != 0:
        words = said.decode(errors="replace").strip()[-1000:]
        raise RunFailedError(f"the preview of {report.id} ended with {process.returncode}: {words}")


def _environment(report: ReportDefinition) -> dict[str, str]:
    connections = {connection_variable(source_connection(report.source)), connection_variable(STORAGE)}
    return {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT
        or name in connections
        or (name.startswith(("BROADSHEET_", "OMP_", "OPENBLAS_")) and name != _SECRET)
    }


def _limit_memory(pid: int) -> None:
    if sys.platform != "linux":
        return
    import resource  # POSIX only, and `prlimit` Linux only

    with contextlib.suppress(ProcessLookupError, PermissionError):
        resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
