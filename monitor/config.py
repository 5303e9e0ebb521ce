"""Reads everything that the operator wrote, together, so that every mistake is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeVar

from monitor.channels import registry
from monitor.channels.base import Channel
from monitor.errors import ConfigError, FetchError, InputError, Problem
from monitor.feeds import config as feed_files
from monitor.feeds.fetch import own_headers
from monitor.feeds.network import Proxy
from monitor.model import Watchlist
from monitor.novelty import NoveltySettings
from monitor.records import Feed
from monitor.settings import Settings, load_settings
from monitor.settings.parts import SECRET
from monitor.watchlist import load as load_watchlists
from monitor.watchlist import references

T = TypeVar("T")
Fingerprint = tuple[tuple[str, int, int, int], ...]
"""What tells one state of files from another: name, time, size and number of each."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings, feeds, watchlists and channels that hold together; `seen`: how the files stood before reading.

    `keyless` are feeds without a credential that they need: each of them fails, and stops nothing else.
    """

    settings: Settings
    feeds: tuple[Feed, ...]
    watchlists: tuple[Watchlist, ...]
    channels: Mapping[str, Channel]
    novelty: NoveltySettings = field(default_factory=NoveltySettings)
    seen: Fingerprint = ()
    keyless: tuple[Problem, ...] = ()


def load_config(path: Path | None, *, watchlists: Sequence[Path] | None = None) -> Config:
    """Read the settings and all that they name; `watchlists` replaces the settings' own.

    Raises ConfigError with the problems of all files.
    """
    seen = fingerprint(inputs(load_settings(path)))
    settings = load_settings(path)
    problems: list[Problem] = []
    feeds = _gathered(problems, lambda: feed_files.load_placed(settings.feeds), list[tuple[Feed, Problem]]())
    lists = _gathered(problems, lambda: load_watchlists(watchlists or settings.watchlists), tuple[Watchlist, ...]())
    channels = _gathered(problems, lambda: load_channels(settings), dict[str, Channel]())
    problems += _unknown_channels(lists, [*settings.channels, "console"])
    problems += _unknown_operator(settings, [*settings.channels, "console"])
    problems += _lost_secrets(settings)
    if problems:
        raise ConfigError(problems)
    wanted = settings.novelty
    days = min(wanted.memory_days, settings.retention.days)
    memory = NoveltySettings(max_age=timedelta(days=days), max_articles=wanted.memory_articles)
    keyless = tuple(_keyless(feeds, secret_of(settings)))
    return Config(settings, tuple(feed for feed, _ in feeds), lists, channels, memory, seen, keyless)


def inputs(settings: Settings) -> tuple[Path, ...]:
    """Return every file that a configuration is read from; directories are read for what stands in them now."""
    templates = [Path(str(options["template"])) for options in settings.channels.values() if options.get("template")]
    found = [*([settings.file] if settings.file else []), *settings.feeds, *templates]
    for path in settings.watchlists:
        directory = path if path.is_dir() else path.parent
        found += [path] if path != directory else sorted(directory.glob("*.yml"))
        found += sorted((directory / "entities").glob("*.yml"))
    return tuple(found)


def fingerprint(paths: Iterable[Path]) -> Fingerprint:
    """Return what tells one state of the files from another; a missing file is a state too."""
    return tuple(_mark(path) for path in paths)


def _mark(path: Path) -> tuple[str, int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (str(path), 0, 0, 0)
    return (str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino)


def load_feeds(settings: Settings) -> tuple[Feed, ...]:
    """Read the feed lists that the settings name."""
    return feed_files.load(settings.feeds)


def load_channels(settings: Settings) -> dict[str, Channel]:
    """Build the channels that the settings describe, and `console`, which needs no description."""
    described = {"console": {"type": "console"}, **settings.channels}
    problems: list[Problem] = []
    channels = {}
    for name, options in described.items():
        try:
            channels[name] = registry.build(name, options, settings.secret, settings.place)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return channels


def secret_of(settings: Settings) -> Callable[[str], str]:
    """Return what looks a secret's value up by its name. It raises InputError."""
    return lambda name: settings.secret(name).get_secret_value()


def proxy_of(settings: Settings) -> Proxy | Literal["environment"] | None:
    """Return the proxy for feeds. Raises InputError for one that can't be used, without showing it."""
    named = settings.polling.proxy
    if named is None:
        return None
    if named == "environment":
        return "environment"
    try:
        return Proxy.of(settings.secret(named).get_secret_value() if named.startswith(SECRET) else named)
    except ValueError as error:
        raise InputError(f"polling.proxy can't be used: {error}. Fix: write http://host:port") from None


def _lost_secrets(settings: Settings) -> list[Problem]:
    """Return a problem for each secret without which the daemon does not start; channels say their own."""
    token = settings.http.token
    wanted: list[tuple[tuple[str, str], Callable[[], object]]] = [(("polling", "proxy"), lambda: proxy_of(settings))]
    wanted += [(("http", "token"), lambda: settings.secret(token))] if token else []
    found = []
    for keys, look in wanted:
        try:
            look()
        except InputError as error:
            said, _, fix = str(error).partition(". Fix: ")
            found.append(settings.place(*keys).problem(f"{'.'.join(keys)}: {said}", fix))
    return found


def _keyless(feeds: Iterable[tuple[Feed, Problem]], secret: Callable[[str], str]) -> Iterator[Problem]:
    """Yield a problem for each feed with a header whose secret is not there, or can't stand in a header."""
    for feed, place in feeds:
        try:
            own_headers(feed, secret)
        except FetchError as error:
            fix = "set MONITOR_SECRET_… in the environment, or LoadCredential= in the systemd unit, to a header's value"
            yield replace(place, message=f"{feed.name}: {error}", fix=fix)


def _gathered(problems: list[Problem], read: Callable[[], T], otherwise: T) -> T:
    """Read one part; keep its problems and go on with an empty one."""
    try:
        return read()
    except ConfigError as error:
        problems += error.problems
        return otherwise


def _unknown_channels(watchlists: Iterable[Watchlist], known: Sequence[str]) -> list[Problem]:
    """Return a problem for every rule that sends to a channel which no settings describe."""
    found = []
    for watchlist in watchlists:
        for reference in references(watchlist):
            if reference.channel not in known:
                near = get_close_matches(reference.channel, known, 1)
                fix = f"did you mean {near[0]!r}?" if near else "describe it under `channels:` in the settings"
                message = f"rule {reference.rule!r} sends to {reference.channel!r}, which is no channel"
                found.append(Problem(reference.file, reference.line, reference.column, message, fix))
    return found


def _unknown_operator(settings: Settings, known: Sequence[str]) -> list[Problem]:
    """Return a problem for every channel of the operator's that no settings describe."""
    asked = [(name, "send_to") for name in settings.operator.send_to]
    asked += [(settings.operator.heartbeat, "heartbeat")] if settings.operator.heartbeat else []
    return [
        settings.place("operator", key).problem(
            f"operator.{key} names {name!r}, which is no channel", "describe it under `channels:` in the settings"
        )
        for name, key in asked
        if name not in known
    ]
