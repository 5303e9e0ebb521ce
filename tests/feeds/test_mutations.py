"""A slice of the mutation campaign, small enough for every run."""

from __future__ import annotations

from tests.campaign.feeds_mutate import corpus, mutate, part


def test_a_slice_of_mutated_feeds_is_survived() -> None:
    """No mutated feed lets an exception escape or takes more than five seconds of CPU."""
    tally = part(0, 400, seed=7)
    assert tally.escaped == []
    assert tally.slow == []
    assert tally.results["read"] > 100


def test_mutations_are_reproducible() -> None:
    """The same seed and number give the same bytes."""
    seeds = corpus()
    assert mutate(seeds, 5, 1) == mutate(seeds, 5, 1) != mutate(seeds, 6, 1)
