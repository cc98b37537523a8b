"""The portal: pages for people and an API for programs, one application mounted at ``/reports``."""

from __future__ import annotations

import hashlib
import os
import re
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from broadsheet.portal.api.app import create_api
from broadsheet.portal.api.body_limit import BodyLimit
from broadsheet.portal.gate import Gate
from broadsheet.portal.identity import Identify
from broadsheet.portal.leaner import served_bytes
from broadsheet.portal.pages import operations, password, reports, runs, subscriptions
from broadsheet.portal.people import People
from broadsheet.portal.problems import handle_problems_by_pages
from broadsheet.services.installation import Installation

_PAGES = (reports, subscriptions, password, runs, operations)
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, no-cache"


def create_portal_app(inst: Installation | None = None, *, identify: Identify | None = None) -> FastAPI:
    """Build the application; without arguments, from the environment and for Airflow's users."""
    inst = inst or _airflow_installation()
    app = FastAPI(title="Broadsheet", docs_url=None, redoc_url=None, openapi_url=None)
    people = People(inst)
    app.add_middleware(BodyLimit)
    # The outermost, since it is added last.
    app.add_middleware(Gate, installation=inst, identify=identify or _identify_by_airflow(), seen=people.saw)
    handle_problems_by_pages(app)
    app.mount("/static", Assets(inst.settings().static_dir / "portal"), name="static")
    app.mount("/api/v1", create_api(), name="api")
    for subject in _PAGES:
        app.include_router(subject.router)
    return app


def _airflow_installation() -> Installation:
    # Local: Airflow costs seconds to import, and pages and API are developed and tested without it.
    from broadsheet.portal.airflow_engine import AirflowEngine
    from broadsheet.portal.environment import installation_from_environment

    return installation_from_environment(AirflowEngine())


def _identify_by_airflow() -> Identify:
    from broadsheet.portal.airflow_identity import AirflowIdentity  # as above

    return AirflowIdentity()


class Assets(StaticFiles):
    """What the pages load. An address with the version in it (``?v=…``) never changes its content."""

    _VERSION = re.compile(rb"(^|&)v=\w")

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)
        self._lean: dict[tuple[str, int], bytes] = {}

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with a file; style sheets and scripts come without their comments and indentation."""
        path = Path(full_path)
        if path.suffix not in (".css", ".js"):
            return super().file_response(full_path, stat_result, scope, status_code)
        key = str(path), stat_result.st_mtime_ns
        if (content := self._lean.get(key)) is None:
            content = self._lean[key] = served_bytes(path)
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": etag}
        if etag in Headers(scope=scope).get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        kind = "text/css" if path.suffix == ".css" else "text/javascript"
        return Response(content, status_code=status_code, headers=headers, media_type=kind)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file."""
        answer = await super().get_response(path, scope)
        is_versioned = self._VERSION.search(scope.get("query_string", b"")) is not None
        headers = MutableHeaders(raw=answer.raw_headers)
        headers["Cache-Control"] = _FOREVER if is_versioned else _ASK_AGAIN
        return answer
