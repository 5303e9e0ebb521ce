"""Canonical addresses: every way of sharing one page is one key, and two pages are two."""

from __future__ import annotations

import pytest

from monitor.feeds.canonical import canonical, feed_key

PAGE = "https://example.org/news/2026/talks.html"


@pytest.mark.parametrize(
    "shared",
    [
        "http://example.org/news/2026/talks.html",
        "https://www.example.org/news/2026/talks.html",
        "https://m.example.org/news/2026/talks.html",
        "https://amp.example.org/news/2026/talks.html",
        "HTTPS://EXAMPLE.ORG:443/news/2026/talks.html",
        "https://example.org./news/2026/talks.html",
        "https://example.org//news//2026/talks.html/",
        "https://example.org/news/2026/talks.html#comments",
        "https://example.org/news/2026/talks.html?utm_source=rss&utm_medium=feed",
        "https://example.org/news/2026/talks.html?fbclid=abc&gclid=1",
        "https://example.org/news/2026/talks.html?at_medium=RSS&at_campaign=KARANGA",
        "https://example.org/news/2026/talks.html?ref=home",
        "https://example.org/news/2026/talks.html?cid=rss&sid=9f86d081884c7d65&source=feed",
        "https://example.org/amp/news/2026/talks.html",
        "https://example.org/news/2026/talks.html/amp",
        "https://example.org/news/2026/talks.amp.html".replace(".amp.html", ".html/amp/"),
        "https://www.google.com/amp/s/example.org/news/2026/talks.html",
        "https://example-org.cdn.ampproject.org/c/s/example.org/news/2026/talks.html",
        "https://example.org/news/2026/talks%2Ehtml",
        " https://example.org/news/2026/talks.html ",
    ],
)
def test_one_page_is_one_key(shared: str) -> None:
    """Tracking, AMP, mobile hosts, scheme, port and fragment make no other page."""
    assert canonical(shared) == canonical(PAGE)


@pytest.mark.parametrize(
    "other",
    [
        "https://example.org/news/2026/talks2.html",
        "https://example.org/news/2026/talks.html?id=5",
        "https://example.org/news/2026/talks.html?sid=4551",
        "https://example.org/news/2026/talks.html?CID=17",
        "https://example.org:8080/news/2026/talks.html",
        "https://other.example.org/news/2026/talks.html",
        "https://example.org/News/2026/talks.html",
        "https://example.org/news/2026/talks.html#!/5",
    ],
)
def test_two_pages_are_two(other: str) -> None:
    """What can name another page is kept."""
    assert canonical(other) != canonical(PAGE)


@pytest.mark.parametrize("one", ["cid=1", "source=politics", "from=ar", "sid=abc", "rss=1", "ref=home"])
def test_feeds_are_told_apart_by_any_parameter(one: str) -> None:
    """What is tracking in an article's address may name a feed; a campaign's mark names none."""
    assert feed_key(f"https://example.org/rss.aspx?{one}") != feed_key("https://example.org/rss.aspx")
    assert feed_key(f"https://www.example.org/rss.aspx?{one}&utm_source=x") == feed_key(
        f"http://example.org/rss.aspx?{one}"
    )
    assert feed_key("https://example.org/") == "https://example.org/"


def test_query_order_does_not_matter() -> None:
    """The same parameters in another order name the same page."""
    assert canonical("https://example.org/p?b=2&a=1") == canonical("https://example.org/p?a=1&b=2")


def test_arabic_paths_in_any_spelling() -> None:
    """Escaped or not, an Arabic path is the same; so is an Arabic host."""
    assert canonical("https://example.org/خبر/1") == canonical("https://example.org/%D8%AE%D8%A8%D8%B1/1")
    assert canonical("https://مثال.إختبار/1") == canonical("https://xn--mgbh0fb.xn--kgbechtv/1")


@pytest.mark.parametrize(
    "value",
    [None, "", "https://example.org/", "https://example.org", "https://example.org/?utm_source=x", "mailto:a@b.c",
     "https://", "https://[bad", "https://example.org:99999/x", "x" * 3000],
)  # fmt: skip
def test_what_names_no_page_has_no_key(value: str | None) -> None:
    """A front page is no article's identity; nonsense is none."""
    assert canonical(value) is None


def test_it_is_idempotent() -> None:
    """A key, read as an address again, is the same key."""
    key = canonical(PAGE + "?b=1&a=%20x")
    assert canonical(f"https://{key}") == key
