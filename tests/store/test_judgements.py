"""T2: judgements with everything that follows from them, in one transaction."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import StatementError

from monitor.model import Decision, Reason
from monitor.records import Outgoing, Versions
from monitor.store import Store, StoredJudgement
from monitor.store.views import DecisionCount
from tests.postgres import NOW
from tests.store.build import DAY, HOUR, alert, deliveries, draft, findings, judgement, lease, novelty, poll


def test_a_judgement_is_written_whole_and_read_back_equal(store: Store) -> None:
    """Findings, novelty, decisions, time and number come back as they were recorded."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a"), draft("b")), ["w"], NOW)
    first, second = store.pending("w", 10)
    made = judgement(first, judged=NOW + HOUR)
    assert store.record([made], held) == [1]
    assert store.record([judgement(second, novelty=None, decisions=())], held) == [2]
    stored = list(store.judgements("w"))
    assert stored[0] == StoredJudgement(
        first.seq, 1, "v1", 1, first.article, False, NOW + HOUR, findings(), novelty(), made.decisions
    )
    assert (stored[1].novelty, stored[1].decisions) == (None, ())
    assert store.pending("w", 10) == []
    assert [item.number for item in store.judgements("w", after=1)] == [2]
    assert store.judgements_of("a") == [("w", stored[0])]


def test_judgement_order_is_what_memories_are_rebuilt_from(store: Store) -> None:
    """Judged articles come back by number, after the one asked, at most as many as asked."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(*(draft(str(item)) for item in range(4))), ["w"], NOW)
    for waiting in store.pending("w", 10)[::-1]:
        store.record([judgement(waiting)], held)
    found = store.judged_after("w", "v1", 0)
    assert [(item.number, item.article.id) for item in found] == [(1, "3"), (2, "2"), (3, "1"), (4, "0")]
    assert (found[0].findings, found[0].novelty, found[0].judged) == (findings(), novelty(), NOW)
    assert [item.number for item in store.judged_after("w", "v1", 1, limit=2)] == [2, 3]
    assert store.judged_after("w", "another", 0) == []
    assert store.judged_after("v", "v1", 0) == []


def test_a_second_record_of_the_same_judgement_changes_nothing(store: Store) -> None:
    """After a crash between commit and answer the work is repeated and found done."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a")), ["w"], NOW)
    (waiting,) = store.pending("w", 1)
    outgoing = Outgoing(alert("k"), ("console",))
    assert store.record([judgement(waiting, outgoing)], held) == [1]
    assert store.record([judgement(waiting, Outgoing(alert("k2"), ("console",)))], held) == [None]
    assert [item.alert for item in deliveries(store, ["k", "k2"])] == ["k"]


def test_an_alert_goes_once_to_each_of_its_channels(store: Store) -> None:
    """One delivery a channel, in order, due at once; a channel named twice gets it once."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a")), ["w"], NOW)
    made = alert("k")
    store.record([judgement(store.pending("w", 1)[0], Outgoing(made, ("desk", "console", "desk")))], held)
    assert store.alert("k") == made
    got = deliveries(store, ["k"])
    assert [(item.channel, item.state, item.attempts, item.due) for item in got] == [
        ("desk", "pending", 0, NOW),
        ("console", "pending", 0, NOW),
    ]


def test_an_alert_key_that_exists_is_not_created_again(store: Store) -> None:
    """The key is unique: the same alert out of another judgement makes neither alert nor delivery."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a"), draft("b")), ["w"], NOW)
    for waiting, score in zip(store.pending("w", 2), (0.75, 0.9), strict=True):
        store.record([judgement(waiting, Outgoing(alert("k", score=score), ("console",)))], held)
    assert store.alert("k").score == 0.75
    assert len(deliveries(store, ["k"])) == 1


def test_a_judgement_that_can_not_be_written_leaves_nothing(store: Store) -> None:
    """One bad part (here a time without zone in an alert) rolls back all of it: number, decisions, told, alerts."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a")), ["w"], NOW)
    (waiting,) = store.pending("w", 1)
    bad = Outgoing(alert("k2", created=NOW.replace(tzinfo=None)), ("console",))
    with pytest.raises(StatementError, match="aware"):
        store.record([judgement(waiting, Outgoing(alert("k"), ("console",)), bad, told={"r": ("a",)})], held)
    assert store.pending("w", 1) == [waiting]
    assert store.alert_row("k") is None
    assert store.told("w", "r", "story", ["a"], NOW).articles == frozenset()
    assert store.decisions() == []
    assert store.record([judgement(waiting)], held) == [1]


def test_a_failed_judgement_steps_aside_and_can_be_tried_again(store: Store) -> None:
    """Its error is kept, the next ones go on, other watchlists are untouched, and requeueing brings it back."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a"), draft("b")), ["w", "v"], NOW)
    first, second = store.pending("w", 10)
    store.fail("w", first.seq, "boom", held)
    assert store.pending("w", 10) == [second]
    assert (store.failed_counts(), store.pending_counts()) == ({"w": 1}, {"w": 1, "v": 2})
    assert store.requeue_failed("w", held) == 1
    assert store.pending("w", 10) == [first, second]


def test_decisions_are_counted_by_reason(store: Store) -> None:
    """Every decision is counted under its rule, action and reason, in the span asked."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(*(draft(str(item)) for item in range(3))), ["w"], NOW)
    quiet = (Decision("w", "r", "hold", Reason.QUIET), Decision("w", "s", "suppress", Reason.COOLDOWN))
    for number, waiting in enumerate(store.pending("w", 10)):
        store.record([judgement(waiting, decisions=quiet[: 1 + number % 2], judged=NOW + number * HOUR)], held)
    assert store.decisions() == [
        DecisionCount("w", "r", "hold", "quiet", 3),
        DecisionCount("w", "s", "suppress", "cooldown", 1),
    ]
    assert store.decisions(since=NOW + HOUR, until=NOW + 2 * HOUR) == [
        DecisionCount("w", "r", "hold", "quiet", 1),
        DecisionCount("w", "s", "suppress", "cooldown", 1),
    ]
    assert store.decisions(watchlist="v") == []


def test_a_new_version_warms_silently_in_arrival_order(store: Store) -> None:
    """Stored articles are judged anew and silently, oldest arrival first, latest revision only, and only since then."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("ancient")), [], NOW - 2 * DAY)
    store.ingest(poll(draft("a"), draft("b")), [], NOW)
    store.ingest(poll(draft("a", "corrected")), [], NOW)
    assert store.versions("w") is None
    assert store.warm("w", Versions("v1"), NOW - DAY, NOW, held) == 2
    assert store.versions("w") == Versions("v1")
    waiting = store.pending("w", 10)
    assert [(item.article.id, item.article.revision, item.silent) for item in waiting] == [
        ("b", 0, True),
        ("a", 1, True),
    ]


def test_real_pending_judgements_stay_real_and_come_after_the_warming(store: Store) -> None:
    """An article that still waits for its real judgement is not warmed with; silent ones go first."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("told")), [], NOW)
    store.ingest(poll(draft("waiting")), ["w"], NOW)
    assert store.warm("w", Versions("v1"), NOW - DAY, NOW, held) == 1
    assert [(item.article.id, item.silent) for item in store.pending("w", 10)] == [("told", True), ("waiting", False)]


def test_a_second_change_during_warming_begins_again_in_order(store: Store) -> None:
    """Half warmed for one version and changed again: the next one starts from the oldest article."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(*(draft(name) for name in "abc")), [], NOW)
    store.warm("w", Versions("v1"), NOW - DAY, NOW, held)
    store.record([judgement(store.pending("w", 1)[0])], held)
    assert store.warm("w", Versions("v2"), NOW - DAY, NOW, held) == 3
    assert [item.article.id for item in store.pending("w", 10)] == ["a", "b", "c"]
    for waiting in store.pending("w", 10):
        store.record([judgement(waiting, version="v2")], held)
    assert [item.number for item in store.judged_after("w", "v2", 0)] == [2, 3, 4]
    assert [(item.number, item.generation) for item in store.judgements("w")] == [(2, 2), (3, 2), (4, 2)]


def test_going_back_to_an_earlier_version_does_not_mix_its_generations(store: Store) -> None:
    """A version that returns is rebuilt from its new warming alone, not from what it judged long ago."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a")), ["w"], NOW)
    store.record([judgement(store.pending("w", 1)[0])], held)
    for version in ("v2", "v1"):
        store.warm("w", Versions(version), NOW - DAY, NOW, held)
    assert store.judged_after("w", "v1", 0) == []
    store.record([judgement(store.pending("w", 1)[0])], held)
    assert [item.number for item in store.judged_after("w", "v1", 0)] == [2]


def test_a_judge_of_an_unwarmed_version_is_stopped(store: Store) -> None:
    """Judging with a version that the store was not warmed for is a bug, and writes nothing."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("a")), ["w"], NOW)
    (waiting,) = store.pending("w", 1)
    store.warm("w", Versions("v1"), NOW - DAY, NOW, held)
    with pytest.raises(ValueError, match="was changed and not warmed"):
        store.record([replace(judgement(waiting), version="v2")], held)
    assert len(store.pending("w", 10)) == 1


def test_what_came_while_a_watchlist_was_not_loaded_is_caught_up_silently(store: Store) -> None:
    """Only what this generation neither judged nor waits for is added; a second time adds nothing."""
    held = lease(store, "watchlist:w")
    store.ingest(poll(draft("judged"), draft("failed"), draft("waiting")), ["w"], NOW)
    judged, failed, _ = store.pending("w", 10)
    store.record([judgement(judged)], held)
    store.fail("w", failed.seq, "boom", held)
    store.ingest(poll(draft("missed")), ["v"], NOW)
    store.ingest(poll(draft("ancient")), ["v"], NOW - 2 * DAY)
    for _ in range(2):
        assert store.catch_up("w", NOW - DAY, NOW, held) == 1
    waiting = [(item.article.id, item.silent) for item in store.pending("w", 10)]
    assert waiting == [("missed", True), ("waiting", False)]
    assert [item.number for item in store.judged_after("w", "v1", 0)] == [1]
