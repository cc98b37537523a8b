"""A run: what ``plan`` pins once, and every later stage reads instead of the subscription."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from broadsheet.domain.period import Period

# Fields of the trigger form beside the report's own parameters.
REQUEST_FIELDS = frozenset({"period", "recipients", "deliver", "locale", "theme", "formats"})

DEFAULT_LOCALE = "en-GB"
"""Language of a document when nobody says otherwise."""

QUERY_DIGEST = b"query_sha256"
"""Key in a Parquet file's metadata, below which ``fetch`` writes the digest of the query."""


class RunState(StrEnum):
    """States of a run, of a variant and of a job in the API."""

    WAITING = "waiting"
    ACTIVE = "active"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Trigger(StrEnum):
    """What asked for a run."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    BACKFILL = "backfill"


class Deliver(StrEnum):
    """Whether a run mails its recipients."""

    USUAL = "usual"
    """Scheduled and manual runs do, backfills do not."""
    YES = "yes"
    NO = "no"


class VariantSpec(BaseModel):
    """One document of a run: a plain run has one, ``main``; a burst one per row of its recipients query."""

    model_config = ConfigDict(frozen=True)

    # Part of S3 keys, and in a burst made from data: it must not lead out of its folder, nor need quoting.
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")
    parameters: dict[str, Any]


class RunSpec(BaseModel):
    """Everything the stages after ``plan`` need to know about a run, stored as JSON in the staging prefix."""

    model_config = ConfigDict(frozen=True)

    run_id: UUID
    report_id: str
    slot: AwareDatetime
    period: Period
    parameters: dict[str, Any]
    variants: tuple[VariantSpec, ...]
    subscription_id: UUID | None = None
    revision: int | None = None
    locale: str = DEFAULT_LOCALE
    """Language and region of the document, as BCP 47 writes them."""
    theme: str | None = None
    """Name of the document's theme; None: the report's own."""
    formats: tuple[str, ...] | None = None
    """Formats of the files to make, ``pdf`` among them; None: all that the report has."""

    def makes(self, artifact_format: str) -> bool:
        """Tell whether files of a format are wanted of this run, if its report has them."""
        return self.formats is None or artifact_format in self.formats

    @property
    def staging_prefix(self) -> str:
        """Prefix of this run's working files in the staging bucket, with a trailing slash."""
        return f"staging/{self.run_id}/"

    @property
    def key(self) -> str:
        """Key of the stored spec."""
        return f"{self.staging_prefix}spec.json"

    def dataset_key(self, dataset: str) -> str:
        """Key of a dataset's Parquet file."""
        return f"{self.staging_prefix}data/{dataset}.parquet"

    def document_prefix(self, documents: str) -> str:
        """Prefix of the checked copies of a document set, with a trailing slash."""
        return f"{self.staging_prefix}documents/{documents}/"

    def variant_prefix(self, variant: str) -> str:
        """Prefix of one variant's working files, with a trailing slash."""
        return f"{self.staging_prefix}variants/{variant}/"

    def artifact_key(self, variant: str, sha256: str, *, artifact_format: str = "pdf", part: str = "") -> str:
        """Final key of one of a variant's files; KeyError when the run has no such variant."""
        folder = f"artifacts/{self.run_id}/{self.variant(variant).name}"
        return f"{folder}/{sha256}{f'-{part}' if part else ''}.{artifact_format}"

    def variant(self, name: str) -> VariantSpec:
        """Return a variant by its name; KeyError when there is none."""
        for variant in self.variants:
            if variant.name == name:
                return variant
        raise KeyError(name)
