"""The tables of README.md, made from the code. `python -m tests.gates.docs` writes them into it.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from monitor.channels.registry import CHANNELS
from monitor.cli import app
from monitor.commands import EXITS
from monitor.feeds.schema import json_schema
from monitor.metrics import Metrics
from monitor.settings import Settings

README = Path(__file__).parents[2] / "README.md"
TABLE = re.compile(r"(<!-- table: (?P<name>\w+) -->\n)(?P<rows>.*?)(<!-- end -->)", re.DOTALL)
BY_MACHINE = {"database": "`monitor.db` in the state directory"}
"""Defaults that depend on where the program runs."""


def table(*rows: tuple[str, ...]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = rows
    lines = [head, tuple("---" for _ in head), *body]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


def commands() -> str:
    """Every command with the first sentence of its help."""
    return table(("command", "what it does"), *_commands(typer.main.get_command(app), "monitor"))


def _commands(command: Any, name: str) -> Iterator[tuple[str, ...]]:
    if hasattr(command, "commands"):
        for each, inner in command.commands.items():
            yield from _commands(inner, f"{name} {each}")
    else:
        yield f"`{name}`", (command.help or "").split("\n\n")[0].replace("\n", " ")


def settings() -> str:
    """Every setting with its default and its description."""
    return table(("setting", "default", "meaning"), *_settings(Settings, ""))


def _settings(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        kind: Any = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _settings(kind, f"{prefix}{name}.")
        else:
            key = f"{prefix}{name}"
            yield (
                f"`{key}`",
                BY_MACHINE.get(key) or _default(field.get_default(call_default_factory=True)),
                (field.description or ""),
            )


def _default(value: Any) -> str:
    if value is None or value == PydanticUndefined or value in ((), {}):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def feeds() -> str:
    """Every key of a feed with its description; one that has to be there is marked as needed."""
    row = json_schema()["properties"]["feeds"]["items"]["oneOf"][1]
    needed = {True: " (needed)", False: ""}
    rows = (
        (f"`{key}`{needed[key in row['required']]}", said["description"]) for key, said in row["properties"].items()
    )
    return table(("key", "meaning"), *rows)


def channels() -> str:
    """Every option of every type of channel with its description; one that has no default is marked as needed."""
    rows = [
        (f"`{name}`", f"`{key}`{' (needed)' if field.is_required() else ''}", field.description or "")
        for name, kind in CHANNELS.items()
        for key, field in kind.options.model_fields.items()
    ]
    return table(("type", "option", "meaning"), *rows)


def metrics() -> str:
    """Every metric with its labels and its help, which says what an operator does about it."""
    rows = []
    for metric in vars(Metrics()).values():
        if isinstance(metric, MetricWrapperBase):
            (described,) = metric.describe()
            suffix = {"counter": "_total", "info": "_info"}.get(described.type, "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            rows.append((f"`{described.name}{suffix}`", described.type, labels, described.documentation))
    return table(("metric", "type", "labels", "meaning"), *rows)


def exits() -> str:
    """Every exit code with its meaning."""
    return table(("exit code", "meaning"), *((f"`{code}`", meaning) for code, meaning in EXITS.items()))


TABLES = {
    "commands": commands,
    "exits": exits,
    "settings": settings,
    "feeds": feeds,
    "channels": channels,
    "metrics": metrics,
}


def written(text: str) -> str:
    """The text with every table made anew."""
    return TABLE.sub(lambda match: f"{match[1]}{TABLES[match['name']]()}{match[4]}", text)


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
