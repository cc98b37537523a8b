"""The application: routes, errors, limits and the description of itself."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse

from broadsheet.portal.api import catalog, events, jobs, operations, passwords, pictures, subscriptions
from broadsheet.portal.api.body_limit import BodyLimit
from broadsheet.portal.api.events import Streams
from broadsheet.portal.api.paths import Root
from broadsheet.portal.api.schema import DESCRIPTION, describe
from broadsheet.portal.api.waiting import Waiters
from broadsheet.portal.identity import current_caller
from broadsheet.portal.problems import handle_problems

VERSION = "1.0.0"


def create_api(*, streams: Streams | None = None, waiters: Waiters | None = None) -> FastAPI:
    """Build the API. The gate before it says who asks; without one, everything is denied."""
    api = FastAPI(
        title="Broadsheet",
        version=VERSION,
        description=DESCRIPTION,
        dependencies=[Depends(current_caller)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    api.state.streams = streams or Streams()
    api.state.waiters = waiters or Waiters()
    api.add_middleware(BodyLimit)
    handle_problems(api)
    for module in (jobs, events, pictures, catalog, subscriptions, passwords, operations):
        api.include_router(module.router)

    @cache
    def document() -> dict[str, Any]:
        return describe(api)

    @api.get("/openapi.json", include_in_schema=False)
    def show_openapi(root: Root) -> JSONResponse:
        """Answer with the description of this API, and where it is."""
        return JSONResponse({**document(), "servers": [{"url": root}]})

    return api
