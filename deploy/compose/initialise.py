"""Bring both databases to their newest version and set up the users: what the service `init` does every time.

Safe to repeat: what is there is kept, and passwords are set again to those of the environment.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

from broadsheet.settings import DATABASE, connection_uri
from broadsheet.store.migrations import migrate

ROLES = {"admin": "Admin", "operator": "Op", "author": "User", "subscriber": "Subscriber"}


def main() -> None:
    """Migrate Airflow's database with its users and roles, then Broadsheet's own."""
    users = {name: (role, os.environ[f"USER_{name.upper()}_PASSWORD"]) for name, role in ROLES.items()}
    subprocess.run(
        [sys.executable, "-m", "broadsheet.embedded.airflow_setup"],
        input=json.dumps(users).encode(),
        check=True,
    )
    migrate(connection_uri(DATABASE))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main()
