"""A slice of the siege: slow and hostile clients cost little and get nothing but 4xx."""

from __future__ import annotations

from tests.campaign import http


def test_slow_and_hostile_clients_cost_no_threads_and_little_memory() -> None:
    """Hundreds of connections that never finish a request: health is answered all the while, by two threads."""
    outcome = http.run(connections=400, seconds=2)
    assert outcome.asked >= 5
    assert outcome.failed == 0
    assert outcome.answers
    assert outcome.wrong == 0, outcome.answers
    assert outcome.threads <= 4
    assert outcome.grown < 16_000_000
