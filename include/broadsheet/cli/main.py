"""The command line ``broadsheet``: one small module per command, registered here in one line each.

A module offers plain functions with typer annotations (or a ``typer.Typer`` of its own for a group); this
one gives them their names. Only the module of the command that was asked for is imported, since together they
load half of what the project depends on: a preview should not wait for what the stack's servers need.
"""

from __future__ import annotations

import atexit
import gc
import sys
from importlib import import_module

import typer

from broadsheet.cli.environment import adopt_embedded_stack, explain_silence
from broadsheet.errors import BroadsheetError, TransientError

_COMMANDS = {
    "check": "check:check_command",
    "check-pdf": "check_pdf:check_pdf_command",
    "new": "new:new",
    "schema": "schema:schema_command",
    "preview": "preview:preview_command",
    "demo": "demo:demo_command",
    "migrate": "migrate:migrate_command",
    "subscribe": "subscribe:subscribe_command",
    "subscriptions": "subscribe:subscriptions",
    "runs": "runs:runs",
    "links": "runs:links",
    "stack": "stack:app",
    "doctor": "doctor:doctor_command",
}
"""Module in this package and name in it, for each command or group, in the order of ``--help``."""
_GC_THRESHOLD = 100_000
_OWN_STACK = frozenset({"demo", "stack", "doctor"})
"""Commands about the embedded stack itself, which decide on their own what its environment is."""


def build_app(only: str | None = None) -> typer.Typer:
    """Make the command line, with every command or, where it is known, ``only`` one."""
    app = typer.Typer(
        name="broadsheet",
        help="Scheduled PDF reports from Postgres and S3, run by Airflow and delivered by safe links.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # Without a callback typer would turn a single command into the whole command line.
    app.callback()(_root)
    for name in [only] if only in _COMMANDS else _COMMANDS:
        module, attribute = _COMMANDS[name].split(":")
        found = getattr(import_module(f"broadsheet.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """Run the command line; a foreseen error ends as one paragraph on standard error and status 2."""
    stack = None
    # A command is a short process that imports much; at Python's threshold the collector runs all the while,
    # and at the end it takes half a second to look through what the system frees at once.
    gc.set_threshold(_GC_THRESHOLD)
    atexit.register(gc.freeze)
    try:
        command = sys.argv[1] if len(sys.argv) > 1 else None
        if command not in _OWN_STACK:
            stack = adopt_embedded_stack()
        build_app(command)()
    except BroadsheetError as error:
        sys.stderr.write(f"broadsheet: {error}\n")
        if stack is not None and isinstance(error, TransientError):
            sys.stderr.write(f"{explain_silence(stack)}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _root() -> None:
    """Scheduled PDF reports from Postgres and S3, run by Airflow and delivered by safe links."""


if __name__ == "__main__":
    main()
