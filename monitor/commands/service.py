"""Commands about the daemon itself: run, demo, check, schema, status."""

from __future__ import annotations

import dataclasses
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from monitor.channels.registry import CHANNELS
from monitor.commands import NO, out, show, show_json
from monitor.config import load_config
from monitor.daemon import Daemon, settle_allocator, utc_now
from monitor.demo.show import run_demo
from monitor.errors import ConfigError
from monitor.feeds import schedule
from monitor.feeds.schema import json_schema as feeds_schema
from monitor.logs import set_up_logs
from monitor.report import isolated, moment
from monitor.settings import Settings, default_database, load_settings
from monitor.store import Store
from monitor.watchlist import json_schema, sentence

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The settings file; default: monitor.yml where you stand, if it is there."),
]
NAMED = 10
"""Feeds that are named; of the others `monitor feeds list` tells."""
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]


def open_store(config: Path | None) -> Store:
    """Open the store that the settings name; the default one's directory is made, as the daemon makes it."""
    database = load_settings(config).database
    if database == default_database():
        Path(database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    return Store.open(database, now=utc_now())


def run(config: ConfigFile = None) -> None:
    """Run the daemon until SIGTERM; watchlists, feeds and channels are read again when they change, and on SIGHUP."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the daemon listens to it; the files are read just now
    settle_allocator()
    loaded = load_config(config)
    set_up_logs(loaded.settings.log.format, loaded.settings.log.level)
    Daemon(loaded, reload=lambda: load_config(config)).run()


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running until interrupted.")] = False,
) -> None:
    """Show the main job on sample feeds served on loopback: alerts, what was suppressed and why, metrics."""
    if not run_demo(keep=keep, show=show):
        raise typer.Exit(NO)


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Watchlists to check alone; default: everything configured.")
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Validate settings, watchlists, feeds and channels together; explain each rule in a sentence."""
    loaded = load_config(config, watchlists=paths)
    if loaded.keyless and not paths:
        raise ConfigError(loaded.keyless)
    rules = [
        (watchlist.id, rule.name, sentence(watchlist, rule))
        for watchlist in loaded.watchlists
        for rule in watchlist.rules
    ]
    if as_json:
        show_json(
            {"ok": True, "rules": [{"watchlist": name, "rule": rule, "means": means} for name, rule, means in rules]}
        )
        return
    for name, _, means in rules:
        out.print(f"{name}: {means}", markup=False)
    counts = {"watchlist": loaded.watchlists, "rule": rules, "feed": loaded.feeds, "channel": loaded.channels}
    told = (f"{len(found)} {name}{'s' if len(found) != 1 else ''}" for name, found in counts.items())
    out.print(f"fine: {', '.join(told)}")


def schema() -> None:
    """Print the JSON Schemas of watchlists, feed lists, settings and channels."""
    channels = {name: kind.options.model_json_schema() for name, kind in CHANNELS.items()}
    schemas = {"watchlist": json_schema(), "feeds": feeds_schema(), "settings": Settings.model_json_schema()}
    show_json(schemas | {"channels": channels})


def status(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show in one screen what the store holds: feeds, articles, alerts, outbox."""
    with open_store(config) as store:
        states, counts, outbox, size = store.feed_states(), store.status(), store.outbox_stats(sent=True), store.size()
    health = Counter(map(schedule.health, states))
    now = utc_now()
    after = timedelta(hours=load_settings(config).operator.stale_hours)
    stale = [state for state in states if schedule.stale(state, now, after)]
    waits = min((stats.oldest_due for stats in outbox.values() if stats.oldest_due), default=None)
    last = max((state.last_success for state in states if state.last_success), default=None)
    deliveries = {name: dict(stats.states) for name, stats in outbox.items()}
    if as_json:
        known = {
            "stale": [state.feed.url for state in stale],
            "bytes": size,
            "feeds": health,
            "last_success": last.isoformat() if last else None,
            "deliveries": deliveries,
        }
        show_json({**dataclasses.asdict(counts), **known})
        return
    table = Table.grid(padding=(0, 2))
    table.add_row("feeds", _counted(health))
    table.add_row("stale feeds", _named([isolated(state.feed.name) for state in stale]))
    table.add_row("last poll that worked", moment(last))
    table.add_row(
        "stored", f"{counts.articles} articles, {counts.judged} judgements, {counts.alerts} alerts, {size / 1e6:.0f} MB"
    )
    table.add_row("waiting for judgement", _counted(counts.pending))
    table.add_row("failed judgements", _counted(counts.failed))
    table.add_row("held alerts", str(counts.held))
    table.add_row("oldest unsent", moment(waits) if waits and waits < now else "none waits")
    for name, numbers in deliveries.items():
        table.add_row(f"channel {name}", _counted(numbers))
    show(table)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more: monitor feeds list" if len(names) > NAMED else ""
    return (", ".join(names[:NAMED]) or "none") + more


def _counted(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items())) or "none"
