"""Pictures of first pages: of stored documents, and of what a report would look like with some settings."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore

import pikepdf
import psutil
import pytest
from PIL import Image
from tests.office import ADA, EVE, REPORT, Office

from broadsheet.domain.period import PeriodKind
from broadsheet.domain.presentation import Presentation
from broadsheet.errors import (
    ConflictError,
    DocumentError,
    InputError,
    InputErrors,
    NotFoundError,
    QuotaError,
    RunFailedError,
)
from broadsheet.pipeline.page_picture import WIDTH
from broadsheet.services import page_picture, preview
from broadsheet.services.page_picture import draw_first_page
from broadsheet.services.preview import preview_page

WEEK = "2013-W12"
# Plays the command line: what it does is in the file beside it.
PROGRAM = """#!{python}
import json, os, sys, time
from pathlib import Path
here = Path(__file__).parent
with (here / "calls").open("a") as calls:
    calls.write(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}) + "\\n")
output = next(one.partition("=")[2] for one in sys.argv if one.startswith("--output="))
exec((here / "deed.py").read_text())
"""


def pdf(*, width: float = 595, height: float = 842) -> bytes:
    document, target = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(width, height))
    document.save(target)
    return target.getvalue()


def test_page_one_is_drawn_as_wide_as_pages_show_it() -> None:
    picture = Image.open(io.BytesIO(draw_first_page(pdf())))
    assert (picture.format, picture.width) == ("PNG", WIDTH)
    assert picture.height == pytest.approx(WIDTH * 842 / 595, abs=2)


def test_a_page_of_odd_proportions_does_not_fill_the_memory() -> None:
    picture = Image.open(io.BytesIO(draw_first_page(pdf(width=3, height=14000))))
    assert picture.width * picture.height < 10_000_000


@pytest.mark.parametrize("document", [b"", b"no pdf at all", pdf()[:200]])
def test_what_is_no_document_is_refused(document: bytes) -> None:
    with pytest.raises(DocumentError, match="could not be drawn"):
        draw_first_page(document)


def test_nobody_waits_long_for_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = BoundedSemaphore(1)
    monkeypatch.setattr(page_picture, "_at_once", busy)
    monkeypatch.setattr(page_picture, "_PATIENCE", 0.01)
    with busy, pytest.raises(QuotaError, match="too many pictures"):
        draw_first_page(pdf())
    assert draw_first_page(pdf())


class CommandLine:
    """A program in the place of ``broadsheet preview``, so that a test decides what it does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "program"
        self.program.write_text(PROGRAM.format(python=sys.executable), encoding="utf-8")
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)
        (folder / "page.pdf").write_bytes(pdf())
        self.does("Path(output).write_bytes((here / 'page.pdf').read_bytes())")

    def does(self, deed: str) -> None:
        (self.folder / "deed.py").write_text(deed, encoding="utf-8")

    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture
def command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    found = CommandLine(tmp_path)
    command: Callable[..., list[str]] = preview._command
    monkeypatch.setattr(preview, "_command", lambda *given: [str(found.program), *command(*given)[3:]])
    return found


@pytest.fixture
def office() -> Office:
    return Office("there is no database")


def show(office: Office, **changes: object) -> bytes:
    given = {"parameters": {"carrier": "UA"}, "period": WEEK, **changes}
    return preview_page(office.inst, ADA, REPORT, **given)  # type: ignore[arg-type]


def test_the_command_line_is_given_every_setting(office: Office, command_line: CommandLine) -> None:
    assert show(office).startswith(b"\x89PNG")
    (call,) = command_line.calls()
    assert '"preview", "--param=carrier=UA"' in call
    assert '"--period=2013-W12", "--zone=America/New_York"' in call
    assert f'"--", "{REPORT}"]' in call


def test_language_and_theme_are_the_command_lines_and_make_another_page(
    office: Office, command_line: CommandLine
) -> None:
    show(office)
    show(office, presentation=Presentation(locale="en", theme="broadsheet"))
    plain, dressed = command_line.calls()
    assert '"--language=en-GB", "--theme=broadsheet"' in dressed
    assert "--language" not in plain
    with pytest.raises(InputErrors, match="'plaid' is not offered"):
        show(office, presentation=Presentation(theme="plaid"))


def test_the_latest_period_is_that_of_the_kind_and_zone_asked_for(
    office: Office, command_line: CommandLine
) -> None:
    show(office, period="latest", kind=PeriodKind.MONTH, zone="Europe/Vienna")
    (call,) = command_line.calls()
    assert '"--period=2013-02", "--zone=Europe/Vienna"' in call


def test_it_gets_none_of_the_api_servers_secrets(
    office: Office, command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW_CONN_BROADSHEET_DB", "AIRFLOW_CONN_BROADSHEET_SMTP")
    for name in (*secrets, "AIRFLOW_CONN_BROADSHEET_SOURCE_FLIGHTS", "AIRFLOW_CONN_BROADSHEET_S3"):
        monkeypatch.setenv(name, "postgresql://x")
    show(office)
    (call,) = command_line.calls()
    assert not [name for name in secrets if name in call]
    assert "AIRFLOW_CONN_BROADSHEET_SOURCE_FLIGHTS" in call
    assert "AIRFLOW_CONN_BROADSHEET_S3" in call


def test_the_same_settings_are_drawn_once(office: Office, command_line: CommandLine) -> None:
    inst = office.inst
    pages = [preview_page(inst, ADA, REPORT, parameters={"carrier": "UA"}, period=WEEK) for _ in range(2)]
    assert pages[0] == pages[1]
    assert len(command_line.calls()) == 1


def test_wrong_settings_are_said_before_anything_is_built(office: Office, command_line: CommandLine) -> None:
    with pytest.raises(InputErrors) as caught:
        show(office, parameters={"carrier": "XX"})
    assert [error.field for error in caught.value.errors] == ["parameters.carrier"]
    for period in ("2013-W99", "2013", "yesterday"):
        with pytest.raises(InputError):
            show(office, period=period)
    assert command_line.calls() == []


def test_a_report_of_others_does_not_exist(office: Office, command_line: CommandLine) -> None:
    with pytest.raises(NotFoundError):
        preview_page(office.inst, EVE, REPORT, parameters={}, period=WEEK)
    assert command_line.calls() == []


def test_a_period_without_data_is_said(office: Office, command_line: CommandLine) -> None:
    command_line.does("pass")
    with pytest.raises(InputError, match="no data for Week 12") as caught:
        show(office)
    assert caught.value.field == "period"


def test_a_failure_is_for_the_log(office: Office, command_line: CommandLine) -> None:
    command_line.does("sys.exit('broadsheet: the source does not answer')")
    with pytest.raises(RunFailedError, match="the source does not answer"):
        show(office)


def test_one_that_takes_too_long_is_ended_with_all_that_it_started(
    office: Office, command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    command_line.does(
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "(here / 'child').write_text(str(child.pid))\n"
        "time.sleep(600)"
    )
    monkeypatch.setattr(preview, "SECONDS", 3)
    with pytest.raises(ConflictError, match="took longer"):
        show(office)
    child = int((command_line.folder / "child").read_text(encoding="utf-8"))
    # It may stay as a zombie of whoever adopts orphans here, but it does not run for long.
    deadline = time.monotonic() + 30
    with contextlib.suppress(psutil.NoSuchProcess):
        while psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def full_house(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    slots = BoundedSemaphore(1)
    slots.acquire()
    monkeypatch.setattr(preview, "_slots", slots)
    yield
    slots.release()


@pytest.mark.usefixtures("full_house")
def test_more_than_two_at_a_time_are_asked_to_come_again(office: Office, command_line: CommandLine) -> None:
    with pytest.raises(QuotaError) as caught:
        show(office)
    assert caught.value.retry_after > 0
    assert command_line.calls() == []


def test_few_wait_for_the_same_page(
    office: Office, command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "_askers", BoundedSemaphore(2))
    command_line.does(
        "end = time.monotonic() + 60\n"
        "while not (here / 'go').exists() and time.monotonic() < end: time.sleep(0.01)\n"
        "Path(output).write_bytes((here / 'page.pdf').read_bytes())"
    )
    # One that is the same installation for all who ask.
    inst = office.inst

    def ask(_: int) -> bool:
        try:
            return preview_page(inst, ADA, REPORT, parameters={}, period=WEEK).startswith(b"\x89PNG")
        except QuotaError:
            # Who is refused is refused at once; only then may the others have their page.
            (command_line.folder / "go").touch()
            return False

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(ask, range(3))) == [False, True, True]
    assert len(command_line.calls()) == 1


def test_a_text_that_looks_like_an_option_stays_a_text(office: Office, command_line: CommandLine) -> None:
    report = office.catalog.get(REPORT)
    period = preview._period(office.inst, report, WEEK, kind=None, zone="UTC")
    command = preview._command(
        report, {"note": "--output=/etc/passwd", "all": True}, period, Presentation(), Path("x.pdf")
    )
    assert "--param=note=--output=/etc/passwd" in command
    assert "--param=all=true" in command
    assert os.fspath(command_line.program) == command[0]
