"""What may be forgotten, and what must not."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from monitor.records import Outgoing
from monitor.store import Store
from tests.postgres import NOW
from tests.store.build import DAY, OTHER, alert, draft, feed, judgement, lease, poll, send

MONTH = timedelta(days=30)
MOMENT = timedelta(microseconds=1)


def seen(store: Store, name: str) -> bool:
    """Tell whether an entry of another feed with that address is known."""
    return store.ingest(poll(draft(name, keys=(f"url:{name}",)), url=OTHER), [], NOW + 999 * DAY).seen == 1


def test_old_articles_go_with_their_judgements(store: Store) -> None:
    """Stored before the time: gone with judgements, decisions and told rows. Stored at it or after: kept."""
    held = lease(store, "watchlist:w")
    for name, at in (("old", NOW - MOMENT), ("new", NOW)):
        store.ingest(poll(draft(name)), ["w"], at)
        store.record([judgement(store.pending("w", 1)[0], told={"r": (name,)}, judged=at)], held)
    assert store.purge(NOW, NOW) == 1
    assert [item.id for item in store.articles_since()] == ["new"]
    assert [item.article.id for item in store.judgements("w")] == ["new"]
    assert store.told("w", "r", "s", ["old", "new"], NOW).articles == {"new"}
    assert [item.count for item in store.decisions()] == [1]


def test_an_article_that_waits_for_a_judgement_is_kept(store: Store) -> None:
    """However old, what was not judged yet is not lost."""
    store.ingest(poll(draft("old")), ["w"], NOW - 99 * DAY)
    assert store.purge(NOW, NOW) == 0
    assert len(store.pending("w", 5)) == 1


def test_what_waits_for_a_watchlist_that_is_gone_is_forgotten(store: Store) -> None:
    """An article that only a removed watchlist's judgement waits for goes; one that a loaded one waits for stays."""
    store.ingest(poll(draft("old")), ["removed"], NOW - 99 * DAY)
    store.ingest(poll(draft("both")), ["removed", "w"], NOW - 99 * DAY)
    assert store.purge(NOW, NOW, watched=["w"]) == 1
    assert [item.id for item in store.articles_since()] == ["both"]
    assert store.pending_counts() == {"removed": 1, "w": 1}


def test_alerts_and_deliveries_are_never_purged(store: Store) -> None:
    """What was told, and what still has to be, outlives its article."""
    send(store, Outgoing(alert("k"), ("desk",)), at=NOW - 99 * DAY)
    store.purge(NOW, NOW)
    assert store.alert("k").key == "k"
    assert len(store.due("desk", NOW, 5)) == 1


def test_a_purge_goes_through_more_than_one_batch(store: Store) -> None:
    """More rows than one transaction deletes are all deleted."""
    store.ingest(poll(*(draft(str(number)) for number in range(1203))), [], NOW - 99 * DAY)
    assert store.purge(NOW, NOW) == 1203
    assert list(store.articles_since()) == []


def test_a_key_is_kept_for_its_grace_after_the_entry_left_its_feed(store: Store) -> None:
    """Gone from the feed's document: kept for 30 days after it was last seen there, then forgotten."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(draft("a")), [], NOW)
    store.ingest(poll(draft("b")), [], NOW + DAY)
    store.purge(NOW + DAY, NOW + MONTH)
    assert seen(store, "a")


def test_a_key_is_forgotten_after_its_grace(store: Store) -> None:
    """A moment more than 30 days after its entry was last seen, an entry of that address is a new article."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(draft("a")), [], NOW)
    store.ingest(poll(draft("b")), [], NOW + DAY)
    store.purge(NOW + DAY + MOMENT, NOW + MONTH + MOMENT)
    assert not seen(store, "a")
    assert seen(store, "b")


def test_a_key_stands_as_long_as_its_feed_answers_unchanged_or_not_at_all(store: Store) -> None:
    """A feed that answers 304, or fails, for a year still has its entries: their keys are kept."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(draft("a")), [], NOW)
    store.ingest(poll(result="same", status=304), [], NOW + 200 * DAY)
    store.ingest(poll(result="timeout", error="no"), [], NOW + 300 * DAY)
    store.purge(NOW + 365 * DAY, NOW + 365 * DAY)
    assert list(store.articles_since()) == []
    assert seen(store, "a")


def test_a_removed_feeds_keys_are_forgotten_after_the_grace(store: Store) -> None:
    """Once a feed is not polled any more its keys go, 30 days after it was removed."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(draft("a")), [], NOW)
    store.sync_feeds([], NOW + DAY)
    store.purge(NOW, NOW + DAY + MONTH)
    with store._db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM seen").scalar() == 2
    store.purge(NOW + 2 * DAY, NOW + DAY + MONTH + MOMENT)
    with store._db.read() as connection:
        for table in ("seen", "texts", "articles"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_a_stored_article_whose_keys_went_is_still_not_stored_twice(store: Store) -> None:
    """Articles may outlive their keys; the same identity then is known, not a second row."""
    store.ingest(poll(draft("a")), [], NOW)
    store.purge(NOW - DAY, NOW + 99 * DAY)
    again = store.ingest(poll(draft("a")), [], NOW + 99 * DAY)
    assert (again.new, again.seen) == ((), 1)


def test_a_purge_frees_what_it_forgets(store: Store) -> None:
    """What the rows hold falls with them, though neither kind of database gives its file's room back."""
    chance = Random(1)
    for number in range(20):
        long = draft(f"a{number}", body=chance.randbytes(20_000).hex())
        store.ingest(poll(long), [], NOW - MONTH)
    held = store.used()
    assert held > 400_000
    assert store.purge(NOW, NOW) == 20
    assert store.used() < held - 350_000
