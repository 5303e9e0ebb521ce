"""The schema that editors use says what the loader accepts."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from monitor.watchlist import json_schema
from monitor.yamlfile import plain, read

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "watchlists").rglob("*.yml"))


def test_the_schema_is_one() -> None:
    """The schema holds to its own draft."""
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_everything_in_the_box_is_valid(path: Path) -> None:
    """Every shipped watchlist and catalogue file is accepted."""
    node, problems = read(path)
    assert not problems
    jsonschema.validate(plain(node), json_schema(), cls=jsonschema.Draft202012Validator)
