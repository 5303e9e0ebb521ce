"""Short slices of the bench and the scale campaign: what they count must be right; how fast, they print."""

from __future__ import annotations

from tests.bench.bench_feeds import measure
from tests.campaign.feeds_scale import campaign, report


def test_a_poll_costs_what_is_new() -> None:
    """First everything, then nothing, then one entry a feed."""
    rounds = measure(feeds=8, entries=5, latency=1, threads=4, workers=1)
    assert (rounds["first"].results, rounds["first"].drafts) == ({"new": 8}, 40)
    assert (rounds["304"].results, rounds["304"].drafts) == ({"same": 8}, 0)
    assert (rounds["one new entry"].results, rounds["one new entry"].drafts) == ({"new": 8}, 8)


def test_hostile_slow_and_dead_feeds_delay_nobody() -> None:
    """In a simulated hour, every healthy feed answers each time it is asked, and is asked on time."""
    figures, seconds = campaign(40, 1.0, threads=8, tick=60.0, deadline=1.0, latency=0.05)
    healthy = {result for result in figures.results if result.startswith("healthy")}
    assert healthy <= {"healthy: new", "healthy: same"}
    assert figures.results["dead: connect"] >= 2
    assert len(figures.gaps) > 60
    assert "healthy gaps" in report(figures, seconds)
