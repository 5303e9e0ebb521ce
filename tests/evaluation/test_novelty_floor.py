"""Floors of novelty on labelled streams: they may rise, not fall. Skipped where the development data is absent.

The shipped tables have seen these streams, so these are floors of the program, not estimates of its quality: those
come from `python -m tests.evaluation.novelty`, and their floors stand in `test_novelty_held_out.py`.
"""

from __future__ import annotations

import pytest

from tests.evaluation.novelty_baselines import judged
from tests.evaluation.novelty_data import ROOT
from tests.evaluation.novelty_scores import Pooled

STREAMS = ("lavrov", "kerry", "nasrallah", "demistura", "english-2023")


@pytest.fixture(scope="module")
def pooled() -> Pooled:
    """Some of the streams, judged by the program as it comes."""
    if not (ROOT / "novelty").is_dir():
        pytest.skip("the development data is not here (MONITOR_EVAL_DATA)")
    return judged(STREAMS)


def test_new_facts_alert(pooled: Pooled) -> None:
    """At the default threshold at least 97 % of the new articles alert."""
    assert pooled.at(0.5).recall >= 0.97


def test_copies_are_stopped(pooled: Pooled) -> None:
    """At least nine copies in ten are stopped."""
    assert pooled.at(0.5).stopped["copy"] >= 0.9


def test_alerts_per_new_fact(pooled: Pooled) -> None:
    """No more alerts per new fact than when the floor was set."""
    assert pooled.at(0.5).alerts_per_new <= 1.6


def test_the_order_of_scores(pooled: Pooled) -> None:
    """At 97 % recall far fewer alerts per new fact are needed: the order carries more than the threshold uses."""
    assert pooled.at(pooled.threshold(0.97)).alerts_per_new <= 1.35
