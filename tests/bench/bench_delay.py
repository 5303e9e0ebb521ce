"""From an article stored to the first attempt to send its alert, on an idle daemon, as its own histogram tells it.

    python -m tests.bench.bench_delay --articles 100

A real daemon polls a feed on loopback each second. An article is published only when the one before it has arrived,
so that nothing waits for anything else. Prints the median and the 95th percentile of `monitor_first_send_seconds`;
ends with 1 if an article is missing in it, or the median is not below a second.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import structlog
from prometheus_client.parser import text_string_to_metric_families

from monitor.config import load_config
from monitor.daemon import Daemon
from monitor.demo.receiver import Receiver
from tests.newsroom import WATCHLIST, Item, Newsroom, configure

NAME = "monitor_first_send_seconds"
GOAL = 1.0


@dataclass(frozen=True, slots=True)
class Delays:
    """A histogram of seconds: how many there are at or below each bound, in order of the bounds."""

    bounds: tuple[tuple[float, float], ...]

    @property
    def count(self) -> int:
        return int(self.bounds[-1][1])

    def quantile(self, share: float) -> float:
        """Return the seconds that this share of all took at most, spread evenly within a bucket, as Prometheus does."""
        rank = share * self.count
        for (low, below), (high, up_to) in pairwise(((0.0, 0.0), *self.bounds)):
            if up_to >= rank > below:
                return low if high == float("inf") else low + (high - low) * (rank - below) / (up_to - below)
        return float("nan")


def read(page: str) -> Delays:
    """Read the histogram from a daemon's /metrics."""
    family = next(one for one in text_string_to_metric_families(page) if one.name == NAME)
    found = {float(one.labels["le"]): one.value for one in family.samples if one.name.endswith("_bucket")}
    return Delays(tuple(sorted(found.items())))


def run(articles: int, folder: Path) -> Delays:
    """Publish that many articles to an idle daemon, one after the other; return what it says about them."""
    with Newsroom() as room, Receiver() as receiver:
        room.publish("north")
        settings = configure(
            folder, WATCHLIST, [room.url("north")], receiver.url, "{workers: 2, parsers: 1, per_host: 2}"
        )
        with settings.open("a", encoding="utf-8") as file:
            file.write("alerts: {flood: 10000}\n")
        daemon = Daemon(load_config(settings))
        try:
            daemon.start()
            for number in range(1, articles + 1):
                title = f"سيرغي لافروف يعلن البند رقم {number * 7919}"
                room.publish("north", Item(f"a{number}", title, f"{title} في موسكو {number}.", datetime.now(UTC)))
                receiver.wait(number, 60)
            with urllib.request.urlopen(f"http://{daemon.server.address}/metrics", timeout=30) as answer:
                return read(answer.read().decode())
        finally:
            daemon.stop()


def main() -> int:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100)
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="monitor-delay-") as folder:
        found = run(wanted.articles, Path(folder))
    median, late = found.quantile(0.5), found.quantile(0.95)
    print(
        f"{found.count} of {wanted.articles} articles; stored to first attempt: median {median * 1000:.0f} ms, "
        f"95 % within {late * 1000:.0f} ms (interpolated in the histogram's buckets); {time.monotonic() - began:.0f} s"
    )
    return 0 if found.count == wanted.articles and median < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
