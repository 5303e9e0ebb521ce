"""How a watchlist's values are read: each function takes a node, gives a value, and notes every mistake it meets.

Nothing here raises: a mistake becomes a problem with its place and its fix, reading goes on with what can be used,
and the caller raises once, with all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from monitor.errors import Problem
from monitor.yamlfile import Entry, Listing, Mapping, Node, Place, Scalar, nearest

MAX_TEXT = 200
MAX_TEST_TEXT = 20_000
MAX_PROBLEMS = 100

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_DURATION = re.compile(r"([0-9]{1,5})\s?(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_SEPARATORS = {"،": "an Arabic comma", "؛": "an Arabic semicolon", ",": "a comma", ";": "a semicolon"}

# What comes along unseen when Arabic is copied: marks of direction, a byte order mark.
_UNSEEN = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"

T = TypeVar("T")


class TooManyProblemsError(Exception):
    """The cap on problems is reached; they are all noted, reading stops."""


def clean(text: str) -> str:
    """Return the text without white space and unseen marks around it, and single spaces inside."""
    return " ".join(text.strip(_UNSEEN + " \t\r\n").split())


@dataclass(slots=True)
class Reader:
    """Collects the problems of one file."""

    problems: list[Problem] = field(default_factory=list)

    def wrong(self, place: Place, message: str, fix: str = "") -> None:
        """Note a mistake."""
        self.problems.append(place.problem(message, fix))
        if len(self.problems) >= MAX_PROBLEMS:
            self.problems.append(place.problem("reading stops here, there is too much wrong", "mend the above first"))
            raise TooManyProblemsError

    def mapping(self, node: Node, what: str, known: Collection[str] | None = None) -> Mapping:
        """Read a mapping; with `known`, every other key is a mistake."""
        if not isinstance(node, Mapping):
            if not (isinstance(node, Scalar) and node.empty):
                self.wrong(node.place, f"{what} must be keys and values", "write `key: value` lines, indented")
            return Mapping((), node.place)
        for entry in node:
            if known is not None and entry.key not in known:
                self.wrong(entry.place, f"unknown key {entry.key!r} in {what}", nearest(entry.key, known, "known keys"))
        return node

    def text(self, node: Node, what: str, limit: int = MAX_TEXT, *, lines: bool = False) -> str:
        """Read text that must not be empty; the empty string stands for a mistake. With `lines` they are kept."""
        if not isinstance(node, Scalar):
            self.wrong(node.place, f"{what} must be text", "write one value")
            return ""
        text = node.text.strip() if lines else clean(node.text)
        if node.empty or not text:
            self.wrong(node.place, f"{what} is empty", "write a value or remove the line")
            return ""
        if len(text) > limit:
            self.wrong(node.place, f"{what} is longer than {limit:,} characters", "shorten it")
            return ""
        return text

    def many(self, node: Node, what: str) -> tuple[Scalar, ...]:
        """Read a list of texts; a single text is a list of one."""
        items = node.items if isinstance(node, Listing) else (node,)
        if not items:
            self.wrong(node.place, f"{what} is empty", "write a value or remove the line")
        good = ((self.text(item, what), item.place) for item in items)
        return tuple(Scalar(text, True, place) for text, place in good if text)

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """Read a list of texts as strings."""
        return tuple(item.text for item in self.many(node, what))

    def one_of(self, node: Node, what: str, known: Collection[str], default: str) -> str:
        """Read one word of a closed set."""
        text = self.text(node, what)
        if text and text not in known:
            self.wrong(node.place, f"unknown {what} {text!r}", nearest(text, known))
        return text if text in known else default

    def language(self, code: str, place: Place) -> bool:
        """Tell whether this is a language code; note if not."""
        if _LANGUAGE.fullmatch(code):
            return True
        self.wrong(place, f"{code!r} is not a language code", "use codes such as ar, en, fa, ru, tr")
        return False

    def by_language(self, node: Node, what: str) -> dict[str, tuple[Scalar, ...]]:
        """Read texts per language: `{ar: [a, b], en: c}`."""
        if isinstance(node, Listing) or (isinstance(node, Scalar) and not node.empty):
            self.wrong(node.place, f"{what} must be given by language", "write e.g. `{ar: …, en: …}`")
            return {}
        found: dict[str, tuple[Scalar, ...]] = {}
        for entry in self.mapping(node, what):
            if self.language(entry.key, entry.place):
                found[entry.key] = self.spellings(entry, what)
        if not found and isinstance(node, Scalar):
            self.wrong(node.place, f"{what} is empty", "write a value or remove the line")
        return found

    def spellings(self, entry: Entry, what: str) -> tuple[Scalar, ...]:
        """Read the texts of one language; several in one text are the usual slip, YAML does not split them."""
        good = []
        for item in self.many(entry.value, what):
            sign = next((sign for sign in _SEPARATORS if sign in item.text), None)
            if sign is not None:
                parts = ", ".join(part.strip() for part in item.text.split(sign))
                message = f"{_SEPARATORS[sign]} inside {what} {item.text!r}"
                self.wrong(item.place, message, f"write a list: [{parts}]")
            elif not any(character.isalpha() for character in item.text):
                self.wrong(item.place, f"{what} {item.text!r} has no letters", "write a name or a word")
            else:
                good.append(item)
        return tuple(good)

    def parsed(self, node: Node, what: str, parse: Callable[[str], T], form: str) -> T | None:
        """Read text by a function that raises ValueError on any other form."""
        text = self.text(node, what)
        if not text:
            return None
        try:
            return parse(text)
        except (ValueError, OverflowError):
            self.wrong(node.place, f"{what} {text!r} is not {form.partition(',')[0]}", f"write {form}")
            return None

    def day(self, node: Node, what: str) -> date | None:
        """Read a date."""
        return self.parsed(node, what, _day, "a date, as in 2023-06-03")

    def moment(self, node: Node, what: str) -> datetime | None:
        """Read a date or a time; one without offset is UTC."""
        return self.parsed(node, what, _moment, "a date or time, as in 2023-06-03 or 2023-06-03T10:00:00Z")

    def duration(self, node: Node, what: str) -> timedelta | None:
        """Read a span of time such as 2h."""
        return self.parsed(node, what, duration, "a duration, as in 30m, 2h or 1d")

    def time(self, node: Node, what: str) -> str | None:
        """Read a time of the day."""
        return self.parsed(node, what, _time, 'a time of the day, as in "08:00"')

    def timezone(self, node: Node, what: str = "timezone") -> str | None:
        """Read the name of a time zone."""
        return self.parsed(node, what, _timezone, "an IANA time zone, as in Europe/Istanbul or UTC")


def duration(text: str) -> timedelta:
    """Return a span of time written as a whole number and one of s, m, h, d, w. Raises ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _day(text: str) -> date:
    if len(text) != 10:
        raise ValueError(text)
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _time(text: str) -> str:
    if _TIME.fullmatch(text) is None:
        raise ValueError(text)
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, KeyError) as error:
        raise ValueError(text) from error
    return text
