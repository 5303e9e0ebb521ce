"""Pages: their main text, the feeds they name; full text of an entry, discovery of a site's feeds."""

from __future__ import annotations

import importlib
import socket
from datetime import timedelta
from typing import Any

import pytest

from monitor.errors import FetchError, ParseError
from monitor.feeds import fulltext, pages
from monitor.feeds.article import drafts
from monitor.feeds.discover import discover
from monitor.feeds.duplicates import duplicates
from monitor.feeds.fetch import Fetcher
from monitor.feeds.fulltext import MAX_PAGES, complete
from monitor.feeds.parse import ParserPool
from monitor.feeds.parsed import Parsed
from monitor.feeds.poll import poll
from monitor.records import Draft, Entry, FeedState
from tests.feeds.builders import NOW, a_feed, a_state, item, rss
from tests.feeds.hostile_pages import PAGES, Page
from tests.feeds.site import Request, Site, answer

SENTENCES = "قال الوزير إن المحادثات ستستمر في العاصمة خلال الأسبوع المقبل، وإن الوفدين اتفقا على جدول الأعمال كاملا. "
PAGE = (
    '<html lang="ar"><head><title>المحادثات تستمر</title><meta property="article:published_time" '
    'content="2026-11-21T09:00:00Z"></head><body><nav><a href="/">الرئيسية</a></nav><article><h1>المحادثات تستمر</h1>'
    + "".join(f"<p>{SENTENCES * 3}</p>" for _ in range(4))
    + "</article><footer>جميع الحقوق محفوظة</footer></body></html>"
).encode()


def teaser(url: str | None, number: int = 1, **parts: Any) -> Entry:
    """Return an entry that says little."""
    values: dict[str, Any] = {
        "guid": f"g{number}",
        "url": url,
        "title": f"المحادثات تستمر {number}",
        "summary": "باختصار.",
        "body": None,
        "published": NOW - timedelta(minutes=number),
        "published_raw": "x",
        "lang": "ar",
    }
    return Entry(**(values | parts))


def made(*entries: Entry) -> tuple[Draft, ...]:
    """Return drafts."""
    return drafts(Parsed(kind="rss20", entries=list(entries)), a_feed(), NOW)


def known(site: Site, **more: Any) -> FeedState:
    """Return the state of a feed on the site that has been polled an hour ago."""
    return a_state(
        site.url("/f"), feed_fulltext=True, **({"baseline": False, "last_success": NOW - timedelta(hours=1)} | more)
    )


def test_page_gives_its_main_text(pool: ParserPool) -> None:
    """The article's paragraphs, its title and date; not the navigation."""
    found = pool.run(
        {"job": "page", "content_type": "text/html; charset=utf-8", "url": "https://e.example.org/1"}, PAGE
    )
    assert SENTENCES.strip() in found["text"]
    assert "جميع الحقوق" not in found["text"]
    assert found["title"] == "المحادثات تستمر"
    assert found["published"].startswith("2026-11-21")


def test_page_is_read_without_trafilatura_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extractor is not installed, the longer paragraphs are the text."""

    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    found = pages.text(PAGE, "text/html", "https://e.example.org/1")
    assert found["text"].count("\n") == 3
    with pytest.raises(ParseError):
        pages.text(b"<html><p>short</p></html>", "text/html", "https://e.example.org/1")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_hostile_page_gives_what_it_must(page: Page, pool: ParserPool) -> None:
    """Each hostile page gives its reason or its text, and its feeds at most; none costs a worker."""
    before, body = pool.replaced, page.bytes()
    head = {"content_type": page.content_type, "url": "https://e.example.org/1"}
    try:
        got = str(pool.run({"job": "page", **head}, body)["text"])
    except ParseError as error:
        got = error.reason
    assert page.gives in got
    assert len(got) <= 200_000
    assert "root:" not in got
    assert len(pool.run({"job": "links", **head}, body)) == page.feeds
    assert pool.replaced == before


def test_teaser_becomes_the_whole_text(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A new entry of a `fulltext` feed carries its page's text; its digest stays the feed's."""
    web.serve("/1", PAGE, content_type="text/html")
    (before,) = made(teaser(web.url("/1")))
    (after,) = complete((before,), known(web), fetcher, pool, NOW)
    assert SENTENCES.strip() in (after.article.body or "")
    assert after.article.summary == "باختصار."
    assert (after.digest, after.keys) == (before.digest, before.keys)


def test_an_entry_without_title_takes_its_pages(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A title made of the teaser's first words gives way to the page's own; one that the feed gave does not."""
    web.serve("/1", PAGE, content_type="text/html")
    given = made(teaser(web.url("/1"), 1, title=""), teaser(web.url("/2"), 2))
    web.serve("/2", PAGE, content_type="text/html")
    found = complete(given, known(web), fetcher, pool, NOW)
    assert [draft.article.title for draft in given] == ["المحادثات تستمر 2", "باختصار."]
    assert [draft.article.title for draft in found] == ["المحادثات تستمر 2", "المحادثات تستمر"]
    assert [draft.digest for draft in found] == [draft.digest for draft in given]


@pytest.mark.parametrize("path", ["/missing", "/empty", "/private"])
def test_page_that_fails_leaves_the_teaser(web: Site, fetcher: Fetcher, pool: ParserPool, path: str) -> None:
    """An article is not lost because its page is."""
    web.serve("/empty", b"<html></html>")
    url = "http://10.0.0.1/" if path == "/private" else web.url(path)
    given = made(teaser(url))
    assert complete(given, known(web), fetcher, pool, NOW) == given


def test_only_what_is_new_and_short_is_fetched(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """History, long texts and entries without address cost no request."""
    given = made(
        teaser(web.url("/old"), 1, published=NOW - timedelta(days=3)),
        teaser(web.url("/long"), 2, body="word " * 400),
        teaser(None, 3),
    )
    assert complete(given, known(web), fetcher, pool, NOW) == given
    first = made(teaser(web.url("/new")))
    assert complete(first, known(web, baseline=True, last_success=None), fetcher, pool, NOW) == first
    assert web.log == []


def test_pages_a_poll_are_limited(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A feed of a hundred teasers is not a hundred requests; the newest come first."""
    given = made(*(teaser(web.url(f"/{n}"), n) for n in range(MAX_PAGES + 5)))
    complete(given, known(web), fetcher, pool, NOW)
    assert len(web.log) == MAX_PAGES
    assert web.log[0].path == "/0"


def test_slow_pages_end_a_polls_time(
    web: Site, fetcher: Fetcher, pool: ParserPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the time for pages is over none is begun: the newest has its text, the others keep their teasers."""

    def slow(sock: socket.socket, _: Request) -> None:
        monkeypatch.setattr(fulltext, "SECONDS", 0.0)  # as if it had taken so long
        sock.sendall(answer(PAGE, content_type="text/html"))

    given = made(*(teaser(web.script(f"/{number}", slow), number) for number in range(3)))
    found = complete(given, known(web), fetcher, pool, NOW)
    assert [one.path for one in web.log] == ["/0"]
    assert found[:2] == given[:2]
    assert SENTENCES.strip() in (found[2].article.body or "")


def test_poll_completes_feeds_that_ask_for_it(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """The option of the feed is all it takes."""
    web.serve("/1", PAGE, content_type="text/html")
    web.serve("/f", rss(item(0, link=web.url("/1"))).encode())
    assert SENTENCES.strip() in (poll(known(web), fetcher, pool, NOW).drafts[0].article.body or "")
    plain = a_state(web.url("/f"), baseline=False, last_success=NOW - timedelta(hours=1))
    assert poll(plain, fetcher, pool, NOW).drafts[0].article.body is None


def test_declared_feeds_are_found(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """What a page declares comes before what it links; what is no feed is left out."""
    web.serve("/rss", rss(item(1), head="<title>Main</title><language>ar</language>").encode())
    web.serve("/atom.xml", rss(item(1), item(2)).encode())
    web.serve("/not", b"<html></html>")
    head = (
        "<link rel=alternate type='application/rss+xml' title='Main' href='/rss'>"
        "<link rel='alternate' type=\"application/rss+xml\" href='/not'><link rel=stylesheet href=/style.css>"
        "<a href='/atom.xml#x'>Atom</a><a href='/about'>About</a><a href='http://['>bad</a><a>none</a>"
    )
    web.serve("/", f"<html><head>{head}</head></html>".encode())
    found = discover(web.url("/"), fetcher, pool, NOW, allow_private=True)
    assert [(one.url, one.title, one.lang, one.entries) for one in found] == [
        (web.url("/rss"), "Main", "ar", 1),
        (web.url("/atom.xml"), "Example", None, 2),
    ]


def test_address_of_a_feed_is_found_itself(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A feed's address is its own discovery."""
    url = web.serve("/f", rss(item(1)).encode())
    assert [one.url for one in discover(url, fetcher, pool, NOW, allow_private=True)] == [url]


def test_usual_places_are_tried_last(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A page that names no feed may have one all the same."""
    web.serve("/", b"<html><base href='/x/'><body>hello</body></html>")
    web.serve("/feed", rss(item(1)).encode())
    assert [one.url for one in discover(web.url("/"), fetcher, pool, NOW, allow_private=True)] == [web.url("/feed")]


def test_site_without_feeds_has_none(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """Nothing found is an answer; a site that can't be asked is an error."""
    web.serve("/", b"<html></html>")
    assert discover(web.url("/"), fetcher, pool, NOW, allow_private=True) == ()
    with pytest.raises(FetchError):
        discover("http://10.0.0.1/", fetcher, pool, NOW)


def test_one_feed_under_two_addresses_is_found() -> None:
    """The same canonical address, the same place after a move, or the same bytes."""
    states = [
        a_state("https://a.example.org/rss"),
        a_state("https://www.a.example.org/rss?utm_source=x"),
        a_state("https://b.example.org/rss", body_hash="h1"),
        a_state("https://c.example.org/rss", body_hash="h1"),
        a_state("https://d.example.org/rss", moved_to="https://a.example.org/rss"),
        a_state("https://e.example.org/rss", body_hash="h2"),
        a_state("https://f.example.org/rss"),
    ]
    assert duplicates(states) == (
        ("https://a.example.org/rss", "https://www.a.example.org/rss?utm_source=x", "https://d.example.org/rss"),
        ("https://b.example.org/rss", "https://c.example.org/rss"),
    )
