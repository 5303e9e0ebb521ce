"""The sample articles: what the starter watchlists must find in them, and that they find nothing else."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from monitor.matching import Matcher
from monitor.model import Article
from monitor.watchlist import load

ROOT = Path(__file__).resolve().parents[2]
SEEDS = Path(os.environ.get("MONITOR_EVAL_DATA", ROOT / "../shared/data")).parent / "seeds"
STARTERS = {
    "lavrov", "fidan", "cavusoglu", "erdogan", "putin", "assad", "mekdad", "shaibani", "sharaa", "bogdanov", "peskov",
    "pashinyan", "aliyev", "astana-format",
}  # fmt: skip

pytestmark = pytest.mark.skipif(not SEEDS.exists(), reason="the sample articles are not here (MONITOR_EVAL_DATA)")


def _rows() -> list[dict[str, Any]]:
    if not SEEDS.exists():
        return []
    return [json.loads(line) for line in (SEEDS / "articles.jsonl").read_text(encoding="utf-8").splitlines()]


def _article(row: dict[str, Any]) -> Article:
    published = datetime.fromisoformat(row["published"])
    published = published if published.tzinfo else published.replace(tzinfo=UTC)
    return Article(
        row["id"], row["source"], row["url"], published, row["lang"], row["title"] or "", row["summary"], row["body"]
    )


@pytest.fixture(scope="module")
def matchers() -> list[Matcher]:
    return [Matcher(watchlist) for watchlist in load([ROOT / "watchlists"])]


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["id"])
def test_starters_find_what_is_expected(row: dict[str, Any], matchers: list[Matcher]) -> None:
    """Of the starter entities exactly the expected ones are found, by name or role as expected, every offset right."""
    expected = YAML(typ="safe").load((SEEDS / "expected.yml").read_text(encoding="utf-8"))[row["id"]]
    read = _article(row)
    found: dict[str, str] = {}
    for matcher in matchers:
        for match in matcher.match(read).matches:
            for mention in match.mentions:
                assert read.text(mention.field)[mention.start : mention.end] == mention.surface
            if match.entity in STARTERS:
                found[match.entity] = match.via
    assert found == expected


def test_the_namesake_is_rejected(matchers: list[Matcher]) -> None:
    """A surname behind somebody else's given name is reported as rejected, with the reason."""
    read = _article(next(row for row in _rows() if row["id"] == "seed-004"))
    rejected = [row for matcher in matchers for row in matcher.match(read).rejected if row.entity == "bogdanov"]
    assert any("another given name" in row.why for row in rejected)
