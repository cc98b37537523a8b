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
print("loaded", "broadsheet.portal.links" in sys.modules)
apps, _ = plugins_manager.get_fastapi_plugins()
print("mounted", [app["url_prefix"] for app in apps if app["name"].startswith("Broadsheet")])
"""


def test_the_link_application_is_built_only_for_the_api_server() -> None:
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert "loaded False" in found.stdout
    assert "mounted ['/r']" in found.stdout
