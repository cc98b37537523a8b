"""Set up Airflow's database: ``python -m broadsheet.embedded.airflow_setup < USERS``.

Run in a process of its own with the stack's environment, since importing Airflow reads its settings.
Migrates, makes the roles and their permissions, and the users, who are given as JSON: name to role and
password.
"""

from __future__ import annotations

import json
import logging
import sys

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils.db import upgradedb

from broadsheet.errors import ConfigurationError

log = logging.getLogger("broadsheet.setup")

_DOMAIN = "broadsheet.example"


def set_up(users: dict[str, tuple[str, str]]) -> None:
    """Bring database, roles and users to where they should be; passwords are set again."""
    upgradedb()
    with get_application_builder() as builder:
        builder.add_permissions(update_perms=True)  # type: ignore[no-untyped-call]
        builder.sm.sync_roles()
        for name, (role_name, password) in users.items():
            _set_up_user(builder.sm, name, role_name, password)


def _set_up_user(manager: object, name: str, role_name: str, password: str) -> None:
    role = manager.find_role(role_name)  # type: ignore[attr-defined]
    if role is None:
        raise ConfigurationError(f"Airflow has no role {role_name!r} for the user {name!r}")
    user = manager.find_user(username=name)  # type: ignore[attr-defined]
    if user is None:
        address = f"{name}@{_DOMAIN}"
        names = (name, name.capitalize(), "Broadsheet")
        made = manager.add_user(*names, address, role, password)  # type: ignore[attr-defined]
        if not made:
            raise ConfigurationError(f"Airflow refused the user {name!r}")
        log.info("made user %s with role %s", name, role_name)
        return
    manager.reset_password(user.id, password)  # type: ignore[attr-defined]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    set_up({name: (role, password) for name, (role, password) in json.load(sys.stdin).items()})
