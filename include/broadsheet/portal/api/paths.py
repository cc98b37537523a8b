"""Ids in paths: what is none leads nowhere (404), before anything is looked up."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request
from starlette.convertors import StringConvertor, register_url_convertor

from broadsheet.portal.api.models.base import REPORT_ID, SLUG


class SlugConvertor(StringConvertor):
    """Name of a subscription."""

    regex = SLUG.strip("^$")


class ReportConvertor(StringConvertor):
    """Id of a report."""

    regex = REPORT_ID.strip("^$")


class FileNameConvertor(StringConvertor):
    """Name of a file: anything that a file system takes."""

    regex = r"[^/\x00-\x1f\x7f]{1,255}"


register_url_convertor("slug", SlugConvertor())
register_url_convertor("report", ReportConvertor())
register_url_convertor("file_name", FileNameConvertor())


async def api_root(request: Request) -> str:
    """Return the path that the API is mounted at, a prefix of the whole site's included."""
    root: str = request.scope.get("root_path", "")
    return root


Root = Annotated[str, Depends(api_root)]
JobId = Annotated[UUID, Path(description="Id of a job.", examples=["3f8f3c1e-59bb-5a2f-9a0e-7f1f6f0f2d11"])]
LinkId = Annotated[UUID, Path(description="Id of a link.", examples=["0c7a54a8-5b0f-4bb5-8d5e-6a4d2a9f1e77"])]
DeliveryId = Annotated[
    UUID, Path(description="Id of a delivery.", examples=["5a1d3f0b-2f5c-5d0e-8e55-0d7f5f0c9b21"])
]
ArtifactName = Annotated[
    str,
    Path(
        description="Name of a file of the job.",
        pattern=r"^[^/\x00-\x1f\x7f]{1,255}$",
        examples=["Airline punctuality 2026-W12.pdf"],
    ),
]
ReportPath = Annotated[
    str, Path(description="Id of a report.", pattern=REPORT_ID, examples=["airline_punctuality"])
]
SubscriptionName = Annotated[
    str,
    Path(description="Name of a subscription.", pattern=SLUG, examples=["punctuality-of-united-3f9a1c"]),
]
