"""What crosses the border between the parser's workers and the program: plain values, as JSON lines, never pickles.

A worker has read a stranger's bytes; what comes back from it is data to be checked, not code to be run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.records import Entry

_TEXTS = ("guid", "url", "summary", "body", "published_raw", "lang", "author")


@dataclass(slots=True)
class Parsed:
    """A feed as it was read: entries in the document's order, and what it says of itself.

    `marks` are the hashes of the entries' own text, one an entry (none where the parser saw other items than we);
    `standing` those of items that were known and left out. `items` counts both. `ttl` is in seconds, `skip_hours` in
    UTC, `skip_days` count from Monday. `partial`: the feed was cut or too long. `damaged` counts unreadable places.
    """

    kind: str
    title: str = ""
    link: str | None = None
    lang: str | None = None
    entries: list[Entry] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    items: int = 0
    ttl: float | None = None
    skip_hours: list[int] = field(default_factory=list)
    skip_days: list[int] = field(default_factory=list)
    partial: bool = False
    charset: str = "utf-8"
    damaged: int = 0
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "entries"}
        return values | {"entries": [_entry_to_json(entry) for entry in self.entries]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Parsed:
        """Rebuild; raises KeyError, TypeError or ValueError for anything that `to_json` does not give."""
        entries = [_entry_from_json(entry) for entry in values["entries"]]
        rest = {name: values[name] for name in cls.__slots__ if name != "entries"}
        parsed = cls(**rest, entries=entries)
        if not isinstance(parsed.kind, str) or not all(isinstance(mark, str) for mark in parsed.marks):
            raise TypeError("not what a worker gives")
        return parsed


def _entry_to_json(entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(entry, name) for name in _TEXTS}
    return values | {"title": entry.title, "published": entry.published.isoformat() if entry.published else None}


def _entry_from_json(values: Mapping[str, Any]) -> Entry:
    for name in _TEXTS:
        if values[name] is not None and not isinstance(values[name], str):
            raise TypeError(name)
    published = values["published"]
    return Entry(
        guid=values["guid"],
        url=values["url"],
        title=str(values["title"]),
        summary=values["summary"],
        body=values["body"],
        published=datetime.fromisoformat(published) if published else None,
        published_raw=values["published_raw"],
        lang=values["lang"],
        author=values["author"],
    )
