"""A newcomer's first command: an environment on a Python that is new enough, or one line that says why not."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLD = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.18' && exit 0\nexit 1\n"
GOOD = """#!/bin/sh
case "$1" in
    --version) echo 'Python 3.12.1' ;;
    -m) mkdir -p "$3/bin" ;;
esac
"""
BROKEN = "#!/bin/sh\necho 'version manager: no such version' >&2\nexit 127\n"


def program(directory: Path, name: str, text: str) -> None:
    path = directory / name
    path.write_text(text)
    path.chmod(0o755)


def set_up(directory: Path, python: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script where only the programs of `directory` are found."""
    for name in ("sh", "rm", "mkdir"):
        found = shutil.which(name)
        assert found
        if not (directory / name).exists():
            (directory / name).symlink_to(found)
    return subprocess.run(
        [str(directory / "sh"), str(ROOT / "deploy" / "venv.sh"), str(directory / "venv")],
        env={"PATH": str(directory), "PYTHON": python},
        capture_output=True,
        text=True,
        check=False,
    )


def complaint(result: subprocess.CompletedProcess[str]) -> str:
    """The one line that a failed set-up prints."""
    assert result.returncode == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def test_an_old_python_gets_one_line(tmp_path: Path) -> None:
    """Where python3 is too old, one line names its version, what is needed, and how to name another."""
    program(tmp_path, "python3", OLD)
    line = complaint(set_up(tmp_path))
    for part in ("Python 3.11 or newer is needed", "Python 3.9.18", "make PYTHON="):
        assert part in line
    assert not (tmp_path / "venv").exists()


def test_no_python_at_all_gets_one_line(tmp_path: Path) -> None:
    """Where there is no Python, one line says so."""
    assert "'python3' is absent" in complaint(set_up(tmp_path))


@pytest.mark.parametrize(("name", "said"), [("old", "Python 3.9.18"), ("nosuch", "there is no program 'nosuch'")])
def test_a_named_python_that_does_not_do_gets_one_line(tmp_path: Path, name: str, said: str) -> None:
    """A Python that the user named, too old or absent, is never silently replaced by another."""
    program(tmp_path, "old", OLD)
    program(tmp_path, "python3", GOOD)
    assert said in complaint(set_up(tmp_path, python=name))


def test_a_name_that_does_not_work_is_passed_over(tmp_path: Path) -> None:
    """A version manager's stand-in for a Python that is not there is skipped for one that is."""
    program(tmp_path, "python3.13", BROKEN)
    program(tmp_path, "python3.12", BROKEN)
    program(tmp_path, "python3.11", OLD)
    program(tmp_path, "python3", GOOD)
    result = set_up(tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"Creating {tmp_path / 'venv'} with Python 3.12.1\n"
    assert (tmp_path / "venv" / "bin").is_dir()


def test_an_environment_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """The second run finds the environment and asks for no Python at all."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    program(tmp_path / "venv" / "bin", "pip", "#!/bin/sh\n")
    result = set_up(tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_ci_types_what_a_person_types() -> None:
    """CI runs the two commands of the README, in an environment of its own, and installs what the tests start."""
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("make ")] == ["make demo", "make check"]
    text = "\n".join(lines)
    assert all(name in text for name in ("postgresql", "prometheus", "prometheus-alertmanager", "CI=true", "VENV="))
