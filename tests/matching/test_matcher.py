"""The matcher as a whole: what always holds, whatever the article."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.matching import Matcher, scan
from monitor.model import Alias, Entity, Findings, Role, Zone
from monitor.text import fold
from tests.matching.helpers import FIDAN, LAVROV, article, found, person, read, watchlist

WORDS = (
    "سيرغي",
    "لافروف",
    "ولافروف",
    "لافـ.ـروف",
    "هاكان",
    "فيدان",
    "وزير الخارجية",
    "الروسي",
    "التركي",
    "نظيره",
    "قال",
)
SIGNS = ("،", ". ", "\n", "🙂", "ﻻ", "«", "»", "\u200f", "َ", "بن", "Lavrov", "اقرأ أيضا:", "السابق", "نائب", "ﷺ", "¼")
PIECES = st.sampled_from([*WORDS, *SIGNS, "وزراء خارجية روسيا وتركيا"])
MATCHER = Matcher(watchlist(LAVROV, FIDAN))


def spans(findings: Findings) -> Iterator[tuple[str, int, int, str]]:
    for match in findings.matches:
        yield from ((row.field, row.start, row.end, row.surface) for row in match.mentions)
    yield from ((row.field, row.start, row.end, row.surface) for row in findings.rejected)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map(" ".join), st.lists(PIECES, max_size=8).map("".join))
def test_every_offset_slices_to_its_surface(body: str, title: str) -> None:
    """Accepted or rejected, in title or body, a span is exactly its surface in the untouched text, and says why."""
    read_ = article(body, title=title)
    before = replace(read_)
    findings = MATCHER.match(read_)
    assert read_ == before
    for field, start, end, surface in spans(findings):
        assert surface
        assert read_.text(field)[start:end] == surface  # type: ignore[arg-type]
    assert all(match.evidence for match in findings.matches)
    assert all(row.why for row in findings.rejected)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=20).map(" ".join))
def test_the_same_article_gives_the_same_findings(body: str) -> None:
    """What a matcher learned from other articles changes no answer."""
    assert MATCHER.match(article(body)) == Matcher(watchlist(LAVROV, FIDAN)).match(article(body))


def test_threads_share_a_matcher() -> None:
    """A matcher may be called from many threads at once."""
    texts = [article(f"قال سيرغي لافروف كلمة {number}") for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        assert all(found(findings) == {"lavrov": ["سيرغي لافروف"]} for findings in pool.map(MATCHER.match, texts))


def test_an_empty_article_and_an_empty_watchlist() -> None:
    """Nothing to read or nobody to find is no error."""
    assert MATCHER.match(article("")) == Findings()
    assert Matcher(watchlist()).match(article("قال لافروف")) == Findings()


def test_all_fields_are_read() -> None:
    """A name in the title, the summary and the body is found in each, with its zone."""
    findings = MATCHER.match(article("لافروف\nثم لافروف", title="لافروف", summary="لافروف"))
    assert [(row.field, row.zone) for row in findings.matches[0].mentions] == [
        ("title", Zone.TITLE),
        ("summary", Zone.LEAD),
        ("body", Zone.LEAD),
        ("body", Zone.BODY),
    ]


def test_no_name_crosses_fields() -> None:
    """A given name that ends the title and a surname that begins the body are two things."""
    assert found(MATCHER.match(article("فيدان الحقل", title="عاد هاكان"))) == {}


def test_steps_name_the_rules() -> None:
    """A mention says by which steps it was recognised."""
    mention = MATCHER.match(article("وقال سيرجي لافـروف")).matches[0].mentions[0]
    assert "another Arabic rendering of a foreign sound" in mention.steps
    assert "tatweel removed" in mention.steps
    assert mention.alias == "سيرغي لافروف"


def test_an_undated_article_means_only_who_never_left() -> None:
    """Without a date a title counts for the holder of an office that was never given up."""
    former = person("former", "زيد عمرو", roles=(Role(office="president", of="Iran", until=date(2020, 1, 1)),))
    assert read("قال وزير الخارجية الروسي", LAVROV, at=None) == {"lavrov": ["وزير الخارجية الروسي"]}
    assert read("قال الرئيس الإيراني", former, at=None) == {}


def test_role_borders_are_inclusive_and_exclusive() -> None:
    """A role is held on its first day and not on its last."""
    brief = person(
        "brief",
        "زيد عمرو",
        roles=(Role(office="president", of="Iran", since=date(2020, 1, 1), until=date(2020, 2, 1)),),
    )
    for day, held in ((datetime(2020, 1, 1, tzinfo=UTC), True), (datetime(2020, 2, 1, tzinfo=UTC), False)):
        assert bool(read("قال الرئيس الإيراني نعم", brief, at=day)) is held


def test_the_former_is_who_left_last() -> None:
    """The former holder is a watched one who left the office lately, and nobody who left it long ago."""
    late = person("late", "زيد عمرو", roles=(Role(office="president", of="Iran", until=date(2023, 6, 1)),))
    long_ago = person("old", "زيد عمرو", roles=(Role(office="president", of="Iran", until=date(2003, 6, 1)),))
    assert read("قال الرئيس الإيراني السابق نعم", late) == {"late": ["الرئيس الإيراني"]}
    assert read("قال الرئيس الإيراني السابق نعم", long_ago) == {}


def test_a_bare_title_at_home() -> None:
    """A title without a country counts only where the article's source is of that country."""
    assert read("قال وزير الخارجية نعم", LAVROV, country="RU") == {"lavrov": ["وزير الخارجية"]}
    assert read("قال وزير الخارجية نعم", LAVROV, country="EG") == {}
    assert read("قال وزير الخارجية نعم", LAVROV) == {}


def test_a_shared_surname_is_the_last_named_ones() -> None:
    """Where two watched people share a short form it means whom the article named last before it."""
    first, second = person("first", "أحمد داود أوغلو"), person("second", "مولود جاويش أوغلو")
    text = "وصل أحمد داود أوغلو ثم مولود جاويش أوغلو. وقال أوغلو إن الجلسة انتهت."
    assert read(text, first, second) == {"first": ["أحمد داود أوغلو"], "second": ["مولود جاويش أوغلو", "أوغلو"]}


def test_a_name_inside_a_longer_name_of_another() -> None:
    """Part of another watched name is that one's alone, and the rejection says so."""
    father, son = person("father", "زيد عمرو"), person("son", "خالد زيد عمرو")
    findings = Matcher(watchlist(father, son)).match(article("حضر خالد زيد عمرو اليوم"))
    assert found(findings) == {"son": ["خالد زيد عمرو"]}
    assert {row.why for row in findings.rejected} == {"part of a longer name: خالد زيد عمرو"}


def test_boilerplate_is_rejected_and_reported() -> None:
    """A mention in a related link is no match, and the rejection says where it stands."""
    findings = MATCHER.match(article("خبر.\nاقرأ أيضاً: لافروف يصل"))
    assert findings.matches == ()
    assert "boilerplate" in findings.rejected[0].why


def test_a_long_list_finds_what_a_short_one_finds() -> None:
    """With thousands of names the exact forms, particles, patronymics and short forms are still found."""
    crowd = [person(f"p{number}", f"فلان{number:04d}زيد علان{number:04d}عمرو") for number in range(2500)]
    letters = str.maketrans("0123456789", "بتجدرسصعفق")
    crowd = [replace(one, aliases=(Alias(one.aliases[0].text.translate(letters), "ar"),)) for one in crowd]
    matcher = Matcher(watchlist(LAVROV, FIDAN, *crowd))
    assert matcher._lexicon.long
    text = "ولسيرغي بن فلان لافروف رأي. وصل هاكان فيدان، وفيدان متعب. وللافروف جواب."
    assert (
        found(matcher.match(article(text)))
        == found(MATCHER.match(article(text)))
        == {
            "lavrov": ["سيرغي بن فلان لافروف", "لافروف"],
            "fidan": ["هاكان فيدان", "فيدان"],
        }
    )


def test_other_scripts_are_checked_letter_by_letter() -> None:
    """Names in scripts without an alphabet of their own here are found as written."""
    entity = Entity("tokyo", "Tokyo", "place", (Alias("東京", "ja"),))
    assert read("来 東京 へ", entity, lang="ja") == {"tokyo": ["東京"]}
    alike = "".join(chr(ord(letter) + 0x30) for letter in "東京")
    assert read(f"来 {alike} へ", entity, lang="ja") == {}
    assert read(f"来 {alike} へ لافروف", entity, LAVROV, lang="ja") == {"lavrov": ["لافروف"]}


def test_without_camel_tools_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The matcher stands on camel-tools' maps and normalisers: taken away, no watchlist can be compiled."""
    caches = (fold.plane, fold._arabic, fold.fold_character, scan._table, scan._character, scan.encode)
    for cached in caches:
        cached.cache_clear()
    monkeypatch.setitem(sys.modules, "camel_tools.utils.normalize", None)
    try:
        with pytest.raises(ImportError):
            Matcher(watchlist(LAVROV))
    finally:
        monkeypatch.undo()
        for cached in caches:
            cached.cache_clear()
