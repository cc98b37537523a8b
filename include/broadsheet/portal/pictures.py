"""The picture of a job's first page: drawn once per document, then kept in the storage bucket."""

from __future__ import annotations

from fastapi import Response

from broadsheet.errors import DocumentError, NotFoundError
from broadsheet.services.installation import Installation
from broadsheet.services.jobs import ArtifactView, Job
from broadsheet.services.page_picture import draw_first_page

_LARGEST = 128 * 1024 * 1024


def picture_of(inst: Installation, job: Job) -> Response:
    """Answer with page one of a job's document as PNG; NotFoundError while none can be drawn.

    The job is one that the caller may see: ``services.jobs`` has given it out.
    """
    document = next((one for one in job.artifacts if one.format == "pdf"), None)
    if document is None:
        raise NotFoundError(f"job {job.id} has no document yet")
    if document.is_protected:
        raise NotFoundError(f"{document.name} opens with a password only: there is no picture of it")
    headers = {"ETag": f'"{document.sha256}"'}
    return Response(_picture(inst, document), media_type="image/png", headers=headers)


def _picture(inst: Installation, document: ArtifactView) -> bytes:
    store = inst.artifacts()
    key = f"pictures/{document.sha256}.png"
    try:
        return store.get(key)
    except NotFoundError:
        pass  # nobody has looked at it yet
    if document.size_bytes > _LARGEST:
        raise NotFoundError(f"{document.name} is too large for a picture of it")
    try:
        png = draw_first_page(store.get(document.key))
    except DocumentError as error:
        raise NotFoundError(f"there is no picture of {document.name}: {error}") from error
    store.put(key, png, content_type="image/png")
    return png
