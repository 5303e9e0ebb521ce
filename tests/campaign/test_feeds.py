"""Short slices of the polling bench and the scale campaign: what they count must be right; how fast, they print."""

from __future__ import annotations

import pytest

from tests.bench.bench_feeds import measure
from tests.campaign.feeds_scale import Figures, campaign, report


def test_a_poll_costs_what_is_new() -> None:
    """First everything is stored, then nothing, then one entry a feed."""
    figures = measure(feeds=8, entries=5, latency=1, threads=4, parsers=1)
    assert {name: [one.entries for one in rounds] for name, rounds in figures.rounds["ours"].items()} == {
        "first": [40],
        "304": [40],
        "one new entry": [48],
    }
    assert "feedparser alone" in figures.report()


def test_hostile_slow_and_dead_feeds_delay_nobody_and_no_host_is_bothered() -> None:
    """In a simulated hour every healthy feed answers when it is asked; the site saw only good manners."""
    figures, seconds = campaign(60, 1.0, threads=8, tick=60.0, deadline=1.0, latency=0.05)
    healthy = {result for result in figures.results if result.startswith("healthy")}
    assert healthy == {"healthy: new", "healthy: same", "healthy: throttled"}
    assert figures.results["dead: connect"] >= 2
    assert len(figures.gaps) > 90
    manners = figures.manners
    assert (manners.most_at_once, manners.too_soon, manners.without_validators) == (1, 0, 0)
    assert manners.told_to_wait == figures.results["healthy: throttled"] > 0
    assert manners.with_validators > 90
    assert manners.agents == ["entity-monitor/0.1 (+https://example.org/bot)"]
    assert figures.broken() == []
    assert "healthy gaps" in report(figures, seconds)


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (Figures(gaps=[1.0] * 90, memory=[100, 100, 100, 100, 110, 110], handles=[50] * 6), []),
        (Figures(memory=[100, 100, 100, 100, 110, 111]), ["memory grew to 1.11 of what it was"]),
        (Figures(before=90, memory=[399] * 6), ["memory reached 309 MB more than before"]),
        (Figures(handles=[50, 50, 50, 50, 50, 60]), ["open files grew to 1.20 of what they were"]),
        (Figures(gaps=[1.0] * 900, open=[1.1, 2.5]), ["1 healthy feeds were not asked again"]),
        (Figures(open=[1.3]), ["p99 of the healthy gaps is 1.30 intervals"]),
    ],
)
def test_what_grows_and_who_is_forgotten_breaks_the_promise(figures: Figures, said: list[str]) -> None:
    """Memory and open files are held to their first third, and a feed that is never asked again is missed."""
    assert figures.broken() == said
