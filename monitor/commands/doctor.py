"""`monitor doctor` and `monitor backup`: what an operator asks before and after something went wrong.

Each check gives lines: ok, warn or fail, with what to do. A check never changes anything, and none stops another.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import typer
from rich.table import Table
from rich.text import Text

from monitor.channels import slack
from monitor.channels.base import Channel
from monitor.commands import NO, out, show, show_json
from monitor.commands.service import AsJson, ConfigFile, open_store
from monitor.config import Config, load_config, proxy_of
from monitor.daemon import utc_now
from monitor.daemon.service import only_daemon
from monitor.daemon.upkeep import message
from monitor.errors import ConfigError, InputError, MonitorError, SendError, StoreBusy, StoreError
from monitor.feeds.network import Proxy
from monitor.feeds.schedule import stale
from monitor.matching.analyser import analyser
from monitor.records import FeedState
from monitor.report import isolated
from monitor.settings import Settings, load_settings
from monitor.settings.parts import SECRET
from monitor.store import Store

State = Literal["ok", "warn", "fail"]
STYLE = {"ok": "green", "warn": "yellow", "fail": "bold red"}
RESOLVE_SECONDS = 5.0
SEND_SECONDS = 20.0
HOSTS = 5
"""Names that are resolved at most: a name server that knows some knows the others."""
LOW_ROOM = 500_000_000
"""Bytes of free disk below which a database is in danger."""
LOST_CLOCK = datetime(2024, 1, 1, tzinfo=UTC)
"""No machine that runs this program lives before this."""
WITNESSES = 2
"""Feeds that must have changed at a time to come before the clock, not one of them, is to blame."""


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: of which check, how bad, what, and what to do."""

    check: str
    state: State
    said: str
    fix: str = ""


def doctor(
    send: Annotated[
        list[str] | None, typer.Option("--send", help="Send a real test message to this channel; may be repeated.")
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Check settings, credentials, store, clock, DNS, channels, language data and feeds; each with its fix."""
    lines = list(_examine(config, send or []))
    if as_json:
        for line in lines:
            show_json(asdict(line))
    else:
        table = Table.grid(padding=(0, 2))
        for line in lines:
            said = Text(isolated(line.said))
            table.add_row(Text(line.state, style=STYLE[line.state]), line.check, said)
            if line.fix:
                table.add_row("", "", Text(f"Fix: {line.fix}", style="italic"))
        show(table)
    if any(line.state == "fail" for line in lines):
        raise typer.Exit(NO)


def backup(
    path: Annotated[Path, typer.Argument(help="The new file.")],
    config: ConfigFile = None,
) -> None:
    """Copy the live database whole to a new file; a daemon that starts on it takes the first poll as a baseline."""
    if path.exists():
        raise InputError(f"the backup {path} exists already. Fix: name another file")
    with open_store(config) as store:
        store.backup(path)
    out.print(f"copied to {path}", markup=False)


def _examine(path: Path | None, send: list[str]) -> Iterator[Line]:
    try:
        settings = load_settings(path)
    except ConfigError as error:
        yield from _problems("settings", error)
        return
    yield Line("settings", "ok", str(settings.file or "none: the defaults hold"))
    loaded: Config | None = None
    try:
        loaded = load_config(path)
        counts = f"{len(loaded.watchlists)} watchlists, {len(loaded.feeds)} feeds, {len(loaded.channels)} channels"
        yield Line("files", "ok", counts)
        if loaded.keyless:
            yield from _problems("credentials", ConfigError(loaded.keyless))
        else:
            yield Line("credentials", "ok", "every secret that settings, channels and feeds name has a value")
    except ConfigError as error:
        yield from _problems("files", error)
    now = utc_now()
    states = yield from _store(settings, now)
    yield from _clock(states, now)
    yield from _language_data()
    if loaded:
        yield from _names(loaded)
        yield from _channels(loaded, send, now)
    yield from _feeds(states, settings, now)


def _problems(check: str, error: ConfigError) -> Iterator[Line]:
    for problem in error.problems:
        yield Line(check, "fail", f"{problem.file}:{problem.line}:{problem.column}: {problem.message}", problem.fix)


def _store(settings: Settings, now: datetime) -> Generator[Line, None, list[FeedState]]:
    """Look at the database without changing it; the generator's value is the feeds that it holds."""
    file = _file(settings.database)
    if file is not None:
        yield from _disk(file)
        if not file.exists():
            yield Line("store", "warn", f"there is no {file} yet", "none needed: the daemon's first start makes it")
            return []
        yield _daemon(settings.database)
    try:
        with Store.open(settings.database, now=now, read_only=True) as store:
            states, status, size = store.feed_states(), store.status(), store.size()
    except StoreError as error:
        yield _failed("store", error)
        return []
    yield Line("store", "ok", f"{status.articles} articles, {status.alerts} alerts, {size / 1e6:.0f} MB")
    if parked := status.deliveries.get("parked", 0):
        yield Line("outbox", "fail", f"{parked} deliveries are parked", "mend the channel, then monitor alerts retry")
    if failed := sum(status.failed.values()):
        yield Line("judgements", "warn", f"{failed} articles could not be judged", "see the log, and report a bug")
    return states


def _file(database: str) -> Path | None:
    prefix = "sqlite:///"
    return Path(database.removeprefix(prefix).partition("?")[0]) if database.startswith(prefix) else None


def _disk(file: Path) -> Iterator[Line]:
    directory = next(parent for parent in file.parents if parent.exists())
    free = shutil.disk_usage(directory).free
    if not os.access(directory, os.W_OK):
        yield Line("disk", "fail", f"{directory} can't be written", "give it to the daemon's user, or run as that user")
    elif free < LOW_ROOM:
        yield Line("disk", "warn", f"{free / 1e6:.0f} MB free in {directory}", "free space, or shorten `retention`")
    else:
        yield Line("disk", "ok", f"{free / 1e9:.1f} GB free in {directory}")


def _daemon(database: str) -> Line:
    try:
        lock = only_daemon(database)
    except StoreBusy:
        return Line("daemon", "ok", "a daemon runs on this store")
    except OSError as error:
        return Line("daemon", "warn", f"can't tell whether one runs: {error.strerror}", "run as the daemon's user")
    if lock:
        lock.close()
    return Line("daemon", "warn", "no daemon runs on this store", "start it: systemctl start monitor, or monitor run")


def _failed(part: str, error: MonitorError, fix: str = "") -> Line:
    """Return a line of an error, with the fix that it names, or else this one."""
    said, _, named = str(error).partition(" Fix: ")
    return Line(part, "fail", said, named or fix)


def _clock(states: list[FeedState], now: datetime) -> Iterator[Line]:
    latest = max((state.last_poll for state in states if state.last_poll), default=None)
    if now < LOST_CLOCK:
        yield Line("clock", "fail", f"it says {now:%Y-%m-%d}", "set it, and let a time service keep it")
    elif latest and latest > now + timedelta(minutes=1):
        yield Line("clock", "fail", f"the last poll was at {latest:%Y-%m-%d %H:%M}Z, which is to come", "set the clock")
    elif len(ahead := [state.feed.name for state in states if _changed_after(state, now)]) >= WITNESSES:
        said = f"{now:%Y-%m-%d %H:%M:%S}Z, and {', '.join(ahead[:HOSTS])} say that they changed after that"
        yield Line("clock", "fail", said, "set the clock, and let a time service keep it")
    else:
        yield Line("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S}Z, and neither polls nor feeds are ahead of it")


def _changed_after(state: FeedState, now: datetime) -> bool:
    """Tell whether the feed's server said that it changed at a time that is to come."""
    with suppress(ValueError, TypeError):
        changed = parsedate_to_datetime(state.modified or "")
        return changed.replace(tzinfo=changed.tzinfo or UTC) > now + timedelta(minutes=5)
    return False


def _language_data() -> Iterator[Line]:
    try:
        from monitor.text.fold import fold  # noqa: PLC0415 - loads camel-tools' maps, which is what is tried here
    except (ImportError, OSError) as error:
        yield Line("language data", "fail", f"camel-tools: {error}", "install deploy/requirements.txt again")
        return
    folded = fold("الأُردُنّ").text
    good = folded == fold("الاردن").text
    fix = "" if good else "install the pinned camel-tools of deploy/requirements.txt"
    yield Line("language data", "ok" if good else "fail", "camel-tools' maps fold Arabic", fix)
    yield _morphology()


def _morphology() -> Line:
    """Tell whether camel-tools' analyser is a witness about weak Arabic names; nothing else depends on it."""
    found = analyser()
    if found is None:
        fix = (
            "for one: camel_data -i morphology-db-msa-r13, with CAMELTOOLS_DATA naming a directory the daemon can read"
        )
        return Line("morphology", "ok", "no database of camel-tools' analyser is installed; it is optional", fix)
    if found.error:
        return Line("morphology", "warn", f"can't be used, and is not: {found.error}", "install it again, or remove it")
    return Line("morphology", "ok", f"camel-tools' analyser reads {found.name}: one more witness about weak names")


def _names(config: Config) -> Iterator[Line]:
    try:
        hosts = list(dict.fromkeys(_asked(config)))[:HOSTS]
    except MonitorError as error:
        yield _failed("dns", error, "mend polling.proxy, or the environment's proxy")
        return
    lost = [host for host in hosts if not _resolves(host)]
    if not lost:
        yield Line("dns", "ok", f"{len(hosts)} hosts of feeds, or of their proxy, have addresses")
    else:
        state: State = "fail" if len(lost) == len(hosts) else "warn"
        yield Line("dns", state, f"no address for {', '.join(lost)}", "check the name server, and the feeds' addresses")


def _asked(config: Config) -> Iterator[str]:
    """Yield the hosts that this machine connects to for feeds: a proxy resolves the names of those behind it."""
    proxy = proxy_of(config.settings)
    for feed in config.feeds:
        through = Proxy.in_environment(feed.url) if proxy == "environment" else proxy
        yield urlsplit(feed.url if feed.allow_private or through is None else through.url).hostname or ""


def _receiver(settings: Settings, options: Mapping[str, Any]) -> str | None:
    """Return the host that a channel sends to; none for the console, and for Apprise, whose services have their own."""
    if options.get("type") == "apprise":
        return None
    where = options.get("host") or options.get("url") or options.get("api")
    where = str(where or (slack.API if options.get("type") == "slack" else ""))
    address = settings.secret(where).get_secret_value() if where.startswith(SECRET) else where
    return urlsplit(address).hostname if "://" in address else address or None


def _resolves(host: str) -> bool:
    return _within(RESOLVE_SECONDS, partial(socket.getaddrinfo, host, 443))


def _within(seconds: float, work: Callable[[], object]) -> bool:
    """Tell whether the work succeeds in time. A name server that hangs is left behind in its thread."""
    done = threading.Event()

    def run() -> None:
        with suppress(OSError, UnicodeError):
            work()
            done.set()

    thread = threading.Thread(target=run, daemon=True)
    began = monotonic()
    thread.start()
    thread.join(seconds)
    return done.is_set() and monotonic() - began <= seconds


def _channels(config: Config, send: list[str], now: datetime) -> Iterator[Line]:
    used = {name for watchlist in config.watchlists for rule in watchlist.rules for name in rule.send_to}
    used |= {"console", *config.settings.operator.send_to, config.settings.operator.heartbeat or "console"}
    for name, channel in config.channels.items():
        if name in send:
            yield _tried(channel, now)
        elif name not in used:
            yield Line(f"channel {name}", "warn", "nothing sends to it", "put it under a rule's send_to, or remove it")
        elif (host := _receiver(config.settings, config.settings.channels.get(name, {}))) and not _resolves(host):
            fix = "check the name server, and the channel's address"
            yield Line(f"channel {name}", "fail", "its receiver's name has no address", fix)
        else:
            yield Line(f"channel {name}", "ok", f"can be built; to try it: monitor doctor --send {name}")
        channel.close()
    for name in set(send) - config.channels.keys():
        yield Line(f"channel {name}", "fail", "there is none of that name", f"one of {', '.join(config.channels)}")


def _tried(channel: Channel, now: datetime) -> Line:
    sample = message("test", "A test message: whoever reads this gets the alerts", (), now, timedelta(seconds=1))
    try:
        channel.send(sample, thread=None, now=now, deadline=SEND_SECONDS)
    except SendError as error:
        return Line(f"channel {channel.name}", "fail", f"{error.reason}: {error}", "see the channel's settings")
    except MonitorError as error:
        return Line(f"channel {channel.name}", "fail", str(error), "see the channel's settings")
    return Line(f"channel {channel.name}", "ok", "took a test message")


def _feeds(states: list[FeedState], settings: Settings, now: datetime) -> Iterator[Line]:
    after = timedelta(hours=settings.operator.stale_hours)
    silent = [state for state in states if stale(state, now, after)]
    for state in silent:
        said = f"{state.feed.name} has not answered: {state.last_error or 'no reason known'}"
        yield Line("feed", "fail", said, f"monitor feeds poll {state.feed.url}, then mend or pause it")
    failing = [state for state in states if state.failures and state not in silent and not state.retired]
    if failing:
        names = ", ".join(state.feed.name for state in failing[:5])
        yield Line("feeds", "warn", f"{len(failing)} failed when last asked: {names}", "none yet: they are asked again")
    for state in states:
        if state.retired:
            yield Line(
                "feed",
                "warn",
                f"{state.feed.name} is gone for good",
                f"remove it, or: monitor feeds resume {state.feed.url}",
            )
        elif state.moved_to not in {None, state.feed.url}:
            yield Line(
                "feed", "warn", f"{state.feed.name} lives at {state.moved_to} now", "write that in the feed list"
            )
    if settings.polling.contact is None:
        said = "feeds' operators can't reach you: the user agent names no contact"
        yield Line("feeds", "warn", said, "set polling.contact to an address or a page")
    if states and not silent:
        yield Line("feeds", "ok", f"{len(states) - len(failing)} of {len(states)} answered when last asked")
