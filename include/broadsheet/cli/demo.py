"""``broadsheet demo``: the whole of Broadsheet on this machine, from nothing to an opened report."""

from __future__ import annotations

from typing import Annotated

import typer

from broadsheet.cli.stack import require_embedded


def demo_command(
    *,
    exit_: Annotated[
        bool, typer.Option("--exit", help="Stop the stack when the report has arrived.")
    ] = False,
    since: Annotated[
        float | None, typer.Option(hidden=True, help="Start of the clock, epoch seconds.")
    ] = None,
) -> None:
    """Start the stack, load real data, subscribe, run once, wait for the mail and open its link."""
    require_embedded()
    from broadsheet.cli.demonstrate import demonstrate  # needs the extra `embedded`, and a second to import

    demonstrate(leave=exit_, since=since)
