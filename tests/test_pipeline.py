"""The path over a real store, on both databases: what T1, T2 and T3 promise."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from sqlalchemy import text

from monitor import pipeline as path
from monitor.errors import SendError
from monitor.judge import Judge
from monitor.metrics import Metrics
from monitor.model import Alert, Alias, Article, Condition, DeliveryState, Digest, Entity, Quiet, Rule, Watchlist
from monitor.pipeline import Pipeline
from monitor.records import Draft, Poll
from monitor.store import Store
from tests.postgres import NOW

LAVROV = Entity("lavrov", "Sergey Lavrov", aliases=(Alias("سيرغي لافروف", "ar"),))
FIDAN = Entity("fidan", "Hakan Fidan", aliases=(Alias("هاكان فيدان", "ar"),))
EVERYTHING = Rule("everything", Condition(all=("lavrov",)), ("desk",))
FACTS = (
    "وصل سيرغي لافروف إلى القاهرة مساء الأحد وبحث مع الجامعة العربية ملف الغاز",
    "أعلن سيرغي لافروف أن موسكو سترسل ثلاثين طنا من القمح إلى السودان الشهر المقبل",
    "انتقد سيرغي لافروف العقوبات الأوروبية الجديدة على المصارف ووصفها بأنها غير قانونية",
)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Recorder:
    """A channel that keeps what it is given, or refuses as planned."""

    name, interval = "desk", 0.0

    def __init__(self, *refusals: SendError) -> None:
        self.refusals = list(refusals)
        self.sent: list[Alert] = []
        self.threads: list[str | None] = []

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.sent.append(alert)
        self.threads.append(thread)
        return f"receipt-{len(self.sent)}"

    def render(self, alert: Alert) -> str:
        return alert.article.title

    def close(self) -> None:
        """Nothing to close."""


def watchlist(*rules: Rule, entities: Sequence[Entity] = (LAVROV,), version: str = "1") -> Watchlist:
    found = {entity.id: entity for entity in entities}
    return Watchlist("desk", "Desk", found, rules or (EVERYTHING,), version=version)


def pipeline(store: Store, clock: Clock, channel: Recorder, *lists: Watchlist, owner: str = "me") -> Pipeline:
    return Pipeline(store, lists or (watchlist(),), {"desk": channel}, Metrics(), clock, owner=owner)


def article(number: int, text: str, when: datetime, **changes: str) -> Article:
    values = {"source": f"outlet-{number}.example", "url": f"https://outlet-{number}.example/a"}
    return Article(
        id=f"a{number}", published=when, lang="ar", title=text, body=text + ".", first_seen=when, **values | changes
    )


def poll(*articles: Article, at: datetime, silent_before: datetime | None = None) -> Poll:
    drafts = tuple(Draft((f"id:{one.id}",), one.title, one) for one in articles)
    hour = timedelta(hours=1)
    return Poll("https://news.example/feed", at, "new", at + hour, hour, drafts, silent_before=silent_before)


def drain(line: Pipeline) -> int:
    count = 0
    while judged := line.judge("desk"):
        count += judged
    return count


def metric(line: Pipeline, name: str, **labels: str) -> float:
    return line.metrics.registry.get_sample_value(name, labels) or 0.0


def test_a_new_fact_is_alerted_once(store: Store) -> None:
    """A matched new article becomes one message; nothing is sent a second time, and it is counted."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    line.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
    assert drain(line) == 1
    assert line.send("desk") == 1
    assert line.send("desk") == 0
    assert [alert.article.id for alert in desk.sent] == ["a1"]
    assert metric(line, "monitor_deliveries_total", channel="desk", result="sent", reason="") == 1
    assert metric(line, "monitor_matches_total", watchlist="desk", entity="lavrov", via="name") == 1


def test_a_spent_budget_holds_until_the_next_day(store: Store) -> None:
    """What the store counts of the day ends a rule's budget; a rule without one goes on."""
    clock, desk = Clock(), Recorder()
    spent = dataclasses.replace(EVERYTHING, name="spent", budget=2)
    line = pipeline(store, clock, desk, watchlist(EVERYTHING, spent))
    line.ingest(poll(*(article(number, fact, NOW) for number, fact in enumerate(FACTS)), at=NOW))
    assert drain(line) == 3
    while line.send("desk"):
        clock.forward(seconds=1)
    assert sorted(alert.rule for alert in desk.sent) == ["everything"] * 3 + ["spent"] * 2


def test_the_same_bytes_again_add_nothing(store: Store) -> None:
    """Ingesting the same articles twice judges and alerts once."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    for _ in range(2):
        line.ingest(poll(article(1, FACTS[0], NOW), at=clock.now))
        drain(line)
        clock.forward(hours=1)
    line.send("desk")
    assert len(desk.sent) == 1
    assert metric(line, "monitor_entries_total", result="seen") == 1


def test_a_copy_by_another_outlet_is_suppressed_even_after_a_restart(store: Store) -> None:
    """The memory is rebuilt from the store: a copy that comes after a restart does not ring."""
    clock, desk = Clock(), Recorder()
    first = pipeline(store, clock, desk)
    first.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
    drain(first)
    clock.forward(hours=1)
    second = pipeline(store, clock, desk)
    second.ingest(poll(article(2, FACTS[0], clock.now), at=clock.now))
    drain(second)
    while second.send("desk"):
        pass
    assert [alert.article.id for alert in desk.sent] == ["a1"]
    assert metric(second, "monitor_novelty_total", watchlist="desk", kind="copy") == 1


def test_a_first_poll_enters_the_memory_in_silence(store: Store) -> None:
    """A baseline's article does not alert, and neither does its copy later."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    line.ingest(poll(article(1, FACTS[0], NOW - timedelta(days=1)), at=NOW, silent_before=NOW))
    clock.forward(minutes=5)
    line.ingest(poll(article(2, FACTS[0], clock.now), at=clock.now))
    drain(line)
    assert line.send("desk") == 0
    reasons = {(row.action, row.reason): row.count for row in store.decisions()}
    assert reasons == {("suppress", "baseline"): 1, ("suppress", "not-novel"): 1}


def test_a_changed_watchlist_warms_its_memory_in_silence(store: Store) -> None:
    """An entity that is added later does not ring for what already ran, and rings for what is new."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    running = "أجرى هاكان فيدان محادثات في بغداد حول المياه والحدود المشتركة بين البلدين"
    line.ingest(poll(article(1, running, NOW), at=NOW))
    drain(line)
    clock.forward(hours=1)
    rule = dataclasses.replace(EVERYTHING, when=Condition(any=("lavrov", "fidan")))
    line.watch([watchlist(rule, entities=(LAVROV, FIDAN), version="2")])
    line.ingest(poll(article(2, running, clock.now), at=clock.now))
    drain(line)
    assert line.send("desk") == 0
    clock.forward(hours=1)
    fresh = "استقبل هاكان فيدان في إسطنبول وفدا يابانيا ووقع معه اتفاقا للتعليم المهني"
    line.ingest(poll(article(3, fresh, clock.now), at=clock.now))
    drain(line)
    line.send("desk")
    assert [alert.article.id for alert in desk.sent] == ["a3"]


def test_one_article_that_breaks_judging_stops_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A judgement that fails is stored as failed with its error; the next article is judged."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    read = line.judges["desk"].read

    def breaks(one: Article) -> object:
        if one.id == "a1":
            raise ValueError("an unreadable article")
        return read(one)

    monkeypatch.setattr(line.judges["desk"], "read", breaks)
    line.ingest(poll(article(1, FACTS[0], NOW), article(2, FACTS[1], NOW), at=NOW))
    drain(line)
    line.send("desk")
    assert [alert.article.id for alert in desk.sent] == ["a2"]
    assert store.status().failed == {"desk": 1}
    assert metric(line, "monitor_judgements_total", watchlist="desk", result="failed") == 1


def test_only_one_daemon_judges_and_one_sends(store: Store) -> None:
    """While one daemon holds a lease, another one does nothing with that watchlist or channel."""
    clock, desk, other = Clock(), Recorder(), Recorder()
    mine, theirs = pipeline(store, clock, desk), pipeline(store, clock, other, owner="they")
    mine.ingest(poll(*(article(n, FACTS[n], NOW) for n in range(3)), at=NOW))
    assert mine.judge("desk") == 3
    assert theirs.judge("desk") == 0
    assert mine.send("desk", 1) == 1
    assert theirs.send("desk") == 0
    assert not other.sent


def test_a_failed_send_is_tried_again_and_parked_where_that_is_useless(store: Store) -> None:
    """A passing failure is retried later; a permanent one is parked and does not block what follows."""
    clock = Clock()
    desk = Recorder(SendError("unavailable", "503"), SendError("rejected", "400", permanent=True))
    line = pipeline(store, clock, desk)
    line.ingest(poll(article(0, FACTS[0], NOW), at=NOW))
    drain(line)
    assert line.send("desk") == 1
    assert line.send("desk") == 0
    clock.forward(hours=2)
    assert line.send("desk") == 1
    assert store.outbox_stats()["desk"].states[DeliveryState.PARKED] == 1
    line.ingest(poll(article(1, FACTS[1], clock.now), at=clock.now))
    drain(line)
    line.send("desk")
    assert [alert.article.id for alert in desk.sent] == ["a1"]
    line.gauge(line.store.feed_states())
    assert metric(line, "monitor_outbox_deliveries", channel="desk", state="parked") == 1


def test_quiet_hours_hold_and_deliver_on_waking(store: Store) -> None:
    """An alert in quiet hours is held until they end, and is sent then."""
    clock, desk = Clock(NOW.replace(hour=23, minute=30)), Recorder()
    rule = dataclasses.replace(EVERYTHING, quiet=Quiet("23:00", "06:30"))
    line = pipeline(store, clock, desk, watchlist(rule))
    line.ingest(poll(article(1, FACTS[0], clock.now), at=clock.now))
    drain(line)
    assert (line.release_held(), line.send("desk")) == (0, 0)
    clock.forward(hours=7, minutes=1)
    assert (line.release_held(), line.send("desk")) == (1, 1)
    assert line.release_held() == 0


def test_a_digest_gathers_what_it_held_and_is_sent_once(store: Store) -> None:
    """Alerts of a digest rule leave as one message that carries them all."""
    clock, desk = Clock(), Recorder()
    rule = dataclasses.replace(EVERYTHING, digest=Digest(("18:00",)))
    line = pipeline(store, clock, desk, watchlist(rule))
    line.ingest(poll(*(article(n, FACTS[n], NOW) for n in range(3)), at=NOW))
    drain(line)
    assert line.send("desk") == 0
    clock.forward(hours=7)
    assert line.release_held() == 3
    line.release_held()
    while line.send("desk"):
        pass
    assert [len(alert.items) for alert in desk.sent] == [3]


def test_developments_are_sent_into_the_first_alerts_thread(store: Store) -> None:
    """The receipt of a story's first delivery is handed to the next ones."""
    clock, desk = Clock(), Recorder()
    rule = dataclasses.replace(EVERYTHING, at_least=0.0)
    line = pipeline(store, clock, desk, watchlist(rule))
    for number in range(2):
        line.ingest(poll(article(number, FACTS[0], clock.now), at=clock.now))
        drain(line)
        while line.send("desk"):
            pass
        clock.forward(hours=1)
    assert desk.threads == [None, "receipt-1"]


def test_gauges_tell_the_feeds_and_what_waits(store: Store) -> None:
    """After `gauge`, feeds by state and pending judgements are in the metrics."""
    clock = Clock()
    line = pipeline(store, clock, Recorder())
    line.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
    line.gauge(line.store.feed_states())
    assert metric(line, "monitor_pending_judgements", watchlist="desk") == 1
    assert metric(line, "monitor_database_bytes") > 0


def test_a_flood_of_one_rule_becomes_one_digest(store: Store) -> None:
    """Beyond the limit a minute the rest of a burst is held and leaves as one message; nothing is dropped."""
    clock, desk = Clock(), Recorder()
    rule = dataclasses.replace(EVERYTHING, at_least=0.0)
    line = Pipeline(store, [watchlist(rule)], {"desk": desk}, Metrics(), clock, owner="me", flood=2)
    places = ("القاهرة", "بغداد", "أنقرة", "الرياض", "الجزائر")
    found = [article(n, f"وصل سيرغي لافروف إلى {place} ووقع البند {n * 37}", NOW) for n, place in enumerate(places)]
    line.ingest(poll(*found, at=NOW))
    drain(line)
    while line.send("desk"):
        pass
    assert len(desk.sent) == 2
    clock.forward(minutes=10)
    assert line.release_held() == 3
    while line.send("desk"):
        pass
    assert [len(alert.items) for alert in desk.sent] == [0, 0, 3]


@pytest.mark.parametrize(("revisions", "rings"), [("ignore", 1), ("alert", 2)])
def test_an_edited_article_rings_again_only_where_the_rule_wants_it(
    store: Store, revisions: Literal["ignore", "alert"], rings: int
) -> None:
    """A changed headline of an article that was told is a revision: ignored, or an alert of its own."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk, watchlist(dataclasses.replace(EVERYTHING, revisions=revisions, at_least=0.0)))
    line.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
    drain(line)
    clock.forward(hours=1)
    line.ingest(poll(article(1, FACTS[1], clock.now), at=clock.now))
    drain(line)
    while line.send("desk"):
        pass
    assert len(desk.sent) == rings


def test_a_memory_that_takes_longer_to_rebuild_than_a_lease_lasts_is_rebuilt_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a daemon remembers and judges, it keeps its lease: a start with a large memory must come to an end."""
    clock = Clock()
    before = pipeline(store, clock, Recorder())
    before.ingest(poll(*(article(number, f"{FACTS[0]} {number}", NOW) for number in range(6)), at=NOW))
    assert drain(before) == 6
    before.ingest(poll(*(article(number, f"{FACTS[1]} {number}", NOW) for number in range(6, 40)), at=NOW))
    store.abandon("me")

    def slow(judge: Judge, *match: Any) -> None:
        """Remember, as if that took five seconds."""
        with store._db.write() as connection:
            connection.execute(text("UPDATE leases SET renewed = renewed - 5000000, expires = expires - 5000000"))
        remember(judge, *match)

    remember = Judge.remember
    monkeypatch.setattr(Judge, "remember", slow)
    monkeypatch.setattr(path, "CATCH_UP", 3)
    after = pipeline(store, clock, Recorder(), owner="another")
    assert after.judge("desk") == 34
    assert store.pending_counts() == {}
