"""Registers Broadsheet with Airflow."""

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from broadsheet.orchestration.timetable import SlotTimetable


class BroadsheetPlugin(AirflowPlugin):
    """What Airflow loads: the timetable, the portal with its places in the UI, and the links of mails."""

    name = "broadsheet"
    timetables = [SlotTimetable]  # noqa: RUF012 - how Airflow declares it

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Built when the api-server asks: schedulers and workers load plugins too, and need no web code."""
        from broadsheet.portal.links import create_link_app
        from broadsheet.portal.registration import create_portal

        return [
            {"app": create_link_app(), "url_prefix": "/r", "name": "Broadsheet links"},
            {"app": create_portal(), "url_prefix": "/reports", "name": "Broadsheet portal"},
        ]

    @cached_property
    def external_views(self) -> list[dict[str, Any]]:
        """Below the path that Airflow lives under."""
        from broadsheet.portal.registration import external_views

        return external_views(urlsplit(conf.get("api", "base_url", fallback="")).path)
