"""A slice of the delay's bench: every alert is in the histogram, once. How long it took is the bench's to say."""

from __future__ import annotations

import math
from pathlib import Path

from tests.bench.bench_delay import Delays, run


def test_every_first_attempt_is_in_the_histogram(tmp_path: Path) -> None:
    """After three articles on an idle daemon, its /metrics holds three delays."""
    found = run(3, tmp_path)
    assert found.count == 3
    assert found.quantile(0.5) >= 0


def test_quantiles_are_read_as_prometheus_reads_them() -> None:
    """Half way through a bucket is half of its width; beyond the last bound only that bound is known."""
    found = Delays(((0.1, 2.0), (0.5, 4.0), (float("inf"), 5.0)))
    assert math.isclose(found.quantile(0.2), 0.05)
    assert math.isclose(found.quantile(0.6), 0.3)
    assert found.quantile(1.0) == 0.5
