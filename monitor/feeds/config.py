"""Feed lists as people write them, YAML and OPML: all mistakes at once, each with its place.

feeds:
  - url: https://example.org/rss
    name: Example
    lang: ar
    every: 10m
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from monitor.errors import ConfigError, Problem
from monitor.feeds import address
from monitor.feeds.canonical import feed_key
from monitor.feeds.opml import read_opml
from monitor.records import Feed

MAX_FILE = 20_000_000
MAX_YAML = 8_000_000
SUFFIXES = (".yml", ".yaml", ".opml", ".xml")
_DURATION = re.compile(r"(?:(\d{1,4})d)?\s?(?:(\d{1,5})h)?\s?(?:(\d{1,6})m)?\s?(?:(\d{1,7})s)?$")
_LANG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,80}$")
_BACKFILL = ("none", "24h", "all")
_TEXTS = ("name", "lang", "country", "kind", "ca")
_FLAGS = ("fulltext", "paused", "allow_private", "state_owned")
_KEYS = ("url", *_TEXTS, *_FLAGS, "tags", "every", "backfill", "headers")
_FORBIDDEN_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}


def load(paths: Sequence[Path], *, own: bool = False) -> tuple[Feed, ...]:
    """Read files and directories of feed lists, in order. Raises ConfigError with every problem found.

    `own` is for OPML that was exported here: see `opml`.
    """
    return tuple(feed for feed, _ in load_placed(paths, own=own))


def load_placed(paths: Sequence[Path], *, own: bool = False) -> list[tuple[Feed, Problem]]:
    """Read feed lists; with each feed comes its place, to say there what is wrong with it. Raises ConfigError."""
    problems: list[Problem] = []
    found: list[tuple[Feed, Problem]] = []
    for path in paths:
        for file in _files(path, problems):
            found.extend(_read(file, problems, own=own))
    problems.extend(_duplicates(found))
    if problems:
        raise ConfigError(problems)
    return found


def read_feed(values: Mapping[str, object]) -> Feed:
    """Return a feed from what a row of a list would say. Raises ConfigError with every problem found."""
    problems: list[Problem] = []
    feed = _Row("the command line", 1, 1, CommentedMap(values), problems).feed()
    if feed is None:
        raise ConfigError(problems)
    return feed


def parse_duration(text: str) -> timedelta | None:
    """Read `90s`, `10m`, `2h`, `1d` or `1h 30m`; None for anything else."""
    match = _DURATION.match(text.strip())
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _files(path: Path, problems: list[Problem]) -> list[Path]:
    """Return the files that a path stands for."""
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    if not path.is_file():
        problems.append(Problem(str(path), 1, 1, "this feed list does not exist", "correct the path under `feeds`"))
        return []
    return [path]


def _read(file: Path, problems: list[Problem], *, own: bool) -> list[tuple[Feed, Problem]]:
    """Read one file; each feed comes with its place."""
    try:
        data = file.read_bytes()
    except OSError as error:
        problems.append(Problem(str(file), 1, 1, f"this file can't be read: {error.strerror}", "check its permissions"))
        return []
    if len(data) > MAX_FILE:
        problems.append(Problem(str(file), 1, 1, f"larger than {MAX_FILE} bytes", "split the list"))
        return []
    if file.suffix.lower() in {".opml", ".xml"}:
        rows = read_opml(data, str(file), problems, own=own)
        return _feeds(str(file), ((CommentedMap(row), line, 1) for row, line in rows), problems)
    return _read_yaml(data, str(file), problems)


def _read_yaml(data: bytes, file: str, problems: list[Problem]) -> list[tuple[Feed, Problem]]:
    """Read a YAML list of feeds."""
    before = len(problems)
    document = _load_yaml(data, file, problems)
    if len(problems) > before:
        return []
    if not isinstance(document, CommentedMap):
        problems.append(Problem(file, 1, 1, "a feed list is a mapping", "begin it with `feeds:` and a list below"))
        return []
    for key in document:
        if key != "feeds":
            line, column = document.lc.key(key)
            problems.append(Problem(file, line + 1, column + 1, f"unknown key `{key}`", "only `feeds` stands here"))
    rows = document.get("feeds")
    if not isinstance(rows, CommentedSeq):
        problems.append(Problem(file, 1, 1, "`feeds` must be a list", "write each feed as `- url: …`"))
        return []
    places = (rows.lc.item(index) if rows.lc.data else (0, 0) for index in range(len(rows)))
    placed = ((row, line + 1, column + 1) for row, (line, column) in zip(rows, places, strict=True))
    return _feeds(file, placed, problems)


def _feeds(file: str, rows: Iterable[tuple[object, int, int]], problems: list[Problem]) -> list[tuple[Feed, Problem]]:
    """Make feeds of rows that come with line and column."""
    found = []
    for row, line, column in rows:
        feed = _Row(file, line, column, row, problems).feed()
        if feed is not None:
            found.append((feed, Problem(file, line, column, feed.url)))
    return found


def _load_yaml(data: bytes, file: str, problems: list[Problem]) -> Any:
    """Load YAML 1.2 with positions; None after a problem."""
    if len(data) > MAX_YAML:
        problems.append(Problem(file, 1, 1, f"larger than {MAX_YAML} bytes", "split the list"))
        return None
    loader = YAML(typ="rt")
    loader.allow_duplicate_keys = False
    loader.version = (1, 2)
    try:
        return loader.load(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        problems.append(Problem(file, 1, 1, f"not UTF-8 at byte {error.start}", "save the file as UTF-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problems.append(Problem(file, line, column, f"not YAML: {error.problem}", "correct the syntax"))
    except (YAMLError, ValueError, RecursionError) as error:
        problems.append(Problem(file, 1, 1, f"not YAML: {str(error)[:200]}", "correct the syntax"))
    return None


class _Row:
    """One feed's mapping, read key by key, with a problem for each mistake."""

    def __init__(self, file: str, line: int, column: int, row: object, problems: list[Problem]) -> None:
        self._file, self._line, self._column = file, line, column
        self._row = row
        self._problems = problems
        self._wrong = False

    def feed(self) -> Feed | None:
        """Return the feed, or None after a problem."""
        if isinstance(self._row, str):
            self._row = CommentedMap({"url": self._row})
        if not isinstance(self._row, Mapping):
            self._problem(None, "a feed is a mapping", "write `- url: https://…`")
            return None
        for key in self._row:
            if key not in _KEYS:
                self._problem(key, f"unknown key `{key}`", f"known are {', '.join(_KEYS)}")
        url = self._url()
        values: dict[str, Any] = {name: self._text(name) for name in _TEXTS if name != "name"}
        values |= {name: self._flag(name) for name in _FLAGS if name in self._row}
        name = self._text("name")
        feed = {
            "url": url,
            "name": name or _name_of(url),
            "tags": self._tags(),
            "every": self._every(),
            "backfill": self._backfill(),
            "headers": self._headers(),
            **self._checked(values),
        }
        return None if self._wrong else Feed(**feed)

    def _url(self) -> str:
        url = self._row.get("url") if isinstance(self._row, Mapping) else None
        if not isinstance(url, str) or not url.strip():
            self._problem("url", "a feed needs its address", "write `url: https://…`")
            return ""
        private = isinstance(self._row, Mapping) and self._row.get("allow_private") is True
        wrong = address.problem(url.strip())
        if wrong is not None and not (wrong[0] == "address" and private):
            fix = "add `allow_private: true` if it is meant" if wrong[0] == "address" else "write it as https://…"
            self._problem("url", f"this address can't be polled: {wrong[1]}", fix)
        return url.strip()

    def _text(self, name: str) -> str | None:
        value = self._row.get(name) if isinstance(self._row, Mapping) else None
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip() or len(value) > 500:
            self._problem(name, f"`{name}` must be a short text", "put it in quotes")
            return None
        return " ".join(value.split())

    def _flag(self, name: str) -> bool:
        value = self._row[name] if isinstance(self._row, Mapping) else None
        if not isinstance(value, bool):
            self._problem(name, f"`{name}` must be true or false", f"write `{name}: true`")
        return value is True

    def _checked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Check the short texts that have a form."""
        lang, country = values.get("lang"), values.get("country")
        if lang and not _LANG.match(lang):
            self._problem("lang", f"`{lang}` is no language tag", "write `ar`, `ru`, `tr`, `en`…")
        if country and not re.match(r"[A-Za-z]{2}$", country):
            self._problem("country", f"`{country}` is no country code", "write two letters: `QA`, `TR`…")
        return values | {"country": country.upper() if country else None}

    def _tags(self) -> tuple[str, ...]:
        value = self._row.get("tags") if isinstance(self._row, Mapping) else None
        rows = [value] if isinstance(value, str) else value or []
        if not isinstance(rows, Sequence) or not all(isinstance(tag, str) and tag.strip() for tag in rows):
            self._problem("tags", "`tags` must be a list of texts", "write `tags: [agency, state]`")
            return ()
        return tuple(dict.fromkeys(tag.strip() for tag in rows))

    def _every(self) -> timedelta | None:
        value = self._row.get("every") if isinstance(self._row, Mapping) else None
        if value is None:
            return None
        every = parse_duration(value) if isinstance(value, str) else None
        if every is None or not timedelta(seconds=1) <= every <= timedelta(days=7):
            self._problem("every", f"`{value}` is no interval", "write `10m`, `2h` or `1d`; at most seven days")
            return None
        return every

    def _backfill(self) -> Any:
        value = self._row.get("backfill", "none") if isinstance(self._row, Mapping) else "none"
        if value not in _BACKFILL:
            self._problem("backfill", f"`{value}` is no backfill", "write none, 24h or all")
            return "none"
        return str(value)

    def _headers(self) -> dict[str, str]:
        value = self._row.get("headers") if isinstance(self._row, Mapping) else None
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self._problem("headers", "`headers` must be a mapping", "write `headers: {Authorization: secret:name}`")
            return {}
        for name, text in value.items():
            if not (isinstance(name, str) and _HEADER.match(name)) or name.lower() in _FORBIDDEN_HEADERS:
                self._problem("headers", f"`{name}` is no header that can be set", "remove it")
            elif not (isinstance(text, str) and text.isascii() and text.isprintable()):
                self._problem("headers", f"the value of `{name}` must be one line of ASCII", "write `secret:name`")
        return {str(name): str(text) for name, text in value.items()}

    def _problem(self, key: object, message: str, fix: str) -> None:
        """Note a mistake at its key, or at the row."""
        self._wrong = True
        line, column = self._line, self._column
        if isinstance(self._row, CommentedMap) and key in self._row and self._row.lc.data:
            place = self._row.lc.key(key)
            line, column = place[0] + 1, place[1] + 1
        self._problems.append(Problem(self._file, line, column, message, fix))


def _name_of(url: str) -> str:
    """Return a name for a feed that was given none: its host."""
    parts = address.split(url)
    return (parts.hostname or url).removeprefix("www.") if parts else url


def _duplicates(found: Sequence[tuple[Feed, Problem]]) -> list[Problem]:
    """Return a problem for each feed that is listed twice, by its canonical address."""
    first: dict[str, Problem] = {}
    problems = []
    for feed, place in found:
        key = feed_key(feed.url)
        if key in first:
            where = f"{first[key].file}:{first[key].line}"
            message = f"{feed.url} is listed twice, first at {where}"
            problems.append(Problem(place.file, place.line, place.column, message, "remove one of them"))
        first.setdefault(key, place)
    return problems
