"""A slice of the disk campaign: a full disk at two offsets, and a damaged file, under a real daemon."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.daemon import daemon
from tests.campaign.disk import damaged, run, small_disk


@pytest.mark.skipif(os.getuid() != 0, reason="mounting needs root")
def test_a_daemon_without_a_disk_stops_polling_says_why_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not ready, no polls and the reason said while nothing can be stored; afterwards every article arrives once."""
    monkeypatch.setattr(daemon, "TROUBLE", 3.0)
    try:
        with small_disk(1 << 20):
            pass
    except OSError as error:
        pytest.skip(str(error))
    found = run(tmp_path, 2, 7, (damaged,), watched=1.0)
    assert found.clean, found
    assert found.faults == 3
    assert any("free space" in said for said in found.said)
    assert any(said.startswith("damaged: ") and len(said) > 20 for said in found.said)
