"""From a document to entries: feedparser reads RSS and Atom, we read JSON Feed. Runs in the parser's worker.

    bytes -> text (charset) -> parts (document) -> feedparser, wanted items only -> fields -> Parsed

feedparser gets a `BytesIO` of a document that we put together, without its long texts (see `aside`), with its sanitiser
and its address rewriting off: every field becomes plain text here, and addresses are resolved here.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urljoin

import feedparser

from monitor.errors import ParseError
from monitor.feeds import charset, document
from monitor.feeds.aside import MARK, Aside
from monitor.feeds.markup import one_line, to_text
from monitor.feeds.parsed import Parsed
from monitor.records import Entry
from monitor.text import dates

MAX_AT_ONCE = 5_000_000  # the costliest characters take feedparser 0.6 s a million
LONG_SUMMARY = 700
MAX_TITLE = 1_000
MAX_KEY = 2_000
MAX_JSON_DEPTH = 40

_MARKUP = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,20}[\s/>]|&#?[A-Za-z0-9]{1,32};")
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$")
_TTL = re.compile(r"<ttl>\s{0,20}(?:<!\[CDATA\[)?\s{0,20}(\d{1,7})")
_SKIP_HOURS = re.compile(r"<skipHours>(.{0,2000}?)</skipHours>", re.DOTALL | re.IGNORECASE)
_SKIP_DAYS = re.compile(r"<skipDays>(.{0,1000}?)</skipDays>", re.DOTALL | re.IGNORECASE)
_UPDATE = re.compile(r"<(?:sy|syn):update(Period|Frequency)>\s{0,20}(\w{1,20})", re.IGNORECASE)
_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 604800, "monthly": 2592000, "yearly": 31536000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read(body: bytes, content_type: str | None, url: str, known: Collection[str] = ()) -> Parsed:
    """Read a feed, leaving out the items whose marks are `known`. Raises ParseError."""
    decoded = charset.decode(body, content_type)
    notes = []
    if decoded.damaged:
        notes.append(f"{decoded.damaged} places could not be read as {decoded.charset}")
    if decoded.overruled:
        notes.append(f"declared as {decoded.overruled}, read as {decoded.charset}")
    elif decoded.guessed:
        notes.append(f"not surely {decoded.charset}: nothing declares it, or too few letters show it")
    if decoded.text.lstrip()[:1] in {"{", "["}:
        parsed = _json(decoded.text, url, known)
    else:
        parsed = _xml(decoded.text, url, known)
    parsed.notes = [*notes, *parsed.notes]
    parsed.charset, parsed.damaged = decoded.charset, decoded.damaged
    return parsed


def _xml(text: str, url: str, known: Collection[str]) -> Parsed:
    """Read RSS or Atom."""
    parts = document.split(text)
    marks = [document.mark(item) for item in parts.items]
    wanted = _affordable([one for one in zip(marks, parts.items, strict=True) if one[0] not in known], parts)
    parts.head = document.mend(parts.head)
    parts.gaps = [document.mend(gap) for gap in parts.gaps]
    aside = Aside(text)
    result = _result(parts, [document.mend(aside.take(item)) for _, item in wanted], url)
    # As plain dicts: a FeedParserDict looks every name up in several ways, and warns of its own renamings.
    entries = [_entry(dict(entry), result.feed, url, aside) for entry in result.entries[: document.MAX_ITEMS]]
    if not (result.version or entries or parts.items or parts.root.lower() == "channel"):
        raise ParseError("not-feed", f"the document <{parts.root[:40]}> is no feed that is known")
    feed = result.feed
    parsed = Parsed(
        kind=result.version or "unknown",
        title=one_line(to_text(_string(feed.get("title"))))[:MAX_TITLE],
        link=_address(url, feed.get("link")),
        lang=_language(feed.get("language")),
        entries=entries,
        marks=[mark for mark, _ in wanted] if len(wanted) == len(entries) else [],
        standing=[mark for mark in marks if mark in known],
        items=len(marks),
        partial=parts.partial,
        notes=parts.notes,
    )
    _hints(parsed, parts.head, "".join(parts.gaps)[:65_536] + parts.tail[:65_536])
    return parsed


def _affordable(wanted: list[tuple[str, str]], parts: document.Document) -> list[tuple[str, str]]:
    """Return the first items that are together not more than one parse may cost."""
    size = 0
    for count, (_, item) in enumerate(wanted):
        size += len(item)
        if size > MAX_AT_ONCE:
            parts.partial = True
            parts.notes.append(f"more than {MAX_AT_ONCE} characters of new items: the first {count} were taken")
            return wanted[:count]
    return wanted


def _result(parts: document.Document, items: list[str], url: str) -> Any:
    """Read all items at once; where something breaks the parser, each alone, without whatever does."""
    try:
        return _feedparser(parts.with_items(items), url)
    except Exception:  # whatever it is, it is tried again below or raised again here
        if not parts.items:
            raise
    try:
        result = _feedparser(parts.with_items([]), url)
    except Exception:  # noqa: BLE001  # the items must not suffer for what stands around them
        result = _feedparser(parts.bare().with_items([]), url)
        parts.notes.append("what stands around the items could not be read")
    broken, alone = 0, parts.bare()  # what stands around them is read once, not once an item
    for item in items:
        try:
            result.entries.extend(_feedparser(alone.with_items([item]), url).entries)
        except Exception:  # noqa: BLE001  # feedparser raises anything on hostile input; the other items must not suffer
            broken += 1
    parts.partial = True
    if broken:
        parts.notes.append(f"{broken} items could not be read")
    return result


def _feedparser(text: str, url: str) -> Any:
    """Let feedparser read a whole document. Whatever it raises is the document's fault."""
    headers = {"content-type": "application/xml; charset=utf-8"}
    if "xml:base" in text:  # costs time at each element; without it, addresses are resolved by us alone
        headers["content-location"] = url
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # feedparser warns of its own renamed fields
        return feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )


def _entry(entry: Mapping[str, Any], feed: Mapping[str, Any], url: str, aside: Aside) -> Entry:
    """Take the fields that an article is made of."""
    title = _plain(entry.get("title_detail"), entry.get("title"), aside)
    summary = _plain(entry.get("summary_detail"), entry.get("summary"), aside)
    contents = [_plain(content, None, aside) for content in _list(entry.get("content"))[:5]]
    body = max(contents, key=len, default="")
    if not body and len(summary) > LONG_SUMMARY:
        body, summary = summary, ""
    if len(body) == len(summary) and one_line(body) == one_line(summary):
        summary = ""
    published, raw = _published(entry)
    return Entry(
        guid=_key(entry.get("id")),
        url=_address(url, entry.get("feedburner_origlink") or entry.get("link")),
        title=one_line(title)[:MAX_TITLE],
        summary=summary or None,
        body=body or None,
        published=published,
        published_raw=raw,
        lang=_entry_language(entry, feed),
        author=one_line(to_text(_string(entry.get("author"))))[:200] or None,
    )


def _plain(detail: Any, value: Any, aside: Aside) -> str:
    """Return a text construct as plain text. What is declared plain and holds no tag is taken by its word."""
    kind = None
    if isinstance(detail, dict):
        kind = dict.get(detail, "type")
        value = dict.get(detail, "value") if value is None else value
    text = aside.back(value) if isinstance(value, str) else ""
    return to_text(text, markup=not (kind == "text/plain" and "<" in text and not _MARKUP.search(text, 0, 100_000)))


def _published(entry: Mapping[str, Any]) -> tuple[Any, str | None]:
    """Return (moment, raw text) of the first date that can be read: published, then created, then updated."""
    first_raw = None
    for name in ("published", "created", "updated"):
        raw = _string(entry.get(name))
        if not raw:
            continue
        first_raw = first_raw or one_line(raw)[:200]
        moment = dates.parse(raw)
        if moment is not None:
            return moment, one_line(raw)[:200]
    return None, first_raw


def _entry_language(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> str | None:
    """Return the declared language nearest to the entry."""
    for detail in (entry.get("title_detail"), *_list(entry.get("content"))[:1], entry.get("summary_detail")):
        if isinstance(detail, dict) and dict.get(detail, "language"):
            return _language(dict.get(detail, "language"))
    return _language(entry.get("language")) or _language(feed.get("language"))


def _language(value: Any) -> str | None:
    """Return a BCP 47 tag in lower case, or None for what is none."""
    text = _string(value).strip().replace("_", "-").lower()
    return text if _TAG.match(text) else None


def _address(base: str, value: Any) -> str | None:
    """Return an absolute http(s) address, or None."""
    text = "".join(_string(value).strip().splitlines()).replace("\t", "").replace(" ", "%20")
    if not text or len(text) > MAX_KEY:
        return None
    try:
        absolute = urljoin(base, text)
    except ValueError:
        return None
    return absolute if absolute.lower().startswith(("http://", "https://")) else None


def _key(value: Any) -> str | None:
    """Return a guid as one line, or None; an overlong one is no identity."""
    text = one_line(_string(value))
    return text if 0 < len(text) <= MAX_KEY else None


def _string(value: Any) -> str:
    """Return a text; one that was set aside is no key, address or date."""
    return value if isinstance(value, str) and MARK not in value else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _hints(parsed: Parsed, head: str, after: str) -> None:
    """Read what the channel says about its own rhythm: ttl, skipHours, skipDays, the syndication module."""
    text = head[:65_536] + after
    ttl = _TTL.search(text)
    if ttl:
        parsed.ttl = int(ttl[1]) * 60.0
    update = {name.lower(): value.lower() for name, value in _UPDATE.findall(text)[:10]}
    period = _PERIODS.get(update.get("period", ""))
    if period and parsed.ttl is None:
        frequency = update.get("frequency", "1")
        times = int(frequency) if frequency.isascii() and frequency.isdigit() and int(frequency[:6]) > 0 else 1
        parsed.ttl = period / times
    hours = _SKIP_HOURS.search(text)
    if hours:
        found = {int(hour) % 24 for hour in re.findall(r">\s{0,5}(\d{1,2})\s{0,5}<", hours[1]) if int(hour) <= 24}
        parsed.skip_hours = sorted(found) if len(found) < 24 else []
    days = _SKIP_DAYS.search(text)
    if days:
        names = {day.lower() for day in re.findall(r">\s{0,5}(\w{6,9})\s{0,5}<", days[1])}
        found = {number for number, day in enumerate(_DAYS) if day in names}
        parsed.skip_days = sorted(found) if len(found) < 7 else []


def _json(text: str, url: str, known: Collection[str]) -> Parsed:
    """Read a JSON Feed (versions 1 and 1.1). Raises ParseError."""
    if _too_deep(text):
        raise ParseError("hostile", f"JSON nested more than {MAX_JSON_DEPTH} deep")
    try:
        data = json.loads(text, parse_int=_number, parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise ParseError("not-feed", f"this begins as JSON and is none: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise ParseError("not-feed", "this JSON is no JSON Feed: it has no `items`")
    items = [item for item in data["items"][: document.MAX_ITEMS] if isinstance(item, dict)]
    marks = [document.mark(json.dumps(item, sort_keys=True)) for item in items]
    wanted = [(mark, item) for mark, item in zip(marks, items, strict=True) if mark not in known]
    lang = _language(data.get("language"))
    many = len(data["items"]) > document.MAX_ITEMS
    return Parsed(
        kind="json",
        title=one_line(to_text(_string(data.get("title"))))[:MAX_TITLE],
        link=_address(url, data.get("home_page_url")),
        lang=lang,
        entries=[_json_entry(item, lang, url) for _, item in wanted],
        marks=[mark for mark, _ in wanted],
        standing=[mark for mark in marks if mark in known],
        items=len(marks),
        partial=many,
        notes=[f"more than {document.MAX_ITEMS} items: the first ones were taken"] if many else [],
    )


def _json_entry(item: Mapping[str, Any], lang: str | None, url: str) -> Entry:
    """Take one JSON Feed item."""
    guid = item.get("id")
    guid = str(guid) if isinstance(guid, int | float) and not isinstance(guid, bool) else guid
    html = to_text(_string(item.get("content_html")))
    body = html or to_text(_string(item.get("content_text")), markup=False)
    raw = _string(item.get("date_published")) or _string(item.get("date_modified"))
    authors = [author for author in _list(item.get("authors")) if isinstance(author, Mapping)]
    author = authors[0] if authors else item.get("author")
    name = _string(author.get("name")) if isinstance(author, Mapping) else ""
    return Entry(
        guid=_key(guid),
        url=_address(url, item.get("url") or item.get("external_url")),
        title=one_line(to_text(_string(item.get("title"))))[:MAX_TITLE],
        summary=to_text(_string(item.get("summary"))) or None,
        body=body or None,
        published=dates.parse(raw),
        published_raw=raw[:200] or None,
        lang=_language(item.get("language")) or lang,
        author=one_line(to_text(name))[:200] or None,
    )


def _too_deep(text: str) -> bool:
    """Tell whether brackets nest deeper than any feed's do, strings left out."""
    depth = 0
    for bracket in re.findall(r'"(?:[^"\\]++|\\.)*+"?|([\[{]|[\]}])', text, re.DOTALL):
        if bracket:
            depth += 1 if bracket in "[{" else -1
            if depth > MAX_JSON_DEPTH:
                return True
    return False


def _number(digits: str) -> int:
    """Read an integer; one of monstrous length is no identity and becomes zero."""
    return int(digits) if len(digits) < 40 else 0


def _nothing(_: str) -> None:
    """NaN and Infinity are no JSON."""
