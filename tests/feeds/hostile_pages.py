# ruff: noqa: E501  # a table: one page a line
"""Hostile web pages: what the page of an entry or a site can send, each with what it must give.

A page gives a reason of `parse.REASONS`, or a text in which a sentence stands; and so many addresses of feeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SENTENCE = "قال الوزير إن المحادثات ستستمر في العاصمة خلال الأسبوع المقبل، وإن الوفدين اتفقا على جدول الأعمال كاملا."
STORY = "<article>" + f"<p>{' '.join([SENTENCE] * 3)}</p>" * 4 + "</article>"
LOL = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))


@dataclass(frozen=True)
class Page:
    """One page; `gives` is a reason, or what must stand in its text. `feeds` are the links that may be feeds."""

    name: str
    body: Callable[[], bytes | str]
    gives: str
    feeds: int = 0
    content_type: str = "text/html; charset=utf-8"

    def bytes(self) -> bytes:
        """Return what is sent."""
        body = self.body()
        return body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")


def _html(body: str, head: str = "<title>x</title>") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


def _with_bad_byte() -> bytes:
    """Return the story in windows-1256 with one byte that is none of its letters, between two paragraphs."""
    before, found, after = _html(STORY).encode("cp1256").partition(b"</p>")
    return before + found + b"\x00" + after


# fmt: off
PAGES = (
    Page("nothing", lambda: "", "empty"),
    Page("blanks", lambda: " \r\n\t" * 1000, "empty"),
    Page("zeros", lambda: bytes(1_000_000), "empty"),
    Page("a page without text", lambda: _html("<nav><img src=x></nav>"), "empty"),
    Page("a path", lambda: "/etc/passwd", "empty"),
    Page("an address", lambda: "http://127.0.0.1:9/", "empty"),
    Page("an image", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1000, "empty"),
    Page("JSON", lambda: '{"a":' * 100_000, "empty"),
    Page("only a less-than", lambda: "<" * 1_000_000, "empty"),
    Page("one word of 2 MB", lambda: "a" * 2_000_000, "empty"),
    Page("short paragraphs", lambda: _html("<p>x</p>" * 150_000), "empty"),
    Page("nested boxes", lambda: _html("<div>" * 19_000 + STORY + "</div>" * 19_000), SENTENCE),
    Page("more nested boxes", lambda: _html("<div>" * 100_000 + STORY + "</div>" * 100_000), SENTENCE),
    Page("nested spans", lambda: _html(f"<article><p>{'<span>' * 3_000}{SENTENCE * 5}{'</span>' * 3_000}</p></article>"), SENTENCE),
    Page("nested tables", lambda: _html("<table><tr><td>" * 5_000 + STORY), SENTENCE),
    Page("nested lists", lambda: _html("<ul><li>" * 15_000 + STORY), SENTENCE),
    Page("nested forms", lambda: _html("<form>" * 20_000 + STORY), SENTENCE),
    Page("an attribute of 1.5 MB", lambda: _html(f'<p style="{"a" * 1_500_000}">x</p>' + STORY), SENTENCE),
    Page("a class of 150,000 names", lambda: _html(f'<div class="{"comment " * 150_000}">x</div>' + STORY), SENTENCE),
    Page("attributes in bulk", lambda: _html("<p " + " ".join(f'a{n}="1"' for n in range(100_000)) + ">x</p>" + STORY), SENTENCE),
    Page("attributes without values", lambda: _html("<p " + "/".join(f"a{n}" for n in range(100_000)) + ">x</p>" + STORY), SENTENCE),
    Page("attributes in many tags", lambda: _html(("<p " + "".join(f'a{n}="1"' for n in range(5_000)) + ">x</p>") * 30 + STORY), SENTENCE),
    Page("links in bulk", lambda: _html(STORY + "".join(f'<a href="/rss/{n}">x</a>' for n in range(50_000))), SENTENCE, 40),
    Page("declared feeds in bulk", lambda: _html(STORY, "".join(f'<link rel=alternate type="application/rss+xml" href="/f{n}">' for n in range(10_000))), SENTENCE, 40),
    Page("bases in bulk", lambda: _html(STORY + "<base href='a/'>" * 10_000 + "<a href=rss>x</a>"), SENTENCE, 1),
    Page("links out of the site's root", lambda: _html(STORY + f'<a href="{"../" * 100}feed">x</a>' * 500), SENTENCE, 1),
    Page("links to other schemes", lambda: _html(STORY + "<a href='file:///etc/feed'>x</a><a href='javascript:feed'>x</a><a href='http://['>feed</a>"), SENTENCE),
    Page("breaks in bulk", lambda: _html("<br>" * 300_000 + STORY), SENTENCE),
    Page("headings in bulk", lambda: _html("<h1>x</h1>" * 18_000 + STORY), SENTENCE),
    Page("metadata in bulk", lambda: _html(STORY, "<meta name='date' content='2024-13-45'>" * 10_000), SENTENCE),
    Page("a date of 800 KB", lambda: _html(STORY, f"<meta property='article:published_time' content='{'1 ' * 400_000}'>"), SENTENCE),
    Page("a title of 1.5 MB", lambda: _html(STORY, f"<title>{'word ' * 300_000}</title>"), SENTENCE),
    Page("deep metadata", lambda: _html(STORY, f"<script type='application/ld+json'>{'[' * 100_000}</script>"), SENTENCE),
    Page("an author of 800 KB", lambda: _html(STORY, f"<script type='application/ld+json'>{{\"author\":{{\"name\":\"{'a ' * 400_000}\"}}}}</script>"), SENTENCE),
    Page("billion laughs", lambda: f"<!DOCTYPE html [{LOL}]>" + _html("<p>&l9;</p>" + STORY), SENTENCE),
    Page("quadratic blowup", lambda: f'<!DOCTYPE html [<!ENTITY a "{"a" * 100_000}">]>' + _html(STORY + f"<p>{'&a;' * 30_000}</p>"), SENTENCE),
    Page("external entity", lambda: '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _html("<p>&x;</p>" + STORY), SENTENCE),
    Page("half references", lambda: _html(STORY + f"<p>{'&#' * 300_000}</p>"), SENTENCE),
    Page("a reference of a million digits", lambda: _html(f"<p>&#{'9' * 900_000};</p>" + STORY), SENTENCE),
    Page("text without end", lambda: _html("<article><p>" + f"{SENTENCE} " * 8_000).partition("</body>")[0], SENTENCE),
    Page("a comment without end", lambda: _html(STORY + "<!--" * 20_000), SENTENCE),
    Page("a script without end", lambda: _html(STORY + "<script>" + "x" * 1_000_000), SENTENCE),
    Page("a quote without end", lambda: _html(STORY + '<a href="' + "<" * 30_000), SENTENCE),
    Page("control characters", lambda: _html("\x00\x01\x1b\u202e" + STORY), SENTENCE),
    Page("lone surrogates", lambda: _html(STORY + "<p>\ud800</p>"), SENTENCE),
    Page("windows-1256 with a bad byte", _with_bad_byte, SENTENCE, content_type="text/html"),
    Page("windows-1256 by another name", lambda: _html(STORY).encode("cp1256"), SENTENCE, content_type="text/html; charset=utf-8"),
)
