"""Documents are read apart: what breaks its reader is refused by name, and the others go on."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from broadsheet.pipeline import isolation
from broadsheet.pipeline.isolation import Outcome, read_documents


def jpeg(width: int = 30) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, 20), "red").save(target, "JPEG")
    return target.getvalue()


def read(folder: Path, *files: bytes) -> list[Outcome]:
    for number, data in enumerate(files):
        (folder / f"{number:04d}.in").write_bytes(data)
    keys = [f"set/{number}.jpg" for number in range(len(files))]
    return read_documents("pictures", keys, folder=folder, options={"paper": "#ffffff"})


def test_each_document_has_an_outcome_in_its_place(tmp_path: Path) -> None:
    first, second, third = read(tmp_path, jpeg(30), b"no picture", jpeg(50))
    assert (first.facts["width"], third.facts["width"]) == (30, 50)
    assert (second.data, "set/1.jpg" in second.fault) == (None, True)


def test_copies_of_the_same_bytes_are_the_same(tmp_path: Path) -> None:
    first, second = read(tmp_path, jpeg(), jpeg())
    assert first == second


def trap(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the reader run code at its start, and make a folder for what it reads."""
    (folder / "in").mkdir()
    (folder / "trap").mkdir()
    # Python runs it before anything else.
    (folder / "trap" / "sitecustomize.py").write_text(
        f"import os, signal, sys, pathlib\n{code}", encoding="utf-8"
    )
    package = Path(isolation.__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{folder / 'trap'}:{package}")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"made its reader crash \(SIGSEGV\)"),
        ("os.kill(os.getpid(), signal.SIGPROF)", "could not be read within 60 s"),
        ("sys.exit(7)", "its reader ended with 7"),
    ],
)
def test_a_document_that_ends_its_reader_is_refused_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    # The reader falls over the document that names the trap.
    trap(
        tmp_path,
        monkeypatch,
        "take = pathlib.Path.read_bytes\n"
        "def trapped(path):\n"
        "    data = take(path)\n"
        f"    if data == b'trap': {code}\n"
        "    return data\n"
        "pathlib.Path.read_bytes = trapped\n",
    )
    first, second, third = read(tmp_path / "in", jpeg(), b"trap", jpeg(40))
    assert first.data
    assert third.facts["width"] == 40
    assert re.search(f"set/1.jpg.*{words}", second.fault)


def test_a_reader_that_ends_while_it_reports_has_reported_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap(
        tmp_path,
        monkeypatch,
        "write = pathlib.Path.write_text\n"
        "def half(path, text, **options):\n"
        "    if not path.name.startswith('0000'): return write(path, text, **options)\n"
        "    write(path, text[:9], **options)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "pathlib.Path.write_text = half\n",
    )
    first, second = read(tmp_path / "in", jpeg(), jpeg(40))
    assert "SIGKILL" in first.fault
    assert second.facts["width"] == 40


def test_the_reader_has_none_of_the_tasks_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_BROADSHEET_DB", "postgresql://secret")
    seen: dict[str, str] = {}

    def run(command: list[str], *, env: dict[str, str], **options: object) -> object:
        seen.update(env)
        return original(command, env=env, **options)

    original = isolation.subprocess.run
    monkeypatch.setattr(isolation.subprocess, "run", run)
    (outcome,) = read(tmp_path, jpeg())
    assert outcome.data
    assert "PATH" in seen
    assert not [name for name in seen if name.startswith("AIRFLOW")]
