"""Sets of words as sorted arrays."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.novelty.redundancy import Finder, distinct, within


@pytest.mark.parametrize("keys", [[], [7], [7, 7], [9, 7], [7, 9, 7], [3, 3, 3], [5, 1, 5, 2, 1, 9]])
def test_distinct_is_a_set(keys: list[int]) -> None:
    """Each key stands once, in order, however many there were."""
    assert distinct(np.array(keys, np.uint32)).tolist() == sorted(set(keys))


@pytest.mark.parametrize("other", [[], [1], [1, 5], [5, 9], [1, 5, 9]])
def test_within_is_membership(other: list[int]) -> None:
    """Each word is told to be there or not, those beyond both ends included."""
    words = [0, 1, 5, 7, 9, 10, 1]
    found = within(np.array(words, np.uint32), np.array(other, np.uint32))
    assert found.tolist() == [word in other for word in words]


@pytest.mark.parametrize("spread", [1 << 12, 1 << 17, 1 << 31])
def test_a_finder_finds_what_a_search_finds(spread: int) -> None:
    """Keys that fall into one slot of its table are told apart, and each look-up leaves the table empty."""
    finder, random = Finder(), np.random.default_rng(7)
    step = np.uint32(1 << 17)  # keys a table's length apart share a slot
    for _ in range(5):
        among = distinct(random.integers(1, spread, 300).astype(np.uint32) % (3 * step) | np.uint32(1))
        flat = np.concatenate([among[::2], among[::3] + step, random.integers(1, spread, 500).astype(np.uint32)])
        where, found = finder.find(among, flat)
        expected = [(place, key) for place, key in enumerate(flat.tolist()) if key in set(among.tolist())]
        assert list(zip(where.tolist(), among[found].tolist(), strict=True)) == expected
        assert not finder._table.any()
