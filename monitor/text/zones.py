"""Zones: which part of an article a place stands in, and what of its body is not the article at all.

    title -> TITLE · summary and the body's first paragraph -> LEAD · the rest -> BODY
    lists of other articles, tags, comments, share bars, navigation, photo credits -> BOILERPLATE

Feeds that carry page text mark such parts with a few phrases, which stand in `languages/data/zones.yml`. A body without
any of them costs a search for each phrase and nothing more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from monitor.model import Article, Field, Zone
from monitor.text.fold import Folded, fold
from monitor.text.languages.world import load_data

_LEAD = 300  # characters of a body without paragraphs that count as its lead
_LISTED = 160  # longest line that may be an entry of a list of other articles
_BULLET = re.compile(r"[ \t\-–•*·»>◄►▪■#|]*")
_LEADS_ON = ":-|>."
_SENTENCE_END = (".", "!", "?", '"')
_REST = re.compile(r"[ \t:،,.\-–!?()\d\"»]*\Z")


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of one article: for each field the places where a zone begins, in order."""

    begins: dict[Field, tuple[tuple[int, Zone], ...]]

    def at(self, field: Field, position: int) -> Zone:
        """Return the zone of a place in a field."""
        rows = self.begins.get(field, ())
        place = bisect_right(rows, position, key=lambda row: row[0]) - 1
        return rows[place][1] if place >= 0 else Zone.BODY


def zones(article: Article) -> Zones:
    """Divide an article into zones."""
    begins: dict[Field, tuple[tuple[int, Zone], ...]] = {"title": ((0, Zone.TITLE),)}
    for name, zone in (("summary", Zone.LEAD), ("body", Zone.BODY)):
        text = article.summary if name == "summary" else article.body
        if text:
            begins["summary" if name == "summary" else "body"] = tuple(_divide(text, zone))
    return Zones(begins)


def _divide(text: str, zone: Zone) -> Iterator[tuple[int, Zone]]:
    """Yield where zones begin in a field: its lead, its body, and boilerplate between and after."""
    dead = _merge(sorted(_boilerplate(text)))
    lead = len(text) if zone is Zone.LEAD else _lead_end(text, dead)
    at = 0
    for start, end in [*dead, (len(text), len(text))]:
        if at < start:
            if at < lead:
                yield at, Zone.LEAD
                if lead < start:
                    yield lead, Zone.BODY
            else:
                yield at, Zone.BODY
        if start < end:
            yield start, Zone.BOILERPLATE
        at = end


def _lead_end(text: str, dead: list[tuple[int, int]]) -> int:
    """Return where the first paragraph that is the article's own ends."""
    at = 0
    for start, end in dead:
        if not text[at:start].strip():
            at = end
    while at < len(text) and text[at].isspace():
        at += 1
    line = text.find("\n", at)
    return line if line >= 0 else min(len(text), at + _LEAD)


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """Return (folded phrase, kind) of every marking phrase."""
    return tuple((fold(phrase).text, kind) for kind, phrases in load_data("zones.yml").items() for phrase in phrases)


def _boilerplate(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans that marking phrases claim; they may overlap."""
    folded = fold(text)
    for phrase, kind in _phrases():
        at = folded.text.find(phrase)
        while at >= 0:
            span = _claimed(folded, at, len(phrase), kind)
            if span is not None:
                start = folded.span(span[0], span[0] + 1)[0]
                yield start, len(text) if span[1] >= len(folded.text) else folded.span(span[1], span[1] + 1)[0]
            at = folded.text.find(phrase, at + 1)


def _claimed(folded: Folded, at: int, length: int, kind: str) -> tuple[int, int] | None:
    """Return what a phrase of a kind at a place claims, in folded characters, or None if it only looks like one."""
    text = folded.text
    if kind == "run_on":
        return at, len(text)
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    if not _BULLET.fullmatch(text, start, at) or text[at + length : at + length + 1].isalpha():
        return None
    rest = text[at + length : end]
    alone = bool(_REST.match(rest))
    mark = rest.lstrip()[:1]
    ends = {
        "whole": end if alone else None,
        "line": end if len(rest) < _LISTED else None,
        "tail": len(text) if alone or mark == ":" else None,
        "aside": _list_end(text, end) if alone else end if mark and mark in _LEADS_ON else None,
    }
    claimed = ends[kind]
    return None if claimed is None else (start, claimed)


def _list_end(text: str, end: int) -> int:
    """Return where the list under a heading ends: at the first line that is long or ends like a sentence."""
    at = end
    first = True
    while at < len(text):
        following = text.find("\n", at + 1)
        following = len(text) if following < 0 else following
        line = text[at:following].strip()
        if line and not first and (len(line) > _LISTED or line.endswith(_SENTENCE_END)):
            break
        first = first and not line
        at = following
    return at
