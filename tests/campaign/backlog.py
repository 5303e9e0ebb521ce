"""A backlog of alerts piles up before a receiver that is down, and drains when it is back.

    python -m tests.campaign.backlog --alerts 100000

Alerts are written to a real store, as judgements write them, and sent by the real path over real HTTP to a receiver in
a process of its own. While it is down every channel's message is tried and put off; then the clock is set to when all
is due, the receiver comes back, and the channel drains, message by message as the daemon's loop asks for them. Prints
the resident memory before and after, its peak, and the rate; every alert must arrive once and in order, and memory
may not grow with the backlog.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import structlog

from monitor.channels.registry import build
from monitor.demo.site import QuietServer
from monitor.metrics import Metrics
from monitor.pipeline import Pipeline
from monitor.records import Outgoing
from monitor.settings import secret
from monitor.store import Store
from tests.postgres import NOW
from tests.store.build import alert, draft, judgement, lease, poll

STORIES = 0.2
"""Stories for each alert: five alerts tell a story."""
GROWTH = 16.0
"""Megabytes that memory may grow by while any backlog drains: caches that fill, not what waits."""
BATCH = 500


@dataclass(slots=True)
class Outcome:
    """What a backlog came to: resident megabytes, seconds."""

    alerts: int = 0
    refused: int = 0
    arrived: int = 0
    repeated: int = 0
    disordered: int = 0
    before: float = 0.0
    after: float = 0.0
    writing: float = 0.0
    draining: float = 0.0
    slowest: float = 0.0

    @property
    def clean(self) -> bool:
        all_arrived = self.arrived == self.alerts and not self.repeated and not self.disordered
        return all_arrived and self.refused > 0 and self.after - self.before <= GROWTH


class _Handler(BaseHTTPRequestHandler):
    """Keeps what the message's id was; refuses while it is down."""

    protocol_version = "HTTP/1.1"
    down = True
    ids: list[str] = []  # noqa: RUF012 - of the one server in this process

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if not self.down:
            self.ids.append(self.headers["webhook-id"])
        self.send_response(503 if self.down else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Stay silent."""


def _serve(pipe: Connection) -> None:
    """Be the receiver: tell the port, come back when told, tell at the end what arrived."""
    with QuietServer(("127.0.0.1", 0), _Handler) as server:
        server.timeout = 0.02
        pipe.send(server.server_address[1])
        while True:
            server.handle_request()
            if pipe.poll():
                if pipe.recv() == "end":
                    break
                _Handler.down = False
                pipe.send("back")
        pipe.send(_Handler.ids)


def run(folder: Path, alerts: int) -> Outcome:
    """Let that many alerts pile up before a receiver that refuses, and drain them."""
    outcome = Outcome(alerts)
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("forkserver").Process(target=_serve, args=(theirs,))
    receiver.start()
    try:
        with Store.open(f"sqlite:///{folder / 'backlog.db'}", now=NOW, durable=False) as store:
            _fill(store, alerts, outcome)
            _drain(store, ours, outcome)
        ours.send("end")
        _judge(ours.recv(), outcome)
        receiver.join(30)
    finally:
        receiver.kill()
    return outcome


def _fill(store: Store, alerts: int, outcome: Outcome) -> None:
    """Write the alerts as T2 does, in the order of their numbers, over as many stories as `STORIES` says."""
    began, held = time.monotonic(), lease(store, "watchlist:w", ttl=timedelta(days=1))
    for first in range(0, alerts, BATCH):
        numbers = range(first, min(first + BATCH, alerts))
        store.ingest(poll(*(draft(f"a{number}") for number in numbers)), ["w"], NOW)
        made = [Outgoing(alert(f"{number:064x}", _story(number, alerts), NOW), ("archive",)) for number in numbers]
        store.record([judgement(*one) for one in zip(store.pending("w", BATCH), made, strict=True)], held)
    outcome.writing = time.monotonic() - began


def _story(number: int, alerts: int) -> str:
    return f"story-{number % max(1, int(alerts * STORIES))}"


def _drain(store: Store, receiver: Connection, outcome: Outcome) -> None:
    """Send in vain for a while; then with the receiver back until nothing is left."""
    clock = [NOW]
    url = f"http://127.0.0.1:{receiver.recv()}/"
    channel = build("archive", {"type": "webhook", "url": url, "allow_private": True}, secret)
    line = Pipeline(store, [], {"archive": channel}, Metrics(), lambda: clock[0], owner="me")
    wanted = max(1, outcome.alerts // 100)
    while outcome.refused < wanted and (count := line.send("archive")):
        outcome.refused += count
    clock[0] += timedelta(hours=1)
    receiver.send("back")
    receiver.recv()
    outcome.before, began = _resident(), time.monotonic()
    while True:
        turn = time.monotonic()
        if not line.send("archive"):
            break
        outcome.slowest = max(outcome.slowest, time.monotonic() - turn)
    outcome.draining, outcome.after = time.monotonic() - began, _resident()


def _judge(ids: list[str], outcome: Outcome) -> None:
    times = Counter(ids)
    outcome.arrived, outcome.repeated = len(times), len(ids) - len(times)
    last: dict[str, int] = {}
    for number in (int(one, 16) for one in ids):
        story = _story(number, outcome.alerts)
        outcome.disordered += last.get(story, -1) > number
        last[story] = number


def _resident() -> float:
    """Return this process's resident memory in megabytes."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> int:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=100_000)
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="monitor-backlog-") as folder:
        found = run(Path(folder), wanted.alerts)
    print(
        f"{found.alerts} alerts, {found.refused} refused before, {found.arrived} arrived, repeated {found.repeated}, "
        f"out of order {found.disordered}; written in {found.writing:.0f} s, drained in {found.draining:.0f} s "
        f"({found.alerts / max(found.draining, 1e-9):.0f} a second, slowest turn {found.slowest:.1f} s); "
        f"resident {found.before:.0f} MB before, {found.after:.0f} MB after"
    )
    return 0 if found.clean else 1


if __name__ == "__main__":
    sys.exit(main())
