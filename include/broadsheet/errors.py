"""Every error that Broadsheet raises on purpose.

    BroadsheetError
    ├── PermanentError            the same input fails again: never retried
    │   ├── ConfigurationError    a setting or a connection is missing or wrong
    │   ├── DefinitionError       a report in the catalog is wrong (file, line, what to do)
    │   ├── InputError            a parameter, schedule, zone, period or recipient is wrong
    │   ├── QueryError            SQL was refused by the source
    │   ├── DocumentError         an S3 document is missing, unreadable or too large
    │   ├── NotFoundError         a report, subscription, run, artifact or link does not exist
    │   ├── UnauthenticatedError  nobody is logged in
    │   ├── ForbiddenError        the caller is known, but may not do this
    │   ├── ConflictError         the thing is not in a state in which this can be done
    │   ├── StaleError            somebody else changed the thing since it was read
    │   ├── QuotaError            the caller has asked for too much; says when to ask again
    │   ├── RunFailedError        a stage of the run failed; its task's log says why
    │   └── IntegrityError        stored bytes or rows contradict what the ledger says
    └── TransientError            trying again may help: retried with back-off
        ├── StorageUnavailableError   S3 cannot be reached or answers 5xx
        ├── DatabaseUnavailableError  Postgres cannot be reached or closed the connection
        ├── MailUnavailableError      SMTP cannot be reached or answers 4xx
        ├── EngineUnavailableError    Airflow's database or broker cannot be reached
        └── LeaseHeldError            another sender may still be sending the same mail

Each has a stable ``code`` for programs and a message that says what, which id, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class BroadsheetError(Exception):
    """Base of every error that Broadsheet raises on purpose."""

    code = "broadsheet_error"


class PermanentError(BroadsheetError):
    """The same input would fail again, so the task is not retried."""

    code = "permanent_error"


class TransientError(BroadsheetError):
    """The cause may pass, so the task is retried with back-off."""

    code = "transient_error"


class ConfigurationError(PermanentError):
    """A setting or connection is missing or wrong."""

    code = "configuration_error"


class InputError(PermanentError):
    """What a user gave is wrong.

    ``field`` names the input in the user's words (``parameters.carrier``, ``cron``), for forms and 4xx
    answers.
    """

    code = "input_error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InputErrors(InputError):  # noqa: N818 - several of them
    """Several inputs are wrong at once; ``errors`` lists each, in the order in which they were checked."""

    code = "input_errors"

    def __init__(self, errors: list[InputError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Problem:
    """One fault in a catalog file: where it is, what is wrong and what to do about it."""

    path: Path
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: {self.message}"


class DefinitionError(PermanentError):
    """A report's definition is wrong; ``problems`` lists every fault found in it."""

    code = "definition_error"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class QueryError(PermanentError):
    """The source refused a report's SQL. The server's text goes to the log, not into mails or pages."""

    code = "query_error"

    def __init__(self, message: str, *, reason: str = "", line: int | None = None) -> None:
        """Keep the server's own words, and the line that they are about, for the query's author alone."""
        super().__init__(message)
        self.reason = reason
        self.line = line


class DocumentError(PermanentError):
    """A document in the source bucket is missing, unreadable or too large."""

    code = "document_error"


class NotFoundError(PermanentError):
    """The thing asked for does not exist, or is not this user's to see."""

    code = "not_found"


class UnauthenticatedError(PermanentError):
    """The request carries no credentials, or such as are not valid any more."""

    code = "unauthenticated"


class ForbiddenError(PermanentError):
    """The caller is known, but may not do this; never used for other people's things, which do not exist."""

    code = "forbidden"


class ConflictError(PermanentError):
    """The thing is not in a state in which this can be done: a finished run cannot be cancelled."""

    code = "conflict"


class StaleError(PermanentError):
    """Somebody else changed the thing since the caller read it; read it again."""

    code = "stale"


class QuotaError(PermanentError):
    """The caller has asked for too much. ``retry_after`` is after how many seconds to ask again."""

    code = "quota_exceeded"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class IntegrityError(PermanentError):
    """Stored bytes or rows contradict what the ledger says."""

    code = "integrity_error"


class RunFailedError(PermanentError):
    """A stage of the run failed, so that the run as a whole is shown as failed."""

    code = "run_failed"


class StorageUnavailableError(TransientError):
    """S3 cannot be reached or answers 5xx."""

    code = "storage_unavailable"


class DatabaseUnavailableError(TransientError):
    """Postgres cannot be reached or closed the connection."""

    code = "database_unavailable"


class MailUnavailableError(TransientError):
    """The mail server cannot be reached or answers 4xx."""

    code = "mail_unavailable"


class EngineUnavailableError(TransientError):
    """Airflow's database or broker cannot be reached."""

    code = "engine_unavailable"


class LeaseHeldError(TransientError):
    """Another sender holds a delivery: it is sending it, or died and its lease has not ended yet."""

    code = "lease_held"
