"""The examples of docs/api.md, run as they stand by a shell against the whole installation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pypdf
import pytest

from tests.integration.airflow_api import wait_for
from tests.integration.conftest import REPOSITORY, Broadsheet, Inbox

pytestmark = pytest.mark.integration

PAGE = REPOSITORY / "docs" / "api.md"
TOOLS = ("bash", "curl", "jq")
READER = "reader@broadsheet.example"


def blocks() -> list[str]:
    """Return the examples in the order of the page."""
    return re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def script() -> str:
    """Return all examples as one script that names each before it runs it, and stops at the first fault."""
    parts = [f"echo '--- example {number}'\n{block}" for number, block in enumerate(blocks(), start=1)]
    return "set -euo pipefail\n" + "\n".join(parts)


@pytest.fixture(scope="module")
def told(broadsheet: Broadsheet, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Run the page as the plain subscriber; return what it printed and the folder that it ran in."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"the examples of docs/api.md need {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("api")
    done = subprocess.run(
        ["bash", "-c", script()],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            "BROADSHEET_URL": broadsheet.url.rstrip("/"),
            "BROADSHEET_USER": "subscriber",
            "BROADSHEET_PASSWORD": broadsheet.stack.secrets.user_subscriber,
        },
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout, folder


def test_the_page_has_examples_of_everything() -> None:
    text = "\n".join(blocks())
    for part in ("/auth/token", "/reports/generate", "/events", "artifacts", "If-Match", "/pause", "DELETE"):
        assert part in text


def test_every_example_works_as_it_stands(told: tuple[str, Path]) -> None:
    output, folder = told
    assert f"--- example {len(blocks())}" in output
    assert '"state": "completed"' in output
    assert "event: progress" in output
    assert "event: state" in output
    assert pypdf.PdfReader(folder / "report.pdf").pages
    assert (folder / "first-kilobyte.bin").read_bytes() == (folder / "report.pdf").read_bytes()[:1024]
    for picture in ("page-one.png", "preview.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_the_examples_show_what_the_page_says(told: tuple[str, Path]) -> None:
    output, _ = told
    assert "\n206\n" in output
    assert "\n304\n" in output
    assert '"status": 412' in output
    assert '"field": "parameters.carrier"' in output
    assert output.count('"cancelled"') >= 4


def test_the_recipient_was_mailed_once_and_once_more_on_purpose(told: tuple[str, Path], inbox: Inbox) -> None:
    assert told
    subjects = wait_for(
        lambda: found if len(found := [mail["subject"] for mail in inbox.to(READER)]) >= 2 else None,
        what=f"two mails to {READER}",
    )
    assert len(subjects) == 2
    assert len(set(subjects)) == 1
