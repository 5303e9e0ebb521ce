"""The poll threads on a real store: feeds that refuse connections answer at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.daemon import polling as polling_module
from monitor.daemon.polling import Polling, Together
from monitor.errors import StoreBusy, StoreError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.parse import ParserPool
from monitor.metrics import Metrics
from monitor.pipeline import Pipeline
from monitor.records import Feed, Poll
from monitor.store import Store

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Polled:
    """Forty due feeds that nobody serves: the polls that were stored, what went wrong, and `enough` of the former."""

    pipeline: Pipeline
    parsers: ParserPool
    fetcher: Fetcher
    wanted: int = 40
    stored: int = 0
    enough: threading.Event = field(default_factory=threading.Event)
    failures: list[Exception] = field(default_factory=list)

    def polling(self, held: Callable[[], object] = lambda: False) -> Polling:
        """Return polling with four threads."""
        return Polling(self.pipeline, self.fetcher, self.parsers, 4, self._failed, self._stored, held)

    def _stored(self) -> None:
        self.stored += 1
        if self.stored == self.wanted:
            self.enough.set()

    def _failed(self, _: str, error: Exception) -> bool:
        self.failures.append(error)
        return True


@pytest.fixture
def polled(tmp_path: Path) -> Iterator[Polled]:
    """Forty feeds, due, on hosts of their own."""
    with socket.socket() as closed, ParserPool(1) as parsers, Fetcher() as fetcher:
        closed.bind(("127.0.0.1", 0))  # nobody listens there
        urls = [f"http://127.0.1.{number}:{closed.getsockname()[1]}/feed" for number in range(40)]
        with Store.open(f"sqlite:///{tmp_path}/monitor.db", now=NOW) as store:
            store.sync_feeds([Feed(url=url, name=url, allow_private=True) for url in urls], NOW)
            yield Polled(Pipeline(store, (), {}, Metrics(), lambda: NOW, owner="test"), parsers, fetcher)


def test_more_feeds_than_threads_need_no_further_tick(polled: Polled) -> None:
    """One turn is enough for whatever is due: threads that are done claim the next feeds themselves."""
    polling = polled.polling()
    assert polling.turn()
    assert polled.enough.wait(30)
    polling.stop()
    assert polling.join(time.monotonic() + 30)
    assert {state.polls for state in polled.pipeline.store.feed_states()} == {1}
    assert polled.failures == []


def test_each_killed_parser_is_counted_once(polled: Polled) -> None:
    """However many polls follow, a worker that was killed adds one to the counter."""
    polled.parsers.replaced = 2
    polling = polled.polling()
    assert polling.turn()
    assert polled.enough.wait(30)
    polling.stop()
    assert polling.join(time.monotonic() + 30)
    assert polled.pipeline.metrics.registry.get_sample_value("monitor_parser_kills_total") == 2


def test_nothing_is_claimed_while_polling_is_held(polled: Polled) -> None:
    """What was claimed is polled; neither a tick nor a thread that is done claims more until it is let go."""
    polled.wanted = 4
    polling = polled.polling(held=lambda: polled.stored)
    assert polling.turn()
    assert polled.enough.wait(30)
    while not polling.idle:
        time.sleep(0.001)
    assert not polling.turn()
    polling.stop()
    assert polling.join(time.monotonic() + 30)
    assert len(polled.pipeline.store.claim_due("another daemon", NOW, 100, timedelta(minutes=1))) == 36
    assert polled.failures == []


def test_a_feed_stays_claimed_while_its_poll_lasts(polled: Polled, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that lets us wait, or many pages, may outlast a claim: it is renewed, and nobody polls it meanwhile."""
    store = polled.pipeline.store
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/feed"
        store.sync_feeds([Feed(url=url, name=url, allow_private=True)], NOW)
        monkeypatch.setattr(polling_module, "CLAIM", timedelta(0))
        polling = polled.polling()
        assert polling.turn()
        assert store.any_due(NOW)
        monkeypatch.setattr(polling_module, "CLAIM", timedelta(minutes=1))
        polling._claimed[url] -= 60  # as if it were so long ago
        assert not polling.turn()
        assert not store.any_due(NOW)
    polling.stop()
    assert polling.join(time.monotonic() + 30)
    assert polling._claimed == {}


def a_poll(number: int) -> Poll:
    return Poll(
        url=f"https://n{number}.example.org/", at=NOW, result="same", next_poll=NOW, interval=timedelta(hours=1)
    )


def put_at_once(together: Together, polls: Sequence[Poll], first: threading.Event) -> list[Exception]:
    """Let each poll be put by a thread of its own, the first one while `first` holds the pen."""
    errors: list[Exception] = []

    def put(poll: Poll) -> None:
        try:
            together.put(poll)
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=put, args=(poll,)) for poll in polls]
    threads[0].start()
    while not together._pen.locked() or together._waiting:
        time.sleep(0.001)
    for thread in threads[1:]:
        thread.start()
    while len(together._waiting) < len(polls) - 1:
        time.sleep(0.001)
    first.set()
    for thread in threads:
        thread.join(30)
    return errors


def test_polls_that_wait_are_written_together() -> None:
    """While one is written the others gather, and share the next transactions, none larger than allowed."""
    first, written = threading.Event(), list[list[Poll]]()

    def write(polls: Sequence[Poll]) -> None:
        written.append(list(polls))
        assert first.wait(30)

    polls = [a_poll(number) for number in range(9)]
    assert put_at_once(Together(write, 5), polls, first) == []
    assert [len(batch) for batch in written] == [1, 5, 3]
    assert sorted(poll.url for batch in written for poll in batch) == [poll.url for poll in polls]


def test_one_poll_that_can_not_be_written_takes_no_other_with_it() -> None:
    """A transaction that fails is tried poll by poll; who brought the bad one hears of it, nobody else."""
    first, written = threading.Event(), list[Poll]()
    bad = a_poll(3)

    def write(polls: Sequence[Poll]) -> None:
        assert first.wait(30)
        if bad in polls:
            raise StoreError("no database can hold this")
        written.extend(polls)

    errors = put_at_once(Together(write, 32), [a_poll(number) for number in range(6)], first)
    assert [str(error) for error in errors] == ["no database can hold this"]
    assert len(written) == 5


def test_a_busy_store_is_asked_once_for_all() -> None:
    """A lock that nobody gets is no poll's fault: each of those who wait hears of it after one try."""
    first, tries = threading.Event(), list[int]()

    def write(polls: Sequence[Poll]) -> None:
        assert first.wait(30)
        tries.append(len(polls))
        raise StoreBusy("locked")

    assert len(put_at_once(Together(write, 32), [a_poll(number) for number in range(6)], first)) == 6
    assert tries == [1, 5]
