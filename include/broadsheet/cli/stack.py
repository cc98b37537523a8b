"""``broadsheet stack``: the embedded servers, without the demo."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from broadsheet.embedded.stack import Stack
from broadsheet.embedded.state import default_state
from broadsheet.settings import get_settings

app = typer.Typer(no_args_is_help=True, help="Start, stop and inspect the embedded stack.")


def own_stack() -> Stack:
    """Return the stack of the state folder that BROADSHEET_STATE names, by default the project's."""
    return Stack(default_state(get_settings().home), report=lambda line: typer.echo(line, err=True))


@app.command()
def up(
    *, servers_only: Annotated[bool, typer.Option("--servers-only", help="Leave Airflow out.")] = False
) -> None:
    """Start the stack and return when it works; it runs on until `broadsheet stack down`."""
    stack = own_stack()
    if servers_only:
        stack.up_servers()
    else:
        stack.up()
    for phase, seconds in stack.timings.items():
        typer.echo(f"{seconds:7.1f} s  {phase}")


@app.command()
def down() -> None:
    """Stop the stack, and whatever an interrupted one left behind."""
    own_stack().down()


@app.command()
def clean() -> None:
    """Stop the stack and delete all its data, passwords included."""
    own_stack().remove()


@app.command()
def env() -> None:
    """Print the stack's environment as shell commands: eval "$(broadsheet stack env)"."""
    for name, value in own_stack().environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")
