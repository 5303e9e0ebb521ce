"""A slice of the mutation campaign in processes of its own, as the campaign runs, so that nothing slows it down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.campaign.feeds_mutate import corpus, mutate, part

ROOT = Path(__file__).parents[2]


def test_twenty_thousand_mutated_feeds_are_survived() -> None:
    """None lets an exception escape or takes 5 s of CPU or 512 MB: the campaign says so with its exit code."""
    command = [
        sys.executable,
        "-m",
        "tests.campaign.feeds_mutate",
        "--count",
        "20000",
        "--seed",
        "7",
        "--processes",
        "2",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("20000 mutated feeds: ")


def test_what_is_read_is_counted() -> None:
    """A slice is made of feeds that are read and of others, so that both ways are tried."""
    tally = part(0, 100, seed=7)
    assert sum(tally.results.values()) == 100
    assert tally.results["read"] > 30
    assert tally.results["not-feed"] > 5
    assert not tally.broken


def test_mutations_are_reproducible() -> None:
    """The same seed and number give the same bytes."""
    seeds = corpus()
    assert mutate(seeds, 5, 1) == mutate(seeds, 5, 1) != mutate(seeds, 6, 1)
