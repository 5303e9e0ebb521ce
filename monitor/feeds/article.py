"""Entries to articles: who is who over all polls and feeds, when, in which language, oldest first. Pure.

Identity, strongest first: the guid within its feed; the canonical address everywhere; title and date within the feed.
A key that several entries of one document share tells nothing and is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from monitor.feeds.canonical import canonical
from monitor.feeds.language import language
from monitor.feeds.parsed import Parsed
from monitor.model import Article
from monitor.records import Draft, Entry, Feed
from monitor.text import dates

MIN_TITLE = 12
UNTITLED = 120


def drafts(
    parsed: Parsed,
    feed: Feed,
    now: datetime,
    standing: Collection[bytes] = (),
    identities: Sequence[tuple[str, ...]] | None = None,
) -> tuple[Draft, ...]:
    """Return the document's entries as drafts, oldest first; entries without any text are left out.

    `standing` holds short keys of entries that stand in the same document but were not parsed again (see `standing`),
    `identities` the entries' own keys, where they are known already.
    """
    own_keys = identities if identities is not None else [keys(entry, feed) for entry in parsed.entries]
    found = list(zip(parsed.entries, own_keys, strict=True))
    # One entry twice in a document is no conflict: it counts once.
    distinct = {(own, entry.title): own for entry, own in found}
    counts = Counter(short(key) for own in distinct.values() for key in own)
    counts.update(standing)
    result: dict[str, Draft] = {}
    for entry, own in found:
        unique = tuple(key for key in own if counts[short(key)] == 1)
        draft = _draft(entry, unique, parsed, feed, now)
        if draft is not None:
            result.setdefault(draft.keys[0], draft)
    return tuple(_oldest_first(result.values()))


def keys(entry: Entry, feed: Feed) -> tuple[str, ...]:
    """Return the entry's identity keys, strongest first; each begins with its kind."""
    found = []
    if entry.guid:
        found.append("guid:" + _hash(feed.url, _guid(entry.guid)))
    address = canonical(entry.url)
    if address:
        found.append("url:" + _hash(address))
    if entry.title and entry.published_raw:
        text = entry.title if len(entry.title) >= MIN_TITLE else entry.title + (entry.summary or entry.body or "")[:200]
        found.append("title:" + _hash(feed.url, _even(text), entry.published_raw))
    return tuple(found)


def short(key: str) -> bytes:
    """Return six bytes that stand for a key within one document."""
    return bytes.fromhex(key.rpartition(":")[2][:12])


def digest(title: str, summary: str | None, body: str | None) -> str:
    """Return a hash of what a reader would read; texts are clean already, where lines break is no revision."""
    return _hash(_even(title), _even(summary or ""), (body or "").replace("\n", " "))


def first_words(text: str) -> str:
    """Return a title for an entry that has none: its first sentence or line, cut at a word."""
    line = re.split(r"(?<=[.!?؟。])\s|\n", text.strip()[: 4 * UNTITLED], maxsplit=1)[0]
    if len(line) <= UNTITLED:
        return line
    return line[:UNTITLED].rsplit(" ", 1)[0] + "…"


def _draft(entry: Entry, own: tuple[str, ...], parsed: Parsed, feed: Feed, now: datetime) -> Draft | None:
    """Make one draft, or none for an entry without anything to read."""
    title = entry.title or first_words(entry.summary or entry.body or "")
    if not title:
        return None
    identity = own or ("text:" + _hash(feed.url, digest(title, entry.summary, entry.body)),)
    when = dates.clamp(entry.published, entry.published_raw, now)
    sample = " ".join((title, (entry.summary or "")[:300], (entry.body or "")[:300]))
    article = Article(
        id=_hash(identity[0])[:20],
        source=_source(entry, feed),
        url=entry.url,
        published=when.at,
        lang=language(sample, entry.lang, feed.lang or parsed.lang),
        title=title,
        summary=entry.summary,
        body=entry.body,
        first_seen=now,
        country=feed.country,
        feed=feed.url,
        published_raw=entry.published_raw if when.note else None,
    )
    return Draft(keys=identity, digest=digest(title, entry.summary, entry.body), article=article)


def _oldest_first(found: Iterable[Draft]) -> list[Draft]:
    """Sort by date; an undated one takes the time of its older neighbour. Feeds list the newest first, so: reversed."""
    items = list(found)[::-1]
    last: datetime | None = None
    dated = []
    for number, draft in enumerate(items):
        last = draft.article.published or last
        at = last or draft.article.first_seen
        assert at is not None
        dated.append((at, number, draft))
    return [draft for _, _, draft in sorted(dated, key=lambda one: one[:2])]


def _source(entry: Entry, feed: Feed) -> str:
    """Return the outlet: the host of the article, else of its feed, without `www.`, which rules name in `sources`.

    An aggregator's feed carries many outlets; what counts as independent is who published.
    """
    host = urlsplit(entry.url).hostname if entry.url else None
    return (host or urlsplit(feed.url).hostname or feed.url).lower().removeprefix("www.")


def _guid(guid: str) -> str:
    """Return a guid; one that is an address is compared like one, since its tracking and scheme change."""
    return (canonical(guid) if guid[:4].lower() == "http" else None) or guid


def _even(text: str) -> str:
    """Return the text with blanks evened out."""
    return " ".join(text.split())


def _hash(*parts: str) -> str:
    """Return a hash of the parts, kept apart by their lengths."""
    joined = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
