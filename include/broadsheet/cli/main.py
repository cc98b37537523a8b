"""The command line ``broadsheet``: one small module per command, registered here.

A module offers plain functions with typer annotations (or a ``typer.Typer`` of its own for a group); this one gives
them their names. Modules that need heavy libraries import them inside the command, so that ``--help`` stays quick.
"""

from __future__ import annotations

import sys

import typer

from broadsheet.cli import check, migrate, preview, runs, stack, subscribe
from broadsheet.errors import BroadsheetError

app = typer.Typer(
    name="broadsheet",
    help="Scheduled PDF reports from Postgres and S3, run by Airflow and delivered by safe links.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(stack.app, name="stack")


@app.callback()
def root() -> None:
    """Scheduled PDF reports from Postgres and S3, run by Airflow and delivered by safe links."""


app.command("check")(check.check_command)
app.command("preview")(preview.preview_command)
app.command("migrate")(migrate.migrate_command)
app.command("subscribe")(subscribe.subscribe_command)
app.add_typer(subscribe.subscriptions, name="subscriptions")
app.command("runs")(runs.runs_command)
app.add_typer(runs.links, name="links")


def main() -> None:
    """Run the command line; a foreseen error ends as one paragraph on standard error and status 2."""
    try:
        app()
    except BroadsheetError as error:
        sys.stderr.write(f"broadsheet: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
