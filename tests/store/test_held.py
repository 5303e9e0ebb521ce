"""Held alerts leave once: by themselves after quiet hours, as one in a digest."""

from __future__ import annotations

import pytest

from monitor.records import Outgoing
from monitor.store import HeldAlert, Store
from tests.postgres import NOW
from tests.store.build import DAY, HOUR, alert, deliveries, send

LATER = NOW + HOUR


def test_a_held_alert_waits_for_its_time(store: Store) -> None:
    """Until its time it has no delivery and is not due; then it is, with its channels."""
    made = alert("k")
    send(store, Outgoing(made, ("desk", "console"), hold=LATER))
    assert deliveries(store, ["k"]) == []
    assert store.held_due(NOW, 10) == []
    assert store.next_held() == LATER
    assert store.held_due(LATER, 10) == [HeldAlert(made, ("desk", "console"), False, LATER)]


def test_held_alerts_come_by_rule_time_and_age(store: Store) -> None:
    """What belongs into one digest stands together, oldest first."""
    send(
        store,
        Outgoing(alert("k1", rule="s", created=NOW), ("c",), hold=LATER, digest=True),
        Outgoing(alert("k2", created=NOW), ("c",), hold=LATER, digest=True),
        Outgoing(alert("k3", created=NOW - HOUR), ("c",), hold=LATER, digest=True),
        Outgoing(alert("k4", created=NOW - DAY), ("c",), hold=LATER + HOUR, digest=True),
    )
    assert [item.alert.key for item in store.held_due(NOW + DAY, 10)] == ["k3", "k2", "k4", "k1"]
    assert [item.alert.key for item in store.held_due(NOW + DAY, 1)] == ["k3", "k2"]
    assert [item.alert.key for item in store.held_due(NOW + DAY, 3)] == ["k3", "k2", "k4"]


def test_a_released_alert_gets_its_deliveries_once(store: Store) -> None:
    """Releasing twice, or one that was never held, makes no second delivery."""
    send(store, Outgoing(alert("k1"), ("desk", "console"), hold=LATER), Outgoing(alert("k2"), ("desk",)))
    assert store.release_held(["k1", "k2", "unknown"], LATER) == 1
    assert store.release_held(["k1"], LATER) == 0
    assert [(item.alert, item.channel) for item in deliveries(store, ["k1", "k2"])] == [
        ("k1", "desk"),
        ("k1", "console"),
        ("k2", "desk"),
    ]
    row = store.alert_row("k1")
    assert row is not None
    assert (row.hold, row.released, row.released_in) == (LATER, LATER, None)
    assert (store.held_due(NOW + DAY, 10), store.next_held()) == ([], None)


def test_what_was_held_over_night_leaves_before_what_comes_in_the_morning(store: Store) -> None:
    """An alert that leaves at once takes along what its rule held of the story until then, and nothing else."""
    send(
        store,
        Outgoing(alert("night"), ("desk",), hold=LATER),
        Outgoing(alert("noon"), ("desk",), hold=LATER + HOUR),
        Outgoing(alert("digest"), ("desk",), hold=LATER, digest=True),
        Outgoing(alert("rule", rule="s"), ("desk",), hold=LATER),
        Outgoing(alert("other", story="another"), ("desk",), hold=LATER),
    )
    send(store, Outgoing(alert("morning", created=LATER, follows=NOW), ("desk",)), at=LATER)
    keys = ["night", "noon", "digest", "rule", "other", "morning"]
    made = sorted(deliveries(store, keys), key=lambda delivery: delivery.id)
    assert [delivery.alert for delivery in made] == ["night", "morning"]
    assert store.release_held(["night"], LATER) == 0


def test_a_digest_replaces_what_it_gathers(store: Store) -> None:
    """One delivery a channel for the digest, none for its items, and the items know where they went."""
    items = (alert("k1"), alert("k2"))
    send(store, *(Outgoing(item, ("archive",), hold=LATER, digest=True) for item in items))
    digest = alert("d", created=LATER, items=items, story="digest:r")
    assert store.release_digest(digest, ["k1", "k2"], ("archive",), LATER)
    assert [item.alert for item in deliveries(store, ["d", "k1", "k2"])] == ["d"]
    assert store.alert("d") == digest
    row = store.alert_row("k1")
    assert row is not None
    assert (row.released, row.released_in) == (LATER, "d")
    assert store.held_due(NOW + DAY, 10) == []


def test_a_digest_is_created_once_and_latecomers_leave_by_themselves(store: Store) -> None:
    """The same digest again does nothing; an alert held to the same time after it had left is not lost."""
    send(store, Outgoing(alert("k1"), ("archive",), hold=LATER, digest=True))
    digest = alert("d", created=LATER, items=(alert("k1"),), story="digest:r")
    assert store.release_digest(digest, ["k1"], ("archive",), LATER)
    assert not store.release_digest(digest, ["k1"], ("archive",), LATER)
    send(store, Outgoing(alert("k2"), ("archive",), hold=LATER, digest=True))
    assert not store.release_digest(digest, ["k1", "k2"], ("archive",), LATER)
    assert [item.alert for item in deliveries(store, ["d", "k1", "k2"])] == ["d", "k2"]
    assert store.held_due(NOW + DAY, 10) == []


@pytest.mark.parametrize("years", [1, 10])
def test_a_clock_set_back_does_not_hold_alerts_for_years(store: Store, years: int) -> None:
    """An alert made and held while the clock stood years ahead is due when it stands right again."""
    ahead = NOW + years * 365 * DAY
    send(store, Outgoing(alert("k", created=ahead), ("c",), hold=ahead + HOUR))
    assert [item.alert.key for item in store.held_due(NOW, 10)] == ["k"]
