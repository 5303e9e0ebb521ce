"""The first command of all: init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.commands import out
from monitor.starter.init import write_starter


def init(
    directory: Annotated[Path, typer.Argument(help="Where to write; made if it is not there.")] = Path(),
) -> None:
    """Write a starter configuration: settings, one watchlist, feeds. Nothing is overwritten."""
    for file in write_starter(directory):
        out.print(f"wrote {file}", markup=False)
    there = "" if directory == Path() else f"cd {directory} && "
    out.print(f"next: {there}monitor check", markup=False)
