"""``broadsheet doctor``: what is wrong with an installation, and how to mend it."""

from __future__ import annotations

import typer

from broadsheet.cli.environment import adopt_embedded_stack, names_servers
from broadsheet.cli.wrong import WrongError
from broadsheet.errors import BroadsheetError
from broadsheet.settings import DATABASE, connection_variable


def doctor_command() -> None:
    """Try everything that Broadsheet needs; status 1 when something is wrong, with what to do about it.

    It uses the connections in the environment or, without any, those of the project's embedded stack. When
    there are no servers at all it says so once, and looks at what can be seen without them.
    """
    fault, reachable = (None, True) if names_servers() else _look_at_embedded_stack()
    wrong = 0
    if fault is not None:
        wrong += 1
        typer.echo(fault)
    from broadsheet.cli.diagnosis import checks  # the clients of all servers: a second to import

    for check in checks():
        if check.asks_servers and not reachable:
            continue
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


def _look_at_embedded_stack() -> tuple[str | None, bool]:
    """Take over the embedded stack's environment; return what is wrong, and whether it can be asked."""
    state = adopt_embedded_stack()
    if state is None:
        return (
            "WRONG  servers: none are named, and no embedded stack was started here\n"
            "       to mend: `make demo` or `broadsheet stack up`; for servers of your own set "
            f"{connection_variable(DATABASE)} and the rest as docker-compose.yaml does"
        ), False
    from broadsheet.embedded.stack import Stack  # needs the extra `embedded`

    stack = Stack(state.root)
    if not stack.running:
        return (
            f"WRONG  embedded stack: it does not run in {state.root}\n"
            "       to mend: `make demo` or `broadsheet stack up`"
        ), False
    stopped = [name for name, found in stack.programs().items() if found != "RUNNING"]
    if stopped:
        return (
            f"WRONG  embedded stack: not running: {', '.join(stopped)}\n"
            f"       to mend: see their logs in {state.logs}"
        ), True
    typer.echo(f"ok     embedded stack: all programs run in {state.root}")
    return None, True
