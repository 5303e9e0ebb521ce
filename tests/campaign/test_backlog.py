"""A slice of the backlog campaign."""

from __future__ import annotations

from pathlib import Path

from tests.campaign.backlog import run


def test_a_backlog_drains_in_order_in_the_same_memory(tmp_path: Path) -> None:
    """After the receiver is back every alert arrives once, in order within its story, and memory stays as it was."""
    found = run(tmp_path, 600)
    assert found.clean, found
