"""``broadsheet check-pdf`` from the command line."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest
from tests.unit.cli.conftest import Run


def test_a_file_that_is_no_pdf_is_named_with_the_reason(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "letter.pdf"
    path.write_text("Dear Sir or Madam", encoding="utf-8")
    assert run("check-pdf", str(path)) == 2
    told = capsys.readouterr().err
    assert f"{path}: the file is no PDF that can be read: " in told
    assert "BytesIO" not in told


def test_findings_are_told_by_file_and_give_status_1(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bare.pdf"
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(path)
    assert run("check-pdf", str(path)) == 1
    told = capsys.readouterr()
    assert f"{path}: " in told.err
    assert "rules checked" in told.out
