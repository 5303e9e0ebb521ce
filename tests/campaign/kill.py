"""Kills a real daemon at random moments while feeds grow and a receiver fails, and counts what arrived.

    python -m tests.campaign.kill --kills 200 --seed 1

Each round starts `monitor run` on the same database (forked warm), publishes articles, and sends SIGKILL after a random
time. At the end one daemon runs undisturbed until its outbox is empty. Then every published article must have been
accepted by the receiver (0 lost), under exactly one webhook-id (0 twice), and no id may belong to no article (0
foreign); raw repeats of one id, the messages in flight at a kill, are counted. Times are printed, not judged.
"""

from __future__ import annotations

import argparse
import base64
import json
import multiprocessing
import multiprocessing.process
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor import cli
from monitor.config import load_config
from monitor.demo.receiver import Plan, Receiver
from monitor.metrics import Metrics
from monitor.pipeline import Pipeline
from monitor.store import Store
from tests.newsroom import Item, Newsroom

FEEDS = ("north", "south", "east")
REFUSED = 0.1
"""The share of messages that the receiver answers with 500."""
KEY = "whsec_" + base64.b64encode(b"a key for the campaign only, yes").decode()
WATCHLIST = """
watchlist: Campaign
entities:
  lavrov: {name: Sergey Lavrov, aliases: {ar: سيرغي لافروف}}
rules:
  - {name: everything, when: lavrov, novelty: {at_least: 0}, send_to: archive}
"""
SETTINGS = """
database: sqlite:///{folder}/monitor.db
http: {{listen: "127.0.0.1:0"}}
feeds: [{folder}/feeds.yml]
watchlists: [{folder}/watchlists]
channels:
  archive: {{type: webhook, url: "{receiver}/archive", key: "secret:archive", allow_private: true}}
polling: {{workers: 4, parsers: 1, per_host: 4}}
"""


@dataclass(slots=True)
class Tally:
    """What a campaign came to."""

    kills: int = 0
    published: int = 0
    lost: int = 0
    foreign: int = 0
    twice: int = 0
    repeats: int = 0
    late: int = 0
    integrity: str = "?"
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.foreign or self.twice) and self.integrity == "ok"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=4.0, help="seconds until the kill, at most")
    options = parser.parse_args(arguments)
    tally = run(options.kills, options.seed, options.longest)
    print(
        f"kills {tally.kills}, articles {tally.published}, lost {tally.lost}, foreign ids {tally.foreign}, "
        f"created twice {tally.twice}, raw repeats {tally.repeats}, waiting at the end {tally.late}, "
        f"integrity {tally.integrity}, "
        f"{tally.seconds:.0f} s"
    )
    for note in tally.notes:
        print(note)
    return 0 if tally.clean else 1


def run(kills: int, seed: int, longest: float, drain: float = 90.0) -> Tally:
    """Run a campaign; `drain` is how many seconds the last, undisturbed daemon may take."""
    chance = random.Random(seed)
    tally, started = Tally(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="monitor-kill-") as name, Newsroom() as room, Receiver([KEY]) as receiver:
        folder = Path(name)
        _write(folder, room, receiver)
        receiver.then(*(Plan(500) if chance.random() < REFUSED else Plan() for _ in range(20 * kills + 100)))
        for number in range(kills):
            for _ in range(chance.randint(1, 4)):
                _publish(room, chance, tally)
            _start_and_kill(folder, chance.uniform(0.2, longest), tally)
            if number % 20 == 19:
                print(f"  {number + 1} kills, {len(receiver.received)} messages", file=sys.stderr, flush=True)
        _finish(folder, receiver, tally, drain)
        tally.late = _pass_time(folder)
        _judge(receiver, tally)
        with sqlite3.connect(folder / "monitor.db") as database:
            tally.integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
    tally.seconds = time.monotonic() - started
    return tally


def _write(folder: Path, room: Newsroom, receiver: Receiver) -> None:
    (folder / "watchlists").mkdir()
    (folder / "watchlists" / "campaign.yml").write_text(WATCHLIST, encoding="utf-8")
    feeds = [
        {"url": room.url(name), "name": name, "lang": "ar", "every": "1s", "backfill": "all", "allow_private": True}
        for name in FEEDS
    ]
    (folder / "feeds.yml").write_text(json.dumps({"feeds": feeds}), encoding="utf-8")
    (folder / "monitor.yml").write_text(SETTINGS.format(folder=folder, receiver=receiver.url), encoding="utf-8")


def _publish(room: Newsroom, chance: random.Random, tally: Tally) -> None:
    tally.published += 1
    number = tally.published
    title = f"سيرغي لافروف يعلن البند رقم {number}"
    text = f"قال سيرغي لافروف في المؤتمر {chance.randint(1, 10**9)} إن الاتفاق {number} سيوقع غدا في موسكو."
    room.publish(chance.choice(FEEDS), Item(f"article-{number}", title, text, datetime.now(UTC)))


# Every daemon is forked from one process that has imported the program and has no threads: a start takes a moment.
_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(["monitor.cli", "monitor.matching", "monitor.store"])


def _serve(folder: Path) -> None:
    """Be `monitor run`, with its output in a log."""
    log = os.open(folder / "daemon.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ["MONITOR_SECRET_ARCHIVE"] = KEY
    sys.argv = ["monitor", "run", "--config", str(folder / "monitor.yml")]
    cli.main()


def _daemon(folder: Path) -> multiprocessing.process.BaseProcess:
    process = _WARM.Process(target=_serve, args=(folder,))
    process.start()
    return process


def _start_and_kill(folder: Path, after: float, tally: Tally) -> None:
    process = _daemon(folder)
    process.join(after)
    if process.exitcode is not None:
        tally.notes.append(f"the daemon ended by itself with {process.exitcode}")
        return
    process.kill()
    process.join()
    tally.kills += 1


def _finish(folder: Path, receiver: Receiver, tally: Tally, drain: float) -> None:
    """Let one daemon run until every article has arrived, or time is up."""
    process = _daemon(folder)
    until = time.monotonic() + drain
    while time.monotonic() < until and process.exitcode is None:
        if len({name for message in receiver.accepted for name in _articles(message.json)}) >= tally.published:
            break
        process.join(0.25)
    process.terminate()
    process.join(20)
    if process.exitcode != 0:
        tally.notes.append(f"the last daemon ended with {process.exitcode}")
        tally.notes.append((folder / "daemon.log").read_text(encoding="utf-8")[-3000:])


def _pass_time(folder: Path) -> int:
    """Send what still waits for its next attempt, as if hours passed; return how many those were."""
    os.environ["MONITOR_SECRET_ARCHIVE"] = KEY
    config = load_config(folder / "monitor.yml")
    now = datetime.now(UTC)
    with Store.open(config.settings.database, now=now) as store:
        store.abandon("the-daemon")
        waiting = _waiting(store)
        later = Pipeline(store, config.watchlists, config.channels, Metrics(), lambda: now, owner="later")
        for _ in range(10_000):
            if not _waiting(store):
                break
            later.release_held()
            later.send("archive")
            now += timedelta(minutes=20)
    return waiting


def _waiting(store: Store) -> int:
    return store.status().held + sum(stats.waiting for stats in store.outbox_stats().values())


def _articles(payload: dict[str, Any]) -> list[str]:
    """Return the articles that a message tells of: one, or those of a digest (a burst becomes one)."""
    alerts = payload["items"] if payload["type"] == "digest" else [payload]
    return [alert["article"]["url"].rsplit("/", 1)[1] for alert in alerts]


def _judge(receiver: Receiver, tally: Tally) -> None:
    wanted = {f"article-{number}" for number in range(1, tally.published + 1)}
    ids: dict[str, set[str]] = defaultdict(set)
    times: Counter[str] = Counter()
    for message in receiver.accepted:
        for name in _articles(message.json):
            ids[name].add(message.id or "")
        times[message.id or ""] += 1
    tally.lost = len(wanted - ids.keys())
    tally.foreign = len(ids.keys() - wanted)
    tally.twice = sum(len(found) - 1 for found in ids.values())
    tally.repeats = sum(number - 1 for number in times.values())


if __name__ == "__main__":
    sys.exit(main())
