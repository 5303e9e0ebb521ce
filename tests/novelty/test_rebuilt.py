"""A memory rebuilt from a real store judges as the one that wrote it."""

from __future__ import annotations

from datetime import timedelta

from monitor.judge import Judge
from monitor.model import Told
from monitor.novelty import NoveltySettings
from monitor.records import Pending
from monitor.store import Store
from tests.test_pipeline import FACTS, Clock, Recorder, article, drain, pipeline, poll, watchlist


def test_rebuilt_from_the_store_it_is_equal(store: Store) -> None:
    """Once stories, a copy and a revision are stored, a fresh judge says of the next articles what the old one does."""
    clock = Clock()
    line = pipeline(store, clock, Recorder())
    for number, text in enumerate((*FACTS, FACTS[0], FACTS[1] + " وأرجأ الموعد"), start=1):
        line.ingest(poll(article(min(number, 4), text, clock.now), at=clock.now))
        drain(line)
        clock.forward(minutes=20)
    rebuilt = Judge(watchlist(), NoveltySettings())
    while earlier := store.judged_after("desk", "1", rebuilt.past.number):
        for judged in earlier:
            rebuilt.remember(judged.article, judged.findings, judged.novelty, judged.judged)
            rebuilt.past.number = judged.number
    assert rebuilt.past.number == line.judges["desk"].past.number > 0
    for text in (FACTS[2], FACTS[1] + " ورفض التعليق", "أعلن سيرغي لافروف إقالة سفيرين وتعيين مبعوث جديد"):
        pending = Pending(99, "desk", article(9, text, clock.now), silent=False, stored=clock.now + timedelta(hours=1))
        made = [one.judge(pending, lambda *_: Told(), (), clock.now) for one in (rebuilt, line.judges["desk"])]
        assert made[0] == made[1]
