"""Faults that the mail server commits on request, so that tests meet what real servers do."""

from __future__ import annotations

import threading
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    """What goes wrong."""

    REPLY = "reply"
    """The step is answered by ``code`` and ``text``; nothing is stored."""
    DROP = "drop"
    """The connection is closed without an answer; nothing is stored."""
    DROP_AFTER_STORE = "drop_after_store"
    """The mail is stored and the connection closed before the 250: nobody can know. At ``data`` only."""
    LOSE = "lose"
    """The mail is answered by 250 and thrown away. At ``data`` only."""


class Step(StrEnum):
    """When it goes wrong."""

    RECIPIENT = "rcpt"
    DATA = "data"


class Fault(BaseModel):
    """One fault, for recipients whose address contains ``match``, for the next ``times`` mails."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    step: Step = Step.DATA
    match: str = ""
    times: int = Field(1, ge=1)
    code: int = Field(451, ge=400, le=599)
    text: str = Field("fault on request", pattern=r"^[\x20-\x7e]*$", max_length=200)
    delay: float = Field(0, ge=0, le=600)
    """Seconds to wait before the fault, as a slow server does."""


class Faults:
    """The faults still to be committed, in order; used by the mail server and set by the inbox's API."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[tuple[Fault, int]] = []

    def replace(self, faults: list[Fault]) -> None:
        """Forget the pending faults and take these."""
        with self._lock:
            self._pending = [(fault, fault.times) for fault in faults]

    def pending(self) -> list[Fault]:
        """Return what is still to come, with the number of times left."""
        with self._lock:
            return [fault.model_copy(update={"times": left}) for fault, left in self._pending]

    def take(self, step: Step, recipients: list[str]) -> Fault | None:
        """Return the first fault that fits this step and one of these recipients, counting it down."""
        with self._lock:
            for index, (fault, left) in enumerate(self._pending):
                if fault.step is step and any(fault.match in address for address in recipients):
                    if left > 1:
                        self._pending[index] = (fault, left - 1)
                    else:
                        del self._pending[index]
                    return fault
        return None
