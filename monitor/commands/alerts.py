"""`monitor alerts …`: what was sent, what waits, and what shall not ring."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from monitor.channels.registry import preview
from monitor.commands import NO, complain, out, show, show_json
from monitor.commands.service import AsJson, ConfigFile, open_store
from monitor.daemon import utc_now
from monitor.errors import ConfigError, InputError
from monitor.model import Alert, Silence
from monitor.report import alerts as show_alerts
from monitor.report import isolated, moment
from monitor.settings import load_settings
from monitor.watchlist import load
from monitor.wire import parse_time
from monitor.yamlfile import nearest

app = typer.Typer(help="List, show, retry and silence alerts.", no_args_is_help=True)

ALERT = TypeAdapter(Alert)


@app.command("list")
def list_(
    since: Annotated[str | None, typer.Option(help="ISO 8601, inclusive; default: a week ago.")] = None,
    until: Annotated[str | None, typer.Option(help="ISO 8601, exclusive; default: now.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first."""
    now = utc_now()
    with open_store(config) as store:
        rows = store.alerts(parse_time(since) or now - timedelta(days=7), parse_time(until), limit)
    found = [row.alert for row in rows]
    if as_json:
        for alert in found:
            show_json(ALERT.dump_python(alert, mode="json"))
    else:
        show(show_alerts(found))


@app.command("show")
def show_(
    key: Annotated[str, typer.Argument(help="The alert's key, or its beginning.")],
    channel: Annotated[str, typer.Option(help="Render it as this type of channel would send it.")] = "console",
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show one alert as a channel would send it."""
    with open_store(config) as store:
        row = store.alert_row(key)
    if row is None:
        out.print(f"no alert's key, or more than one, begins with {key!r}: see `monitor alerts list`", markup=False)
        raise typer.Exit(NO)
    if as_json:
        show_json(ALERT.dump_python(row.alert, mode="json"))
        return
    out.print(preview(channel, row.alert), markup=False)
    for delivery in row.deliveries:
        attempts = f"{delivery.attempts} attempts {delivery.error or ''}"
        out.print(f"delivery {delivery.id} to {delivery.channel}: {delivery.state}, {attempts}", markup=False)


@app.command()
def retry(
    delivery: Annotated[
        list[int] | None, typer.Argument(help="Numbers of deliveries; default: every parked one.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Send parked deliveries again."""
    with open_store(config) as store:
        count = store.unpark(utc_now(), delivery or None)
    out.print(f"{count} parked deliveries are due again")


@app.command()
def silence(
    until: Annotated[str | None, typer.Option(help="ISO 8601, or a duration such as 2h or 3d.")] = None,
    comment: Annotated[str, typer.Option(help="Why.")] = "",
    author: Annotated[str, typer.Option(help="Who asks for it.", envvar="USER")] = "unknown",
    watchlist: Annotated[str | None, typer.Option()] = None,
    entity: Annotated[str | None, typer.Option()] = None,
    rule: Annotated[str | None, typer.Option()] = None,
    source: Annotated[str | None, typer.Option()] = None,
    story: Annotated[str | None, typer.Option()] = None,
    expire: Annotated[int | None, typer.Option(help="End the silence of this number now.")] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Silence an entity, rule, source or story until a time; without `--until`, list silences, expired ones too."""
    now = utc_now()
    with open_store(config) as store:
        if expire is not None:
            store.expire_silence(expire, now)
        elif until is not None:
            target = {"watchlist": watchlist, "entity": entity, "rule": rule, "source": source, "story": story}
            if not any(target.values()):
                raise InputError(
                    "a silence must name something. Fix: add --entity, --rule, --source, --story or --watchlist"
                )
            _known(config, target)
            store.add_silence(until=_until(until, now), author=author, comment=comment, now=now, **target)
        found = store.all_silences()
    for one in found:
        if as_json:
            show_json(TypeAdapter(Silence).dump_python(one, mode="json"))
        else:
            out.print(_line(one, now), markup=False)


def _known(config: Path | None, target: Mapping[str, str | None]) -> None:
    """Raise InputError for a watchlist, entity or rule that is in no file: such a silence would keep nothing quiet.

    Where the files can't be read just now, a person who wants silence gets it.
    """
    try:
        lists = load(load_settings(config).watchlists)
    except ConfigError:
        complain("the watchlists can't be read, so that nobody knows whether these names exist: see monitor check")
        return
    meant = [one for one in lists if target["watchlist"] in {None, one.id}]
    known = {
        "watchlist": [one.id for one in lists],
        "entity": sorted({entity for one in meant for entity in one.entities}),
        "rule": [rule.name for one in meant for rule in one.rules],
    }
    for kind, names in known.items():
        name = target[kind]
        if name is not None and name not in names:
            raise InputError(f"no {kind} is called {name!r}. Fix: {nearest(name, names)}")


def _until(text: str, now: datetime) -> datetime:
    """Read a time or a duration from now; raise InputError for one that is over already."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if text[:-1].isdigit() and text[-1:] in units:
        return now + timedelta(**{units[text[-1]]: int(text[:-1])})
    moment_ = parse_time(text)
    if moment_ is None or moment_ <= now:
        raise InputError(f"{text!r} is over already. Fix: give a time to come, or a duration such as 2h")
    return moment_


def _line(silence_: Silence, now: datetime) -> str:
    target = ", ".join(
        f"{name} {isolated(value)}"
        for name in ("watchlist", "entity", "rule", "source", "story")
        if (value := getattr(silence_, name))
    )
    state = "until" if silence_.until > now else "expired"
    return f"{silence_.id:4}  {target}  {state} {moment(silence_.until)}  by {silence_.author}: {silence_.comment}"
