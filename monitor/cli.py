"""The command line: one command per thing a person does. What each does stands in `monitor.commands`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from monitor.commands import BAD_INPUT, FAILED, complain, doctor, reading, service, starting
from monitor.commands import alerts as alert_commands
from monitor.commands import feeds as feed_commands
from monitor.errors import InputError, MonitorError
from monitor.logs import set_up_logs
from monitor.metrics import program_version

app = typer.Typer(
    help="Watch the news for named people and processes, and be told once per new fact.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

SERVICE, WATCHING = "The daemon", "Watchlists and articles"
app.command(rich_help_panel=SERVICE)(starting.init)
app.command(rich_help_panel=SERVICE)(service.run)
app.command(rich_help_panel=SERVICE)(service.demo)
app.command(rich_help_panel=SERVICE)(service.status)
app.command(rich_help_panel=SERVICE)(doctor.doctor)
app.command(rich_help_panel=SERVICE)(doctor.backup)
app.add_typer(feed_commands.app, name="feeds", rich_help_panel=SERVICE)
app.add_typer(alert_commands.app, name="alerts", rich_help_panel=SERVICE)
app.command(rich_help_panel=WATCHING)(service.check)
app.command(rich_help_panel=WATCHING)(service.schema)
app.command("test", rich_help_panel=WATCHING)(reading.expectations)
app.command(rich_help_panel=WATCHING)(reading.explain)
app.command(rich_help_panel=WATCHING)(reading.replay)
app.command(rich_help_panel=WATCHING)(reading.suggest)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(program_version())
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Watch the news for named people and processes, and be told once per new fact."""
    set_up_logs("auto", "warning")


def main() -> None:
    """Run the command line; errors that a person can mend become one message and an exit code."""
    try:
        app()
    except InputError as error:
        complain(str(error))
        sys.exit(BAD_INPUT)
    except MonitorError as error:
        complain(str(error))
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
