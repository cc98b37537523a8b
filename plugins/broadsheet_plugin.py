"""Registers Broadsheet with Airflow."""

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from broadsheet.orchestration.timetable import SlotTimetable


class BroadsheetPlugin(AirflowPlugin):
    """What Airflow loads: the timetable, the portal with its places in the UI, and the links of mails.

    Applications are built when the api-server asks: schedulers and workers load plugins too, and need no web.
    """

    name = "broadsheet"
    timetables = [SlotTimetable]  # noqa: RUF012 - how Airflow declares it

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        from broadsheet.portal.registration import applications

        return applications()

    @cached_property
    def fastapi_root_middlewares(self) -> list[dict[str, Any]]:
        from broadsheet.portal.registration import root_middlewares

        return root_middlewares()

    @cached_property
    def external_views(self) -> list[dict[str, Any]]:
        from broadsheet.portal.registration import external_views

        return external_views(urlsplit(conf.get("api", "base_url", fallback="")).path)
