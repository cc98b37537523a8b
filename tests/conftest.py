"""What every test shares: an Airflow that keeps to a folder of its own, and the project's settings.

The variables are set before Airflow is first imported, since it reads them then.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the golden pages anew."""
    parser.addoption("--golden", action="store_true", help="write tests/golden anew instead of comparing")


_airflow_home = tempfile.mkdtemp(prefix="broadsheet-airflow-")
atexit.register(shutil.rmtree, _airflow_home, ignore_errors=True)

os.environ.update(
    {
        "AIRFLOW_HOME": _airflow_home,
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(HOME / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(HOME / "plugins"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(Path(_airflow_home) / "bundles"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{_airflow_home}/airflow.db",
        # No test may reach a server that it was not handed.
        "NO_PROXY": "*",
    }
)
for name in [name for name in os.environ if name.startswith(("AIRFLOW_CONN_", "BROADSHEET_"))]:
    del os.environ[name]
# Commands look for an embedded stack, and must not find the one of whoever runs the tests.
os.environ["BROADSHEET_STATE"] = str(Path(_airflow_home) / "no stack")
