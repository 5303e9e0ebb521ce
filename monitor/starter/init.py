"""Writes a starter configuration: settings, one watchlist with the shared catalogue beside it, and feeds."""

from __future__ import annotations

import shutil
from pathlib import Path

from monitor import starter
from monitor.errors import InputError

_TEMPLATE = Path(__file__).parent / "template"


def write_starter(directory: Path) -> tuple[Path, ...]:
    """Write the starter configuration and return its files.

    Raises InputError, before anything is written, where a file of it exists already or can't be written.
    """
    wanted = _files(directory)
    there = [target for target in wanted if target.exists()]
    if there:
        names = ", ".join(str(target) for target in there[:3])
        raise InputError(f"{names} exists already, nothing was written. Fix: name a new directory")
    try:
        for target, source in wanted.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    except OSError as error:
        raise InputError(f"can't write to {directory}: {error.strerror}. Fix: name a directory of yours") from error
    return tuple(wanted)


def _files(directory: Path) -> dict[Path, Path]:
    """Return every file to write, with the one that it is a copy of."""
    catalogue = starter.directory("watchlists") / "entities"
    return {
        directory / "monitor.yml": _TEMPLATE / "monitor.yml",
        directory / "feeds.yml": starter.directory("seeds") / "feeds.yml",
        directory / "watchlists" / "desk.yml": _TEMPLATE / "desk.yml",
        **{directory / "watchlists" / "entities" / file.name: file for file in sorted(catalogue.glob("*.yml"))},
    }
