"""A slice of the clock campaign: a world whose clock jumps, and one that walks over a change of summer time."""

from __future__ import annotations

import pytest

from monitor.store import Store
from tests.campaign.clock import Outcome, World, judged, once_a_day


@pytest.mark.parametrize("jumps", [True, False])
def test_whatever_the_clock_does_everything_is_told_once(store: Store, jumps: bool) -> None:
    """Nothing lost, nothing twice, and each digest once and in time, on both databases."""
    world, outcome = World(store, 11, jumps=jumps), Outcome()
    world.live(40)
    world.finish()
    judged(world, outcome)
    if not jumps:
        once_a_day(world, outcome)
    assert outcome.clean, outcome
    assert outcome.articles > 5
    assert outcome.digests > 2
    assert (outcome.jumps > 0) == jumps
