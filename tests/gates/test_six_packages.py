"""Each package that the program is built on does work in `monitor run`: taken away, no alert arrives.

The program runs from a copy of the source, beside which a module of the package's name refuses to be imported. Worker
processes see the same copy, so that what they need is taken from them too.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.demo.receiver import Receiver
from monitor.demo.site import Site

ROOT = Path(__file__).parents[2]
KEY = "whsec_a2V5IG9mIDMyIGJ5dGVzIGZvciB0ZXN0cyBvbmx5ISE="
PACKAGES = {
    "feedparser": "feedparser",
    "apscheduler": "apscheduler",
    "camel-tools": "camel_tools",
    "pydantic-settings": "pydantic_settings",
    "httpx": "httpx",
    "prometheus-client": "prometheus_client",
}
PATIENCE = 60.0
"""Seconds after which the machine, not the program, is at fault."""

WATCHLIST = """\
watchlist: One name
entities:
  lavrov: {name: Sergey Lavrov, aliases: {ar: سيرغي لافروف, en: Sergey Lavrov}}
rules:
  - {name: Everything, when: lavrov, novelty: {at_least: 0}, send_to: out}
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A daemon in a process of its own, with the world around it."""

    process: subprocess.Popen[str]
    receiver: Receiver
    address: str
    database: Path
    feeds: int

    def counted(self, metric: str) -> float:
        """The sum of a metric over all its labels; 0 while the port does not answer."""
        try:
            with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            return 0.0
        return sum(float(value) for value in re.findall(rf"^{metric}(?:{{[^}}]*}})? (\S+)$", text, re.M))

    def read_nothing(self) -> bool:
        """Whether every feed was polled and no article came of it; a poll and what it brought are stored at once."""
        asked = "SELECT count(last_poll) = ? AND NOT EXISTS (SELECT 1 FROM articles) FROM feeds"
        try:
            with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
                return bool(database.execute(asked, (self.feeds,)).fetchone()[0])
        except sqlite3.OperationalError:  # it is not made yet
            return False

    def fate(self) -> str:
        """Wait until it has sent an alert, has ended, or has polled every feed and read nothing in them."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.receiver.accepted:
                return "alerts"
            if self.process.poll() is not None:
                return f"ended with {self.process.returncode}"
            if self.read_nothing():
                return "reads nothing"
            time.sleep(0.1)  # what is waited for happens in another process
        return "nothing happens"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(directory: Path, missing: str | None) -> Iterator[Running]:
    """Run the daemon on two sample feeds, from a copy of the program without that module."""
    for name in ("monitor", "seeds"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    if missing:
        (directory / f"{missing}.py").write_text("raise ImportError('taken away by a test')\n", "utf-8")
    (directory / "lists").mkdir()
    (directory / "lists" / "one.yml").write_text(WATCHLIST, "utf-8")
    address = f"127.0.0.1:{free_port()}"
    with Site() as site, Receiver([KEY]) as receiver, (directory / "log").open("w") as log:
        feeds = [site.url("almadar"), site.url("levant")]
        rows = [{"url": url, "name": url, "allow_private": True, "backfill": "all"} for url in feeds]
        (directory / "feeds.yml").write_text(json.dumps({"feeds": rows}), "utf-8")
        channel = {"type": "webhook", "url": f"{receiver.url}/out", "key": "secret:out", "allow_private": True}
        settings = {
            "database": f"sqlite:///{directory / 'monitor.db'}",
            "http": {"listen": address},
            "feeds": ["feeds.yml"],
            "watchlists": ["lists"],
            "channels": {"out": channel},
        }
        (directory / "monitor.yml").write_text(json.dumps(settings), "utf-8")
        process = subprocess.Popen(
            [sys.executable, "-c", "from monitor.cli import main; main()", "run"],
            cwd=directory,
            env={**os.environ, "MONITOR_SECRET_OUT": KEY, "PYTHONPATH": str(directory)},
            stderr=log,
            text=True,
        )
        try:
            yield Running(process, receiver, address, directory / "monitor.db", len(feeds))
        finally:
            process.terminate()
            process.wait(PATIENCE)


def test_with_all_of_them_an_alert_arrives(tmp_path: Path) -> None:
    """The control: with nothing taken away the daemon polls, reads, matches, alerts, and ends when asked to."""
    with running(tmp_path, None) as daemon:
        assert daemon.fate() == "alerts", (tmp_path / "log").read_text("utf-8")[-2000:]
        assert daemon.counted("monitor_entries_total") > 0
    assert daemon.process.returncode == 0
    assert not [problem for message in daemon.receiver.received for problem in message.problems]


@pytest.mark.parametrize("package", PACKAGES)
def test_without_one_of_them_none_does(tmp_path: Path, package: str) -> None:
    """Without this package the daemon ends with an error, or reads nothing; in no case does it alert."""
    with running(tmp_path, PACKAGES[package]) as daemon:
        fate = daemon.fate()
        assert fate not in {"alerts", "nothing happens", "ended with 0"}, fate
        assert not daemon.receiver.received
        if daemon.process.poll() is not None:
            assert "taken away by a test" in (tmp_path / "log").read_text("utf-8")
