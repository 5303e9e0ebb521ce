"""A daemon with a newsroom before it and a receiver behind it, all on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.daemon import Daemon
from monitor.demo.receiver import Receiver
from tests.newsroom import WATCHLIST, Newsroom, configure

Start = Callable[[], AbstractContextManager[Daemon]]


@pytest.fixture
def start(tmp_path: Path, receiver: Receiver, room: Newsroom) -> Start:
    """Returns what starts the daemon; every feed of the newsroom that the tests name is polled each second."""
    feeds = [room.url(name) for name in ("north", "south")]
    settings = configure(tmp_path, WATCHLIST, feeds, receiver.url, "{workers: 4, parsers: 2, per_host: 4}")

    @contextmanager
    def running() -> Iterator[Daemon]:
        daemon = Daemon(load_config(settings))
        try:
            daemon.start()
            yield daemon
        finally:
            daemon.stop()

    return running
