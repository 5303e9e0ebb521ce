"""`monitor init`: what a newcomer starts from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from monitor import cli
from monitor.config import load_config
from monitor.errors import InputError
from monitor.matching import Matcher
from monitor.starter.init import write_starter


def test_the_starter_configuration_holds_together(tmp_path: Path) -> None:
    """What is written passes `check`, and its own expectations hold."""
    written = write_starter(tmp_path / "desk")
    assert all(file.is_file() for file in written)
    config = load_config(tmp_path / "desk" / "monitor.yml")
    (watchlist,) = config.watchlists
    assert config.feeds
    matcher = Matcher(watchlist)
    for test in watchlist.tests:
        assert {match.entity for match in matcher.match(test.article).matches} == set(test.expect)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """If one file of it is there, nothing is written and the file is left as it is."""
    (tmp_path / "monitor.yml").write_text("mine")
    with pytest.raises(InputError, match="exists already, nothing was written"):
        write_starter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["monitor.yml"]
    assert (tmp_path / "monitor.yml").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file in the way of the directory gives an error with the fix."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="can't write to"):
        write_starter(tmp_path / "file" / "below")


def test_the_command_ends_with_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`monitor init DIR` says what it wrote, and which command comes next."""
    monkeypatch.setattr(sys, "argv", ["monitor", "init", str(tmp_path / "desk")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert capsys.readouterr().out.endswith("monitor check\n")
