"""From documents to fields, in this process: what the formats say, and what they do wrong."""

from __future__ import annotations

import pytest

from monitor.errors import ParseError
from monitor.feeds import document, extract
from monitor.records import Entry
from tests.feeds.builders import item, rss

URL = "https://news.example.org/section/rss.xml"
STRAY = '<gml:pos xmlns:gml="http://www.opengis.net/gml">1 2</gml:pos>'
LONG = "كلمة أخرى في نص طويل " * 60


def entries(text: str) -> list[Entry]:
    """Return a document's entries."""
    return extract.read(text.encode(), None, URL).entries


def one(inner: str, **item_parts: str) -> Entry:
    """Return the only entry of a feed with this inside."""
    (entry,) = entries(rss(f"<item><title>A title that is long enough</title>{inner}</item>"))
    return entry


def test_item_that_breaks_the_parser_costs_no_other() -> None:
    """feedparser fails on a stray coordinate; the items around it are read."""
    broken = '<item><title>x</title><gml:pos xmlns:gml="http://www.opengis.net/gml">1 2</gml:pos></item>'
    parsed = extract.read(rss(item(1), broken, item(2)).encode(), None, URL)
    assert [entry.title[-1] for entry in parsed.entries] == ["1", "2"]
    assert parsed.partial
    assert "1 items could not be read" in parsed.notes


def test_head_that_breaks_the_parser_costs_no_item() -> None:
    """A stray coordinate before or between the items is left out with all else around them; the items are read."""
    for inner in (f"{STRAY}{item(1)}{item(2)}", f"{item(1)}{STRAY}{item(2)}"):
        text = f'<rss version="2.0"><channel><title>Example</title>{inner}</channel></rss>'
        parsed = extract.read(text.encode(), None, URL)
        assert [entry.title[-1] for entry in parsed.entries] == ["1", "2"]
        assert "what stands around the items could not be read" in parsed.notes
        again = extract.read(text.encode(), None, URL, frozenset(parsed.marks))
        assert (again.entries, again.standing) == ([], parsed.marks)


def test_what_stands_around_is_read_once_however_many_items_are_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of items beside a broken one don't each pay for a long head."""
    given: list[int] = []
    feedparser = extract._feedparser

    def counted(text: str, url: str) -> object:
        given.append(len(text))
        return feedparser(text, url)

    monkeypatch.setattr(extract, "_feedparser", counted)
    long_head = "<title>Example</title>" + "</p >" * 5_000
    broken = f"<item><title>x</title>{STRAY}</item>"
    assert len(extract.read(rss(*map(item, range(50)), broken, head=long_head).encode(), None, URL).entries) == 50
    assert sum(given) < 5 * len(long_head)


def test_head_that_breaks_the_parser_is_an_error() -> None:
    """Where there is no item to save, the parser's failure is told."""
    with pytest.raises(KeyError):
        entries('<rss xmlns:gml="http://www.opengis.net/gml"><channel><gml:pos>1 2</gml:pos></channel></rss>')


def test_new_items_beyond_one_parse_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would cost too much at once is cut, and said."""
    monkeypatch.setattr(extract, "MAX_AT_ONCE", 900)
    parsed = extract.read(rss(*(item(n) for n in range(9))).encode(), None, URL)
    assert 0 < len(parsed.entries) < 9
    assert parsed.partial
    assert any("the first" in note for note in parsed.notes)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/1.html", "https://news.example.org/1.html"),
        ("1.html", "https://news.example.org/section/1.html"),
        ("//cdn.example.org/1", "https://cdn.example.org/1"),
        (" https://news.example.org/a b.html\n", "https://news.example.org/a%20b.html"),
        ("javascript:alert(1)", None),
        ("http://[bad", None),
        ("", None),
    ],
)
def test_links_are_absolute_and_http(link: str, url: str | None) -> None:
    """Relative links are resolved against the feed; nothing but http and https is a link."""
    assert one(f"<link>{link}</link>").url == url


def test_base_of_a_document_is_respected() -> None:
    """xml:base moves relative links."""
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/other/"><entry><id>1</id><title>A title</title>'
        '<link href="1.html"/></entry></feed>'
    )
    assert entries(atom)[0].url == "https://news.example.org/other/1.html"


def test_content_is_body_and_description_summary() -> None:
    """A feed that gives both keeps both; one that repeats itself gives one."""
    namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    both = one(
        f"<description>Short.</description><content:encoded {namespace}>&lt;p&gt;At length.&lt;/p&gt;</content:encoded>"
    )
    assert (both.summary, both.body) == ("Short.", "At length.")
    same = one(f"<description>Same.</description><content:encoded {namespace}>Same.</content:encoded>")
    assert (same.summary, same.body) == (None, "Same.")
    lines = one(f"<description>One two</description><content:encoded {namespace}>One&lt;br&gt;two</content:encoded>")
    assert (lines.summary, lines.body) == (None, "One\ntwo")


def test_long_description_is_the_body() -> None:
    """A description that holds the whole article is no summary."""
    found = one(f"<description>{LONG}</description>")
    assert (found.summary, found.body) == (None, LONG.strip())


@pytest.mark.parametrize(
    ("dates", "raw"),
    [
        ("<pubDate>Sat, 21 Nov 2026 10:00:00 GMT</pubDate>", "Sat, 21 Nov 2026 10:00:00 GMT"),
        ("<dc:date>2026-11-21T10:00:00Z</dc:date>", "2026-11-21T10:00:00Z"),
        ("<pubDate>soon</pubDate><dc:date>2026-11-21T10:00:00Z</dc:date>", "2026-11-21T10:00:00Z"),
        ("<pubDate>21 تشرين الثاني 2026 10:00</pubDate>", "21 تشرين الثاني 2026 10:00"),
    ],
)
def test_first_readable_date_counts(dates: str, raw: str) -> None:
    """Whatever element holds it, the date is read, and its own words are kept."""
    found = one(dates.replace("<dc:date>", '<dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">'))
    assert found.published is not None
    assert found.published.isoformat() == "2026-11-21T10:00:00+00:00"
    assert found.published_raw == raw


def test_language_nearest_to_the_entry_counts() -> None:
    """The channel's language, or the item's own."""
    assert entries(rss(item(1), head="<language>ar-SA</language>"))[0].lang == "ar-sa"
    assert entries(rss(item(1), head="<language>Arabic!</language>"))[0].lang is None
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><entry><id>1</id><title xml:lang="ar">عنوان</title>'
        "</entry></feed>"
    )
    assert entries(atom)[0].lang == "ar"


def test_overlong_identity_is_none() -> None:
    """A guid of ten thousand letters identifies nothing."""
    assert one(f"<guid>{'g' * 10_000}</guid>").guid is None


@pytest.mark.parametrize(
    ("head", "ttl", "hours", "days"),
    [
        ("<ttl>60</ttl>", 3600, [], []),
        ("<ttl><![CDATA[ 60 ]]></ttl>", 3600, [], []),
        ("<ttl>soon</ttl>", None, [], []),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 86400, [], []),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 900, [], []),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 3600, [], []),
        ("<skipHours>" + "".join(f"<hour>{n}</hour>" for n in range(24)) + "</skipHours>", None, [], []),
        ("<skipDays><day>Monday</day><day>Someday</day></skipDays>", None, [], [0]),
        ("<skipHours><hour>25</hour><hour>7</hour></skipHours>", None, [7], []),
    ],
)
def test_rhythm(head: str, ttl: float | None, hours: list[int], days: list[int]) -> None:
    """What a channel says of its rhythm is read; nonsense, and resting for ever, are not."""
    parsed = extract.read(rss(item(1), head=head).encode(), None, URL)
    assert (parsed.ttl, parsed.skip_hours, parsed.skip_days) == (ttl, hours, days)


@pytest.mark.parametrize(
    "text",
    ['{"items": 5}', '{"version": 1}', "[]", '{"items": [', '{"items": NaN}', '{"a": "' + "x" * 100],
)
def test_json_that_is_no_feed(text: str) -> None:
    """Other JSON is told apart."""
    with pytest.raises(ParseError) as caught:
        extract.read(text.encode(), None, URL)
    assert caught.value.reason == "not-feed"


def test_json_entries_of_odd_types_are_read_as_far_as_they_go() -> None:
    """Wrong types are absent values, never errors."""
    odd = '{"items": [5, null, {"id": true, "url": 7, "title": ["x"], "content_text": "kept", "authors": "a"}]}'
    (entry,) = extract.read(odd.encode(), None, URL).entries
    assert (entry.guid, entry.url, entry.title, entry.body) == (None, None, "", "kept")


UNREAD = (
    '<category domain="x"><![CDATA[سياسة]]></category><category term="x"/><enclosure url="https://a/b" type="a/b"/>'
    "<slash:comments>0</slash:comments><comments>https://news.example.org/1#talk</comments><dc:subject/>"
    '<media:thumbnail url="https://a/c"  />'
)


def test_elements_that_nobody_reads_change_nothing() -> None:
    """An item with them reads as it does without, and feedparser never sees them."""
    plain, full = item(1), item(1).replace("</item>", f"{UNREAD}</item>")
    assert entries(rss(full)) == entries(rss(plain))
    assert document.mend(full) == plain


@pytest.mark.parametrize(
    "inner",
    [
        "<description><![CDATA[</item><item>]]></description>",
        "<description><!-- </item> --> words</description>",
        "<item><title>Within another item of the feed</title></item>",
        "<description><![CDATA[]]>]]><![CDATA[</item>]]></description>",
        f"<a {' '.join(f'b{n}=' for n in range(150))}>x</a>" * 2,
        "<x>" * 150 + "</x>" * 150,
        "<?x </item> ?><title>A title that is long enough</title>",
    ],
)
def test_short_items_end_where_long_ones_do(inner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The short way through an item finds the same items, gaps and faults as a look at each token."""
    text = rss(item(1), f"<item>{inner}</item>", item(2))
    found = document.split(text)
    monkeypatch.setattr(document._Scan, "_short_item", lambda self, start: 0)
    assert found == document.split(text)
