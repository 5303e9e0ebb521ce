"""README.md against the code, both ways."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer

from monitor.channels import registry
from monitor.cli import app
from monitor.matching import Matcher
from monitor.settings import load_settings
from monitor.watchlist import load
from tests.gates import docs

TEXT = docs.README.read_text("utf-8")
ROOT = docs.README.parent


@pytest.mark.parametrize("name", docs.TABLES)
def test_each_table_is_what_the_code_says(name: str) -> None:
    """Commands, settings, feeds, channels and metrics: the README's table is made from the code, no row more or less.

    If it fails: `python -m tests.gates.docs` writes the tables anew.
    """
    tables = {match["name"]: match["rows"] for match in docs.TABLE.finditer(TEXT)}
    assert tables[name] == docs.TABLES[name]()


def test_every_setting_option_metric_and_command_says_what_it_is() -> None:
    """No row of a generated table has an empty meaning."""
    for name in ("commands", "settings", "feeds", "channels", "metrics"):
        for row in docs.TABLES[name]().splitlines():
            assert not row.endswith("|  |"), row


def documented() -> list[str]:
    """Every command line that the README or the deployment notes show."""
    texts = [
        TEXT,
        (ROOT / "deploy" / "README.md").read_text("utf-8"),
        (ROOT / "seeds" / "README.md").read_text("utf-8"),
    ]
    return [
        line for text in texts for line in re.findall(r"(?:^    |`)(?:\.venv/bin/)?(monitor [^`\n|>]+)", text, re.M)
    ]


def test_every_command_line_shown_exists() -> None:
    """A command that the documents show is one that the program has, with those options."""
    lines = documented()
    assert len(lines) > 10
    command: Any
    for line in lines:
        command, words = typer.main.get_command(app), shlex.split(line.split("  #")[0])[1:]
        while words and hasattr(command, "commands"):
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        for word in words:
            if word.startswith("--"):
                assert word in known, line


def test_every_path_shown_exists() -> None:
    """A file or directory of this repository that the README names is there."""
    shown = re.findall(r"`((?:seeds|watchlists|deploy|tests|monitor)/[\w./-]*)`", TEXT)
    assert shown
    for name in shown:
        assert (ROOT / name).exists(), name


def test_every_make_target_shown_exists() -> None:
    """`make` targets that the documents name stand in the Makefile."""
    makefile = Path(ROOT / "Makefile").read_text("utf-8")
    for name in set(
        re.findall(r"make ([a-z]+)\b", re.sub(r"[^`]*(`make [a-z]+`|^    make [a-z]+)", r"\1 ", TEXT, flags=re.M))
    ):
        assert re.search(rf"^{name}:", makefile, re.M), name


def blocks(first: str) -> list[str]:
    """The YAML blocks of the README that begin with a key."""
    return [text for text in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.M | re.S) if text.startswith(first)]


def test_the_watchlist_shown_is_a_good_one(tmp_path: Path) -> None:
    """The README's watchlist loads beside the shared catalogue, and the tests that stand in it hold."""
    shutil.copytree(ROOT / "watchlists" / "entities", tmp_path / "entities")
    (example,) = blocks("watchlist:")
    (tmp_path / "example.yml").write_text(example, "utf-8")
    (watchlist,) = load([tmp_path])
    assert watchlist.tests
    for expectation in watchlist.tests:
        found = {match.entity for match in Matcher(watchlist).match(expectation.article).matches}
        assert found == set(expectation.expect), expectation.why


def test_the_settings_shown_are_good_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every piece of `monitor.yml` in the README loads, and its channels can be built."""
    monkeypatch.setenv("MONITOR_SECRET_SLACK_DESK", "https://hooks.slack.com/services/T/B/x")
    examples = blocks("channels:")
    assert examples
    for example in examples:
        file = tmp_path / "monitor.yml"
        file.write_text(example, "utf-8")
        settings = load_settings(file)
        for name, options in settings.channels.items():
            assert registry.build(name, options, settings.secret).name == name
