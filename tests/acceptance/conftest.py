"""A daemon with a newsroom before it and a receiver behind it, all on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.daemon import Daemon
from monitor.demo.receiver import Receiver
from tests.newsroom import Newsroom

WATCHLIST = """
watchlist: Desk
entities:
  lavrov: {name: Sergey Lavrov, aliases: {ar: سيرغي لافروف}}
rules:
  - {name: everything, when: lavrov, novelty: {at_least: 0}, send_to: archive}
"""
Start = Callable[[], AbstractContextManager[Daemon]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one


@pytest.fixture
def room() -> Iterator[Newsroom]:
    with Newsroom() as one:
        yield one


@pytest.fixture
def start(tmp_path: Path, receiver: Receiver, room: Newsroom) -> Start:
    """Returns what starts the daemon; every feed of the newsroom that the tests name is polled each second."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "desk.yml").write_text(WATCHLIST, encoding="utf-8")
    feeds = [
        {"url": room.url(name), "name": name, "lang": "ar", "every": "1s", "backfill": "all", "allow_private": True}
        for name in ("north", "south")
    ]
    (tmp_path / "feeds.yml").write_text(json.dumps({"feeds": feeds}), encoding="utf-8")
    (tmp_path / "monitor.yml").write_text(
        f"database: sqlite:///{tmp_path}/monitor.db\n"
        'http: {listen: "127.0.0.1:0"}\nfeeds: [feeds.yml]\nwatchlists: [lists]\n'
        "polling: {workers: 4, parsers: 2, per_host: 4}\n"
        f'channels: {{archive: {{type: webhook, url: "{receiver.url}/a", allow_private: true}}}}\n',
        encoding="utf-8",
    )

    @contextmanager
    def running() -> Iterator[Daemon]:
        daemon = Daemon(load_config(tmp_path / "monitor.yml"))
        try:
            daemon.start()
            yield daemon
        finally:
            daemon.stop()

    return running
