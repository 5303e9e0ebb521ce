"""A memory rebuilt from a real store judges as the one that wrote it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.judge import Judge
from monitor.metrics import Metrics
from monitor.model import Told
from monitor.novelty import NoveltySettings, archive
from monitor.pipeline import Pipeline
from monitor.records import Pending
from monitor.store import Store
from tests.test_pipeline import FACTS, Clock, Recorder, article, drain, poll, watchlist

WHOLE = (NoveltySettings(), archive.DETAIL, archive.GENERATION)
#: Four hours of memory hold twelve of the articles, five of them in full; a generation of bit tables ends after three.
SMALL = (NoveltySettings(max_age=timedelta(hours=4)), 5, 3)
TOWNS = ("بيروت", "عمّان", "بغداد", "الدوحة", "تونس", "الرباط", "مسقط", "الخرطوم")


def texts() -> list[str]:
    """Facts, each in several towns; a copy; an edit."""
    facts = [text.replace("القاهرة", town) + f" في {town}" for text in FACTS for town in TOWNS]
    return [*FACTS, FACTS[0], FACTS[1] + " وأرجأ الموعد", *facts, facts[-1], facts[2]]


@pytest.mark.parametrize(("bounds", "detail", "generation"), [WHOLE, SMALL], ids=["whole", "small"])
def test_rebuilt_from_the_store_it_is_equal(
    store: Store, monkeypatch: pytest.MonkeyPatch, bounds: NoveltySettings, detail: int, generation: int
) -> None:
    """A fresh judge says of the next articles what the old one does: after stories, a copy and a revision are stored,
    and after older articles became sketches, left the bit tables, and were forgotten.
    """
    monkeypatch.setattr(archive, "DETAIL", detail)
    monkeypatch.setattr(archive, "GENERATION", generation)
    clock = Clock()
    line = Pipeline(store, [watchlist()], {"desk": Recorder()}, Metrics(), clock, owner="me", novelty=bounds)
    for number, text in enumerate(texts(), start=1):
        line.ingest(poll(article(4 if number == 5 else number, text, clock.now), at=clock.now))
        drain(line)
        clock.forward(minutes=20)
    rebuilt = Judge(watchlist(), bounds)
    while earlier := store.judged_after("desk", "1", rebuilt.past.number):
        for judged in earlier:
            rebuilt.remember(judged.article, judged.findings, judged.novelty, judged.judged)
            rebuilt.past.number = judged.number
    assert rebuilt.past.number == line.judges["desk"].past.number > 0
    kept = rebuilt.past.memory._archive
    assert (len(kept.ring) == detail < len(kept) < len(texts())) is (detail == SMALL[1])
    for text in (texts()[-3], texts()[10], FACTS[1] + " ورفض التعليق", "أعلن سيرغي لافروف إقالة سفيرين وتعيين مبعوث"):
        pending = Pending(99, "desk", article(99, text, clock.now), silent=False, stored=clock.now + timedelta(hours=1))
        made = [one.judge(pending, lambda *_: Told(), (), clock.now) for one in (rebuilt, line.judges["desk"])]
        assert made[0] == made[1]
