"""What people, metrics and replay ask of the store."""

from __future__ import annotations

from monitor.records import Outgoing
from monitor.store import AlertRow, Status, Store
from tests.postgres import NOW
from tests.store.build import DAY, FEED, HOUR, OTHER, alert, deliveries, draft, feed, judgement, lease, poll, send


def test_alerts_are_listed_newest_first_in_the_span_asked(store: Store) -> None:
    """Since is inclusive, until exclusive, at most as many as asked, of one watchlist if asked."""
    send(store, *(Outgoing(alert(f"k{n}", created=NOW + n * HOUR), ("c",)) for n in range(4)))
    send(store, Outgoing(alert("v", created=NOW, watchlist="v"), ("c",)))

    def keys(rows: list[AlertRow]) -> list[str]:
        return [row.alert.key for row in rows]

    assert keys(store.alerts(None, None, 10)) == ["k3", "k2", "k1", "k0", "v"]
    assert keys(store.alerts(NOW + HOUR, NOW + 3 * HOUR, 10)) == ["k2", "k1"]
    assert keys(store.alerts(None, None, 1)) == ["k3"]
    assert keys(store.alerts(None, None, 10, watchlist="v")) == ["v"]


def test_an_alert_is_shown_with_what_became_of_it(store: Store) -> None:
    """The row holds the alert as made, its channels and its deliveries; an unknown key gives none."""
    made = alert("k")
    send(store, Outgoing(made, ("desk", "console")))
    row = store.alert_row("k")
    assert row is not None
    assert (row.alert, row.channels, row.hold, row.released) == (made, ("desk", "console"), None, None)
    assert [item.channel for item in row.deliveries] == ["desk", "console"]
    assert store.alerts(None, None, 1) == [row]
    assert store.alert_row("unknown") is None


def test_an_alert_is_known_by_the_beginning_of_its_key(store: Store) -> None:
    """What a message quotes of a key is enough, as long as only one alert's key begins so; a whole key always is."""
    send(store, *(Outgoing(alert(key), ("desk",)) for key in ("ab1", "ab12", "cd%", "cde")))
    for given, key in (("ab1", "ab1"), ("ab12", "ab12"), ("cde", "cde"), ("cd%", "cd%"), ("c", None), ("", None)):
        row = store.alert_row(given)
        assert (row.alert.key if row else None) == key
    assert deliveries(store, ["ab12"])[0].alert == "ab12"


def test_articles_come_in_the_order_of_arrival_every_revision(store: Store) -> None:
    """More articles than one read holds come complete and in order, those since a time if asked."""
    names = [f"{number:04}" for number in range(1203)]
    store.ingest(poll(*(draft(name) for name in names)), [], NOW)
    store.ingest(poll(draft("0000", "corrected")), [], NOW + HOUR)
    assert [item.id for item in store.articles_since()] == [*names, "0000"]
    assert [(item.id, item.revision) for item in store.articles_since(NOW + HOUR)] == [("0000", 1)]
    latest = store.article("0000")
    assert latest is not None
    assert latest.revision == 1
    assert store.article("unknown") is None


def test_a_reader_does_not_stop_writers(store: Store) -> None:
    """While an iterator is open, ingestion goes on."""
    store.ingest(poll(draft("a"), draft("b")), [], NOW)
    reader = store.articles_since()
    assert next(reader).id == "a"
    store.ingest(poll(draft("c")), [], NOW)
    assert [item.id for item in reader] == ["b", "c"]


def test_long_histories_are_read_whole(store: Store) -> None:
    """More judgements than one read holds come complete and in order."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(*(draft(str(number)) for number in range(3))), ["w"], NOW)
    for waiting in store.pending("w", 10):
        store.record([judgement(waiting)], held)
    assert [item.number for item in store.judgements("w")] == [1, 2, 3]
    assert list(store.judgements("v")) == []


def test_the_status_counts_everything(store: Store) -> None:
    """An empty store is all zeroes; a used one says how many of each."""
    assert store.status() == Status()
    store.sync_feeds([feed(), feed(OTHER), feed(f"{FEED}/paused", paused=True)], NOW)
    store.ingest(poll(draft("x"), draft("y")), ["w"], NOW)
    store.ingest(poll(result="timeout", error="no", url=OTHER), [], NOW)
    held = lease(store, "watchlist:w")
    store.fail("w", store.pending("w", 1)[0].seq, "boom", held)
    send(store, Outgoing(alert("k1"), ("c", "d")), Outgoing(alert("k2"), ("c",), hold=NOW + DAY))
    assert store.status() == Status(
        feeds={"fine": 1, "failing": 1, "paused": 1},
        articles=4,
        pending={"w": 1},
        failed={"w": 1},
        judged=2,
        alerts=2,
        held=1,
        deliveries={"pending": 2},
    )


def test_size_and_check_answer(store: Store) -> None:
    """The store knows its size in bytes, and proves that it can write, again and again."""
    for _ in range(2):
        store.check()
    assert store.size() > 10_000
