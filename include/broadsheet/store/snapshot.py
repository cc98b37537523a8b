"""The guard against a snapshot of the subscriptions that has lost too many of them.

A short read of the database, or a release that finds most rows wrong, would stop the reports of everybody
without a word. Such a snapshot is refused, and the last good DAG files stay, until a person says that it is
right. What was accepted last is kept beside the shards.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from broadsheet.errors import InputError

log = logging.getLogger(__name__)

Model = TypeVar("Model", bound=BaseModel)

SNAPSHOT_FILE = "snapshot.json"
CONFIRMED_FILE = "shrink_confirmed.json"

# A snapshot may lose so large a part of its subscriptions at once, or so few of them, without being asked.
_LARGEST_LOSS = 0.2
_FEWEST_LOST = 10


class Snapshot(BaseModel):
    """How many subscriptions became DAGs: when a snapshot was last accepted, and in the one refused since."""

    model_config = ConfigDict(frozen=True)

    accepted: int
    refused: int | None = None


class Confirmation(BaseModel):
    """What a person has confirmed: so few subscriptions are right."""

    model_config = ConfigDict(frozen=True)

    definitions: int


def accept_snapshot(folder: Path, definitions: int) -> bool:
    """Say whether a snapshot with so many good definitions may replace the last one, and remember it.

    A refusal is logged as an error, once for each number of definitions.
    """
    last = _read(folder / SNAPSHOT_FILE, Snapshot)
    confirmed = _read(folder / CONFIRMED_FILE, Confirmation)
    if last is not None and _shrunk(last.accepted, definitions):
        if not _is_confirmed(definitions, confirmed):
            _refuse(folder, last, definitions)
            return False
        log.warning("%d subscriptions instead of %d, as confirmed", definitions, last.accepted)
    (folder / CONFIRMED_FILE).unlink(missing_ok=True)
    _write(folder / SNAPSHOT_FILE, Snapshot(accepted=definitions))
    return True


def confirm_shrink(folder: Path) -> Snapshot:
    """Let the snapshot that was refused last replace the one before; return both numbers.

    Raises InputError when none was refused.
    """
    snapshot = _read(folder / SNAPSHOT_FILE, Snapshot)
    if snapshot is None or snapshot.refused is None:
        raise InputError(f"no snapshot of the subscriptions was refused in {folder}: nothing to confirm")
    _write(folder / CONFIRMED_FILE, Confirmation(definitions=snapshot.refused))
    return snapshot


def refused_snapshot(folder: Path) -> Snapshot | None:
    """Return the snapshot that was refused last, or None where none waits for a person's word."""
    snapshot = _read(folder / SNAPSHOT_FILE, Snapshot)
    confirmed = _read(folder / CONFIRMED_FILE, Confirmation)
    if snapshot is None or snapshot.refused is None:
        return None
    return None if _is_confirmed(snapshot.refused, confirmed) else snapshot


def write_if_changed(path: Path, text: str) -> bool:
    """Write a file beside its place and move it there; return False when it holds the text already."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def _shrunk(before: int, now: int) -> bool:
    lost = before - now
    return lost >= _FEWEST_LOST and lost > _LARGEST_LOSS * before


def _is_confirmed(definitions: int, confirmed: Confirmation | None) -> bool:
    # Confirmed was what the person saw; a snapshot that has lost still more is another matter.
    return confirmed is not None and definitions >= confirmed.definitions


def _refuse(folder: Path, last: Snapshot, definitions: int) -> None:
    if last.refused != definitions:
        log.error(
            "only %d of %d subscriptions are left in the database, or good: the last DAG files stay, and no "
            "change of any subscription takes effect. If that many were really removed, confirm it with "
            "`broadsheet subscriptions confirm-shrink`; else restore the database, or see quarantine.json in "
            "%s",
            definitions,
            last.accepted,
            folder,
        )
    _write(folder / SNAPSHOT_FILE, Snapshot(accepted=last.accepted, refused=definitions))


def _read(path: Path, model: type[Model]) -> Model | None:
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        log.warning("%s cannot be read and is ignored: %s", path, error)
        return None


def _write(path: Path, content: BaseModel) -> None:
    write_if_changed(path, content.model_dump_json() + "\n")
