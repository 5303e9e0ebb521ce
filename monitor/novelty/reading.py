"""An article as the novelty judge reads it: sentences with their content words, and what stands around each mention.

Pure and without memory: what is measured here depends on the article and its findings alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.model import FIELDS, Article, Field, Findings, Mention
from monitor.novelty.lexicon import TAGS
from monitor.text.content import Words, words

_BREAK = re.compile(r"\n+|[.!?؟…]+[\"»”’')\]]*(?=\s|$)|\.{2,}")
_COMMA = re.compile(r"[،,؛;:]\s")
_QUOTES = '"«»“”„'
_FOOTER = re.compile(r"\s*(?:رابط الخبر|سمات |وسوم |كلمات دلالية|Tags:|Read more:|Теги)")
MAX_TEXT = 40_000
LONG = 45
CONTINUATION = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence (or clause of a very long one) of a field, with its words `lo..hi` in that field's words."""

    field: Field
    start: int
    end: int
    lo: int
    hi: int
    keys: frozenset[int]
    tags: tuple[int, ...]
    numbers: frozenset[int]
    quotes: int


@dataclass(frozen=True, slots=True)
class Spot:
    """One mention inside a sentence: its words are `lo..hi` in the field's words."""

    sentence: int
    lo: int
    hi: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the title's sentences come first, then summary, then body."""

    article: Article
    words: dict[Field, Words]
    tags: dict[Field, tuple[int, ...]]
    sentences: tuple[Sentence, ...]
    spots: dict[str, tuple[Spot, ...]] = field(default_factory=dict)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _BREAK.finditer(text):
        if found.group()[0] == "." and len(found.group()) == 1 and _abbreviated(text, found.start()):
            continue
        if found.end() > start:
            yield start, found.end()
        start = found.end()
    if start < len(text):
        yield start, len(text)


def _abbreviated(text: str, dot: int) -> bool:
    """Tell whether the full stop ends an initial or abbreviation: one or two letters before it, or U.S."""
    begin = dot
    while begin > 0 and dot - begin < 5 and not text[begin - 1].isspace():
        begin -= 1
    token = text[begin:dot]
    return (
        (len(token) <= 2 and token.isalpha())
        or "." in token
        or token in {"Jan", "Feb", "Aug", "Sept", "Oct", "Nov", "Dec", "Gen", "Sen", "Rep", "Gov"}
    )


def _clauses(text: str, start: int, end: int, count: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence of more than LONG words at commas into parts of at least a third of that."""
    if count <= LONG:
        yield start, end
        return
    begin, least = start, (end - start) * LONG // (3 * count)
    for found in _COMMA.finditer(text, start, end):
        if found.end() - begin >= least and end - found.end() >= least:
            yield begin, found.end()
            begin = found.end()
    yield begin, end


def _sentences(name: Field, text: str, got: Words, tags: tuple[int, ...]) -> Iterator[Sentence]:
    starts = got.starts
    for begin, stop in _pieces(text):
        if name == "body" and begin > 200 and _FOOTER.match(text, begin):
            return
        count = bisect_right(starts, stop - 1) - bisect_right(starts, begin - 1)
        for start, end in _clauses(text, begin, stop, count):
            lo, hi = bisect_right(starts, start - 1), bisect_right(starts, end - 1)
            if hi - lo < (1 if name == "title" else 2):
                continue
            terms = got.terms[lo:hi]
            yield Sentence(
                name, start, end, lo, hi,
                frozenset(t.key for t in terms if t.key),
                tags[lo:hi],
                frozenset(t.key for t in terms if t.number),
                sum(text.count(mark, start, end) for mark in _QUOTES),
            )  # fmt: skip


def read(article: Article, findings: Findings) -> Reading:
    """Read an article; linear in its length, which is capped."""
    found_words: dict[Field, Words] = {}
    found_tags: dict[Field, tuple[int, ...]] = {}
    sentences: list[Sentence] = []
    for name in FIELDS:
        text = article.text(name)[:MAX_TEXT]
        if not text or (name == "summary" and article.body and text.strip()[:80] in article.body):
            continue
        got = words(text)
        tags = tuple(TAGS.get(t.form, 0) for t in got.terms)
        found_words[name], found_tags[name] = got, tags
        sentences.extend(_sentences(name, text, got, tags))
    spots = {match.entity: tuple(_spots(match.mentions, sentences, found_words)) for match in findings.matches}
    return Reading(article, found_words, found_tags, tuple(sentences), spots)


def _spots(
    mentions: Iterable[Mention], sentences: Sequence[Sentence], found_words: Mapping[Field, Words]
) -> Iterator[Spot]:
    for mention in mentions:
        if mention.field not in found_words:
            continue
        for number, sentence in enumerate(sentences):
            if sentence.field == mention.field and sentence.start <= mention.start < sentence.end:
                starts = found_words[mention.field].starts
                lo = bisect_right(starts, mention.start) - 1
                yield Spot(number, max(lo, sentence.lo), max(bisect_right(starts, mention.end - 1), lo + 1))
                break
