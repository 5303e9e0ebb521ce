"""Kills a real daemon at random moments and at named points while feeds grow and a receiver fails, and counts.

    python -m tests.campaign.kill --results kills.jsonl                  all, but what the file holds already
    python -m tests.campaign.kill --results kills.jsonl --seeds 1-20     some of it

Each seed is a campaign of 50 kills on a database of its own: seeds 1 to 60 at random moments, then four for each point
of `failpoints.py`. Before each kill articles are published and a daemon is started, which polls, judges, sends, holds
alerts for digests and over quiet hours, reloads and forgets; one message of ten is answered 500. After the last kill
one daemon runs undisturbed, and then time passes until nothing waits any more.

Judged: every article that a rule wants has arrived (0 lost) under exactly one webhook-id (0 twice), no other has (0
foreign), the alerts of a story in their order, nothing waits, the database is whole. Raw repeats of an id are counted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from monitor.config import load_config
from monitor.demo.receiver import Plan, Receiver
from monitor.logs import set_up_logs
from monitor.metrics import Metrics
from monitor.pipeline import Pipeline
from monitor.store import Store
from tests.campaign.failpoints import POINTS, WIRE
from tests.campaign.kill_world import KEY, World
from tests.campaign.warm import Clock, Life, start
from tests.newsroom import Newsroom

BATCH = 42
"""Articles that are published before a life: fewer by those that earlier lives left in the feeds."""
RANDOM_SEEDS, POINT_SEEDS, KILLS = 60, 4, 50
PATIENCE = 5.0
"""Seconds that a life may last at most."""
SECRETS = {"MONITOR_SECRET_ARCHIVE": KEY}
SELDOM = ("warm", "amend", "catch_up", "release_held", "release_digest", "retry", "park")
"""Transactions that a life comes to so seldom that it dies at the first; others it may pass once or twice before."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One seed's campaign. `speed` is how many seconds pass in one; shares are of messages or lives. `longest` is how
    much of a processor's time a daemon has until it is killed at a random moment, so that all moments are moments of
    work, on a busy machine as well: in six tenths of a second it starts and brings some forty articles all the way.
    """

    seed: int
    kills: int = KILLS
    point: str | None = None
    speed: float = 3600
    refused: float = 0.1
    gone: float = 0.0
    reloads: float = 0.02
    edits: tuple[Literal["entities", "rules"], ...] = ("entities", "rules")
    batch: int = BATCH
    days: int = 90
    longest: float = 0.6
    passes: tuple[int, ...] = (1,)

    @classmethod
    def of(cls, seed: int, kills: int = KILLS) -> Unit:
        """Return what a seed stands for."""
        if seed <= RANDOM_SEEDS:
            return cls(seed, kills, speed=(1, 60, 600, 3600)[seed % 4])
        return cls.at(list(POINTS)[(seed - RANDOM_SEEDS - 1) // POINT_SEEDS % len(POINTS)], seed, kills)

    @classmethod
    def at(cls, point: str, seed: int, kills: int = KILLS) -> Unit:
        """Return a campaign of kills at one point, in a world that comes to it."""
        special: Mapping[str, Mapping[str, Any]] = {
            "warm": {"reloads": 1.0, "batch": 12, "edits": ("entities",)},
            "amend": {"reloads": 1.0, "batch": 12, "edits": ("rules",)},
            "sync_feeds": {"reloads": 1.0, "batch": 12, "passes": (1, 2)},
            "release_held": {"speed": 43200},
            "release_digest": {"speed": 7200},
            "purge": {"speed": 43200, "days": 1},
            "retry": {"refused": 0.4},
            "park": {"gone": 0.3},
        }
        name = point.partition(":")[0]
        passes = (1,) if name in SELDOM else (1, 1, 2, 3)
        return cls(seed, kills, point, **{"passes": passes, **special.get(name, {})})


@dataclass(slots=True)
class Tally:
    """What a campaign came to."""

    seed: int = 0
    point: str | None = None
    kills: int = 0
    reached: int = 0
    articles: int = 0
    wanted: int = 0
    messages: int = 0
    refusals: int = 0
    lost: int = 0
    foreign: int = 0
    twice: int = 0
    disordered: int = 0
    left: int = 0
    repeats: int = 0
    damaged: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not any((self.lost, self.foreign, self.twice, self.disordered, self.left, self.damaged, self.notes))


class Witness(Receiver):
    """Refuses a share of the messages, and kills a daemon in the middle of a message where asked."""

    def __init__(self, unit: Unit) -> None:
        super().__init__([KEY])
        self._chance, self._one = random.Random(unit.seed), threading.Lock()
        self._refused, self._gone = unit.refused, unit.gone
        self._victim, self._countdown = 0, 0

    def kill(self, pid: int, passes: int) -> None:
        """Kill that process when it has sent its n-th message that is accepted."""
        self._victim, self._countdown = pid, passes

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Plan, str]:
        with self._one:
            drawn = self._chance.random()
            self.then(Plan(500) if drawn < self._refused else Plan(410 if drawn > 1 - self._gone else 200))
            plan, text = super().take(path, headers, body)
            self._countdown -= plan.accepts
            if self._victim and plan.accepts and self._countdown == 0:
                os.kill(self._victim, signal.SIGKILL)
                self._victim = 0
        return plan, text


class Campaign:
    """One seed at work."""

    def __init__(self, unit: Unit, folder: Path, room: Newsroom, receiver: Witness) -> None:
        self.unit, self.folder, self.receiver = unit, folder, receiver
        self.chance = random.Random(unit.seed)
        self.clock = Clock.running(unit.speed)
        self.tally = Tally(unit.seed, unit.point)
        self.world = World(folder, room, receiver.url, self.clock, unit.days, self.chance)

    def run(self) -> Tally:
        began = time.monotonic()
        for _ in range(2 * self.unit.kills):  # a life may end before it has come to its point
            if self.tally.reached < self.unit.kills:
                self._publish()
                self._live_and_die()
        self._finish()
        self._pass_time()
        self._judge()
        self._examine()
        self.tally.seconds = round(time.monotonic() - began, 1)
        return self.tally

    def _publish(self) -> None:
        """Fill the feeds up to a batch that no daemon has stored."""
        stored = self._ask("SELECT sum(entries) FROM feeds") if self.tally.kills else 0
        self.world.publish(self.unit.batch - (self.world.articles - stored))

    def _ask(self, question: str) -> int:
        """Ask the database for a number; 0 where there are no tables yet."""
        with closing(sqlite3.connect(self.folder / "monitor.db", timeout=10)) as database:
            try:
                return int(database.execute(question).fetchone()[0] or 0)
            except sqlite3.OperationalError as error:
                if "no such table" not in str(error):
                    raise
                return 0

    def _live_and_die(self) -> None:
        unit = self.unit
        edits = self.world.edited(self.chance.choice(unit.edits)) if self.chance.random() < unit.reloads else ()
        inside = unit.point if unit.point != WIRE else None
        passes = self.chance.choice(self.unit.passes)
        process = self._start(inside, passes, edits)
        if unit.point == WIRE:
            assert process.pid
            self.receiver.kill(process.pid, passes)
        if unit.point is None:
            _work(process, self.chance.uniform(0, unit.longest))
        else:
            process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            process.join()
            self.tally.reached += unit.point is None
        elif process.exitcode == -signal.SIGKILL:
            self.tally.reached += 1
        else:
            self.tally.notes.append(f"a daemon ended by itself with {process.exitcode}: {self._log()}")
            return
        self.tally.kills += 1

    def _start(
        self, point: str | None = None, passes: int = 1, edits: tuple[tuple[Path, str], ...] = ()
    ) -> BaseProcess:
        return start(Life(self.world.settings, self.clock, SECRETS, point, passes, edits))

    def _log(self) -> str:
        return (self.folder / "daemon.log").read_text(encoding="utf-8")[-3000:]

    def _finish(self) -> None:
        """Let one daemon run until everything is stored and judged, and nothing is due."""
        process = self._start()
        until = time.monotonic() + 300
        while time.monotonic() < until and process.exitcode is None and not self._idle():
            process.join(0.1)
        self._stop(process)

    def _idle(self) -> bool:
        return (
            self._ask("SELECT sum(entries) FROM feeds") == self.world.articles
            and not self._ask("SELECT count(*) FROM judgements WHERE state = 'pending'")
            and not self._ask("SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')")
        )

    def _stop(self, process: BaseProcess) -> None:
        process.terminate()
        process.join(20)
        if process.exitcode not in (0, -signal.SIGTERM):  # so early that nobody listened yet
            self.tally.notes.append(f"the last daemon ended with {process.exitcode}: {self._log()}")

    def _pass_time(self) -> None:
        """Go from one thing that is due to the next, until nothing waits; retry what is parked, as a person would."""
        with patch.dict(os.environ, SECRETS):
            config = load_config(self.world.settings)
        now = self.clock()
        with Store.open(config.settings.database, now=now) as store:
            store.abandon("the-daemon")
            store.unpark(now)
            later = Pipeline(store, config.watchlists, config.channels, Metrics(), lambda: now, owner="later")
            self.receiver._gone = 0
            for _ in range(20_000):
                waiting = [store.next_held(), *map(store.next_due, store.channels_waiting())]
                dues = [due for due in waiting if due]
                if not dues:
                    break
                now = max(now, min(dues)) + timedelta(milliseconds=1)
                later.release_held()
                for name in ("archive", "ledger"):
                    later.send(name)
            self.tally.left = len([*filter(None, (store.next_held(),)), *store.channels_waiting()])
            self.tally.left += sum(store.pending_counts().values()) + sum(store.failed_counts().values())

    def _judge(self) -> None:
        """Hold what the receiver accepted against what was published."""
        tally, accepted = self.tally, self.receiver.accepted
        tally.articles = self.world.articles
        tally.messages, tally.refusals = len(accepted), len(self.receiver.received) - len(accepted)
        ids: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        times: Counter[tuple[str, str]] = Counter()
        told: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for message in accepted:
            body, name = message.json, message.id or ""
            tally.foreign += name != body["id"]
            digest = body["type"] == "digest"
            for alert in body["items"] if digest else [body]:
                ids[message.path, alert["rule"], alert["article"]["url"].rpartition("/")[2]].add(name)
            if not digest and not times[message.path, name]:
                told[message.path, body["rule"], body["story"]].append(body["created"])
            times[message.path, name] += 1
        wanted = self.world.due()
        tally.wanted = len(wanted)
        tally.lost = len(wanted - ids.keys())
        tally.foreign += len(ids.keys() - wanted) + len({name for _, name in times} - self._keys())
        tally.twice = sum(len(found) - 1 for found in ids.values())
        tally.repeats = sum(number - 1 for number in times.values())
        if not self.unit.gone:  # what was set aside for a while arrives behind its story
            found = [f"{place}: {one}" for place, one in told.items() if one != sorted(one)]
            tally.disordered = len(found)
            tally.notes += found

    def _keys(self) -> set[str]:
        with closing(sqlite3.connect(self.folder / "monitor.db")) as database:
            return {row[0] for row in database.execute("SELECT key FROM alerts")}

    def _examine(self) -> None:
        with closing(sqlite3.connect(self.folder / "monitor.db")) as database:
            whole = database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            dangling = database.execute("PRAGMA foreign_key_check").fetchall()
        self.tally.damaged = (not whole) + len(dangling)


def _work(process: BaseProcess, seconds: float) -> None:
    """Wait until the process has used that much time of a processor, or has found nothing to do for long."""
    assert process.pid is not None
    clock = (~process.pid << 3) | 2  # what clock_getcpuclockid(3) returns
    until = time.monotonic() + PATIENCE
    with suppress(OSError):  # it has ended by itself, and so has its clock
        while process.exitcode is None and time.clock_gettime(clock) < seconds and time.monotonic() < until:
            process.join(0.002)


def run(unit: Unit) -> Tally:
    """Run one seed's campaign in a new folder, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="monitor-kill-", dir=place) as name,
        Newsroom(window=BATCH + 6) as room,
        Witness(unit) as receiver,
    ):
        return Campaign(unit, Path(name), room, receiver).run()


def summary(tallies: list[Tally]) -> str:
    """Return what all seeds came to, and each point's share."""
    names = ("kills", "reached", "articles", "wanted", "messages", "refusals")
    bad = ("lost", "foreign", "twice", "disordered", "left", "damaged", "repeats")

    def line(some: list[Tally]) -> str:
        counts = ", ".join(f"{name} {sum(getattr(one, name) for one in some)}" for name in (*names, *bad))
        return f"{counts}, {sum(one.seconds for one in some):.0f} s"

    places: dict[str, list[Tally]] = defaultdict(list)
    for one in tallies:
        places[one.point or "random moments"].append(one)
    lines = [f"{name}: {line(some)}" for name, some in sorted(places.items())]
    notes = [f"seed {one.seed}: {note}" for one in tallies for note in one.notes]
    return "\n".join([*lines, *notes, f"ALL: {line(tallies)}"])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = RANDOM_SEEDS + POINT_SEEDS * len(POINTS)
    parser.add_argument("--seeds", default=f"1-{every}", help="the first and the last")
    parser.add_argument("--kills", type=int, default=KILLS, help="of each seed")
    parser.add_argument("--results", type=Path, help="a file to keep results in, one line a seed")
    options = parser.parse_args(arguments)
    set_up_logs("auto", "error")
    first, _, last = options.seeds.partition("-")
    tallies = []
    if options.results and options.results.exists():
        tallies = [Tally(**json.loads(line)) for line in options.results.read_text(encoding="utf-8").splitlines()]
    done = {one.seed for one in tallies}
    for seed in range(int(first), int(last or first) + 1):
        if seed in done:
            continue
        tallies.append(run(Unit.of(seed, options.kills)))
        print(f"  seed {seed}: {tallies[-1]}", file=sys.stderr, flush=True)
        if options.results:
            with options.results.open("a", encoding="utf-8") as out:
                out.write(json.dumps(asdict(tallies[-1])) + "\n")
    print(summary(tallies))
    return 0 if all(one.clean for one in tallies) else 1


if __name__ == "__main__":
    sys.exit(main())
