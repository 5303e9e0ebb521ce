"""Stories' counts of outlets: which messages wait for an update, and that no growth is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.errors import LeaseLost
from monitor.model import Novelty
from monitor.records import Lease, Outgoing, Update
from monitor.store import Store
from tests.postgres import NOW
from tests.store.build import DAY, HOUR, alert, draft, judgement, lease, novelty, poll, send


def told(outlets: int, story: str = "story") -> Novelty:
    return replace(novelty(story), outlets=outlets)


def join(store: Store, name: str, outlets: int, *outgoing: Outgoing, story: str = "story") -> None:
    """Judge one more article of the story."""
    store.ingest(poll(draft(name)), ["w"], NOW)
    waiting = next(one for one in store.pending("w", 100) if one.article.id == name)
    changes = {} if outgoing else {"decisions": ()}
    store.record([judgement(waiting, *outgoing, novelty=told(outlets, story), **changes)], lease(store, "watchlist:w"))


def deliver(store: Store, held: Lease, receipt: str | None = "ts") -> None:
    """Send everything that is due."""
    while due := store.due("desk", NOW, 1):
        one = store.begin(due[0].id, held, NOW)
        store.sent(one.id, held, receipt, NOW, store.alert(one.alert))


def waiting(store: Store, channel: str = "desk") -> list[tuple[str, str]]:
    return [(one.alert, one.receipt) for one in store.updates_due(channel, NOW, 10)]


def test_further_outlets_make_one_update_of_the_opening_message(store: Store) -> None:
    """However many outlets join, the story's first message waits once, and says the last count; the second never."""
    send(store, Outgoing(alert("k1"), ("desk",)))
    held = lease(store, "channel:desk")
    deliver(store, held)
    join(store, "b", 2, Outgoing(alert("k2", outlets=2), ("desk",)))
    deliver(store, held, "ts-2")
    for outlets in (3, 4):
        join(store, f"c{outlets}", outlets)
    assert waiting(store) == [("k1", "ts")]
    assert store.alert("k1").outlets == 4
    assert store.updates_due("other", NOW, 5) == []


def test_an_outlet_that_repeats_itself_changes_nothing(store: Store) -> None:
    """Only a count that grows is worth an update; a smaller one, of a memory built anew, is not shown."""
    send(store, Outgoing(alert("k", outlets=3), ("desk",)))
    held = lease(store, "channel:desk")
    deliver(store, held)
    for name, outlets in (("b", 3), ("c", 2), ("d", 1)):
        join(store, name, outlets)
    assert waiting(store) == []
    assert store.alert("k").outlets == 3


def test_a_message_that_waits_leaves_with_the_count_of_then(store: Store) -> None:
    """What has not left yet needs no update: it says the new count itself."""
    send(store, Outgoing(alert("k"), ("desk",)))
    join(store, "b", 5)
    assert store.alert("k").outlets == 5
    deliver(store, lease(store, "channel:desk"))
    assert waiting(store) == []


def test_a_growth_between_reading_and_recording_is_not_lost(store: Store) -> None:
    """A count that grows while the message is on its way makes the message wait at once."""
    send(store, Outgoing(alert("k"), ("desk",)))
    held = lease(store, "channel:desk")
    one = store.begin(store.due("desk", NOW, 1)[0].id, held, NOW)
    said = store.alert("k")
    join(store, "b", 2)
    assert waiting(store) == []
    store.sent(one.id, held, "ts", NOW, said)
    assert waiting(store) == [("k", "ts")]


def test_a_message_without_a_receipt_never_waits(store: Store) -> None:
    """Channels that give no receipt can't change what they sent."""
    send(store, Outgoing(alert("k"), ("desk",)))
    deliver(store, lease(store, "channel:desk"), None)
    join(store, "b", 2)
    assert waiting(store) == []


def pending(store: Store) -> tuple[Lease, Update]:
    """One message that waits to say that two outlets tell its story."""
    send(store, Outgoing(alert("k"), ("desk",)))
    held = lease(store, "channel:desk")
    deliver(store, held)
    join(store, "b", 2)
    return held, store.updates_due("desk", NOW, 1)[0]


def test_what_was_told_is_done_unless_the_count_grew_meanwhile(store: Store) -> None:
    """A count that grows while the update is on its way makes another one; the last count wins."""
    held, update = pending(store)
    said = store.alert("k")
    join(store, "c", 3)
    store.updated(update, said, held, NOW)
    assert waiting(store) == [("k", "ts")]
    store.updated(update, store.alert("k"), held, NOW)
    assert waiting(store) == []


def test_a_failed_update_waits_for_its_time(store: Store) -> None:
    """Put off, it is due then and not before, with its attempts counted; a clock set back doesn't hold it for years."""
    held, update = pending(store)
    store.put_off(update, NOW + HOUR, held, NOW)
    assert waiting(store) == []
    (again,) = store.updates_due("desk", NOW + HOUR, 5)
    assert (again.attempts, again.since) == (1, NOW)
    assert store.updates_due("desk", NOW - 3650 * DAY, 5) == [again]
    store.let_be(again, held)
    assert store.updates_due("desk", NOW + DAY, 5) == []


def test_only_who_holds_the_channel_records_updates(store: Store) -> None:
    """A sender whose lease went to another changes nothing."""
    held, update = pending(store)
    store.release(held)
    lease(store, "channel:desk", "heir")
    for write in (
        lambda: store.updated(update, store.alert("k"), held, NOW),
        lambda: store.put_off(update, NOW, held, NOW),
        lambda: store.let_be(update, held),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert waiting(store) == [("k", "ts")]


def test_counts_are_forgotten_with_what_was_told(store: Store) -> None:
    """A story that nobody joined for as long as articles are kept is forgotten; its messages stay."""
    held, update = pending(store)
    store.updated(update, store.alert("k"), held, NOW)
    store.purge(NOW, NOW)
    assert store.alert("k").outlets == 2
    store.purge(NOW + timedelta(seconds=1), NOW)
    assert store.alert("k").outlets == 1
