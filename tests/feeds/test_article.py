"""Entries to articles: who is who, when, in which language, in which order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.feeds.article import drafts, keys
from monitor.feeds.parsed import Parsed
from monitor.records import Draft, Entry
from monitor.text.dates import parse
from tests.feeds.builders import NOW, a_feed


def entry(**parts: Any) -> Entry:
    """Return an entry with everything in place."""
    values: dict[str, Any] = {
        "guid": "g1",
        "url": "https://news.example.org/1.html",
        "title": "Ministers agree on one point",
        "summary": "In short.",
        "body": None,
        "published": NOW - timedelta(hours=1),
        "published_raw": "Sat, 21 Nov 2026 11:00:00 GMT",
        "lang": None,
    }
    return Entry(**(values | parts))


def made(*entries: Entry, **feed: Any) -> tuple[Draft, ...]:
    """Return the drafts of a document that holds these entries."""
    return drafts(Parsed(kind="rss20", entries=list(entries)), a_feed(**feed), NOW)


def test_keys_stand_strongest_first() -> None:
    """guid, then address, then title and date."""
    (draft,) = made(entry())
    assert [key.partition(":")[0] for key in draft.keys] == ["guid", "url", "title"]


def test_guid_is_scoped_to_its_feed_and_address_is_not() -> None:
    """Two feeds may use the same guid; one address is one article everywhere."""
    here, there = keys(entry(), a_feed()), keys(entry(), a_feed("https://other.example.org/rss"))
    assert here[0] != there[0]
    assert here[1] == there[1]
    assert here[2] != there[2]


@pytest.mark.parametrize(
    "changed",
    [
        {"guid": "another"},
        {"guid": None},
        {"url": "https://news.example.org/elsewhere.html"},
        {"published_raw": "Sat, 21 Nov 2026 11:59:00 GMT", "published": NOW},
        {"guid": "another", "published_raw": "later", "published": None},
        {"guid": "another", "url": "https://news.example.org/?session=1"},
        {"title": "Ministers agree on one point (updated)"},
    ],
)
def test_churn_makes_no_second_article(changed: dict[str, Any]) -> None:
    """Whatever one thing changes, a key that was seen before remains."""
    assert set(keys(entry(), a_feed())) & set(keys(entry(**changed), a_feed()))


def test_different_articles_share_no_key() -> None:
    """Two items that differ in all three are two."""
    other = entry(guid="g2", url="https://news.example.org/2.html", title="Something else happened today")
    assert not set(keys(entry(), a_feed())) & set(keys(other, a_feed()))


def test_address_shared_in_one_document_is_ignored() -> None:
    """A live page that every entry links to identifies none of them."""
    first, second = made(entry(), entry(guid="g2", title="Something else happened today"))
    for draft in (first, second):
        assert [key.partition(":")[0] for key in draft.keys] == ["guid", "title"]


def test_the_same_entry_twice_is_one() -> None:
    """A document that repeats an entry gives it once, with all its keys."""
    (draft,) = made(entry(), entry())
    assert len(draft.keys) == 3


def test_titles_that_are_one_word_do_not_merge() -> None:
    """`Urgent` at the same minute is not the same news."""
    first = entry(guid="1", url=None, title="عاجل", summary="The first thing")
    second = entry(guid="2", url=None, title="عاجل", summary="Another thing")
    assert not set(keys(first, a_feed())) & set(keys(second, a_feed()))


def test_oldest_first() -> None:
    """Feeds list the newest first; stories are read the other way round."""
    numbers = [
        entry(guid=str(n), url=None, title=f"Report number {n} of today", published=NOW - timedelta(hours=n))
        for n in (0, 2, 1)
    ]
    assert [draft.article.title[14] for draft in made(*numbers)] == ["2", "1", "0"]


def test_undated_entries_keep_their_place() -> None:
    """An entry without a date stands after the older one below it."""
    given = [
        entry(guid=str(n), url=None, title=f"Report number {n} of today", published=when)
        for n, when in ((0, NOW), (1, None), (2, NOW - timedelta(hours=2)))
    ]
    assert [draft.article.title[14] for draft in made(*given)] == ["2", "1", "0"]


def test_undated_feed_is_reversed() -> None:
    """Without any date, the last item is the oldest."""
    given = [entry(guid=str(n), url=None, title=f"Report number {n} of today", published=None) for n in range(3)]
    assert [draft.article.title[14] for draft in made(*given)] == ["2", "1", "0"]


@pytest.mark.parametrize(
    ("given", "used"),
    [
        (NOW - timedelta(days=3), NOW - timedelta(days=3)),
        (datetime.fromisoformat("1970-01-01T00:00:00+00:00"), None),
        (datetime.fromisoformat("9999-12-31T00:00:00+00:00"), NOW),
        (NOW + timedelta(minutes=3), NOW),
        (None, None),
    ],
)
def test_dates_are_clamped(given: datetime | None, used: datetime | None) -> None:
    """1970 is no date, the future is now."""
    (draft,) = made(entry(published=given))
    assert draft.article.published == used
    assert draft.article.first_seen == NOW


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("Sat, 21 Nov 2026 10:00:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("9999-12-31T00:00:00Z", "9999-12-31T00:00:00Z"),
        ("12 رمضان 1445", "12 رمضان 1445"),
        ("soon", "soon"),
        (None, None),
    ],
)
def test_a_date_that_could_not_be_used_is_kept_as_written(raw: str | None, kept: str | None) -> None:
    """What was clamped or not read stands in the article as its feed wrote it; a good date stands there once."""
    (draft,) = made(entry(published=parse(raw), published_raw=raw))
    assert draft.article.published_raw == kept


def test_title_is_made_of_the_text_where_there_is_none() -> None:
    """An untitled entry is called by its first sentence."""
    (draft,) = made(entry(title="", summary="The minister left. He will return."))
    assert draft.article.title == "The minister left."
    (long,) = made(entry(title="", summary="word " * 100))
    assert long.article.title.endswith("…")
    assert len(long.article.title) <= 121


def test_entry_without_any_text_is_nothing() -> None:
    """There is nothing to read in it."""
    assert made(entry(title="", summary=None)) == ()


def test_entry_without_identity_is_known_by_its_text() -> None:
    """The same text is the same article, another text another one."""
    bare: dict[str, Any] = {"guid": None, "url": None, "published": None, "published_raw": None}
    (first,), (again,), (other,) = made(entry(**bare)), made(entry(**bare)), made(entry(**bare, summary="Other."))
    assert first.keys == again.keys != other.keys


def test_digest_is_about_the_text() -> None:
    """A new text is a revision; another date or guid is none."""
    (first,), (moved,), (edited,) = (
        made(entry()),
        made(entry(guid="x", published=NOW)),
        made(entry(summary="At length.")),
    )
    assert first.digest == moved.digest != edited.digest


def test_id_is_stable() -> None:
    """The same entry has the same name on every machine."""
    assert made(entry())[0].article.id == made(entry())[0].article.id
    assert made(entry())[0].article.id != made(entry(guid="g2"))[0].article.id


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("قال وزير الخارجية إن المحادثات مستمرة في العاصمة", None, "ar"),
        ("قال وزير الخارجية إن المحادثات مستمرة في العاصمة", "en-us", "ar"),
        ("قال وزير الخارجية إن المحادثات مستمرة في العاصمة", "ar-qa", "ar-qa"),
        ("قال وزير الخارجية إن المحادثات مستمرة في العاصمة", "ar-aa", "ar"),
        ("وزیر امور خارجه گفت که این گفتگوها با طرف مقابل ادامه دارد و به زودی برگزار می شود", None, "fa"),
        ("وزیر امور خارجه گفت که این گفتگوها با طرف مقابل ادامه دارد و به زودی برگزار می شود", "ar", "fa"),
        ("Министр заявил, что переговоры продолжатся на следующей неделе", "en", "ru"),
        ("Міністр заявив, що переговори її країни триватимуть у Києві", "ru", "uk"),
        ("Bakan, görüşmelerin gelecek hafta için yapılacağını ve bir açıklama olacağını söyledi", "en", "tr"),
        ("The minister said that the talks in the capital will go on for a week", None, "en"),
        ("The minister said that the talks in the capital will go on for a week", "ar", "en"),
        ("Le ministre a dit que les entretiens dans la capitale continuent pour une semaine", "en", "fr"),
        ("OK", "tr", "tr"),
        ("12345", None, None),
        ("12345", "ar", "ar"),
        ("外交部长表示谈判将继续", "en", "zh"),
    ],
)
def test_language_by_declaration_and_content(text: str, declared: str | None, expected: str | None) -> None:
    """A template's default does not make Arabic English; a declaration that fits is kept."""
    (draft,) = made(entry(title=text, summary=None, lang=declared))
    assert draft.article.lang == expected


def test_feed_level_language_is_the_last_resort() -> None:
    """What the operator wrote counts where the entry says nothing."""
    assert made(entry(title="12345", summary=None), lang="ar")[0].article.lang == "ar"


def test_article_carries_its_feed() -> None:
    """Country and feed go with the article; the source is the outlet's host."""
    (draft,) = made(entry(url="https://www.news.example.org/1"), country="QA")
    assert (draft.article.country, draft.article.feed) == ("QA", "https://news.example.org/rss")
    assert draft.article.source == "news.example.org"
