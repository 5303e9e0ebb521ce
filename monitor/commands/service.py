"""Commands about the daemon itself: run, demo, check, schema, status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from monitor.channels.registry import json_schemas as channel_schemas
from monitor.commands import NO, out, show, show_json
from monitor.config import load_config
from monitor.daemon import Daemon, utc_now
from monitor.demo.show import run_demo
from monitor.logs import set_up_logs
from monitor.pipeline import feed_health
from monitor.report import moment
from monitor.settings import Settings, load_settings
from monitor.store import Store
from monitor.watchlist import json_schema, sentence

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The settings file; default: monitor.yml where you stand, if it is there."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]


def open_store(config: Path | None) -> Store:
    """Open the store that the settings name."""
    return Store.open(load_settings(config).database, now=utc_now())


def run(config: ConfigFile = None) -> None:
    """Run the daemon until SIGTERM; SIGHUP reloads watchlists and feeds."""
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
    out.print(
        f"fine: {len(loaded.watchlists)} watchlists, {len(rules)} rules, {len(loaded.feeds)} feeds, {len(loaded.channels)} channels"
    )


def schema() -> None:
    """Print the JSON Schemas of watchlists, settings and channels."""
    show_json({"watchlist": json_schema(), "settings": Settings.model_json_schema(), "channels": channel_schemas()})


def status(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show in one screen what the store holds: feeds, articles, alerts, outbox."""
    with open_store(config) as store:
        states, counts = store.feed_states(), store.status()
        outbox, pending = store.outbox_stats(), store.pending_counts()
    health: dict[str, int] = {}
    for state in states:
        health[feed_health(state)] = health.get(feed_health(state), 0) + 1
    last = max((state.last_success for state in states if state.last_success), default=None)
    deliveries = {name: {str(key): number for key, number in stats.counts.items()} for name, stats in outbox.items()}
    if as_json:
        show_json(
            {
                "feeds": health,
                "last_success": last.isoformat() if last else None,
                "counts": counts,
                "pending": pending,
                "deliveries": deliveries,
            }
        )
        return
    table = Table.grid(padding=(0, 2))
    table.add_row("feeds", ", ".join(f"{number} {name}" for name, number in sorted(health.items())) or "none")
    table.add_row("last poll that worked", moment(last))
    table.add_row("stored", ", ".join(f"{number} {name}" for name, number in counts.items()))
    table.add_row("waiting for judgement", ", ".join(f"{name} {number}" for name, number in pending.items()) or "none")
    for name, numbers in deliveries.items():
        table.add_row(f"channel {name}", ", ".join(f"{number} {state}" for state, number in numbers.items()))
    show(table)
