"""What Airflow finds when it loads the project's plugin."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import sys
from airflow import plugins_manager

plugins, errors = plugins_manager._get_plugins()
assert not errors, errors
assert [plugin.name for plugin in plugins if plugin.name == "broadsheet"] == ["broadsheet"]
web = {"broadsheet.portal.links", "broadsheet.portal.app", "fastapi"}
print("loaded", sorted(web & set(sys.modules)))
apps, middlewares = plugins_manager.get_fastapi_plugins()
print("mounted", [app["url_prefix"] for app in apps if app["name"].startswith("Broadsheet")])
print("titles", [app["app"].title for app in apps if app["name"].startswith("Broadsheet")])
print("before", [one["name"] for one in middlewares])
views, _ = plugins_manager._get_ui_plugins()
print("views", [(view["name"], view["destination"], view["href"]) for view in views])
"""


def test_the_applications_are_built_only_for_the_api_server() -> None:
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "AIRFLOW__API__BASE_URL": "https://example.com/airflow/"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert "loaded []" in found.stdout
    assert "mounted ['/r', '/reports']" in found.stdout
    assert "before ['Broadsheet slash']" in found.stdout
    assert "'Broadsheet']" in found.stdout.partition("titles")[2], found.stderr
    assert "('Reports', 'nav', '/airflow/reports/')" in found.stdout
    assert "('Report', 'dag_run', '/airflow/reports/of-run?dag_id={DAG_ID}&run_id={RUN_ID}')" in found.stdout
