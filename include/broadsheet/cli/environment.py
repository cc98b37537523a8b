"""Where commands find the servers: the environment or, when that is silent, the project's embedded stack."""

from __future__ import annotations

import json
import os

from broadsheet.embedded.state import StateFolder, default_state
from broadsheet.errors import ConfigurationError
from broadsheet.settings import DATABASE, STORAGE, connection_variable, get_settings


def names_servers() -> bool:
    """Tell whether the environment names servers itself, so that no embedded stack is wanted."""
    return any(connection_variable(name) in os.environ for name in (DATABASE, STORAGE))


def adopt_embedded_stack() -> StateFolder | None:
    """Take over the variables of the embedded stack, unless the environment names servers itself.

    So ``broadsheet runs`` works beside ``make demo`` without further ado, and never talks to a stack when it
    was told of other servers. Returns the stack's folder; None, with nothing done, where no stack was ever
    started.
    """
    if names_servers():
        return None
    state = StateFolder(default_state(get_settings().home))
    path = state.environment_file
    if not path.exists():
        return None
    try:
        variables = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error}; start the stack again, or set {connection_variable(DATABASE)}"
        ) from error
    for name, value in variables.items():
        os.environ.setdefault(name, value)
    get_settings.cache_clear()
    return state


def explain_silence(state: StateFolder) -> str:
    """Return why the servers of an embedded stack may not have answered, and what to do about it."""
    from broadsheet.embedded.stack import Stack  # a second to import, and wanted only when something failed

    if Stack(state.root).running:
        return "the embedded stack runs: `broadsheet doctor` says which of its parts does not"
    return f"the embedded stack in {state.root} does not run: `make demo` or `broadsheet stack up` starts it"
