"""A slice of the outage campaign: hours of every fault, and then everything arrives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.campaign.outage import outage


@pytest.mark.parametrize("hours", [1, 5])
def test_everything_arrives_in_order_once_the_receiver_is_back(hours: int, tmp_path: Path) -> None:
    """After an outage of hours or days nothing is lost, repeated, out of order or too fast, and nothing waits long."""
    found = outage(tmp_path, stories=2, alerts=2, hours=hours, seed=hours)
    assert found.attempts > found.alerts
    assert (found.accepted, found.lost, found.repeated, found.disordered, found.too_fast) == (4, 0, 0, 0, 0)
    assert found.late <= timedelta(hours=3)
