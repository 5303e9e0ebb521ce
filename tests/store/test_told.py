"""What a decision needs to know about a rule's reader, and silences."""

from __future__ import annotations

from monitor.model import Silence, Told
from monitor.records import Outgoing
from monitor.store import Store
from tests.postgres import NOW
from tests.store.build import DAY, HOUR, alert, draft, judgement, lease, poll, send


def test_told_articles_are_kept_by_rule(store: Store) -> None:
    """Of the ids asked, those come back that this rule of this watchlist told, however many are asked."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a"), draft("b")), ["w"], NOW)
    first, second = store.pending("w", 2)
    store.record([judgement(first, told={"r": ("a", "x", "a"), "s": ("y",)})], held)
    store.record([judgement(second, told={"r": ("a", "b")})], held)
    asked = ["a", "b", "y", *(f"unknown-{item}" for item in range(1200))]
    assert store.told("w", "r", "story", asked, NOW).articles == {"a", "b"}
    assert store.told("w", "s", "story", asked, NOW).articles == {"y"}
    assert store.told("v", "r", "story", asked, NOW) == Told()


def test_the_last_alert_is_the_storys_and_the_budget_the_days(store: Store) -> None:
    """Cooldown looks at the latest alert, held or not; the budget counts what left at once or waits for waking."""
    send(store, Outgoing(alert("k1", created=NOW - DAY, score=0.6), ("c",)))
    send(store, Outgoing(alert("k2", created=NOW, score=0.7), ("c",)))
    send(store, Outgoing(alert("k3", created=NOW + HOUR, score=0.8), ("c",), hold=NOW + DAY))
    send(store, Outgoing(alert("k4", story="another", created=NOW + HOUR, score=0.9), ("c",)))
    assert store.told("w", "r", "story", [], NOW) == Told(frozenset(), NOW + HOUR, 0.8, 3)
    assert store.told("w", "r", "another", [], NOW - DAY) == Told(frozenset(), NOW + HOUR, 0.9, 4)
    assert store.told("w", "s", "story", [], NOW - DAY) == Told()
    assert store.told("w", "r", "story", [], None) == Told(frozenset(), NOW + HOUR, 0.8, 0)


def test_a_digest_neither_cools_a_story_nor_uses_the_budget(store: Store) -> None:
    """A digest is its items' bundle, not one more alert."""
    held = alert("k", created=NOW)
    send(store, Outgoing(held, ("c",), hold=NOW + HOUR, digest=True))
    digest = alert("digest", created=NOW + HOUR, items=(held,))
    assert store.release_digest(digest, ["k"], ["c"], NOW + HOUR)
    assert store.told("w", "r", "story", [], NOW) == Told(frozenset(), NOW, 0.75, 0)


def test_a_silence_holds_until_its_time_and_is_listed_after_it(store: Store) -> None:
    """In force until (exclusive) its end; listed for good."""
    made = store.add_silence(until=NOW + HOUR, author="Nadia", comment="known", now=NOW, entity="lavrov", rule="r")
    assert made == Silence(1, NOW + HOUR, "Nadia", "known", entity="lavrov", rule="r")
    whole = store.add_silence(
        until=NOW + DAY, author="a", comment="b", now=NOW, watchlist="w", source="s.example", story="t"
    )
    assert store.silences(NOW) == [made, whole]
    assert store.silences(NOW + HOUR) == [whole]
    assert store.all_silences() == [made, whole]


def test_a_silence_can_be_ended_once(store: Store) -> None:
    """Ending makes it expired now; what is expired or unknown can't be ended."""
    made = store.add_silence(until=NOW + DAY, author="a", comment="b", now=NOW)
    assert store.expire_silence(made.id, NOW + HOUR)
    assert store.silences(NOW + HOUR) == []
    assert store.all_silences()[0].until == NOW + HOUR
    assert not store.expire_silence(made.id, NOW + HOUR)
    assert not store.expire_silence(99, NOW)
