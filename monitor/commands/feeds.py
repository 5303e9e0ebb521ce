"""`monitor feeds …`: the feeds of a running or stopped daemon, read and changed in its store."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from monitor.commands import NO, complain, out, show, show_json
from monitor.commands.service import AsJson, ConfigFile, open_store
from monitor.config import load_feeds
from monitor.daemon import fetcher_of, utc_now
from monitor.errors import FetchError, InputError, StoreError
from monitor.feeds.config import load, read_feed
from monitor.feeds.discover import discover as find_feeds
from monitor.feeds.duplicates import duplicates
from monitor.feeds.opml import write_opml, write_yaml
from monitor.feeds.parse import ParserPool
from monitor.feeds.poll import poll as poll_feed
from monitor.feeds.schedule import START, health, stale
from monitor.records import Feed, FeedState
from monitor.report import feeds as show_feeds
from monitor.report import isolated, moment
from monitor.settings import Settings, load_settings
from monitor.store import Store

AllowPrivate = Annotated[bool, typer.Option("--allow-private", help="Its host may be a private one.")]

app = typer.Typer(help="List, add, poll, import and export feeds.", no_args_is_help=True)


@app.command("list")
def list_(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List the feeds with their health, last success and next poll."""
    with open_store(config) as store:
        states = store.feed_states()
    if as_json:
        for state in states:
            show_json(_feed_json(state))
    else:
        show(show_feeds(states, {state.feed.url: health(state) for state in states}))


@app.command()
def stats(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show what each feed is worth: health, latency, new articles, duplicates, and feeds under two addresses."""
    now, after = utc_now(), timedelta(hours=load_settings(config).operator.stale_hours)
    with open_store(config) as store:
        states, per_day = store.feed_states(), store.new_per_day(now)
    same = {url: group[0] for group in duplicates(states) for url in group[1:]}
    for state in states:
        figures = {
            **_feed_json(state),
            "stale": stale(state, now, after),
            "polls": state.polls,
            "entries": state.entries,
            "new_per_day": round(per_day.get(state.feed.url, 0.0), 2),
            "duplicates": round(state.shared / (state.entries + state.shared), 3) if state.shared else 0.0,
            "seconds": round(state.seconds, 3),
            "last_new": state.last_new.isoformat() if state.last_new else None,
            "moved_to": state.moved_to,
            "same_as": same.get(state.feed.url),
        }
        if as_json:
            show_json(figures)
        else:
            out.print(f"{isolated(state.feed.name)}: {', '.join(_told(state, figures))}", markup=False)


def _told(state: FeedState, figures: Mapping[str, object]) -> list[str]:
    """Return one feed's figures in words."""
    told = [str(figures["state"]), f"{state.entries} entries in {state.polls} polls"]
    told += [f"{figures['new_per_day']} new a day", f"last new {moment(state.last_new)}"]
    told += [f"{figures['duplicates']:.0%} known before"] if state.shared else []
    told += [f"{state.seconds:.1f} s a poll", f"next {moment(state.next_poll)}"]
    told += [f"failing {state.failures} times: {isolated(state.last_error or '')}"] if state.failures else []
    told += ["stale"] if figures["stale"] else []
    told += [f"moved to {state.moved_to}"] if state.moved_to else []
    return told + ([f"the same as {figures['same_as']}"] if figures["same_as"] else [])


@app.command()
def discover(
    url: Annotated[str, typer.Argument(help="A site's address.")],
    allow_private: AllowPrivate = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Find the feeds of a site; exit 1 if there are none."""
    with ParserPool(1) as pool, fetcher_of(load_settings(config)) as fetcher:
        try:
            found = find_feeds(url, fetcher, pool, utc_now(), allow_private=allow_private)
        except FetchError as error:
            raise InputError(f"{url}: {error}. Fix: give the address of a site that answers") from error
    for one in found:
        if as_json:
            show_json({"url": one.url, "title": one.title, "lang": one.lang, "entries": one.entries})
        else:
            out.print(f"{one.entries:4} entries  {one.url}  {isolated(one.title)}", markup=False)
    if not found:
        raise typer.Exit(NO)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="The feed's http(s) address.")],
    name: Annotated[str | None, typer.Option(help="What to call it; default: its host.")] = None,
    lang: Annotated[str | None, typer.Option(help="Its language, such as ar.")] = None,
    every: Annotated[str | None, typer.Option(help="The interval to poll it at, such as 10m.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be given several times.")] = None,
    header: Annotated[list[str] | None, typer.Option(help="Name=value or Name=secret:name, sent to its host.")] = None,
    ca: Annotated[str | None, typer.Option(help="A file with the authority that signed its certificate.")] = None,
    fulltext: Annotated[bool, typer.Option("--fulltext", help="Read the whole page of each entry.")] = False,
    backfill: Annotated[str, typer.Option(help="Which older entries may alert: none, 24h or all.")] = "none",
    allow_private: AllowPrivate = False,
    config: ConfigFile = None,
) -> None:
    """Add a feed to the store; a running daemon polls it within a second."""
    if wrong := [one for one in header or () if "=" not in one]:
        raise InputError(f"--header {wrong[0]!r} has no value. Fix: write it as Name=value")
    headers = dict(one.split("=", 1) for one in header or ())
    said = {"url": url, "name": name, "lang": lang, "every": every, "tags": tag, "headers": headers, "ca": ca}
    feed = read_feed(said | {"fulltext": fulltext, "backfill": backfill, "allow_private": allow_private})
    with open_store(config) as store:
        store.add_feed(feed, utc_now())
    out.print(f"added {url}", markup=False)


@app.command()
def remove(url: str, config: ConfigFile = None) -> None:
    """Remove a feed that was added by `add` or `import`; what it brought stays."""
    with open_store(config) as store:
        if not store.remove_feed(url, utc_now()):
            known = store.feed_state(url) is not None
            fix = "take it out of the settings' feed list" if known else "see `monitor feeds list`"
            raise InputError(f"no feed that was added by command has the address {url!r}. Fix: {fix}")
    out.print(f"removed {url}", markup=False)


@app.command()
def pause(url: str, config: ConfigFile = None) -> None:
    """Stop polling a feed until it is resumed."""
    with open_store(config) as store:
        _must_be_known(store.set_paused(url, True), url)
    out.print(f"paused {url}", markup=False)


@app.command()
def resume(url: str, config: ConfigFile = None) -> None:
    """Poll a feed again, and now, that was paused or that its server said is gone."""
    with open_store(config) as store:
        _must_be_known(store.set_paused(url, False) and store.poll_now(url, utc_now()), url)
    out.print(f"resumed {url}", markup=False)


def _must_be_known(known: bool, url: str) -> None:
    if not known:
        raise InputError(f"no feed has the address {url!r}. Fix: see `monitor feeds list`")


@app.command()
def poll(
    urls: Annotated[list[str] | None, typer.Argument(help="Addresses; default: every configured feed.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say which answer; exit 1 if one does not.")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Fetch and parse feeds once, now, and say what came; nothing is stored."""
    settings = load_settings(config)
    known = {feed.url: feed for feed in load_feeds(settings)}
    known |= _added(settings, [url for url in urls or () if url not in known])
    chosen = [known.get(url, Feed(url=url, name=url)) for url in urls] if urls else list(known.values())
    results: Counter[bool] = Counter()
    with ParserPool(1) as pool, fetcher_of(settings) as fetcher:
        for feed in chosen:
            now = utc_now()
            state = FeedState(feed=feed, next_poll=now, interval=feed.every or START)
            result = poll_feed(state, fetcher, pool, now)
            results[result.ok] += 1
            if as_json:
                show_json({"url": feed.url, "ok": result.ok, "entries": len(result.drafts), "error": result.error})
            elif result.ok:
                out.print(f"ok    {len(result.drafts):4} entries  {feed.url}", markup=False)
            else:
                complain(f"fails {feed.url}: {result.error}")
    if check and results[False]:
        raise typer.Exit(NO)


def _added(settings: Settings, urls: Sequence[str]) -> dict[str, Feed]:
    """Return those of these feeds that were added by command; where the store can't be read, say so and go on."""
    if not urls:
        return {}
    try:
        with Store.open(settings.database, now=utc_now(), read_only=True) as store:
            return {url: state.feed for url in urls if (state := store.feed_state(url))}
    except StoreError as error:
        complain(f"asked without what may have been said when it was added: {error}")
        return {}


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="An OPML or YAML file.")],
    own: Annotated[
        bool, typer.Option("--own", help="This OPML is our own export: its feeds may use secrets and private hosts.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Add the feeds of an OPML or YAML file to the store."""
    feeds = load([path], own=own)
    with open_store(config) as store:
        for feed in feeds:
            store.add_feed(feed, utc_now())
    out.print(f"imported {len(feeds)} feeds")


@app.command()
def export(
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="YAML, as the settings' feed lists are, instead of OPML.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Print all feeds as OPML, or as YAML."""
    with open_store(config) as store:
        feeds = [state.feed for state in store.feed_states()]
    sys.stdout.write(write_yaml(feeds) if as_yaml else write_opml(feeds))


def _feed_json(state: FeedState) -> dict[str, object]:
    return {
        "url": state.feed.url,
        "name": state.feed.name,
        "lang": state.feed.lang,
        "tags": list(state.feed.tags),
        "state": health(state),
        "last_success": state.last_success.isoformat() if state.last_success else None,
        "next_poll": state.next_poll.isoformat(),
        "every_seconds": state.interval.total_seconds(),
        "failures": state.failures,
        "last_error": state.last_error,
    }
