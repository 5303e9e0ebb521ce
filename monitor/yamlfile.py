"""YAML 1.2 as a tree in which every value knows its line and column, so that every mistake can be pointed at.

Only the failsafe part of the language is read: mappings, lists and text. `no`, `10:00` and `2023-06-03` stay the text
that their author wrote; whoever needs a number or a date reads the text as one. Tags are refused, and everything
that could make a small file large is bounded: bytes, depth, and values after aliases are followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from monitor.errors import Problem

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 24
MAX_NODES = 200_000
MAX_PROBLEMS = 200

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,18}|[0-9]{1,18}(?:\.[0-9]{0,18})?)(?:[eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a file; line and column start at 1, the column counts code points."""

    file: str
    line: int = 1
    column: int = 1

    def problem(self, message: str, fix: str = "") -> Problem:
        """Return a problem that stands here."""
        return Problem(self.file, self.line, self.column, message, fix)


class _Marked(Protocol):
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A piece of text as written; `quoted` text is never read as nothing, a number or a truth value."""

    text: str
    quoted: bool
    place: Place

    @property
    def empty(self) -> bool:
        """Tell whether nothing was written (`key:`, `~` or `null`)."""
        return not self.quoted and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Listing:
    """A YAML sequence."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value."""

    key: str
    place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A YAML mapping, in file order; its keys are unique."""

    entries: tuple[Entry, ...]
    place: Place

    def get(self, key: str) -> Entry | None:
        """Return the entry of that key, or None."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries."""
        return iter(self.entries)


Node = Scalar | Listing | Mapping


class _StopReadingError(Exception):
    """Reading can't go on; the problem that says why is already noted."""


@dataclass(slots=True)
class _Builder:
    """Builds the tree from the parser's events, one pass, noting problems as it goes."""

    file: str
    events: Iterator[Event]
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    nodes: int = 0

    def place(self, event: Event) -> Place:
        """Return where an event starts."""
        mark: _Marked = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def stop(self, place: Place, message: str, fix: str) -> _StopReadingError:
        """Note a problem after which the rest of the file makes no sense."""
        self.problems.append(place.problem(message, fix))
        return _StopReadingError()

    def count(self, amount: int, place: Place) -> None:
        """Count values, aliases followed, against the cap."""
        self.nodes += amount
        if self.nodes > MAX_NODES:
            message = f"the file holds more than {MAX_NODES:,} values once its aliases are followed"
            raise self.stop(place, message, "split the file")

    def node(self, event: Event, depth: int) -> Node:
        """Build the node that starts with this event."""
        place = self.place(event)
        if depth > MAX_DEPTH:
            raise self.stop(place, f"nested deeper than {MAX_DEPTH} levels", "flatten it")
        if isinstance(event, AliasEvent):
            return self.alias(str(event.anchor), place)
        before = self.nodes
        self.count(1, place)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.problems.append(place.problem(f"tag {tag} is not allowed", "remove the tag"))
        node: Node
        if isinstance(event, MappingStartEvent):
            node = self.mapping(place, depth)
        elif isinstance(event, SequenceStartEvent):
            node = self.listing(place, depth)
        elif isinstance(event, ScalarEvent):
            node = Scalar(str(event.value), event.style is not None, place)
        else:
            raise self.stop(place, "the text ends too early", "complete the value")
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self.anchors[str(anchor)] = (node, self.nodes - before)
        return node

    def alias(self, anchor: str, place: Place) -> Node:
        """Follow `*anchor`; its size counts again, so that aliases of aliases can't explode."""
        if anchor not in self.anchors:
            raise self.stop(place, f"alias *{anchor} stands for nothing", f"mark a value above it with &{anchor}")
        node, size = self.anchors[anchor]
        self.count(size, place)
        return node

    def listing(self, place: Place, depth: int) -> Listing:
        """Build a sequence up to its end."""
        items: list[Node] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self.node(event, depth + 1))
        return Listing(tuple(items), place)

    def mapping(self, place: Place, depth: int) -> Mapping:
        """Build a mapping up to its end; a key that was there already is a problem, its value is dropped."""
        entries: dict[str, Entry] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            if isinstance(value, Scalar) and value.empty and not value.text:
                value = Scalar("", False, key.place)  # nothing stands nowhere: its key is the place to look at
            if not isinstance(key, Scalar):
                self.problems.append(key.place.problem("a key must be plain text", "write `name: value`"))
            elif key.text in entries:
                first = entries[key.text].place.line
                message = f"key {key.text!r} is given twice (first on line {first})"
                self.problems.append(self.place(event).problem(message, "merge the two or remove one"))
            else:
                entries[key.text] = Entry(key.text, self.place(event), value)
        return Mapping(tuple(entries.values()), place)

    def document(self) -> Node:
        """Build the only document of the stream; an empty stream is an empty scalar."""
        root: Node | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    raise self.stop(self.place(event), "a second document starts here", "keep one document a file")
                root = self.node(next(self.events), 0)
        return root if root is not None else Scalar("", False, Place(self.file))


def _decode(data: bytes, file: str) -> tuple[str, list[Problem]]:
    """Return the text of the bytes, or what is wrong with them."""
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES:,} bytes"
        return "", [Place(file).problem(message, "split it")]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        place = Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        return "", [place.problem(f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8")]


def _syntax(error: MarkedYAMLError, file: str) -> Problem:
    """Turn the parser's complaint into a problem at its place."""
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file)
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    return place.problem(f"not valid YAML: {said}", "check indentation, quotes and brackets here")


def parse(data: bytes, file: str) -> tuple[Node, list[Problem]]:
    """Read YAML bytes into a tree; `file` is the name that problems carry. With problems the tree may be partial."""
    text, problems = _decode(data, file)
    nothing = Scalar("", False, Place(file))
    if problems:
        return nothing, problems
    builder = _Builder(file, iter(YAML(typ="safe", pure=True).parse(text)))
    try:
        return builder.document(), builder.problems[:MAX_PROBLEMS]
    except _StopReadingError:
        pass
    except MarkedYAMLError as error:
        builder.problems.append(_syntax(error, file))
    except ReaderError as error:
        before = text[: error.position]
        place = Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        message = f"character U+{ord(text[error.position]):04X} is not allowed in YAML"
        builder.problems.append(place.problem(message, "remove it"))
    except YAMLStreamError as error:
        builder.problems.append(Place(file).problem(f"not valid YAML: {error}", "save the file as UTF-8 text"))
    return nothing, builder.problems[:MAX_PROBLEMS]


def read(path: Path, file: str | None = None) -> tuple[Node, list[Problem]]:
    """Read a YAML file into a tree; a file that can't be read is a problem like any other."""
    name = file or str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        place = Place(name)
        return Scalar("", False, place), [
            place.problem(f"can't be read: {error.strerror}", "check path and permissions")
        ]
    return parse(data, name)


def plain(node: Node) -> Any:
    """Return the tree as Python values; unquoted text is read by YAML 1.2's core rules (null, booleans, numbers)."""
    if isinstance(node, Mapping):
        return {entry.key: plain(entry.value) for entry in node}
    if isinstance(node, Listing):
        return [plain(item) for item in node.items]
    return _core(node)


def _core(scalar: Scalar) -> str | int | float | bool | None:
    """Read one scalar by YAML 1.2's core rules."""
    text = scalar.text
    if scalar.quoted:
        return text
    if scalar.empty:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def nearest(word: str, known: Iterable[str], label: str = "known") -> str:
    """Say which known word may have been meant, else name them all (the first twenty)."""
    words = list(known)
    close = get_close_matches(word.lower(), [known.lower() for known in words], n=1, cutoff=0.6)
    if close:
        return f"did you mean {next(known for known in words if known.lower() == close[0])!r}?"
    if not words:
        return f"there is none {label}"
    return f"{label}: {', '.join(sorted(words)[:20])}{', …' if len(words) > 20 else ''}"
