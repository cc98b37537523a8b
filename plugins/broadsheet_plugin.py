"""Registers Broadsheet with Airflow."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from broadsheet.orchestration.timetable import SlotTimetable


class BroadsheetPlugin(AirflowPlugin):
    """What Airflow loads: the timetable of subscriptions, and the application behind the links in mails."""

    name = "broadsheet"
    timetables = [SlotTimetable]  # noqa: RUF012 - how Airflow declares it

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Built when the api-server asks: schedulers and workers load plugins too, and need no web code."""
        from broadsheet.portal.links import create_link_app

        return [{"app": create_link_app(), "url_prefix": "/r", "name": "Broadsheet links"}]
