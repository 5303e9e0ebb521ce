"""T3 over a real store where it is not the receiver that fails: what was taken is recorded, and a turn can end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from monitor.errors import SendError, StoreBusy
from monitor.model import Alert
from monitor.store import Store
from tests.postgres import NOW
from tests.test_pipeline import FACTS, Clock, Recorder, article, drain, pipeline, poll


class Locking(Recorder):
    """A receiver that takes a message while somebody locks the database, so that the taking can't be recorded."""

    def __init__(self, blocker: sqlite3.Connection) -> None:
        super().__init__()
        self.blocker = blocker

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        self.blocker.execute("BEGIN IMMEDIATE")
        return super().send(alert, thread=thread, now=now, deadline=deadline)


def test_what_was_taken_and_not_recorded_is_recorded_before_anything_is_sent(tmp_path: Path) -> None:
    """A store that fails between a receiver's answer and its record makes nobody hear the message again and again."""
    path, clock = tmp_path / "monitor.db", Clock()
    with (
        Store.open(f"sqlite:///{path}", now=NOW, lock_wait=0.05) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as blocker,
    ):
        desk = Locking(blocker)
        line = pipeline(store, clock, desk)
        line.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
        drain(line)
        for _ in range(3):
            with pytest.raises(StoreBusy):
                line.send("desk")
        blocker.execute("ROLLBACK")
        line.send("desk")
        assert len(desk.sent) == 1
        assert store.outbox_stats(sent=True)["desk"].states == {"sent": 1}
        assert store.thread("desk", "desk", "everything", desk.sent[0].story) == "receipt-1"


def test_who_lost_the_channel_forgets_what_it_could_not_record(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another daemon that took the channel over sends the message again; the first one then records nothing late."""
    clock, desk, other = Clock(), Recorder(), Recorder()
    mine, theirs = pipeline(store, clock, desk), pipeline(store, clock, other, owner="they")
    mine.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
    drain(mine)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "sent", broken)
        with pytest.raises(StoreBusy):
            mine.send("desk")
    store.abandon("me")
    assert theirs.send("desk") == 1
    store.abandon("they")
    assert mine.send("desk") == 0
    assert (len(desk.sent), len(other.sent)) == (1, 1)


def broken(*arguments: object) -> None:
    """A store that can't record just now."""
    raise StoreBusy("locked")


def test_a_turn_ends_after_the_message_in_hand(store: Store) -> None:
    """A sender that is told to stop begins no further message; the rest is sent later."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    line.ingest(poll(*(article(n, FACTS[n], NOW) for n in range(3)), at=NOW))
    drain(line)
    assert line.send("desk", going=lambda: not desk.sent) == 1
    assert line.send("desk") == 2


def test_a_rate_limit_is_the_channels(store: Store) -> None:
    """Who asks for fewer messages gets none, of no story, until the time it named; then all, in order."""
    clock = Clock()
    desk = Recorder(SendError("rate-limited", "429", retry_after=30.0))
    line = pipeline(store, clock, desk)
    line.ingest(poll(*(article(n, FACTS[n], NOW) for n in range(3)), at=NOW))
    drain(line)
    assert line.send("desk") == 1
    clock.forward(seconds=29)
    assert line.send("desk") == 0
    clock.forward(seconds=2)
    assert line.send("desk") == 3
    assert len(desk.sent) == 3


def test_a_rate_limit_of_a_clock_that_was_wrong_is_none(store: Store) -> None:
    """Set back by years, the clock makes nobody wait for them."""
    clock = Clock()
    desk = Recorder(SendError("rate-limited", "429", retry_after=30.0))
    line = pipeline(store, clock, desk)
    line.ingest(poll(article(1, FACTS[1], NOW), at=NOW))
    drain(line)
    assert line.send("desk") == 1
    clock.forward(days=-3650)
    assert line.send("desk") == 1


def test_a_fault_of_one_message_holds_up_no_other(store: Store) -> None:
    """A receiver that fails, unlike one that asks for a pause, is offered the other stories."""
    clock = Clock()
    desk = Recorder(SendError("unavailable", "503", retry_after=30.0))
    line = pipeline(store, clock, desk)
    line.ingest(poll(*(article(n, FACTS[n], NOW) for n in range(3)), at=NOW))
    drain(line)
    assert line.send("desk") == 3
    assert len(desk.sent) == 2
