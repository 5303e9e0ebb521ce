"""The shipped systemd unit: valid, and as closed as promised."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "deploy" / "systemd" / "monitor.service"


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("systemd-analyze is not installed, and CI must not pass without it: apt-get install systemd")
        pytest.skip("systemd-analyze is not installed (apt-get install systemd)")
    return found


def test_exposure_is_at_most_1_2(analyze: str) -> None:
    """`systemd-analyze security` rates the unit 1.2 or lower."""
    command = [analyze, "security", "--offline=true", "--threshold=12", "--no-pager", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_unit_is_valid(analyze: str, tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing to say once the program is where the unit expects it."""
    copy = tmp_path / "monitor.service"
    copy.write_text(UNIT.read_text().replace("/opt/monitor/bin/monitor", "/bin/true"))
    done = subprocess.run([analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_with_the_drop_in_is_valid_and_as_closed(analyze: str, tmp_path: Path) -> None:
    """The optional drop-in is understood, and doesn't open anything."""
    unit = tmp_path / "monitor.service"
    unit.write_text(UNIT.read_text().replace("/opt/monitor/bin/monitor", "/bin/true"))
    (tmp_path / "monitor.service.d").mkdir()
    shutil.copy(UNIT.parent / "ip-deny.conf", tmp_path / "monitor.service.d")
    done = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    command = [analyze, "security", "--offline=true", "--threshold=12", "--no-pager", str(unit)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
