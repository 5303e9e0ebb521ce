"""T3: deliveries in order, one attempt at a time, never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.errors import LeaseLost
from monitor.model import DeliveryState
from monitor.records import Outgoing
from monitor.store import Store
from monitor.store.views import ChannelStats
from tests.postgres import NOW
from tests.store.build import DAY, HOUR, alert, deliveries, lease, send


def ids(store: Store, channel: str = "desk", at: object = None) -> list[str]:
    return [item.alert for item in store.due(channel, at or NOW, 100)]  # type: ignore[arg-type]


def test_deliveries_are_due_in_the_order_of_creation_one_a_story(store: Store) -> None:
    """Of each story the oldest that is not done; stories do not wait for each other."""
    send(store, *(Outgoing(alert(f"k{n}", story=f"s{n % 2}"), ("desk", "other")) for n in range(4)))
    assert ids(store) == ["k0", "k1"]
    assert ids(store, "other") == ["k0", "k1"]
    assert ids(store, "nobody") == []
    assert len(store.due("desk", NOW, 1)) == 1
    assert store.channels_waiting() == ["desk", "other"]


def test_a_delivery_is_sent_with_a_receipt_and_the_story_goes_on(store: Store) -> None:
    """begin, sent: the states and attempts are recorded, the thread's receipt is kept, the next is due."""
    send(store, *(Outgoing(alert(f"k{n}"), ("desk",)) for n in range(3)))
    held = lease(store, "channel:desk")
    first = store.due("desk", NOW, 5)[0]
    begun = store.begin(first.id, held, NOW)
    assert (begun.state, begun.attempts) == (DeliveryState.SENDING, 1)
    done = store.sent(first.id, held, "ts-1", NOW + HOUR)
    assert (done.state, done.receipt, done.error) == (DeliveryState.SENT, "ts-1", None)
    assert store.thread("desk", "w", "r", "story") == "ts-1"
    second = store.due("desk", NOW, 5)[0]
    assert second.alert == "k1"
    store.begin(second.id, held, NOW)
    store.sent(second.id, held, "ts-2", NOW)
    assert store.thread("desk", "w", "r", "story") == "ts-1"
    for other in (("other", "w", "r", "story"), ("desk", "v", "r", "story"), ("desk", "w", "s", "story")):
        assert store.thread(*other) is None


def test_a_sender_that_died_is_followed_by_one_that_sends_again(store: Store) -> None:
    """A delivery begun and never recorded is due again for the channel's next holder, before what follows it."""
    send(store, Outgoing(alert("k1"), ("desk",)), Outgoing(alert("k2"), ("desk",)))
    dead = lease(store, "channel:desk", "dead", timedelta(0) + HOUR)
    first = store.due("desk", NOW, 5)[0]
    store.begin(first.id, dead, NOW)
    store.release(dead)
    heir = lease(store, "channel:desk", "heir")
    assert ids(store) == ["k1"]
    assert store.begin(first.id, heir, NOW).attempts == 2
    with pytest.raises(LeaseLost):
        store.sent(first.id, dead, "late", NOW)
    assert deliveries(store, ["k1"])[0].receipt is None
    store.sent(first.id, heir, "ts", NOW)
    assert ids(store) == ["k2"]


def test_a_begun_delivery_survives_reopening(store_url: str) -> None:
    """What was committed before the send is there after a crash, and comes again."""
    with Store.open(store_url, now=NOW) as store:
        send(store, Outgoing(alert("k"), ("desk",)))
        store.begin(store.due("desk", NOW, 1)[0].id, lease(store, "channel:desk"), NOW)
    with Store.open(store_url, now=NOW) as store:
        assert [(item.state, item.attempts) for item in store.due("desk", NOW, 5)] == [("sending", 1)]


def test_a_retry_waits_for_its_time_and_holds_its_story_back(store: Store) -> None:
    """A failed attempt is due again at the time given, not before; later ones of the story wait, others do not."""
    stories = (("k1", "s"), ("k2", "s"), ("k3", "t"))
    send(store, *(Outgoing(alert(key, story=story), ("desk",)) for key, story in stories))
    held = lease(store, "channel:desk")
    first = store.due("desk", NOW, 5)[0]
    store.begin(first.id, held, NOW)
    failed = store.retry(first.id, held, NOW + HOUR, "status 500", NOW)
    assert (failed.state, failed.due, failed.error) == (DeliveryState.RETRY, NOW + HOUR, "status 500")
    assert ids(store) == ["k3"]
    assert store.next_due("desk") == NOW
    assert ids(store, at=NOW + HOUR) == ["k1", "k3"]
    assert store.begin(first.id, held, NOW + HOUR).error is None


def test_a_parked_delivery_lets_its_story_go_on_and_can_be_sent_later(store: Store) -> None:
    """Parking frees the story; unparking makes it due with fresh attempts and time, in its old place."""
    send(store, Outgoing(alert("k1"), ("desk",)), Outgoing(alert("k2"), ("desk",)))
    held = lease(store, "channel:desk")
    first = store.due("desk", NOW, 5)[0]
    store.begin(first.id, held, NOW)
    assert store.park(first.id, held, "channel_not_found", NOW).state is DeliveryState.PARKED
    assert ids(store) == ["k2"]
    assert store.unpark(NOW + DAY) == 1
    (again,) = store.due("desk", NOW + DAY, 5)
    assert (again.alert, again.attempts, again.created, again.state) == ("k1", 0, NOW + DAY, DeliveryState.PENDING)


def test_unparking_some_leaves_the_others(store: Store) -> None:
    """Only the ids asked for come back; one that is not parked is not touched."""
    send(store, *(Outgoing(alert(f"k{n}", story=f"s{n}"), ("desk",)) for n in range(3)))
    held = lease(store, "channel:desk")
    numbers = [item.id for item in store.due("desk", NOW, 5)]
    for number in numbers[:2]:
        store.park(number, held, "no", NOW)
    assert store.unpark(NOW, [numbers[0], numbers[2]]) == 1
    assert ids(store) == ["k0", "k2"]


def test_the_outbox_is_counted_by_channel_and_state(store: Store) -> None:
    """Depth by state, the sent on request, and the oldest due of what waits; an empty outbox has no next time."""
    send(store, *(Outgoing(alert(f"k{n}", story=f"s{n}"), ("desk", "other")) for n in range(4)))
    held = lease(store, "channel:desk")
    numbers = [item.id for item in store.due("desk", NOW, 5)]
    store.begin(numbers[0], held, NOW)
    store.sent(numbers[0], held, None, NOW)
    store.park(numbers[1], held, "no", NOW)
    store.begin(numbers[2], held, NOW)
    store.retry(numbers[2], held, NOW + HOUR, "later", NOW)
    stats = store.outbox_stats()
    assert stats["desk"] == ChannelStats("desk", {"parked": 1, "retry": 1, "pending": 1}, NOW)
    assert store.outbox_stats(sent=True)["desk"].states == {**stats["desk"].states, "sent": 1}
    assert stats["desk"].waiting == 2
    assert stats["other"] == ChannelStats("other", {"pending": 4}, NOW)
    assert store.next_due("nobody") is None


def test_every_write_of_a_sender_needs_its_lease(store: Store) -> None:
    """Without the channel's lease nothing moves."""
    send(store, Outgoing(alert("k"), ("desk",)))
    expired = lease(store, "channel:desk", "me", timedelta(0))
    (waiting,) = store.due("desk", NOW, 5)
    for move in (
        lambda: store.begin(waiting.id, expired, NOW),
        lambda: store.sent(waiting.id, expired, None, NOW),
        lambda: store.retry(waiting.id, expired, NOW, "e", NOW),
        lambda: store.park(waiting.id, expired, "e", NOW),
    ):
        with pytest.raises(LeaseLost):
            move()
    assert store.due("desk", NOW, 5) == [waiting]


def test_a_delivery_moves_only_along_the_drawing(store: Store) -> None:
    """What is not being sent can't be recorded as sent, what is sent stays sent, and no channel moves another's."""
    send(store, Outgoing(alert("k"), ("desk",)))
    held, other = lease(store, "channel:desk"), lease(store, "channel:other")
    (waiting,) = store.due("desk", NOW, 5)
    with pytest.raises(ValueError, match="is not sending"):
        store.sent(waiting.id, held, None, NOW)
    with pytest.raises(ValueError, match="of other is not"):
        store.begin(waiting.id, other, NOW)
    store.begin(waiting.id, held, NOW)
    store.sent(waiting.id, held, None, NOW)
    for move in (lambda: store.begin(waiting.id, held, NOW), lambda: store.park(waiting.id, held, "e", NOW)):
        with pytest.raises(ValueError, match="is not pending or sending or retry"):
            move()


def test_a_clock_set_back_does_not_put_off_a_retry(store: Store) -> None:
    """A retry that was dated while the clock stood ten years ahead is due when it stands right again."""
    send(store, Outgoing(alert("k"), ("desk",)))
    held = lease(store, "channel:desk")
    ahead = NOW + 3650 * DAY
    (waiting,) = store.due("desk", ahead, 5)
    store.begin(waiting.id, held, ahead)
    store.retry(waiting.id, held, ahead + HOUR, "e", ahead)
    assert ids(store, at=NOW) == ["k"]


def test_an_unknown_alert_is_a_key_error(store: Store) -> None:
    """Asking for an alert that does not exist says so."""
    with pytest.raises(KeyError):
        store.alert("nothing")
