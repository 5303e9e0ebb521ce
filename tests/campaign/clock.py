"""A clock that jumps by an hour and by ten years, and walks over both changes of summer time, over the real path.

    python -m tests.campaign.clock --worlds 200 --seed 1

A world is a store, a watchlist in some time zone with rules of every timing, and a clock: at once, with a cooldown,
with a budget, in quiet hours, and digests, some at times that a spring night skips or an autumn night has twice.
Articles come in and stand in their feed for a while, minutes and hours pass, daemons restart, old articles are
forgotten, and in half of the worlds the clock is set forward and back. In the end the clock walks on until nothing
waits. Every article must then have been told once by every rule, alone or in a digest (0 lost, 0 twice). In worlds
without jumps each digest must have left at its own time, once a day, with what was held for it (0 late); no digest
ever leaves twice.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from monitor.metrics import Metrics
from monitor.model import Alert, Alias, Article, Condition, Digest, Entity, Quiet, Rule, Watchlist
from monitor.pipeline import Pipeline
from monitor.records import Draft, Feed, Poll
from monitor.store import Store

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
#: A time zone with a day of it on which summer time begins or ends.
CHANGES = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Africa/Cairo", date(2026, 4, 24)),  # midnight itself is skipped
    ("Africa/Cairo", date(2026, 10, 29)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # by half an hour
    ("Europe/Istanbul", date(2026, 3, 29)),  # none at all
)
JUMPS = (HOUR, -HOUR, timedelta(days=3652), -timedelta(days=3652))
FEED = Feed("https://paper.example/feed", "Paper")
STANDING = 8
"""Articles that the feed's document has at a time."""
KEPT = timedelta(days=7)
ANNA = Entity("anna", "Anna Orlova", aliases=(Alias("Anna Orlova", "en"),))
PLACES = ("Oslo", "Lima", "Cairo", "Hanoi", "Quito", "Accra", "Dhaka", "Sofia", "Minsk", "Tunis", "Riga", "Osaka")
VERBS = ("opened a bridge", "sold a shipyard", "won a lawsuit", "closed an embassy", "signed a treaty", "left a party")


@dataclass(slots=True)
class Outcome:
    """What a campaign came to. All but the counts of what was done must be 0 or empty."""

    worlds: int = 0
    articles: int = 0
    messages: int = 0
    digests: int = 0
    jumps: int = 0
    lost: int = 0
    twice: int = 0
    late: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.twice or self.late or self.wrong)


def rules(zone: str) -> tuple[Rule, ...]:
    """One rule of each timing; `soon` has a cooldown, which suppresses, and is only held to tell nothing twice."""
    anna, desk = Condition(all=("anna",)), ("desk",)
    return (
        Rule("at once", anna, desk, at_least=0.0),
        Rule("soon", anna, desk, at_least=0.0, cooldown=6 * HOUR),
        Rule("morning", anna, desk, at_least=0.0, digest=Digest(("08:00",), zone)),
        Rule("night", anna, desk, at_least=0.0, digest=Digest(("00:15", "01:45", "02:30"), zone)),
        Rule("few", anna, desk, at_least=0.0, budget=2, digest=Digest(("02:00", "18:00"), zone)),
        Rule("asleep", anna, desk, at_least=0.0, quiet=Quiet("23:30", "02:30", zone)),
        Rule("both", anna, desk, at_least=0.0, budget=1, quiet=Quiet("22:00", "06:30", zone)),
    )


class Desk:
    """A channel that keeps what it is given, with the time."""

    name, interval = "desk", 0.0

    def __init__(self) -> None:
        self.sent: list[tuple[datetime, Alert]] = []

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        self.sent.append((now, alert))
        return None

    def close(self) -> None:
        """Nothing to close."""


class World:
    """A store and a clock."""

    def __init__(self, store: Store, seed: int, *, jumps: bool) -> None:
        self.store, self.chance, self.jumps = store, random.Random(seed), jumps
        zone, day = self.chance.choice(CHANGES)
        self.zone = ZoneInfo(zone)
        self.now = datetime.combine(day - timedelta(days=1), datetime.min.time(), self.zone).astimezone(UTC)
        self.now += self.chance.random() * timedelta(days=1)
        self.watchlist = Watchlist("box", "Box", {"anna": ANNA}, rules(zone), version="1")
        self.desk, self.articles, self.jumped = Desk(), 0, 0
        self.standing: list[Draft] = []
        store.sync_feeds([FEED], self.now)
        self.line = self._line()

    def _line(self) -> Pipeline:
        return Pipeline(
            self.store, [self.watchlist], {"desk": self.desk}, Metrics(), lambda: self.now, owner="me", flood=10_000
        )

    def live(self, steps: int) -> None:
        """Let things happen; the daemon looks at what is due all the while."""
        for _ in range(steps):
            event = self.chance.random()
            if event < 0.35:
                self.publish()
            elif event < 0.38:
                self.line = self._line()
            elif event < 0.40:
                self.store.purge(self.now - KEPT, self.now)
            elif event < 0.45 and self.jumps:
                self.jumped += 1
                self.now += self.chance.choice(JUMPS)
            else:
                self.now += self.chance.choice((timedelta(minutes=1), timedelta(minutes=20), HOUR))
            self.turn()

    def publish(self) -> None:
        """One article that nobody has told before; the feed has the ones before it still."""
        self.articles += 1
        text = (
            f"Anna Orlova {self.chance.choice(VERBS)} in {self.chance.choice(PLACES)}, "
            f"paragraph {self.chance.getrandbits(40):x} of the file {self.articles} says"
        )
        one = Article(f"a{self.articles}", f"paper{self.articles}.example", None, self.now, "en", text)
        self.standing = [*self.standing, Draft((f"guid:{one.id}",), "text", one)][-STANDING:]
        self.line.ingest(Poll(FEED.url, self.now, "new", self.now + HOUR, HOUR, tuple(self.standing)))

    def turn(self) -> None:
        """What the daemon's loops do."""
        while self.line.judge("box"):
            pass
        self.line.release_held()
        while self.line.send("desk"):
            pass

    def finish(self) -> None:
        """Walk on from one due time to the next until nothing waits, for some days at most."""
        until = self.now + timedelta(days=4)
        while self.now < until and (due := self.store.next_held()) is not None:
            self.now = max(self.now + timedelta(minutes=1), due)
            self.turn()


def judged(world: World, outcome: Outcome) -> None:
    """Count what arrived against what was published."""
    told: Counter[tuple[str, str]] = Counter()
    keys: Counter[str] = Counter()
    for at, alert in world.desk.sent:
        keys[alert.key] += 1
        told.update((alert.rule, item.article.id) for item in alert.items or (alert,))
        outcome.digests += alert.is_digest
        if not world.jumps and alert.is_digest:
            _in_time(world, at, alert, outcome)
    wanted = {(rule.name, f"a{n}") for rule in world.watchlist.rules for n in range(1, world.articles + 1)}
    outcome.lost += sum(told[one] == 0 for one in wanted if one[0] != "soon")
    outcome.twice += sum(count - 1 for count in (told + keys).values() if count > 1)
    outcome.twice += len(told.keys() - wanted)
    if world.store.status().held or any(stats.waiting for stats in world.store.outbox_stats().values()):
        outcome.wrong.append("something still waits at the end")
    outcome.articles += world.articles
    outcome.messages += len(world.desk.sent)
    outcome.jumps += world.jumped


def _in_time(world: World, at: datetime, alert: Alert, outcome: Outcome) -> None:
    """A digest leaves at the first of its rule's times after its oldest item, at the first look after that time."""
    rule = next(one for one in world.watchlist.rules if one.name == alert.rule)
    if rule.digest is None:
        return
    due = _first_passed(world.zone, rule.digest.at, min(item.created for item in alert.items))
    if not timedelta() <= alert.created - due < MINUTE or not timedelta() <= at - due <= HOUR:
        outcome.late += 1


def _first_passed(zone: ZoneInfo, times: Sequence[str], start: datetime) -> datetime:
    """Watch a wall clock, minute by minute; return when it first shows one of the times, or has jumped past it.

    A clock that is set back shows times again; those were passed. It is watched from some hours before the start.
    """
    now = start.replace(second=0, microsecond=0) - 4 * HOUR
    wall = now.astimezone(zone).replace(tzinfo=None)
    while True:
        now += MINUTE
        later = max(wall, now.astimezone(zone).replace(tzinfo=None))
        days = {wall.date(), later.date()}
        passed = any(
            wall < datetime.combine(day, clock_time.fromisoformat(at)) <= later for day in days for at in times
        )
        if passed and now > start:
            return now
        wall = later


def once_a_day(world: World, outcome: Outcome) -> None:
    """Without jumps, no rule's digest leaves more often a local day than the rule names times."""
    local: Counter[tuple[str, date]] = Counter(
        (alert.rule, alert.created.astimezone(world.zone).date()) for _, alert in world.desk.sent if alert.is_digest
    )
    times: Mapping[str, Sequence[str]] = {
        one.name: one.digest.at if one.digest else ("",) for one in world.watchlist.rules
    }
    for (rule, day), count in local.items():
        if count > len(times[rule]):
            outcome.wrong.append(f"{rule}: {count} digests on {day} in {world.zone.key}")


def run(folder: Path, worlds: int, seed: int, steps: int = 120) -> Outcome:
    """Let that many worlds live, every second one with jumps."""
    began, outcome = time.monotonic(), Outcome()
    for number in range(seed, seed + worlds):
        with Store.open(
            f"sqlite:///{folder / f'{number}.db'}", now=datetime(2026, 1, 1, tzinfo=UTC), durable=False
        ) as store:
            world = World(store, number, jumps=number % 2 == 0)
            world.live(steps)
            world.finish()
            before = outcome.lost + outcome.twice + outcome.late + len(outcome.wrong)
            judged(world, outcome)
            if not world.jumps:
                once_a_day(world, outcome)
            if outcome.lost + outcome.twice + outcome.late + len(outcome.wrong) > before:
                outcome.wrong.append(f"world {number} in {world.zone.key}")
        outcome.worlds += 1
    outcome.seconds = time.monotonic() - began
    return outcome


def main() -> int:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("worlds", 200), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="monitor-clock-") as folder:
        found = run(Path(folder), wanted.worlds, wanted.seed)
    print(
        f"{found.worlds} worlds, {found.jumps} jumps, {found.articles} articles, {found.messages} messages, "
        f"{found.digests} digests; lost {found.lost}, twice {found.twice}, digests not in time {found.late}, "
        f"{found.seconds:.0f} s"
    )
    for wrong in found.wrong:
        print(f"WRONG {wrong}")
    return 0 if found.clean else 1


if __name__ == "__main__":
    sys.exit(main())
