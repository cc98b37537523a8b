"""Connections of the tasks: from the environment, else from Airflow's secrets backends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from broadsheet.errors import ConfigurationError
from broadsheet.settings import STORAGE, connection_uri, connection_variable, get_settings, parse_endpoint

if TYPE_CHECKING:
    from broadsheet.store.objects import S3ObjectStore


def task_connection_uri(conn_id: str) -> str:
    """Return a connection's URI; ConfigurationError names the connection when no backend knows it."""
    if os.environ.get(connection_variable(conn_id)):
        return connection_uri(conn_id)
    try:
        return str(BaseHook.get_connection(conn_id).get_uri())
    except AirflowNotFoundException as error:
        raise ConfigurationError(
            f"connection {conn_id!r} is not set: add it to Airflow, "
            f"or give its URI in {connection_variable(conn_id)}"
        ) from error


def bucket(name: str) -> S3ObjectStore:
    """Open one of the settings' buckets by its setting: ``storage`` or ``documents``."""
    from broadsheet.store.objects import S3ObjectStore  # boto3 is heavy and only tasks need it

    settings = get_settings()
    names = {"storage": settings.storage_bucket, "documents": settings.documents_bucket}
    return S3ObjectStore(parse_endpoint(task_connection_uri(STORAGE)), names[name])
