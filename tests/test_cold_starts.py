"""Cold starts are silent: what ran before a feed, watchlist, entity or rule was there does not ring as new."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from monitor.model import Alias, Condition, Rule, Watchlist
from monitor.store import Store
from tests.test_pipeline import EVERYTHING, FIDAN, LAVROV, NOW, Clock, Recorder, article, pipeline, poll, watchlist

RUNNING = "أجرى هاكان فيدان محادثات في بغداد حول المياه والحدود المشتركة بين البلدين"
FRESH = "استقبل هاكان فيدان في إسطنبول وفدا يابانيا ووقع معه اتفاقا للتعليم المهني"
ON_FIDAN = Rule("on fidan", Condition(all=("fidan",)), ("desk",))
UNREAD = dataclasses.replace(FIDAN, aliases=(Alias("حقان فيدان", "ar"),))
NOBODY = watchlist()
STARTS = {
    "a new watchlist": ((NOBODY,), (NOBODY, Watchlist("second", "Second", {"fidan": FIDAN}, (ON_FIDAN,), version="1"))),
    "a new entity": ((NOBODY,), (watchlist(ON_FIDAN, entities=(LAVROV, FIDAN), version="2"),)),
    "a changed entity": (
        (watchlist(ON_FIDAN, entities=(UNREAD,)),),
        (watchlist(ON_FIDAN, entities=(FIDAN,), version="2"),),
    ),
    "a new rule": (
        (watchlist(EVERYTHING, entities=(LAVROV, FIDAN)),),
        (watchlist(EVERYTHING, ON_FIDAN, entities=(LAVROV, FIDAN), version="2"),),
    ),
    "a changed rule": (
        (watchlist(dataclasses.replace(ON_FIDAN, at_least=1.0), entities=(FIDAN,)),),
        (watchlist(ON_FIDAN, entities=(FIDAN,), version="2"),),
    ),
}


@pytest.mark.parametrize(("before", "after"), STARTS.values(), ids=STARTS)
def test_what_already_ran_does_not_ring(
    store: Store, before: tuple[Watchlist, ...], after: tuple[Watchlist, ...]
) -> None:
    """A running story's next copy is silent after the change; what is new rings."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk, *before)

    def come(number: int, text: str) -> list[str]:
        """Let an article come in, be judged by all, and return what has been sent since the start."""
        line.ingest(poll(article(number, text, clock.now), at=clock.now))
        for name in line.judges:
            while line.judge(name):
                pass
        while line.send("desk"):
            pass
        clock.forward(hours=1)
        return [alert.article.id for alert in desk.sent]

    assert come(1, RUNNING) == []
    line.watch(after)
    assert come(2, RUNNING) == []
    assert come(3, FRESH) == ["a3"]


def test_a_first_poll_does_not_ring(store: Store) -> None:
    """What a feed held when it was first read enters the memory, and its copies elsewhere stay silent."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk, watchlist(ON_FIDAN, entities=(FIDAN,)))
    line.ingest(poll(article(1, RUNNING, NOW - timedelta(hours=3)), at=NOW, silent_before=NOW))
    clock.forward(hours=1)
    line.ingest(poll(article(2, RUNNING, clock.now), article(3, FRESH, clock.now), at=clock.now))
    while line.judge("desk"):
        pass
    while line.send("desk"):
        pass
    assert [alert.article.id for alert in desk.sent] == ["a3"]
