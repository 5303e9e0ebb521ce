"""Watchlists written for one test."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.model import Watchlist
from monitor.watchlist import load

ENTITIES = """\
watchlist: Test
entities:
  lavrov: {name: Sergey Lavrov, aliases: {en: Lavrov}}
  fidan: {name: Hakan Fidan, aliases: {en: Hakan Fidan}}
  putin: {name: Vladimir Putin, aliases: {en: Putin}}
"""
CATALOGUE = "entities:\n  lavrov: {name: Sergey Lavrov, aliases: {en: Lavrov}}\n"


def write(directory: Path, **files: str) -> Path:
    """Write files named by `directory__name`, all `.yml`."""
    for name, text in files.items():
        path = directory / f"{name.replace('__', '/')}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return directory


def one(tmp_path: Path, text: str) -> Watchlist:
    """Load one watchlist from text."""
    (watchlist,) = load([write(tmp_path, test=text) / "test.yml"])
    return watchlist


def rule(tmp_path: Path, body: str) -> Watchlist:
    """Load a watchlist with one rule of this body."""
    return one(tmp_path, f"{ENTITIES}rules:\n  - name: One\n    send_to: console\n{body}")


def problems(*paths: Path) -> list[str]:
    """The problems that loading these paths gives."""
    with pytest.raises(ConfigError) as error:
        load(paths)
    return [f"{Path(p.file).name}:{p.line}:{p.column}: {p.message}. Fix: {p.fix}" for p in error.value.problems]
