"""Receivers that are down for three simulated days in every way that receivers know, and then come back.

    python -m tests.campaign.outage --stories 20 --alerts 5 --hours 72 --seed 1

Alerts are written to a real store and sent by the real path over real HTTP; only the clock is simulated: it jumps to
whatever is due next. While the outage lasts, each message meets a random fault. Afterwards everything must have been
accepted (0 lost), in order within each story, one message in flight, no faster than the channel's pace.
"""

from __future__ import annotations

import argparse
import logging
import random
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import structlog
from pydantic import SecretStr

from monitor import sending
from monitor.channels.registry import build
from monitor.demo.receiver import Plan, Receiver
from monitor.metrics import Metrics
from monitor.pipeline import Pipeline
from monitor.records import Outgoing
from monitor.store import Store
from tests.postgres import NOW
from tests.store.build import alert, send

DEADLINE = 0.05
"""Seconds that a send may take during the outage: what hangs would hold up the campaign, not the program."""
FAULTS = (
    *(Plan(status, "fault") for status in (302, 401, 404, 408, 500, 502, 503)),
    *(Plan(429, "slow", {"retry-after": seconds}) for seconds in ("0", "30", "7200")),
    Plan(200, "<html>something else</html>"),
    *(Plan(manner=manner) for manner in ("hang", "reset", "drip-body", "drip-headers", "not-http")),
)


@dataclass(slots=True)
class Outcome:
    """What an outage came to. `late` is the longest simulated time from the receiver's return to an acceptance."""

    alerts: int = 0
    attempts: int = 0
    accepted: int = 0
    lost: int = 0
    repeated: int = 0
    disordered: int = 0
    too_fast: int = 0
    late: timedelta = timedelta()
    seconds: float = 0.0
    results: Counter[str] = field(default_factory=Counter)


def outage(folder: Path, *, stories: int, alerts: int, hours: float, seed: int) -> Outcome:
    """Run one outage of that many stories with that many alerts each."""
    chance, began = random.Random(seed), time.monotonic()
    clock = [NOW]
    keys: dict[str, list[str]] = defaultdict(list)
    with Receiver() as receiver, Store.open(f"sqlite:///{folder / 'outage.db'}", now=NOW) as store:
        hook = receiver.url + "/services/T/B/x"
        channel = build("desk", {"type": "slack", "url": "secret:x", "allow_private": True}, lambda _: SecretStr(hook))
        for number in range(stories * alerts):
            key, story = f"{number:064x}", f"story-{chance.randrange(stories)}"
            keys[story].append(key)
            made = alert(key, story, NOW + timedelta(seconds=number), rule=f"r {number}")
            send(store, Outgoing(made, ("desk",)), at=NOW)
        metrics = Metrics()
        line = Pipeline(store, [], {"desk": channel}, metrics, lambda: clock[0], owner="me")
        back = NOW + timedelta(hours=hours)
        arrivals: list[tuple[datetime, str]] = []
        with patch.object(sending, "SEND_DEADLINE", DEADLINE):
            step = timedelta(seconds=channel.interval)
            while (due := store.next_due("desk")) is not None:
                clock[0] = max(clock[0] + step, due)
                down = clock[0] < back
                sending.SEND_DEADLINE = DEADLINE if down else 20.0
                receiver.always(chance.choice(FAULTS) if down else Plan())
                before = len(receiver.accepted)
                # A receiver that asked for a pause gets nothing until it is over.
                step = timedelta(seconds=channel.interval if line.send("desk", 1) else 60)
                arrivals += [(clock[0], _key(one.json["text"])) for one in receiver.accepted[before:]]
                if down:
                    receiver.clear()
        found = _judged(keys, arrivals, channel.interval, back)
        for sample in metrics.deliveries.collect()[0].samples:
            if sample.name.endswith("_total"):
                found.results[sample.labels["reason"] or "sent"] += int(sample.value)
        found.attempts = sum(found.results.values())
    found.seconds = time.monotonic() - began
    return found


def _key(text: str) -> str:
    """Tell which alert a message was from its rule, which names the number."""
    return f"{int(text.partition(' r ')[2].partition(':')[0]):064x}"


def _judged(
    keys: dict[str, list[str]], arrivals: list[tuple[datetime, str]], interval: float, back: datetime
) -> Outcome:
    times = Counter(key for _, key in arrivals)
    order = list(dict.fromkeys(key for _, key in arrivals))
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(arrivals)]
    return Outcome(
        alerts=sum(map(len, keys.values())),
        accepted=len(times),
        lost=sum(key not in times for story in keys.values() for key in story),
        repeated=sum(count - 1 for count in times.values()),
        disordered=sum([key for key in order if key in set(story)] != story for story in keys.values()),
        too_fast=sum(gap < timedelta(seconds=interval) for gap in gaps),
        late=max((at - back for at, _ in arrivals), default=timedelta()),
    )


def main() -> None:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("stories", 20), ("alerts", 5), ("hours", 72), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        print(outage(Path(folder), **vars(wanted)))


if __name__ == "__main__":
    main()
