"""Where commands find the servers: the environment or, when that is silent, the project's embedded stack."""

from __future__ import annotations

import json
import os

from broadsheet.embedded.state import StateFolder, default_state
from broadsheet.errors import ConfigurationError
from broadsheet.settings import DATABASE, STORAGE, connection_variable, get_settings


def adopt_embedded_stack() -> None:
    """Take over the variables of the embedded stack, unless the environment names servers itself.

    So ``broadsheet runs`` works beside ``make demo`` without further ado, and never talks to a stack when it
    was told of other servers. Does nothing where no stack was ever started.
    """
    if any(connection_variable(name) in os.environ for name in (DATABASE, STORAGE)):
        return
    path = StateFolder(default_state(get_settings().home)).environment_file
    if not path.exists():
        return
    try:
        variables = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error}; start the stack again, or set {connection_variable(DATABASE)}"
        ) from error
    for name, value in variables.items():
        os.environ.setdefault(name, value)
    get_settings.cache_clear()
