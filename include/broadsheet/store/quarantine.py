"""Subscriptions that cannot become DAGs, each with its reason, in a file beside the shards."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from broadsheet.store.snapshot import write_if_changed

log = logging.getLogger(__name__)

QUARANTINE_FILE = "quarantine.json"
_FAULTS = TypeAdapter(dict[str, str])


def write_quarantine(folder: Path, faults: Mapping[str, str]) -> bool:
    """Keep the reason of each subscription that is left out, by its slug; return whether anything is new."""
    return write_if_changed(folder / QUARANTINE_FILE, json.dumps(faults, indent=2, sort_keys=True) + "\n")


def read_quarantine(folder: Path) -> dict[str, str]:
    """Return the reason of each subscription that is left out, by its slug."""
    path = folder / QUARANTINE_FILE
    try:
        return _FAULTS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        log.warning("%s cannot be read and is ignored: %s", path, error)
        return {}
