"""Sets of words as sorted arrays."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.novelty.redundancy import distinct, within


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
