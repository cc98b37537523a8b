"""``broadsheet check-pdf``: what keeps programs that read documents aloud from reading one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from broadsheet.cli.wording import counted
from broadsheet.errors import DocumentError
from broadsheet.pipeline.document.conformance import RULES, check_pdf

_FILES = typer.Argument(exists=True, dir_okay=False, help="PDF files of any origin.")
_PASSWORD = typer.Option(help="Opens files that are encrypted.")


def check_pdf_command(files: Annotated[list[Path], _FILES], password: Annotated[str, _PASSWORD] = "") -> None:
    """Check PDF files against the rules of PDF/UA-1 that a program can check; status 1 when one is broken."""
    broken = 0
    for path in files:
        try:
            findings = check_pdf(path.read_bytes(), password=password)
        except DocumentError as error:
            raise DocumentError(f"{path}: {error}") from error
        broken += bool(findings)
        for finding in findings:
            sys.stderr.write(f"{path}: {finding}\n")
        outcome = counted(len(findings), "finding") if findings else "nothing found"
        print(f"{path}: {len(RULES)} rules checked, {outcome}")
    print("What a person must judge is not checked: docs/accessibility.md.")
    if broken:
        raise typer.Exit(1)
