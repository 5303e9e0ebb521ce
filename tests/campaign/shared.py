"""Three real daemons on one real PostgreSQL, killed and suspended while the same stories reach all of them at once.

    python -m tests.campaign.shared --incidents 300 --seed 1

Each daemon is killed and started again, suspended for a moment, or suspended for longer than its leases last (SIGSTOP,
SIGCONT), all three independently of each other. Leases last seconds instead of a minute; everything else is the
program. Each story comes from three outlets at once, word for word, some as one and the same article. The receiver
takes its time, refuses one message of ten, and notes who sent what from when to when.

Judged: every article is stored once and judged once, in one sequence (0 lost, 0 judged twice); each story has exactly
one `first`; every alert arrives (0 lost) under its own id (0 foreign), in its story's order; a message that arrives
twice, or is sent by two daemons at once, does so only where one of them was killed or suspended beyond its lease.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

from monitor.logs import set_up_logs
from tests import postgres
from tests.campaign.shared_world import Message, Slow, World
from tests.campaign.warm import Clock, Life, start
from tests.newsroom import Newsroom

LEASE = 5.0
"""Seconds that leases and claims last here."""
AFTER = 1.5
"""Seconds after a suspension in which a daemon may still finish what it was about to do."""
SPEED = 60.0


@dataclass(slots=True)
class Outcome:
    """What a campaign came to."""

    kills: int = 0
    short: int = 0
    beyond: int = 0
    restarts: int = 0
    stories: int = 0
    articles: int = 0
    messages: int = 0
    refusals: int = 0
    by_daemon: Counter[int] = field(default_factory=Counter)
    unstored: int = 0
    judged_twice: int = 0
    unjudged: int = 0
    firsts_wrong: int = 0
    lost: int = 0
    foreign: int = 0
    disordered: int = 0
    repeats: int = 0
    at_once: int = 0
    repeats_unexplained: int = 0
    at_once_unexplained: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        wrong = (self.unstored, self.judged_twice, self.unjudged, self.firsts_wrong, self.lost, self.foreign)
        return not any((*wrong, self.disordered, self.repeats_unexplained, self.at_once_unexplained, self.notes))


@dataclass(slots=True)
class Member:
    """One of the daemons. `dead` are its kills, `asleep` its suspensions beyond the lease, in monotonic seconds."""

    number: int
    life: Life
    process: BaseProcess
    until: float
    state: Literal["runs", "dead", "short", "beyond"] = "runs"
    since: float = 0.0
    dead: list[float] = field(default_factory=list)
    asleep: list[tuple[float, float]] = field(default_factory=list)

    def signal(self, number: int) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, number)


class Campaign:
    """Three daemons at work."""

    def __init__(self, folder: Path, database: postgres.Server, room: Newsroom, receiver: Slow, seed: int) -> None:
        self.database, self.receiver = database, receiver
        self.chance, self.outcome = random.Random(seed), Outcome()
        self.database.execute("DROP DATABASE IF EXISTS shared")
        self.database.execute("CREATE DATABASE shared")
        self.calm = False
        self.clock = Clock.running(SPEED)
        self.world = World(folder, room, self.clock, self.chance)
        self.members = [self._member(number) for number in (1, 2, 3)]

    def _member(self, number: int) -> Member:
        settings = self.world.settings(number, self.database.address("shared"), self.receiver.url)
        life = Life(settings, self.clock, lease=LEASE)
        return Member(number, life, start(life), time.monotonic() + self.chance.uniform(2, 4))

    def run(self, incidents: int) -> Outcome:
        began, published = time.monotonic(), 0.0
        outcome = self.outcome
        while outcome.kills + outcome.short + outcome.beyond < incidents:
            if time.monotonic() - published > 0.5:
                published = time.monotonic()
                self.world.publish()
            for member in self.members:
                self._turn(member)
            time.sleep(0.02)
        self._settle()
        self._count_stored()
        self._count_arrived()
        outcome.seconds = round(time.monotonic() - began, 1)
        return outcome

    def close(self) -> None:
        for member in self.members:
            member.process.kill()
            member.process.join()

    def _turn(self, member: Member) -> None:
        """Begin or end an incident of one daemon, if it is time."""
        now = time.monotonic()
        if member.state == "runs" and member.process.exitcode is not None:
            # A start that the database fails, as a starved or suspended one, ends; a service manager starts it again.
            if _log(member).rstrip().rpartition("\n")[2].startswith("monitor.errors.StoreError"):
                self.outcome.restarts += 1
            else:
                self.outcome.notes.append(f"daemon {member.number} ended by itself: {_log(member)}")
            member.state, member.until = "dead", now
        if now < member.until:
            return
        if member.state == "runs":
            if not self.calm:
                self._harm(member)
            return
        if member.state == "dead":
            member.process = start(member.life)
        else:
            member.signal(signal.SIGCONT)
            if member.state == "beyond":
                member.asleep.append((member.since, time.monotonic()))
        member.state, member.until = "runs", now + self.chance.uniform(0.5, 3)

    def _harm(self, member: Member) -> None:
        member.state = self.chance.choice(("dead", "dead", "short", "beyond", "beyond"))
        member.since = time.monotonic()
        if member.state == "dead":
            member.process.kill()
            member.process.join()
            member.dead.append(time.monotonic())
            self.outcome.kills += 1
            member.until = member.since + self.chance.uniform(0, LEASE)
        elif member.state == "short":
            member.signal(signal.SIGSTOP)
            self.outcome.short += 1
            member.until = member.since + self.chance.uniform(0.05, LEASE / 3)
        else:
            member.signal(signal.SIGSTOP)
            self.outcome.beyond += 1
            member.until = member.since + LEASE + self.chance.uniform(0.2, 2)

    def _harmed(self) -> bool:
        return any(member.state != "runs" for member in self.members)

    def _settle(self) -> None:
        """Let all run until nothing waits any more, or a minute brings nothing on."""
        self.calm = True
        waits = (
            "SELECT count(*) FROM judgements WHERE state = 'pending'",
            "SELECT count(*) FROM deliveries WHERE state <> 'sent'",
            "SELECT count(*) FROM alerts WHERE hold IS NOT NULL AND released IS NULL",
        )
        left, since = [1], time.monotonic()
        while (any(left) or self._harmed()) and time.monotonic() < since + 60:
            time.sleep(0.2)
            for member in self.members:
                self._turn(member)
            unstored = self.world.articles - self._ask("SELECT count(*) FROM articles")
            before, left = left, [unstored, *map(self._ask, waits)]
            since = time.monotonic() if left != before else since
        for member in self.members:
            member.process.terminate()
        for member in self.members:
            member.process.join(20)
            if member.process.exitcode not in (0, -signal.SIGTERM):  # one that just began has no handlers yet
                ended = f"daemon {member.number} ended with {member.process.exitcode}"
                self.outcome.notes.append(f"{ended}: {_log(member)}")

    def _ask(self, question: str) -> Any:
        return self.database.execute(question, "shared")[0][0]

    def _count_stored(self) -> None:
        """Hold what is stored against what was published."""
        outcome = self.outcome
        outcome.stories, outcome.articles = self.world.stories, self.world.articles
        rows = self.database.execute(
            "SELECT a.data::json->>'url', j.state, j.number, j.novelty::json->>'kind', j.novelty::json->>'story' "
            "FROM articles a LEFT JOIN judgements j ON j.arrival = a.arrival",
            "shared",
        )
        times = Counter(str(row[0]).rpartition("/")[2] for row in rows)
        outcome.unstored = outcome.articles - len(times)
        if outcome.unstored:
            outcome.notes.append(f"not stored: {sorted(self.world.guids - times.keys())}")
        outcome.judged_twice = sum(times.values()) - len(times)
        outcome.unjudged = sum(row[1] != "judged" for row in rows)
        numbers = sorted(int(str(row[2])) for row in rows if row[2])
        outcome.judged_twice += numbers != list(range(1, len(numbers) + 1))
        kinds: dict[str, list[str]] = defaultdict(list)
        stories: dict[str, set[str]] = defaultdict(set)
        for url, _, _, kind, story in rows:
            group = str(url).rpartition("/")[2].rpartition("-")[0]
            kinds[group].append(str(kind))
            stories[group].add(str(story))
        wrong = [one for one in kinds if kinds[one].count("first") != 1 or len(stories[one]) != 1]
        outcome.firsts_wrong = len(wrong)
        outcome.notes += [f"{one}: {kinds[one]}, {len(stories[one])} stories" for one in wrong[:10]]

    def _count_arrived(self) -> None:
        """Hold what the receiver saw against what is stored."""
        outcome, messages = self.outcome, sorted(self.receiver.messages, key=lambda message: message.begun)
        accepted = [message for message in messages if message.accepted]
        outcome.messages, outcome.refusals = len(accepted), len(messages) - len(accepted)
        outcome.by_daemon = Counter(message.daemon for message in accepted)
        due = {(row[0], row[1]) for row in self.database.execute("SELECT channel, alert FROM deliveries", "shared")}
        got = {(message.channel, message.id) for message in accepted}
        outcome.lost, outcome.foreign = len(due - got), len(got - due)
        outcome.foreign += sum(message.id != message.body["id"] for message in accepted)
        self._count_order(accepted)
        first: dict[tuple[str, str], Message] = {}
        for message in accepted:
            before = first.setdefault((message.channel, message.id), message)
            if before is not message:
                outcome.repeats += 1
                if not self._excused(before, message, kills=True):
                    outcome.repeats_unexplained += 1
                    outcome.notes.append(f"repeated without cause: {before} {message}")
        for one, other in _overlapping(messages, self.members):
            outcome.at_once += 1
            if not self._excused(one, other, kills=False):
                outcome.at_once_unexplained += 1
                outcome.notes.append(f"sent at once without cause: {one} {other}")

    def _count_order(self, accepted: list[Message]) -> None:
        order = "SELECT channel, alert, id FROM deliveries"
        places = {(row[0], row[1]): int(str(row[2])) for row in self.database.execute(order, "shared")}
        seen: dict[tuple[str, str], list[int]] = defaultdict(list)
        for key, story in dict.fromkeys(((message.channel, message.id), message.body["story"]) for message in accepted):
            if key in places:
                seen[key[0], story].append(places[key])
        self.outcome.disordered = sum(one != sorted(one) for one in seen.values())

    def _excused(self, *messages: Message, kills: bool) -> bool:
        """Tell whether one of the senders was suspended beyond its lease, or killed, about the time of its message."""
        for message in messages:
            member = self.members[message.daemon - 1]
            if any(begun - 1 <= message.ended and message.begun <= ended + AFTER for begun, ended in member.asleep):
                return True
            if kills and any(-0.1 <= killed - message.begun <= 1 for killed in member.dead):
                return True
        return False


def _overlapping(messages: list[Message], members: list[Member]) -> Iterator[tuple[Message, Message]]:
    """Yield the messages of one channel that two living daemons had in flight at once."""
    for channel in ("archive", "ledger"):
        mine = [message for message in messages if message.channel == channel]
        for at, message in enumerate(mine):
            dead = [killed for killed in members[message.daemon - 1].dead if killed >= message.begun]
            ended = min([message.ended, *dead])
            for other in mine[at + 1 :]:
                if other.begun >= ended:
                    break
                if other.daemon != message.daemon:
                    yield message, other


def _log(member: Member) -> str:
    return member.life.config.with_name("daemon.log").read_text(encoding="utf-8")[-2000:]


def run(incidents: int, seed: int, database: postgres.Server) -> Outcome:
    """Run a campaign on that server."""
    with (
        tempfile.TemporaryDirectory(prefix="monitor-shared-") as name,
        Newsroom(window=400) as room,
        Slow(seed) as receiver,
    ):
        campaign = Campaign(Path(name), database, room, receiver, seed)
        try:
            return campaign.run(incidents)
        finally:
            campaign.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    set_up_logs("auto", "error")
    binaries = postgres.programs()
    if binaries is None:
        parser.error("PostgreSQL is not installed: apt-get install postgresql")
    with postgres.running(binaries) as database:
        outcome = run(options.incidents, options.seed, database)
    print(outcome)
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
