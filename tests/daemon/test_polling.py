"""The poll threads on a real store: feeds that refuse connections answer at once."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from monitor.daemon.polling import Polling
from monitor.feeds.fetch import Fetcher
from monitor.feeds.parse import ParserPool
from monitor.metrics import Metrics
from monitor.pipeline import Pipeline
from monitor.records import Feed
from monitor.store import Store

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_more_feeds_than_threads_need_no_further_tick(tmp_path: Path) -> None:
    """One turn is enough for whatever is due: threads that are done claim the next feeds themselves."""
    polled: list[None] = []
    failures: list[Exception] = []
    enough = threading.Event()

    def stored() -> None:
        polled.append(None)
        if len(polled) == 40:
            enough.set()

    with socket.socket() as closed, ParserPool(1) as parsers, Fetcher() as fetcher:
        closed.bind(("127.0.0.1", 0))  # nobody listens there
        urls = [f"http://127.0.1.{number}:{closed.getsockname()[1]}/feed" for number in range(40)]
        with Store.open(f"sqlite:///{tmp_path}/monitor.db", now=NOW) as store:
            store.sync_feeds([Feed(url=url, name=url, allow_private=True) for url in urls], NOW)
            pipeline = Pipeline(store, (), {}, Metrics(), lambda: NOW, owner="test")
            polling = Polling(pipeline, fetcher, parsers, 4, lambda part, error: bool(failures.append(error)), stored)
            assert polling.turn()
            assert enough.wait(30)
            polling.stop()
            assert polling.join(time.monotonic() + 30)
            assert {state.polls for state in store.feed_states()} == {1}
    assert failures == []
