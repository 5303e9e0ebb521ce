"""Floors for Arabic names and titles: they may rise, never fall."""

from __future__ import annotations

import hashlib

import pytest

from tests.evaluation.names import ARTICLES, Pair, interval, pairs, rows, score, watchlist

pytestmark = pytest.mark.skipif(not ARTICLES.exists(), reason="the development data is not here (MONITOR_EVAL_DATA)")

CORPUS = "ecf8f9125363d56be24450d2a0788166cc8352fc5b2612f459e67afa20bfec6e"
PRECISION, RECALL = 0.99, 0.985
HALF_PRECISION, HALF_RECALL = 0.985, 0.98


@pytest.fixture(scope="module", params=[True, False], ids=["support", "no-support"])
def result(request: pytest.FixtureRequest) -> tuple[Pair, ...]:
    return pairs(watchlist(support=request.param), rows())


def test_corpus_is_the_pinned_one() -> None:
    """The figures speak of one corpus: another one needs its own floors."""
    assert hashlib.sha256(ARTICLES.read_bytes()).hexdigest() == CORPUS


def test_floor_over_all(result: tuple[Pair, ...]) -> None:
    """Precision and recall per article and entity stay at their floors, with and without support words."""
    found = score(result)
    assert found.precision >= PRECISION
    assert found.recall >= RECALL


def test_floor_of_each_half(result: tuple[Pair, ...]) -> None:
    """No half of the articles is bought with the other."""
    articles = {article: place for place, article in enumerate(dict.fromkeys(pair.article for pair in result))}
    for half in (0, 1):
        found = score(pair for pair in result if articles[pair.article] % 2 == half)
        assert found.precision >= HALF_PRECISION, half
        assert found.recall >= HALF_RECALL, half


def test_interval_holds_the_figure(result: tuple[Pair, ...]) -> None:
    """The bootstrap's interval surrounds the figure that it belongs to."""
    found = score(result)
    precision, recall = interval(result, rounds=200)
    assert precision[0] <= found.precision <= precision[1]
    assert recall[0] <= found.recall <= recall[1]
