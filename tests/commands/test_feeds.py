"""`monitor feeds`, on the command line: what is found, added, carried over, and told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.daemon import utc_now
from monitor.records import Poll
from monitor.store import Store
from tests.feeds.builders import item, rss
from tests.feeds.site import site
from tests.test_cli import Run, place, run

__all__ = ["place", "run"]


def test_feeds_stats_and_discover(place: Path, run: Run) -> None:
    """Stats name a feed's entries, its twin and where it moved to; a site that does not answer is wrong use."""
    run("feeds", "add", "https://paper.example/rss")
    run("feeds", "add", "http://www.paper.example/rss?utm_source=x")
    figures = [json.loads(line) for line in run("feeds", "stats", "--json")[1].splitlines()]
    assert len(figures) == 2
    assert {one["same_as"] is None for one in figures} == {True, False}
    assert {"new_per_day", "duplicates", "seconds", "next_poll", "last_error", "moved_to"} <= figures[0].keys()
    assert "0 entries in 0 polls, 0.0 new a day" in run("feeds", "stats")[1]
    assert run("feeds", "discover", "http://127.0.0.1:9/")[0] == 2


def test_an_added_feed_is_polled_as_it_was_added(place: Path, run: Run) -> None:
    """`feeds poll ADDRESS` takes what was said when the feed was added: here, that its host may be private."""
    with site() as web:
        feed, other = (web.serve(name, rss(item(1)).encode()) for name in ("/news.xml", "/other.xml"))
        run("feeds", "add", feed, "--allow-private")
        assert run("feeds", "poll", feed, "--check")[0] == 0
        assert run("feeds", "poll", other, "--check")[0] == 1


def test_a_poll_by_hand_makes_no_store(place: Path, run: Run) -> None:
    """A stranger's address is asked where there is no store yet, and none is made by it."""
    with site() as web:
        assert run("feeds", "poll", web.serve("/news.xml", rss(item(1)).encode()), "--check")[0] == 1
    assert not (place / "monitor.db").exists()


def test_a_sites_feeds_are_found(place: Path, run: Run) -> None:
    """A page leads to the feed that it names, on a private host only where that is allowed; none exits 1."""
    with site() as web:
        feed = web.serve("/news.xml", rss(item(1)).encode())
        page, bare = web.serve("/page", b'<a href="/news.xml">news</a>'), web.serve("/bare", b"<html>nothing</html>")
        code, out, _ = run("feeds", "discover", page, "--allow-private", "--json")
        assert (code, json.loads(out)["url"], json.loads(out)["entries"]) == (0, feed, 1)
        assert f"1 entries  {feed}" in run("feeds", "discover", page, "--allow-private")[1]
        assert run("feeds", "discover", bare, "--allow-private")[:2] == (1, "")
        code, _, err = run("feeds", "discover", page)
        assert (code, "not a public address" in err) == (2, True)


def test_a_feeds_past_is_chosen_when_it_is_added(place: Path, run: Run) -> None:
    """`--backfill` is what a feed list calls so, and another word is refused."""
    assert run("feeds", "add", "https://paper.example/all", "--backfill", "all")[0] == 0
    assert "backfill: all" in run("feeds", "export", "--yaml")[1]
    code, _, err = run("feeds", "add", "https://paper.example/week", "--backfill", "week")
    assert (code, "write none, 24h or all" in err) == (2, True)


def test_our_own_export_is_imported_whole(place: Path, run: Run) -> None:
    """A feed with a secret comes back from its own export, and is refused in a list that may be anybody's."""
    run("feeds", "add", "https://paper.example/closed", "--header", "X-Key=secret:paper", "--every", "2h")
    (place / "all.opml").write_text(run("feeds", "export")[1], encoding="utf-8")
    run("feeds", "remove", "https://paper.example/closed")
    code, _, err = run("feeds", "import", "all.opml")
    assert (code, "--own" in err) == (2, True)
    assert run("feeds", "import", "all.opml", "--own")[0] == 0
    kept = run("feeds", "export", "--yaml")[1]
    assert "X-Key: secret:paper" in kept
    assert "every: 2h" in kept


def test_stats_and_status_call_the_same_feeds_stale(place: Path, run: Run) -> None:
    """Both go by the setting: a feed that last answered two hours ago is stale after one, and not after three."""
    url, now, minute = "https://paper.example/rss", utc_now(), timedelta(minutes=1)
    run("feeds", "add", url)
    with Store.open(f"sqlite:///{place}/monitor.db", now=now) as store:
        answered = Poll(url, now - timedelta(hours=2), "new", now, minute)
        store.ingest(answered, (), answered.at)
        store.ingest(replace(answered, at=now, result="server", error="500"), (), now)
    settings = (place / "monitor.yml").read_text()
    for hours, stale in ((1, [url]), (3, [])):
        (place / "monitor.yml").write_text(f"{settings}operator: {{stale_hours: {hours}}}\n")
        assert json.loads(run("status", "--json")[1])["stale"] == stale
        assert json.loads(run("feeds", "stats", "--json")[1])["stale"] is bool(stale)
