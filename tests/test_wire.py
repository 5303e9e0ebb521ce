"""The public JSON: what a line may be, and what comes out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitor.errors import InputError
from monitor.model import (
    Article,
    Decision,
    EntityNovelty,
    Findings,
    Kind,
    Match,
    Mention,
    Novelty,
    Part,
    Reason,
    Rejection,
    Zone,
)
from monitor.wire import explained, parse_article, parse_time, replayed

GOOD = {"id": "1", "source": "paper", "url": None, "published": "2023-01-05", "lang": "ar", "title": "عنوان", "more": 1}


def line(**changes: object) -> str:
    return json.dumps({**GOOD, **changes})


def test_a_line_becomes_an_article() -> None:
    """Unknown keys are ignored, absent optional ones are None, a time without offset is UTC."""
    article = parse_article(line())
    assert article == Article("1", "paper", None, datetime(2023, 1, 5, tzinfo=UTC), "ar", "عنوان")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        (line(id=7), "`id` must be a string"),
        (line(id=""), "`id` must not be empty"),
        (line(title=None), "`title` must be a string"),
        (line(body=["x"]), "`body` must be a string or null"),
        (line(published="yesterday"), "no ISO 8601 time"),
        (line(published=12), "ISO 8601 string or null"),
        (line(published="0001-01-01T00:00:00+14:00"), "out of range"),
    ],
)
def test_a_bad_line_says_what_is_wrong_with_it(text: str, problem: str) -> None:
    """Every kind of bad line gives an InputError in words."""
    with pytest.raises(InputError, match=problem):
        parse_article(text)


def test_times_with_offset_become_utc() -> None:
    """An offset is taken into account."""
    assert parse_time("2022-08-23T12:00:00+03:00") == datetime(2022, 8, 23, 9, tzinfo=UTC)
    assert parse_time(None) is None


def test_explain_and_replay_have_the_promised_shape() -> None:
    """The keys of the design's JSON are all there, and only strings, numbers and lists are in it."""
    article = parse_article(line())
    mention = Mention("title", 0, 5, "عنوان", "عنوان", Zone.TITLE, "name", ("folded",))
    findings = Findings(
        (Match("w", "lavrov", "name", (mention,), ("strong alias",)),),
        (Rejection("w", "fidan", "title", 0, 1, "ع", "a common word"),),
    )
    entity = EntityNovelty(0.8, Kind.FIRST, parts=(Part("newness", 0.9, 1.5),))
    novelty = Novelty(0.8, Kind.FIRST, "s1", None, ("nothing like it",), ("x",), {"lavrov": entity})
    decision = Decision("w", "all", "alert", Reason.NEW, ("lavrov",), 0.8, Kind.FIRST)
    shown = explained(article, [findings], {})
    assert set(shown) == {"id", "lang", "matches", "rejected", "novelty"}
    assert set(shown["matches"][0]) == {"watchlist", "entity", "via", "mentions", "evidence"}
    promised = {"field", "start", "end", "surface", "alias", "zone", "steps"}
    assert set(shown["matches"][0]["mentions"][0]) == promised
    assert set(shown["rejected"][0]) == {"watchlist", "entity", "field", "start", "end", "surface", "why"}
    whole = replayed(article, [findings], {"w": novelty}, [decision])
    assert {"score", "kind", "story", "nearest", "reasons", "added", "entities"} <= set(whole["novelty"]["w"])
    assert whole["novelty"]["w"]["entities"]["lavrov"]["kind"] == "first"
    assert {"watchlist", "rule", "action", "reason"} <= set(whole["decisions"][0])
    assert json.loads(json.dumps(whole, ensure_ascii=False)) == whole
