"""Documents from outside, read in a process of its own with limits on time and memory.

A decoder that a document makes crash, loop or fill the memory takes its own process with it, not the task;
the document is then refused by its name, and the others go on. The process gets none of the task's secrets.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from broadsheet.errors import DocumentError

Facts = dict[str, JsonValue]
Reader = Callable[[bytes, str, Mapping[str, JsonValue]], tuple[bytes, Facts]]
"""Makes a safe copy of a document: its bytes, its key and options in; the copy and its facts out."""

SECONDS = 60
"""Processor time that one document may take."""
MEMORY = 1_500_000_000
"""Bytes that the process may take, its libraries included."""

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")
_TASK, _REPORT = "task.json", "{:04d}.json"


@dataclass(frozen=True)
class Outcome:
    """What became of a document: a safe copy with its facts, or why there is none."""

    data: bytes | None
    facts: Facts
    fault: str = ""


def read_documents(
    kind: str, keys: Sequence[str], *, folder: Path, options: Mapping[str, JsonValue]
) -> list[Outcome]:
    """Make safe copies of the documents ``0000.in``, ``0001.in`` … in a folder, one outcome for each key.

    ``kind`` is ``pictures`` or ``pdf``.
    """
    task = {"kind": kind, "keys": list(keys), "options": dict(options)}
    (folder / _TASK).write_text(json.dumps(task), encoding="utf-8")
    while missing := [number for number in range(len(keys)) if not _report(folder, number).exists()]:
        status = _run(folder, len(missing))
        # The first without a report is the one at which the process ended.
        culprit = next((number for number in missing if not _report(folder, number).exists()), None)
        if culprit is not None:
            _write(folder, culprit, fault=f"{keys[culprit]!r} {_why(status)}; store it in a simpler form")
    return [_outcome(folder, number) for number in range(len(keys))]


def _run(folder: Path, count: int) -> int | None:
    """Run the process over what has no report yet; its status, or None when it had to be ended."""
    environment = {name: value for name, value in os.environ.items() if name in _KEPT}
    command = [sys.executable, "-m", "broadsheet.pipeline.isolation", str(folder)]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            # Each document has its own limit of processor time; this one ends what waits for ever.
            timeout=SECONDS * (count + 1),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def _why(status: int | None) -> str:
    if status is None or status == -signal.SIGPROF:
        return f"could not be read within {SECONDS} s"
    if status < 0:
        return f"made its reader crash ({signal.Signals(-status).name})"
    return f"could not be read (its reader ended with {status})"


def _report(folder: Path, number: int) -> Path:
    return folder / _REPORT.format(number)


def _write(folder: Path, number: int, *, facts: Facts | None = None, fault: str = "") -> None:
    # Whole or not at all: the process may end at any instant, and its other half reads what there is.
    draft = _report(folder, number).with_suffix(".draft")
    draft.write_text(json.dumps({"facts": facts or {}, "fault": fault}), encoding="utf-8")
    draft.rename(_report(folder, number))


def _outcome(folder: Path, number: int) -> Outcome:
    report = json.loads(_report(folder, number).read_text(encoding="utf-8"))
    if report["fault"]:
        return Outcome(None, {}, report["fault"])
    return Outcome((folder / f"{number:04d}.out").read_bytes(), report["facts"])


def _limit(memory: int) -> None:
    if sys.platform == "linux":
        import resource  # POSIX only, and of use on Linux only

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read_all(folder: Path) -> None:
    task = json.loads((folder / _TASK).read_text(encoding="utf-8"))
    read = _reader(task["kind"])
    _limit(MEMORY)
    for number, key in enumerate(task["keys"]):
        if _report(folder, number).exists():
            continue
        # Its signal ends a process that does not catch it, even within a decoder.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            data, facts = read((folder / f"{number:04d}.in").read_bytes(), key, task["options"])
        except DocumentError as error:
            _write(folder, number, fault=str(error))
            continue
        except MemoryError:
            _write(folder, number, fault=f"{key!r} needs more memory than it may take; store it smaller")
            continue
        (folder / f"{number:04d}.out").write_bytes(data)
        _write(folder, number, facts=facts)


def _reader(kind: str) -> Reader:
    return {"pictures": _read_picture, "pdf": _read_pdf}[kind]


def _read_picture(data: bytes, key: str, options: Mapping[str, JsonValue]) -> tuple[bytes, Facts]:
    # Each loads only its own decoders.
    from broadsheet.pipeline.pictures import prepare_picture

    picture = prepare_picture(data, key=key, paper=str(options["paper"]))
    return picture.jpeg, {"width": picture.width, "height": picture.height, "note": picture.note}


def _read_pdf(data: bytes, key: str, options: Mapping[str, JsonValue]) -> tuple[bytes, Facts]:
    from broadsheet.pipeline.appendices import clean_pdf

    clean = clean_pdf(data, key=key, max_pages=int(str(options["max_pages"])))
    return clean.data, {
        "total_pages": clean.total,
        "sizes": [[width, height] for width, height in clean.sizes],
        "page_faults": {str(number): fault for number, fault in clean.page_faults.items()},
        "notes": list(clean.notes),
    }


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        _read_all(Path(sys.argv[1]))
