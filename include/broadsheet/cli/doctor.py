"""``broadsheet doctor``: what is wrong with an installation, and how to mend it."""

from __future__ import annotations

import os

import typer

from broadsheet.errors import BroadsheetError
from broadsheet.settings import DATABASE, connection_variable, get_settings


def doctor_command() -> None:
    """Try everything that Broadsheet needs; status 1 when something is wrong, with what to do about it.

    It uses the connections in the environment or, without any, those of the project's embedded stack.
    """
    wrong = 0 if _use_embedded_stack() else 1
    from broadsheet.cli.diagnosis import WrongError, checks  # the clients of all servers: a second to import

    for check in checks():
        try:
            typer.echo(f"ok     {check.subject}: {check.look()}")
        except (WrongError, BroadsheetError) as error:
            wrong += 1
            # A check that needs what an earlier one found wrong has no remedy of its own.
            remedy = error.remedy if isinstance(error, WrongError) else "see above"
            typer.echo(f"WRONG  {check.subject}: {error}\n       to mend: {remedy}")
    if wrong:
        typer.echo(f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong")
        raise typer.Exit(1)
    typer.echo("nothing is wrong")


def _use_embedded_stack() -> bool:
    """Take over the embedded stack's environment unless connections are given; false when it does not run."""
    if connection_variable(DATABASE) in os.environ:
        return True
    from broadsheet.embedded.stack import Stack  # needs the extra `embedded`
    from broadsheet.embedded.state import default_state

    stack = Stack(default_state(get_settings().home))
    if not stack.state.ports_file.exists():
        return True
    os.environ.update(stack.environment())
    get_settings.cache_clear()
    if not stack.running:
        typer.echo(f"WRONG  embedded stack: it does not run in {stack.state.root}")
        typer.echo("       to mend: `broadsheet stack up`, or `make demo`")
        return False
    stopped = [name for name, state in stack.programs().items() if state != "RUNNING"]
    if stopped:
        typer.echo(f"WRONG  embedded stack: not running: {', '.join(stopped)}")
        typer.echo(f"       to mend: see their logs in {stack.state.logs}")
        return False
    typer.echo(f"ok     embedded stack: all programs run in {stack.state.root}")
    return True
