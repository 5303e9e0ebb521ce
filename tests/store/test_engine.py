"""How the database is used: SQLite's switches, the indexes behind the busy queries, many threads at once."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from monitor.errors import StoreBusy, StoreError, StoreReadOnly
from monitor.records import Outgoing
from monitor.store import Store
from tests.postgres import NOW
from tests.store.build import HOUR, alert, draft, judgement, lease, poll, send


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """A store in a file."""
    with Store.open(f"sqlite:///{tmp_path}/monitor.db", now=NOW) as store:
        yield store


def test_every_connection_to_sqlite_is_durable_and_checks_keys(file: Store) -> None:
    """WAL, full synchronisation and foreign keys hold on each of several connections at once."""
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000, "trusted_schema": 0}
    with file._db.read() as first, file._db.read() as second, file._db.read() as third:
        for connection in (first, second, third):
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in expected}
            assert found == expected


def test_foreign_keys_are_enforced(store: Store) -> None:
    """A row that refers to nothing is refused on both databases."""
    with pytest.raises((StoreError, IntegrityError)), store._db.write() as connection:
        connection.exec_driver_sql("INSERT INTO decisions VALUES (99, 'r', 'w', 'alert', 'new', 0)")


def test_a_write_transaction_takes_the_lock_when_it_begins(file: Store) -> None:
    """BEGIN IMMEDIATE for writing, plain BEGIN for reading: a writer never fails half way for want of the lock."""
    said: list[str] = []
    with file._db.read() as connection:
        opened = connection.connection.driver_connection
    assert isinstance(opened, sqlite3.Connection)
    opened.set_trace_callback(said.append)
    file.check()
    file.pending("w", 1)
    assert [words for words in said if words.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_a_write_waits_no_longer_than_it_may_in_all(tmp_path: Path) -> None:
    """A writer behind another of this program, both behind a lock, waits once: for the queue and the lock together."""
    url = f"sqlite:///{tmp_path}/monitor.db"
    with Store.open(url, now=NOW, lock_wait=4.0) as store:
        blocker = sqlite3.connect(tmp_path / "monitor.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")

        def waited(work: Callable[[], object]) -> float:
            began = monotonic()
            with pytest.raises(StoreBusy):
                work()
            return monotonic() - began

        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(waited, [store.check] * 3))
        assert max(found) < 7  # one wait after the other would be twelve seconds
        assert waited(lambda: store.abandon("me", 0.1)) < 3
        blocker.execute("ROLLBACK")
        blocker.close()
        assert store.abandon("me", 0.1) == 0


def test_a_reader_sees_one_moment(file: Store) -> None:
    """Within one read of SQLite the picture stands still while others write."""
    file.ingest(poll(draft("a")), [], NOW)
    with file._db.read() as connection:
        count = "SELECT count(*) FROM articles"
        assert connection.exec_driver_sql(count).scalar_one() == 1
        file.ingest(poll(draft("b")), [], NOW)
        assert connection.exec_driver_sql(count).scalar_one() == 1


BUSY: dict[str, tuple[Callable[[Store], object], str]] = {
    "pending": (lambda store: store.pending("w", 1), "judgements_pending"),
    "due": (lambda store: store.due("desk", NOW, 1), "deliveries_story"),
    "next_due": (lambda store: store.next_due("desk"), "deliveries_story"),
    "held_due": (lambda store: store.held_due(NOW, 1), "alerts_held"),
    "next_held": (lambda store: store.next_held(), "alerts_held"),
    "claim_due": (lambda store: store.claim_due("me", NOW, 1, HOUR), "feeds_due"),
    "next_feed_due": (lambda store: store.next_feed_due(), "feeds_due"),
    "judged_after": (lambda store: store.judged_after("w", "v", 0), "judgements_number|sqlite_autoindex_judgements"),
    "told": (lambda store: store.told("w", "r", "s", ["a"], NOW), "alerts_story"),
    "budget": (lambda store: store.told("w", "r", "s", ["a"], NOW), "alerts_day"),
    "thread": (lambda store: store.thread("desk", "w", "r", "s"), "deliveries_thread"),
}


@pytest.mark.parametrize("name", BUSY)
def test_the_busy_queries_use_their_indexes(file: Store, name: str) -> None:
    """What runs all day long reads an index, not a table."""
    ask, index = BUSY[name]
    asked: list[tuple[str, Any]] = []
    event.listen(file._db.engine, "before_cursor_execute", lambda *a: asked.append((a[2], a[3])))
    ask(file)
    plans = []
    with file._db.read() as connection:
        for statement, parameters in [item for item in asked if item[0].lstrip().startswith("SELECT")]:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans += [str(row[3]) for row in rows]
    assert any(part in plan for plan in plans for part in index.split("|")), plans
    assert not [plan for plan in plans if plan.startswith("SCAN") and "INDEX" not in plan], plans


def test_pollers_judges_and_senders_work_at_once(store: Store) -> None:
    """Several threads of each kind over one store: everything stored is judged and sent once, in story order."""
    pollers, rounds = 3, 12
    total = pollers * rounds * 2
    polled = threading.Event()

    def poller(number: int) -> None:
        for turn in range(rounds):
            names = [f"{number}-{turn}-{item}" for item in range(2)]
            store.ingest(poll(*(draft(name) for name in names), url=f"https://f.example/{number}"), ["w"], NOW)

    def judge() -> None:
        held = lease(store, "watchlist:w")
        done = 0
        while done < total:
            for waiting in store.pending("w", 7):
                key = f"k-{waiting.article.id}"
                outgoing = Outgoing(alert(key, story=f"s{waiting.seq % 5}"), ("desk", "console"))
                assert store.record([judgement(waiting, outgoing)], held) != [None]
                done += 1

    def sender(channel: str) -> list[int]:
        held, sent = lease(store, f"channel:{channel}"), []
        while len(sent) < total:
            for delivery in store.due(channel, NOW, 5):
                store.begin(delivery.id, held, NOW)
                store.sent(delivery.id, held, None, NOW)
                sent.append(delivery.id)
        return sent

    with ThreadPoolExecutor(pollers + 3) as threads:
        work = [threads.submit(poller, number) for number in range(pollers)]
        judging = threads.submit(judge)
        sending = [threads.submit(sender, channel) for channel in ("desk", "console")]
        for future in (*work, judging):
            future.result(120)
        polled.set()
        for future in sending:
            assert len(set(future.result(120))) == total
    status = store.status()
    assert (status.articles, status.judged, status.pending, status.alerts) == (total, total, {}, total)
    assert status.deliveries == {"sent": 2 * total}
    by_story: dict[str, list[int]] = {}
    for row in store.alerts(None, None, 1000):
        for delivery in row.deliveries:
            if delivery.channel == "desk":
                by_story.setdefault(delivery.story, []).append(delivery.id)
    assert len(by_story) == 5


def test_a_long_backlog_is_walked_in_order(store: Store) -> None:
    """Of many waiting deliveries each batch brings the oldest of every story, until all are sent in order."""
    send(store, *(Outgoing(alert(f"k{n:03}", story=f"s{n % 3}"), ("desk",)) for n in range(60)))
    held = lease(store, "channel:desk")
    sent: list[str] = []
    while batch := store.due("desk", NOW, 10):
        assert len({item.story for item in batch}) == len(batch)
        for delivery in batch:
            store.begin(delivery.id, held, NOW)
            store.sent(delivery.id, held, None, NOW)
            sent.append(delivery.alert)
    assert sent == [f"k{n:03}" for n in range(60)]


def test_what_was_opened_while_nobody_might_write_is_opened_anew(tmp_path: Path) -> None:
    """SQLite opens a file that may not be written for reading; once it may be, the store writes again."""
    path = tmp_path / "monitor.db"
    with Store.open(f"sqlite:///{path}", now=NOW) as store:
        store._db.engine.dispose()
        if subprocess.run(["chattr", "+i", str(path)], check=False, capture_output=True).returncode:
            pytest.skip("files can't be made immutable here")
        try:
            with pytest.raises(StoreReadOnly):
                store.check()
        finally:
            subprocess.run(["chattr", "-i", str(path)], check=True)
        store.check()
