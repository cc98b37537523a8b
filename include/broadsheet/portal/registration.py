"""What the plugin file hands to Airflow: applications, and the places in its UI that lead to them."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from broadsheet.portal.addresses import MOUNT
from broadsheet.portal.links import create_link_app
from broadsheet.portal.slash import AddSlash

log = logging.getLogger(__name__)


def applications() -> list[dict[str, object]]:
    """Return the applications and where they are mounted."""
    return [
        {"app": create_link_app(), "url_prefix": "/r", "name": "Broadsheet links"},
        {"app": create_portal(), "url_prefix": MOUNT, "name": "Broadsheet portal"},
    ]


def root_middlewares() -> list[dict[str, object]]:
    """Return what stands before Airflow's own routes."""
    return [{"middleware": AddSlash, "name": "Broadsheet slash"}]


def create_portal() -> FastAPI:
    """Build the portal from the environment; one that denies everything when any part of it cannot be had."""
    try:
        # Local, so that a part which cannot be imported is caught here.
        from broadsheet.portal.app import create_portal_app

        return create_portal_app()
    except Exception:  # whatever is wrong with the portal must neither open it nor keep Airflow from starting
        log.exception("the portal cannot be built: every address under %s answers 503", MOUNT)
        return _closed()


def external_views(prefix: str) -> list[dict[str, object]]:
    """Return the entries in Airflow's UI; ``prefix`` is the path under which Airflow lives, or empty."""
    root = f"{prefix.rstrip('/')}{MOUNT}"
    icons = {
        "icon": f"{root}/static/nav-light.svg",
        "icon_dark_mode": f"{root}/static/nav-dark.svg",
    }
    return [
        {
            "name": "Reports",
            "href": f"{root}/",
            "destination": "nav",
            "url_route": "reports",
            "nav_top_level": True,
            **icons,
        },
        {
            "name": "Report",
            # Airflow's UI fills these in.
            "href": f"{root}/of-run?dag_id={{DAG_ID}}&run_id={{RUN_ID}}",
            "destination": "dag_run",
            "url_route": "report",
            **icons,
        },
    ]


def _closed() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    @app.api_route("/{path:path}", methods=methods)
    def refuse(request: Request) -> Response:
        """Answer that there is no portal."""
        del request  # the framework's signature
        text = "The report portal could not be started; the api-server's log says why.\n"
        return PlainTextResponse(text, HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "60"})

    return app
