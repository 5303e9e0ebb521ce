"""Decisions become alerts, held alerts a digest; keys name what they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import alert_key, compose, digest
from monitor.model import Decision, EntityNovelty, Kind, Part, Reason
from tests.alerts.builders import NOW, WATCHLIST, alert, article, found, novelty, rule

texts = st.text(max_size=5)


@given(st.tuples(texts, texts, texts, st.integers(0, 9)), st.tuples(texts, texts, texts, st.integers(0, 9)))
def test_keys_name_exactly_one_alert(one: tuple[str, str, str, int], other: tuple[str, str, str, int]) -> None:
    """Two keys are equal if and only if all their parts are, wherever one part ends and the next begins."""
    assert (alert_key(*one) == alert_key(*other)) is (one == other)


def test_a_key_never_changes() -> None:
    """Keys are pinned, in any script: receivers know old alerts by them."""
    assert [alert_key("box", rule_name, "article-1", 0) for rule_name in ("News", "أخبار")] == [
        "46b1722794a4302d11a89793423b0a30cea4a182880ddc12912fed6e7ef19c73",
        "246567950eceb83a9633750afae04e4c7576ecde882339066ff434500b0c6f6e",
    ]


def test_compose_says_everything() -> None:
    """An alert carries the deciding entities, best first, with the best one's reasons and everybody's new sentences."""
    best = EntityNovelty(
        0.9, Kind.FIRST, "earlier", reasons=("new statement",), added=("B", "A"), parts=(Part("x", 1, 1),)
    )
    news = replace(
        novelty(0.9, anna=EntityNovelty(0.4, Kind.COPY, added=("A", "C")), omar=best, selim=(1.0, Kind.FIRST)),
        outlets=3,
        agency="Wire",
        reasons=("other",),
        added=("Z",),
        nearest="near",
        first_in="ar",
    )
    decision = Decision("box", "News", "alert", Reason.NEW, ("anna", "omar"), 0.9, Kind.FIRST)
    one = compose(WATCHLIST, rule(severity="high"), decision, article(), found("anna", "selim", "omar"), news, NOW)
    assert list(one.names.items()) == [("omar", "Omar Haddad"), ("anna", "Anna Orlova")]
    assert [match.entity for match in one.matches] == ["omar", "anna"]
    assert (one.reasons, one.added, one.parts) == (("new statement",), ("B", "A", "C"), (Part("x", 1, 1),))
    assert (one.nearest, one.outlets, one.agency, one.story) == ("earlier", 3, "Wire", "tale")
    assert one.first_in == "ar"
    wants = rule(each_language="first")
    other = compose(WATCHLIST, wants, decision, article(lang="en-GB"), found("anna"), replace(news, first_in=None), NOW)
    assert other.first_in == "en"
    unknown = compose(WATCHLIST, wants, decision, article(lang=None), found("anna"), replace(news, first_in="ar"), NOW)
    assert unknown.first_in is None
    assert (
        compose(WATCHLIST, rule(), decision, article(), found("anna"), replace(news, first_in=None), NOW).first_in
        is None
    )
    assert (one.kind, one.score, one.severity, one.created) == (Kind.FIRST, 0.9, "high", NOW)
    assert one.key == alert_key("box", "News", "article-1", 0)
    assert not one.is_digest


def test_compose_falls_back_to_the_article() -> None:
    """Where no entity was judged, the article's own reasons, sentences and nearest article are said."""
    news = replace(novelty(0.9, selim=(1.0, Kind.FIRST)), reasons=("r",), added=("Z",), nearest="near")
    decision = Decision("box", "News", "alert", Reason.NEW, ("anna", "unknown"), 0.9)
    one = compose(WATCHLIST, rule(), decision, article(), found(), news, NOW)
    assert (one.reasons, one.added, one.nearest, one.kind) == (("r",), ("Z",), "near", Kind.FIRST)
    assert dict(one.names) == {"anna": "Anna Orlova", "unknown": "unknown"}


def test_a_revision_is_another_alert() -> None:
    """A new revision of an article has a key of its own."""
    decision = Decision("box", "News", "alert", Reason.NEW, ("anna",), 0.9)
    keys = {
        compose(WATCHLIST, rule(), decision, article(revision=number), found(), novelty(), NOW).key for number in (0, 1)
    }
    assert len(keys) == 2


def test_an_alert_knows_what_it_follows() -> None:
    """A development carries the time of its story's last alert; a digest follows nothing."""
    decision = Decision("box", "News", "alert", Reason.NEW, ("anna",), 0.9)
    one = compose(WATCHLIST, rule(), decision, article(), found(), novelty(), NOW, follows=NOW - timedelta(hours=2))
    assert one.follows == NOW - timedelta(hours=2)
    assert digest([one], NOW).follows is None


def _several() -> list[object]:
    return [
        alert(key=f"{number:064x}", score=score, created=NOW + timedelta(minutes=number))
        for number, score in enumerate((0.6, 0.9, 0.7))
    ]


def test_digest() -> None:
    """A digest holds its alerts oldest first, is headed by the best one, and has its own key and story."""
    items = _several()
    due = NOW + timedelta(hours=1)
    whole = digest(items[::-1], due)
    assert list(whole.items) == items
    assert (whole.score, whole.created, whole.is_digest) == (0.9, due, True)
    assert whole.key == whole.story
    assert whole.key not in {item.key for item in items}


def test_a_digests_key_is_its_rule_and_time() -> None:
    """Whatever a digest holds, its rule and due time give its key; another rule, watchlist or time another key."""
    items, due = _several(), NOW + timedelta(hours=1)
    key = digest(items, due).key
    assert digest(items[:1], due).key == key
    assert digest(items, due + timedelta(hours=1)).key != key
    assert digest([replace(item, rule="Other") for item in items], due).key != key
    assert digest([replace(item, watchlist="other") for item in items], due).key != key


def test_a_digests_key_never_changes() -> None:
    """It is pinned too, wherever the machine stands and in whatever zone the due time is told."""
    due = NOW.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert digest([alert()], due).key == "f07a0c04c502710826db306bd61ad47834afc4cdde5f62e12b6583355d58b2f5"


def test_a_digest_of_digests_is_flat() -> None:
    """A digest that could not leave gives its items to the next one."""
    items = _several()
    assert list(digest([digest(items[:2], NOW), items[2]], NOW).items) == items


def test_a_digest_has_one_rule() -> None:
    """Alerts of two rules, or none at all, make no digest."""
    items = _several()
    for wrong in ([], [items[0], replace(items[1], rule="Other")]):
        with pytest.raises(ValueError, match="exactly one rule"):
            digest(wrong, NOW)
