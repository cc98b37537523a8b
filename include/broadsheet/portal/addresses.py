"""Addresses within the site, which may live under a path of its own (``[api] base_url``)."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request

MOUNT = "/reports"


def route_path(request: Request) -> str:
    """Return the path that the application routes by: without what stands before its mount."""
    root, path = str(request.scope.get("root_path", "")), str(request.scope["path"])
    return path[len(root) :] if path.startswith(f"{root}/") else path


def site_prefix(request: Request) -> str:
    """Return the path under which Airflow lives: empty, or ``/airflow``."""
    # The root that the outermost application had; each mount inside adds its own.
    root = str(request.scope.get("app_root_path", request.scope.get("root_path", "")))
    return root.removesuffix("/").removesuffix(MOUNT)


def login_address(request: Request) -> str:
    """Return the address of Airflow's log-in, which leads back to what was asked for."""
    # This one knows the log-in of every auth manager, and whether an address to return to is safe.
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{site_prefix(request)}/api/v2/auth/login?next={quote(target, safe='')}"
