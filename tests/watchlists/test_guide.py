"""The author's guide is true: every example on it is run, and every key is on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from monitor.errors import ConfigError
from monitor.watchlist import entities, expectations, files, load, rules
from tests.watchlists.runner import failures

BOX = Path(__file__).parents[2] / "watchlists"
GUIDE = (BOX / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(yaml|text)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
TITLE = re.compile(r"watchlist: (.*)")
NOT_YET: dict[str, str] = {}


def examples() -> list[ParameterSet]:
    """Every YAML example, with the text that must be said of it if it is wrong."""
    found: list[ParameterSet] = []
    for number, (kind, text) in enumerate(BLOCKS):
        if kind == "yaml":
            following = BLOCKS[number + 1] if number + 1 < len(BLOCKS) else ("", "")
            title = TITLE.findall(text)[0]
            marks = [pytest.mark.xfail(reason=NOT_YET[title], strict=True)] if title in NOT_YET else []
            found.append(pytest.param(text, following[1] if following[0] == "text" else "", id=title, marks=marks))
    return found


@pytest.mark.parametrize(("text", "said"), examples())
def test_every_example_does_what_the_page_says(tmp_path: Path, text: str, said: str) -> None:
    """A right example loads and its tests pass; a wrong one gives exactly the messages printed below it."""
    (tmp_path / "entities").symlink_to(BOX / "entities")
    path = tmp_path / "watchlist.yml"
    path.write_text(text, "utf-8")
    if said:
        with pytest.raises(ConfigError) as error:
            load([path])
        assert str(error.value).replace(f"{tmp_path}/", "") == said.strip()
        return
    (watchlist,) = load([path])
    assert watchlist.tests
    assert failures(watchlist) == []


def test_every_key_is_on_the_page() -> None:
    """The table at the end names every key that the loader knows."""
    table = GUIDE[GUIDE.index("## All keys") :]
    keys = {
        *files.WATCHLIST_KEYS,
        *entities.ENTITY_KEYS,
        *entities.ROLE_KEYS,
        *entities.KINDS,
        *rules.RULE_KEYS,
        *rules.WHEN_KEYS,
        *rules.NOVELTY_KEYS,
        *rules.QUIET_KEYS,
        *rules.DIGEST_KEYS,
        *rules.SEVERITIES,
        *rules.REVISIONS,
        *rules.KINDS,
        *rules.VIA,
        *expectations.TEST_KEYS,
    }
    assert {key for key in keys if not re.search(rf"`{key}\b", table)} == set()
