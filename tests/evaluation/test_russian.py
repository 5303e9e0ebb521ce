"""Floors for Russian names: they may rise, never fall."""

from __future__ import annotations

import hashlib

import pytest

from tests.evaluation.russian import ALIASES, ARTICLES, Result, results, score, sliced_wrongly

pytestmark = pytest.mark.skipif(not ARTICLES.exists(), reason="the development data is not here (MONITOR_EVAL_DATA)")

CORPUS = "0fefd2c2a133ddf98234a54005bcb76062a5598d9790512d9f060533b6f5a6de"
PRECISION, RECALL = 0.985, 0.975
TOPIC_PRECISION, TOPIC_RECALL = 0.95, 0.95


@pytest.fixture(scope="module")
def rows() -> tuple[Result, ...]:
    return results()


def test_corpus_is_the_pinned_one() -> None:
    """The figures speak of one corpus: another one needs its own floors."""
    assert hashlib.sha256(ARTICLES.read_bytes()).hexdigest() == CORPUS
    assert ALIASES.exists()


def test_floor_over_all(rows: tuple[Result, ...]) -> None:
    """Precision and recall over all topics stay at their floors or above."""
    found = score(rows)
    assert found.precision >= PRECISION
    assert found.recall >= RECALL


def test_floor_per_topic(rows: tuple[Result, ...]) -> None:
    """No topic is bought with another one: each stays above the bar for unseen topics."""
    for topic in {row.topic for row in rows}:
        found = score(row for row in rows if row.topic == topic)
        assert found.precision >= TOPIC_PRECISION, topic
        assert found.recall >= TOPIC_RECALL, topic


def test_offsets_slice_to_their_surfaces() -> None:
    """In the whole corpus every mention and every rejection slices to its surface."""
    assert sliced_wrongly() == []
