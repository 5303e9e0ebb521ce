"""Lists of values in a query: whatever their length, few statements are kept for them."""

from __future__ import annotations

import pytest

from monitor.store.part import CHUNK, filled, roomy, slots


@pytest.mark.parametrize("count", [1, 2, 3, 5, 64, 65, CHUNK])
def test_each_slot_is_filled_with_a_value(count: int) -> None:
    """Every value has a slot, and what is left over repeats one: the query finds what it would find without."""
    values = [f"value {number}" for number in range(count)]
    told = filled(values)
    assert set(told) == {slot.key for slot in slots(roomy(values))}
    assert set(told.values()) == set(values)


def test_few_statements_are_kept() -> None:
    """A statement is kept for each room: lists of all lengths share a few, or a daemon of months keeps hundreds."""
    assert len({roomy(range(count)) for count in range(1, CHUNK + 1)}) <= 10
