"""Edits of a watchlist: what each of them makes the daemon judge again, and what its readers count as told after it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from monitor.errors import StoreError
from monitor.model import Article, Condition, Findings, Rule, Watchlist
from monitor.pipeline import Pipeline
from monitor.replay import replay_stored
from monitor.store import Store
from tests.test_pipeline import (
    EVERYTHING,
    FACTS,
    FIDAN,
    LAVROV,
    NOW,
    Clock,
    Recorder,
    article,
    drain,
    metric,
    pipeline,
    poll,
    watchlist,
)

NOBODY = "هطلت أمطار غزيرة على الساحل وأغلقت المدارس أبوابها يومين"


def judged(line: Pipeline) -> float:
    return metric(line, "monitor_judgements_total", watchlist="desk", result="judged")


def come(line: Pipeline, number: int, text: str, clock: Clock) -> None:
    """Let an article come in, be judged, and be sent if it rings."""
    line.ingest(poll(article(number, text, clock.now), at=clock.now))
    drain(line)
    while line.send("desk"):
        pass
    clock.forward(hours=1)


@pytest.mark.parametrize(
    ("edit", "again"),
    [
        (watchlist(dataclasses.replace(EVERYTHING, at_least=0.4), version="2"), 0),
        (watchlist(EVERYTHING, Rule("more", Condition(all=("lavrov",)), ("desk",)), version="2"), 0),
        (dataclasses.replace(watchlist(version="2"), title="Another title"), 0),
        (watchlist(entities=(LAVROV, FIDAN), version="2"), 3),
    ],
    ids=["a changed rule", "a new rule", "the title", "a new entity"],
)
def test_only_other_entities_are_looked_for_again(store: Store, edit: Watchlist, again: int) -> None:
    """Stored articles are judged again for other entities alone; either way the memory knows what it knew."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    come(line, 1, FACTS[0], clock)
    come(line, 2, NOBODY, clock)
    come(line, 3, FACTS[1], clock)
    before = judged(line)
    line.watch([edit])
    drain(line)
    assert judged(line) - before == again
    come(line, 4, FACTS[0], clock)
    assert [alert.article.id for alert in desk.sent] == ["a1", "a3"]
    come(line, 5, FACTS[2], clock)
    assert {alert.article.id for alert in desk.sent} == {"a1", "a3", "a5"}


def test_an_edited_rule_leaves_what_others_told_as_it_was(store: Store) -> None:
    """What a silence kept back from one rule's reader still rings when it is over, though another rule was edited."""
    clock, desk = Clock(), Recorder()
    other = Rule("other", Condition(all=("lavrov",)), ("desk",), at_least=1.0)
    line = pipeline(store, clock, desk, watchlist(EVERYTHING, other))
    store.add_silence(until=NOW + timedelta(minutes=30), author="me", comment="busy", now=NOW, rule="everything")
    come(line, 1, FACTS[0], clock)
    line.watch([watchlist(EVERYTHING, dataclasses.replace(other, severity="high"), version="2")])
    come(line, 2, FACTS[0], clock)
    assert [(alert.rule, alert.article.id) for alert in desk.sent] == [("everything", "a2")]


def test_rules_edited_while_nobody_ran_are_amended_at_the_start(store: Store) -> None:
    """A daemon that starts with a new rule takes it as one that runs does: the past stays silent, nothing is lost."""
    clock, desk = Clock(), Recorder()
    come(pipeline(store, clock, Recorder()), 1, FACTS[0], clock)
    rule = Rule("new", Condition(all=("lavrov",)), ("desk",))
    line = pipeline(store, clock, desk, watchlist(rule, version="2"))
    come(line, 2, FACTS[0], clock)
    come(line, 3, FACTS[1], clock)
    assert [alert.article.id for alert in desk.sent] == ["a3"]
    assert judged(line) == 2


def test_articles_about_nobody_share_a_transaction(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no alert hangs on is stored together; a match is stored at once, with what came before it."""
    clock = Clock()
    line = pipeline(store, clock, Recorder())
    sizes: list[int] = []
    record = store.record
    monkeypatch.setattr(store, "record", lambda made, lease: sizes.append(len(made)) or record(made, lease))
    texts = [NOBODY, NOBODY, FACTS[0], NOBODY, FACTS[1], NOBODY]
    line.ingest(poll(*(article(number, text, NOW) for number, text in enumerate(texts)), at=NOW))
    assert drain(line) == 6
    assert sizes == [3, 2, 1]


@pytest.mark.parametrize("method", ["record", "renew", "fail"])
def test_warming_that_can_not_be_stored_begins_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """A memory that is ahead of a store that failed is forgotten: what was not stored is judged as never read."""
    clock = Clock()
    line = pipeline(store, clock, Recorder())
    old = [article(number, f"{FACTS[number % 3]} {number * 7919}", NOW) for number in range(12)]
    line.ingest(poll(*old, at=NOW, silent_before=NOW + timedelta(days=1)))
    judge = line.judges["desk"]

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    def breaks(one: Article) -> Findings:
        if one.id == "a5":
            raise ValueError("an unreadable article")
        return judge._matcher.match(one)

    with monkeypatch.context() as patch:
        patch.setattr(store, method, full)
        if method == "fail":
            patch.setattr(judge, "read", breaks)
        with pytest.raises(StoreError):
            line.judge("desk")
    drain(line)
    scores = [one.novelty.score for one in store.judgements("desk") if one.novelty]
    assert len(scores) == 12
    assert min(scores[:3]) > 0.5, "the first of each were never read before"


def test_edits_do_not_fill_the_database(store: Store) -> None:
    """However often entities are edited, an article that is judged silently again has one silent judgement."""
    clock = Clock()
    line = pipeline(store, clock, Recorder())
    come(line, 1, FACTS[0], clock)
    for edit in range(5):
        line.watch([watchlist(entities=(LAVROV, FIDAN)[: 1 + edit % 2], version=f"edit {edit}")])
        drain(line)
    assert sorted(one.silent for one in store.judgements("desk")) == [False, True]


@pytest.mark.parametrize("edited", [False, True])
def test_what_came_while_nobody_watched_is_known_after_an_edit(store: Store, edited: bool) -> None:
    """A file that was away for a while, and comes back edited or not, knows what ran meanwhile: copies are silent."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    come(line, 1, FACTS[0], clock)
    line.watch([])
    line.ingest(poll(article(2, FACTS[1], clock.now), at=clock.now))
    clock.forward(hours=1)
    line.watch([watchlist(dataclasses.replace(EVERYTHING, severity="high"), version="2") if edited else watchlist()])
    come(line, 3, FACTS[1], clock)
    come(line, 4, FACTS[2], clock)
    assert [alert.article.id for alert in desk.sent] == ["a1", "a4"]


def test_a_memory_of_an_earlier_generation_is_forgotten(store: Store) -> None:
    """Where another daemon began the memory anew, twice, and the version is ours again, it is read anew."""
    clock = Clock()
    line, other = pipeline(store, clock, Recorder()), pipeline(store, clock, Recorder(), owner="other")
    come(line, 1, FACTS[0], clock)
    before = line.judges["desk"].past.memory
    store.abandon("me")
    for lists in (watchlist(entities=(LAVROV, FIDAN), version="2"), watchlist()):
        other.watch([lists])
        drain(other)
    store.abandon("other")
    come(line, 2, FACTS[1], clock)
    assert line.judges["desk"].past.memory is not before


@pytest.mark.parametrize(
    "edits",
    [
        [watchlist(dataclasses.replace(EVERYTHING, at_least=0.4), version="2")],
        [watchlist(entities=(LAVROV, FIDAN), version="2"), watchlist()],
        [watchlist(EVERYTHING, Rule("more", Condition(all=("lavrov",)), ("desk",)), version="2"), watchlist()],
    ],
    ids=["a rule", "entities there and back", "a rule there and back"],
)
def test_stored_decisions_are_reproduced_after_an_edit(store: Store, edits: list[Watchlist]) -> None:
    """A replay of the store says what was decided since the last edit, as it was decided, from the memory of then."""
    clock = Clock()
    line = pipeline(store, clock, Recorder())
    stricter = dataclasses.replace(EVERYTHING, at_least=1.0)
    line.watch([watchlist(stricter, version="0")])
    come(line, 1, FACTS[0], clock)
    line.watch([watchlist()])
    come(line, 2, FACTS[1], clock)
    for number, edit in enumerate(edits, start=3):
        line.watch([edit])
        come(line, number, FACTS[number % 2], clock)
    come(line, 8, FACTS[0], clock)
    come(line, 9, FACTS[2], clock)
    pairs = list(replay_stored(store, edits[-1]))
    assert [(stored.article.id, tuple(outcome.decisions)) for stored, outcome in pairs] == [
        (stored.article.id, stored.decisions) for stored, _ in pairs
    ]
    assert {stored.article.id for stored, _ in pairs} >= {"a8", "a9"}
