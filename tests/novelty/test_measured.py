"""What is measured and what is said stays what the shipped tables were grown over, down to the last digit that counts.

Where a change of it is meant, `tests/novelty/measured.py` says what to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.novelty.measured import measured

FILE = Path(__file__).parent / "measured.json"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The invented stream as it is read now."""
    return measured()


@pytest.fixture(scope="module")
def noted() -> dict[str, Any]:
    """The same as it was read when the tables were made."""
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return read


def leaves(value: Any) -> Iterator[Any]:
    """Yield all plain values inside one, numbers as what they are about."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from leaves(one)
    elif isinstance(value, list):
        yield len(value)
        for one in value:
            yield from leaves(one)
    else:
        yield pytest.approx(value, abs=2e-4) if isinstance(value, float) else value


def test_every_measure_is_what_the_heads_were_grown_over(found: dict[str, Any], noted: dict[str, Any]) -> None:
    """Each measure of each article is the same: a head answers about measures, not about their names."""
    assert found["rows"] == noted["rows"]
    assert set(found["measures"]) == set(noted["measures"])
    for name, values in noted["measures"].items():
        assert found["measures"][name] == pytest.approx(values, rel=1e-3, abs=1e-6), name


def test_every_verdict_is_what_it_was(found: dict[str, Any], noted: dict[str, Any]) -> None:
    """Score, kind, story, what is repeated and added, outlets, agency and reasons are the same."""
    for now, then in zip(found["verdicts"], noted["verdicts"], strict=True):
        assert list(leaves(then)) == list(leaves(now)), then["id"]
