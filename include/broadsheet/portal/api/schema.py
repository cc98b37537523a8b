"""The OpenAPI document: what FastAPI finds in the routes, with every error in its true form."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from broadsheet.portal.problems import PROBLEM_TYPE, Problem

TAGS = [
    {"name": "jobs", "description": "Ask for reports, follow their making, fetch their files."},
    {"name": "catalog", "description": "The reports that there are for the caller."},
    {"name": "subscriptions", "description": "Reports that come by themselves."},
    {"name": "operations", "description": "How the installation does."},
]
DESCRIPTION = """\
Everything that the pages do, for programs.

Log in at Airflow's `/auth/token` and send the token as `Authorization: Bearer …`. Reads and writes see the
caller's own things; an operator's see everybody's. What is not the caller's does not exist (404).

Every error is an `application/problem+json` (RFC 9457) with a stable `code`; 422 lists every wrong input in
`errors`. The version is part of the path: within it, fields and routes are added, never taken away.
"""
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Airflow's token."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "_token",
        "description": "Airflow's cookie; writes need `X-Broadsheet: 1` and the site's own `Origin`, too.",
    },
}
_GENERATED = ("HTTPValidationError", "ValidationError")
# What the framework says of every route with parameters. Ids in paths that are none are 404, and every other
# 422 is declared by its route.
_ASSUMED = "Validation Error"


def describe(api: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the API."""
    document = get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        tags=TAGS,
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SECURITY
    schemas = components.setdefault("schemas", {})
    for name in _GENERATED:
        schemas.pop(name, None)
    parts = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(parts.pop("$defs", {}), Problem=parts)
    document["security"] = [{name: []} for name in _SECURITY]
    for path in document["paths"].values():
        for operation in path.values():
            _tell_problems(operation["responses"])
    return document


def _tell_problems(responses: dict[str, Any]) -> None:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if responses.get("422", {}).get("description") == _ASSUMED:
        del responses["422"]
    for status, response in responses.items():
        if status >= "400" and "content" not in response:
            response["content"] = {PROBLEM_TYPE: schema}
