"""What a web page holds: its main text, or the feeds that it names. Runs in the parser's worker.

The text is taken by trafilatura where it is installed, else from the page's paragraphs, as it is from a page of more
tags or attributes than any article's, over which trafilatura's parser would hang. Links are found by a linear scan: a
page is as hostile as a feed.
"""

from __future__ import annotations

import html
import importlib
import re
from typing import Any
from urllib.parse import urljoin

from monitor.errors import ParseError
from monitor.feeds import charset
from monitor.feeds.markup import clean, one_line, to_text
from monitor.text import dates

MAX_PAGE = 2_000_000
MAX_LINKS = 40
MAX_TAGS = 40_000
MAX_ATTRIBUTES = 500
SHORTEST_PARAGRAPH = 40
_PARAGRAPH = re.compile(r"<p(?:\s[^<>]*+)?>", re.IGNORECASE)
_TAG = re.compile(r"<(link|a|base)\s([^<>]*+)>", re.IGNORECASE)
_WHOLE_TAG = re.compile(r"""<[A-Za-z](?:[^"'>]++|"[^"]*+"|'[^']*+')*+""")
_BETWEEN = re.compile(r"""(?:=\s{0,5}+(?:"[^"]*+"|'[^']*+')|[\s/])[\s/]*+""")
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z-]{2,20})\s{0,5}=\s{0,5}(?:"([^"<>]{0,2000})"|'([^'<>]{0,2000})'|([^\s"'<>]{1,2000}))"""
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_FEED_WORDS = re.compile(r"(?:^|[/._=-])(?:rss|atom|feeds?|rdf)(?:$|[/._?=-])|\.xml$", re.IGNORECASE)


def text(body: bytes, content_type: str | None, url: str) -> dict[str, Any]:
    """Return `title`, `text` and `published` (ISO 8601 or None) of an article's page. Raises ParseError."""
    page = charset.decode(body[:MAX_PAGE], content_type).text
    found = _extracted(page, url) or {"title": "", "text": _paragraphs(page), "date": None}
    body_text = clean(found["text"] or "")
    if not body_text:
        raise ParseError("empty", "the page holds no text that could be an article")
    published = dates.parse(found["date"])
    return {
        "title": one_line(found["title"] or "")[:1000],
        "text": body_text,
        "published": published.isoformat() if published else None,
    }


def _extracted(page: str, url: str) -> dict[str, str | None] | None:
    """Let trafilatura find the main text; None where it is not installed, would hang or finds none."""
    if _would_hang(page):
        return None
    try:
        trafilatura = importlib.import_module("trafilatura")
    except ImportError:
        return None
    found = trafilatura.bare_extraction(
        page, url=url, include_comments=False, include_tables=False, with_metadata=True, favor_precision=True
    )
    if found is None or not found.text:
        return None
    return {"title": found.title, "text": found.text, "date": found.date}


def _would_hang(page: str) -> bool:
    """Tell whether a parser of HTML would take seconds: it compares each attribute of a tag with all before it."""
    if page.count("<") > MAX_TAGS:
        return True
    long = (tag[0] for tag in _WHOLE_TAG.finditer(page) if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES)
    return any(len(_BETWEEN.split(tag, MAX_ATTRIBUTES + 1)) > MAX_ATTRIBUTES for tag in long)


def _paragraphs(page: str) -> str:
    """Return the text of the page's longer paragraphs."""
    pieces = _PARAGRAPH.split(page)[1:500]
    texts = (to_text(piece.partition("</p")[0][:20_000]) for piece in pieces)
    return "\n".join(piece for piece in texts if len(piece) >= SHORTEST_PARAGRAPH)


def links(body: bytes, content_type: str | None, url: str) -> list[dict[str, str]]:
    """Return the feeds that a page names: declared ones first, then links that look like feeds."""
    page = charset.decode(body[:MAX_PAGE], content_type).text
    declared: dict[str, str] = {}
    likely: dict[str, str] = {}
    base = None
    for match in _TAG.finditer(page):
        attributes = {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(match[2][:8000])}
        href, tag = attributes.get("href", ""), match[1].lower()
        target = _join(base or url, href)
        if tag == "base":
            base = base or target  # the first one counts
        elif target and tag == "link" and attributes.get("type", "").split(";")[0].strip().lower() in _FEED_TYPES:
            declared.setdefault(target, one_line(attributes.get("title", ""))[:200])
        elif target and tag == "a" and _FEED_WORDS.search(href[:500]):
            likely.setdefault(target, "")
    found = {**likely, **declared}
    ordered = [*declared, *(target for target in likely if target not in declared)]
    return [{"url": target, "title": found[target]} for target in ordered[:MAX_LINKS]]


def _join(base: str, href: str) -> str | None:
    """Return an absolute http(s) address, or None."""
    if not href.strip():
        return None
    try:
        target = urljoin(base, href.strip()).split("#")[0]
    except ValueError:
        return None
    return target if target.lower().startswith(("http://", "https://")) else None
