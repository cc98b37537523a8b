"""Gathers every fault of an input, so that people are told all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from broadsheet.errors import InputError, InputErrors

T = TypeVar("T")


def gather(faults: list[InputError], check: Callable[[], T]) -> T | None:
    """Return what a check returns; add what it finds wrong to ``faults`` and return None instead."""
    try:
        return check()
    except InputErrors as error:
        faults.extend(error.errors)
    except InputError as error:
        faults.append(error)
    return None
