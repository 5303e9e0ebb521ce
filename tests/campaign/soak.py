"""Runs a real daemon for an hour at ten times a usual load, with reloads, receiver outages and hostile feeds.

    python -m tests.campaign.soak --minutes 60

Twenty feeds bring about two articles a second; one is hostile, one fails. Every minute the watchlist is saved anew, and
between two of them the feed list, each every second time wrong; every five minutes the receiver refuses for a minute.
The operator has a channel with a sign of life each minute, and must hear of the feed that fails and of what was wrong.
Memory, handles and threads are read from /proc; after a warm-up of a quarter of the time, in which eight times as much
comes so that everything of a fixed size is full (the watchlist's memory too: by its setting it holds 5,000 articles
here, and not the 100,000 that it would take half a day to fill), the resident memory's slope is fitted. At the end
every article must have been accepted once, under one id, or be held by the guard against floods for a digest, and the
store must hold every promise that `tests.campaign.promises` can read in it.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from monitor.demo.receiver import Plan, Receiver
from tests.campaign.promises import broken
from tests.newsroom import WATCHLIST, Item, Newsroom

FEEDS = 20
STEEPEST = 1.0
"""Megabytes an hour that the resident memory may grow after the warm-up."""
WAVER = 16
"""Handles and threads by which a daemon that polls, sends and reloads may differ from one moment to the next."""
LONG = 1800.0
"""Seconds after the warm-up from which a slope says something."""
EVERY = 0.5
BURST = 8
"""Articles in the place of one during the warm-up."""
KEY = "whsec_" + base64.b64encode(b"a key for the campaign only, yes").decode()
SETTINGS = """
database: sqlite:///{folder}/monitor.db
http: {{listen: "127.0.0.1:0"}}
feeds: [{folder}/feeds.yml]
watchlists: [{folder}/watchlists]
channels:
  archive: {{type: webhook, url: "{receiver}/archive", key: "secret:archive", allow_private: true}}
  ops: {{type: webhook, url: "{receiver}/ops", key: "secret:archive", allow_private: true}}
novelty: {{memory_articles: 5000}}
operator: {{send_to: ops, heartbeat: ops, heartbeat_minutes: 1, repeat_hours: 0.1}}
polling: {{workers: 4, parsers: 2, per_host: 8}}
log: {{level: warning}}
"""
HOSTILE = (
    b"<rss><channel>" + b"<a>" * 50_000,
    b'<?xml version="1.0" encoding="' + b'encoding="' * 3_000,
    b"\n" * 42_000 + b"<rss/>",
    b"\x00" * 10_000,
    b"",
)


@dataclass(slots=True)
class Sample:
    """The daemon at one moment: seconds since the start, megabytes resident, handles, threads."""

    at: float
    megabytes: float
    handles: int
    threads: int


@dataclass(slots=True)
class Outcome:
    """What a soak came to. `slope` is in megabytes an hour, after the warm-up; `curve` the megabytes at each tenth."""

    published: int = 0
    held: int = 0
    lost: int = 0
    twice: int = 0
    reloads: int = 0
    slope: float = 0.0
    resident: float = 0.0
    handles: tuple[int, int] = (0, 0)
    threads: tuple[int, int] = (0, 0)
    stop_seconds: float = 0.0
    exit_code: int = -1
    warm: float = 0.0
    broken: dict[str, int] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)
    unheard: list[str] = field(default_factory=list)
    curve: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list, repr=False)

    @property
    def clean(self) -> bool:
        """Tell whether nothing was lost or told twice, no promise is broken, and the operator heard what was due."""
        wrong = self.lost or self.twice or self.exit_code or self.broken or self.unheard
        return not wrong and self.stop_seconds < 10

    @property
    def flat(self) -> bool:
        """Tell whether memory, handles and threads stood still after the warm-up; a short run can't say."""
        handles, threads = self.handles[1] - self.handles[0], self.threads[1] - self.threads[0]
        return self.warm < LONG or (self.slope < STEEPEST and handles <= WAVER and threads <= WAVER)


def run(seconds: float, folder: Path, seed: int = 1) -> Outcome:
    """Soak for that long, then wait until everything has arrived. The store is left in the folder."""
    chance, outcome = random.Random(seed), Outcome()
    with Newsroom() as room, Receiver([KEY]) as receiver:
        _write(folder, room, receiver)
        process = _daemon(folder)
        try:
            room.polled("feed-0", 1, 120)  # the daemon is up
            _load(folder, room, receiver, process.pid, seconds, chance, outcome)
            receiver.always(Plan())
            _save_watchlist(folder, 0)  # the last saved one may be half a file, and the promises are read with it
            _save_feeds(folder, room, 0)
            _drain(folder, outcome, 120 + seconds / 10)
        finally:
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            outcome.exit_code = process.wait(60)
            outcome.stop_seconds = time.monotonic() - began
        outcome.broken = broken(folder, [KEY.removeprefix("whsec_")])
        outcome.held = _count(folder, "SELECT count(*) FROM decisions WHERE action = 'hold'")
        _judge(receiver, outcome, seconds)
    return outcome


def _daemon(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "daemon.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "monitor.cli", "run", "--config", str(folder / "monitor.yml")],
            stdout=log,
            stderr=log,
            env={**os.environ, "MONITOR_SECRET_ARCHIVE": KEY},
        )


def _article(payload: dict[str, dict[str, str]]) -> str:
    return payload["article"]["url"].rsplit("/", 1)[1]


def _write(folder: Path, room: Newsroom, receiver: Receiver) -> None:
    (folder / "watchlists").mkdir(parents=True)
    _save_watchlist(folder, 0)
    room.answer("failing", status=500)
    _save_feeds(folder, room, 0)
    (folder / "monitor.yml").write_text(SETTINGS.format(folder=folder, receiver=receiver.url), encoding="utf-8")


def _save_watchlist(folder: Path, version: int) -> None:
    """Save the watchlist; every odd version is half of one."""
    text = WATCHLIST.replace("everything", f"everything {version}") if version else WATCHLIST
    half = "# half a file\nwatchlist: ["
    (folder / "watchlists" / "campaign.yml").write_text(half if version % 2 else text, encoding="utf-8")


def _save_feeds(folder: Path, room: Newsroom, version: int) -> None:
    """Save the feed list; every odd version is half of one."""
    names = [*(f"feed-{number}" for number in range(FEEDS)), "hostile", "failing"]
    common = {"lang": "ar", "every": "2s", "backfill": "all", "allow_private": True, "tags": [f"version {version}"]}
    feeds = [{"url": room.url(name), "name": name, **common} for name in names]
    text = json.dumps({"feeds": feeds})
    (folder / "feeds.yml").write_text(text[: len(text) // 2] if version % 2 else text, encoding="utf-8")


def _load(
    folder: Path,
    room: Newsroom,
    receiver: Receiver,
    pid: int,
    seconds: float,
    chance: random.Random,
    outcome: Outcome,
) -> None:
    start = time.monotonic()
    turn = 0
    while (now := time.monotonic() - start) < seconds:
        turn += 1
        for _ in range(BURST if now < seconds / 4 else 1):
            outcome.published += 1
            room.publish(f"feed-{chance.randrange(FEEDS)}", _item(outcome.published, chance))
        if turn % 10 == 0:
            room.answer("hostile", raw=chance.choice(HOSTILE))
            outcome.samples.append(_sample(pid, now))
        if turn % 120 == 0:
            outcome.reloads += 1
            _save_watchlist(folder, outcome.reloads)
        if turn % 120 == 60:
            _save_feeds(folder, room, outcome.reloads + 1)
        receiver.always(Plan(503) if now % 300 > 240 else Plan())
        time.sleep(EVERY)


def _item(number: int, chance: random.Random) -> Item:
    title = f"سيرغي لافروف يعلن البند رقم {number}"
    text = f"قال سيرغي لافروف في المؤتمر {chance.randint(1, 10**9)} إن الاتفاق {number} سيوقع غدا في موسكو."
    return Item(f"article-{number}", title, text, datetime.now(UTC))


def _sample(pid: int, at: float) -> Sample:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    megabytes = int(status["VmRSS"].split()[0]) / 1024
    return Sample(at, megabytes, len(list(Path(f"/proc/{pid}/fd").iterdir())), int(status["Threads"]))


def _drain(folder: Path, outcome: Outcome, seconds: float) -> None:
    """Wait until everything that was published is judged, and everything that is due is sent."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        stored = _count(folder, "SELECT count(*) FROM articles")
        waits = _count(folder, "SELECT count(*) FROM judgements WHERE state = 'pending'")
        left = _count(folder, "SELECT count(*) FROM deliveries WHERE state != 'sent'")
        if stored >= outcome.published and not waits and not left:
            return
        time.sleep(0.25)


def _count(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'monitor.db'}?mode=ro", uri=True)) as database:
        return int(database.execute(query).fetchone()[0])


def _judge(receiver: Receiver, outcome: Outcome, seconds: float) -> None:
    ids: dict[str, set[str]] = defaultdict(set)
    for message in receiver.accepted:
        if message.path == "/ops":
            outcome.heard[message.json["rule"]] += 1
        else:
            ids[_article(message.json)].add(message.id or "")
    due = {"heartbeat": 1 + seconds // 120, "stale-feeds": seconds >= 180, "rejected-reload": seconds >= 180}
    outcome.unheard = [topic for topic, least in due.items() if outcome.heard[topic] < least]
    outcome.lost = max(0, outcome.published - len(ids) - outcome.held)
    outcome.twice = sum(len(found) - 1 for found in ids.values())
    outcome.warm = seconds * 3 / 4
    warm = [sample for sample in outcome.samples if sample.at > seconds / 4]
    if len(warm) > 2:
        outcome.slope = 3600 * _slope([(sample.at, sample.megabytes) for sample in warm])
        outcome.resident = warm[-1].megabytes
        outcome.curve = [round(sample.megabytes) for sample in outcome.samples[:: max(1, len(outcome.samples) // 10)]]
        outcome.handles = (min(sample.handles for sample in warm), max(sample.handles for sample in warm))
        outcome.threads = (min(sample.threads for sample in warm), max(sample.threads for sample in warm))


def _slope(points: list[tuple[float, float]]) -> float:
    """Fit a line by least squares; return its slope."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def main() -> int:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="an empty directory in which the store and the log are kept")
    options = parser.parse_args()
    with nullcontext(options.folder) if options.folder else tempfile.TemporaryDirectory() as name:
        outcome = run(options.minutes * 60, Path(name), options.seed)
    print(outcome)
    return 0 if outcome.clean and outcome.flat else 1


if __name__ == "__main__":
    sys.exit(main())
