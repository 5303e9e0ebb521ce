"""What an alert says, in words: an English frame around text in the article's language. Pure.

`describe` gives the parts, `plain` sets them as lines of text; channels with markup set the parts their own way. All
text from feeds passes `clean`: one line, no control characters, no direction marks of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from monitor.model import FIELDS, Alert, Article, Kind

FSI, PDI = "\u2068", "\u2069"
_QUOTES = 3
_DATE_LIMIT = 60
_TEXT_LIMIT = 20_000
_MORE = " …"

_KINDS = {
    Kind.FIRST: "first report",
    Kind.DEVELOPMENT: "development",
    Kind.RETELLING: "retelling",
    Kind.COPY: "copy",
    Kind.BACKGROUND: "background",
}
#: Hebrew, Arabic, Syriac, Thaana, N'Ko and their extensions: all blocks whose letters run from right to left.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROLS = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
_ENDS = ".!?؟…。۔"


class _Harmless(dict[int, int | None]):
    """A translation table that looks each letter up once: direction marks go, control characters become spaces."""

    def __missing__(self, point: int) -> int | None:
        letter = chr(point)
        if letter in _DIRECTION_MARKS:
            self[point] = None
        else:
            self[point] = 32 if unicodedata.category(letter) in _CONTROLS else point
        return self[point]


_HARMLESS = _Harmless()


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `name` says that it is the name of somebody watched."""

    text: str
    name: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """An alert in words. `quotes` are what is new, as runs of text; `parts` what the score is made of and the nearest
    earlier article; `link` is an http address or None.
    """

    severity: str
    rule: str
    what: str
    who: str
    title: str
    quotes: tuple[tuple[Piece, ...], ...]
    source: str
    when: str
    why: str
    parts: str
    link: str | None
    story: str
    follows: str
    score: float
    items: tuple[Said, ...]

    @property
    def headline(self) -> str:
        """The frame's first line."""
        return f"{self.rule} · {self.severity} · {self.what}"


def describe(alert: Alert) -> Said:
    """Put an alert into words. A digest says how many it gathers and carries each of them in `items`."""
    article = alert.article
    items = tuple(describe(item) for item in alert.items)
    what = f"digest of {len(items)} alerts" if items else f"{_KINDS[alert.kind]} {alert.score:.2f}"
    return Said(
        severity=clean(alert.severity),
        rule=clean(alert.rule),
        what=what,
        who=", ".join(clean(name) for name in alert.names.values()),
        title=clean(article.title) or "(no title)",
        quotes=() if items else tuple(_marked(alert, text) for text in _news(alert)),
        source=_source(alert),
        when=_when(article, alert.created),
        why="; ".join(clean(reason) for reason in alert.reasons),
        parts=_parts(alert),
        link=safe_link(article.url),
        story=alert.story,
        follows=f"follows the alert of {_minute(alert.follows)} UTC" if alert.follows else "",
        score=alert.score,
        items=items,
    )


def plain(said: Said) -> str:
    """Set the parts as lines of text, names between guillemets, foreign text isolated."""
    if said.items:
        lines = [f"[{said.severity}] {said.rule}: {said.what}"]
        for number, item in enumerate(said.items, 1):
            lines.append(f"{number}. {isolated(item.title)} ({item.source}; {item.what})")
            if item.link:
                lines.append(f"   {item.link}")
        return "\n".join(lines)
    rows = [
        ("Who", isolated(said.who)),
        ("Title", isolated(said.title)),
        *(
            ("New", isolated("".join(f"‹{piece.text}›" if piece.name else piece.text for piece in quote)))
            for quote in said.quotes
        ),
        ("Source", said.source),
        ("When", said.when),
        ("Why", isolated(said.why)),
        ("Parts", said.parts),
        ("Link", said.link or ""),
        ("Story", " · ".join(filter(None, (said.story, said.follows)))),
    ]
    return "\n".join(
        [f"[{said.severity}] {said.rule}: {said.what}", *(f"  {name + ':':<8}{text}" for name, text in rows if text)]
    )


def clean(text: str) -> str:
    """Make feed text safe to show anywhere: one line, no control characters, no direction overrides."""
    return " ".join(text[:_TEXT_LIMIT].translate(_HARMLESS).split())


def isolated(text: str) -> str:
    """Wrap text that has right-to-left letters between FSI and PDI, so that it can't turn the frame around it."""
    return f"{FSI}{text}{PDI}" if _RIGHT_TO_LEFT.search(text) else text


def cut(text: str, limit: int) -> str:
    """Shorten text to `limit` characters: at the end of a sentence, else of a word, with an ellipsis.

    What was isolated stays isolated: for each FSI whose PDI is cut off, another one is put.
    """
    if len(text) <= limit:
        return text
    isolates = text.count(FSI)
    if isolates:
        shorter = cut(text.replace(FSI, " ").replace(PDI, " "), limit - isolates)
        room = text[: max(len(shorter) - len(_MORE), 0)]
        return room + PDI * (room.count(FSI) - room.count(PDI)) + _MORE
    room = text[: max(limit - len(_MORE), 0)]
    end = max(room.rfind(mark + " ") for mark in _ENDS) + 1
    if end <= limit // 3:
        end = max(room.rfind(" "), 0)
    if end <= limit // 3:
        end = len(room)
    return (room[:end].rstrip() + _MORE)[:limit]


def cut_pieces(pieces: Sequence[Piece], limit: int) -> tuple[Piece, ...]:
    """Shorten runs of text together, as `cut` would their sum; unchanged where they are short enough."""
    whole = "".join(piece.text for piece in pieces)
    if len(whole) <= limit:
        return tuple(pieces)
    left = len(cut(whole, limit)) - len(_MORE)
    kept: list[Piece] = []
    for piece in pieces:
        kept.append(Piece(piece.text[:left], piece.name))
        left -= len(kept[-1].text)
        if left <= 0:
            break
    return (*kept, Piece(_MORE))


def safe_link(url: str | None) -> str | None:
    """Return an address that may be shown as a link: http or https with a host, no spaces or brackets; else None."""
    if (
        not url
        or len(url) > 2_000
        or any(letter.isspace() or letter in '<>|"`\\' or not letter.isprintable() for letter in url)
    ):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc else None


def _news(alert: Alert) -> tuple[str, ...]:
    """Return the added sentences that the title doesn't say already; without any, the start of the text under it."""
    title = clean(alert.article.title)
    added = tuple(text for text in alert.added if clean(text) not in {"", title})
    if added:
        return added[:_QUOTES]
    lead = alert.article.summary or alert.article.body or ""
    return (cut(clean(lead), 400),) if lead.strip() else ()


def _marked(alert: Alert, text: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    last = 0
    for start, end in _names(alert, text):
        pieces += [Piece(text[last:start]), Piece(text[start:end], name=True)]
        last = end
    pieces.append(Piece(text[last:]))
    return tuple(piece for piece in _tidy(pieces) if piece.text)


def _tidy(pieces: Iterable[Piece]) -> Iterable[Piece]:
    """Clean every run and keep the space between runs, which cleaning would take."""
    for piece in pieces:
        body = clean(piece.text)
        before = " " if piece.text[:1].isspace() else ""
        after = " " if body and piece.text[-1:].isspace() else ""
        yield Piece(before + body + after, piece.name)


def _names(alert: Alert, text: str) -> list[tuple[int, int]]:
    """Find the mentions that lie in a quoted text, by its place in the article; they never overlap."""
    spans: set[tuple[int, int]] = set()
    for name in FIELDS:
        at = alert.article.text(name).find(text)
        if at < 0:
            continue
        mentions = [mention for match in alert.matches for mention in match.mentions if mention.field == name]
        spans = {(one.start - at, one.end - at) for one in mentions if at <= one.start and one.end <= at + len(text)}
        break
    free: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not free or start >= free[-1][1]:
            free.append((start, end))
    return free


def _source(alert: Alert) -> str:
    parts = [isolated(clean(alert.article.source))]
    if alert.agency:
        parts.append(f"agency {isolated(clean(alert.agency))}")
    parts.append("1 outlet" if alert.outlets == 1 else f"{alert.outlets} independent outlets")
    if alert.first_in:
        parts.append(f"first in {isolated(clean(alert.first_in))}")
    return " · ".join(parts)


def _parts(alert: Alert) -> str:
    """Return what the score is made of, each part with its weight, and the earlier article that comes closest."""
    made = ", ".join(f"{clean(part.name)} {part.value:.2f} ×{part.weight:g}" for part in alert.parts)
    nearest = f"nearest: {isolated(clean(alert.nearest))}" if alert.nearest else ""
    return " · ".join(filter(None, (made, nearest)))


def _when(article: Article, created: datetime) -> str:
    published = f"published {_minute(article.published)}" if article.published else "no date given"
    if article.published_raw:
        published = f"date given as {isolated(cut(clean(article.published_raw), _DATE_LIMIT))}"
    return f"{published} · seen {_minute(article.first_seen or created)} UTC"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
