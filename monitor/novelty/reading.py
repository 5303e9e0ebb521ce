"""An article as the novelty judge reads it: sentences with their content words, and what stands around each mention.

Pure and without memory: what is measured here depends on the article and its findings alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from monitor.model import FIELDS, Article, Field, Findings, Mention
from monitor.novelty.vocabulary import Word, vocabulary
from monitor.text.content import Keys, split

# Begins with a plain set of characters, so that the search for the next break is fast.
_BREAK = re.compile(r"[\n.!?؟…](?:(?<=\n)\n*|(?<=[.!?؟…])[.!?؟…]*[\"»”’')\]]*(?=\s|$)|(?<=\.)\.+)")
_COMMA = re.compile(r"[،,؛;:]\s")
_QUOTE = re.compile('["«»“”„]')
_FOOTER = re.compile(r"\s*(?:رابط الخبر|سمات |وسوم |كلمات دلالية|Tags:|Read more:|Теги)")
MAX_TEXT = 40_000
LONG = 45
CONTINUATION = 3


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one field in order: `terms[i]`, whose key is `keys[i]`, stands at `starts[i]:ends[i]`."""

    terms: tuple[Word, ...]
    starts: Sequence[int]
    ends: Sequence[int]
    keys: Keys


class Sentence(NamedTuple):
    """One sentence (or clause of a very long one) of a field, with its words `lo..hi` in that field's words.

    `numbers` and `quotes` count the different numbers and the quotation marks in it.
    """

    field: Field
    start: int
    end: int
    lo: int
    hi: int
    tags: Sequence[int]
    numbers: int
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
    sentences: tuple[Sentence, ...]
    spots: dict[str, tuple[Spot, ...]] = field(default_factory=dict)

    def keys(self, number: int) -> Keys:
        """Return the content words of a sentence in their order."""
        sentence = self.sentences[number]
        keys = self.words[sentence.field].keys[sentence.lo : sentence.hi]
        content: Keys = keys[keys != 0]
        return content


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _BREAK.finditer(text):
        at, end = found.span()
        if end == at + 1 and text[at] == "." and _abbreviated(text, at):
            continue
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def _abbreviated(text: str, dot: int) -> bool:
    """Tell whether the full stop ends an initial or abbreviation: one or two letters before it, or U.S."""
    before = text[max(dot - 5, 0) : dot]
    token = before.rsplit(maxsplit=1)[-1] if before and not before[-1].isspace() else ""
    return (
        (len(token) <= 2 and token.isalpha())
        or "." in token
        or token in {"Jan", "Feb", "Aug", "Sept", "Oct", "Nov", "Dec", "Gen", "Sen", "Rep", "Gov"}
    )


def _clauses(text: str, start: int, end: int, count: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence of more than LONG words at commas into parts of at least a third of that."""
    begin, least = start, (end - start) * LONG // (3 * count)
    for found in _COMMA.finditer(text, start, end):
        if found.end() - begin >= least and end - found.end() >= least:
            yield begin, found.end()
            begin = found.end()
    yield begin, end


def _sentences(name: Field, text: str, got: Words) -> Iterator[Sentence]:
    starts, terms = got.starts, got.terms
    tags = [word.tags for word in terms]
    numbers = [place for place, word in enumerate(terms) if word.number]
    quotes = [found.start() for found in _QUOTE.finditer(text)]
    for begin, stop in _pieces(text):
        if name == "body" and begin > 200 and _FOOTER.match(text, begin):
            return
        first, last = bisect_left(starts, begin), bisect_left(starts, stop)
        for start, end in _clauses(text, begin, stop, last - first) if last - first > LONG else ((begin, stop),):
            lo, hi = bisect_left(starts, start, first, last), bisect_left(starts, end, first, last)
            if hi - lo < (1 if name == "title" else 2):
                continue
            counted = numbers[bisect_left(numbers, lo) : bisect_left(numbers, hi)] if numbers else ()
            yield Sentence(
                name, start, end, lo, hi, tags[lo:hi],
                len({terms[place].key for place in counted}) if counted else 0,
                bisect_left(quotes, end) - bisect_left(quotes, start) if quotes else 0,
            )  # fmt: skip


def read(article: Article, findings: Findings) -> Reading:
    """Read an article; linear in its length, which is capped."""
    known = vocabulary((article.lang or "")[:2])
    found: dict[Field, Words] = {}
    sentences: list[Sentence] = []
    for name in FIELDS:
        text = article.text(name)[:MAX_TEXT]
        if not text or (name == "summary" and article.body and text.strip()[:80] in article.body):
            continue
        spelled, starts, ends = split(text)
        terms = tuple([known[word] for word in spelled])
        found[name] = Words(terms, starts, ends, np.array([word.key for word in terms], np.uint32))
        sentences.extend(_sentences(name, text, found[name]))
    spots = {match.entity: tuple(_spots(match.mentions, sentences, found)) for match in findings.matches}
    return Reading(article, found, tuple(sentences), spots)


def _spots(mentions: Iterable[Mention], sentences: Sequence[Sentence], found: Mapping[Field, Words]) -> Iterator[Spot]:
    order = [(FIELDS.index(sentence.field), sentence.start) for sentence in sentences]
    for mention in mentions:
        number = bisect_right(order, (FIELDS.index(mention.field), mention.start)) - 1
        if number < 0 or sentences[number].field != mention.field or mention.start >= sentences[number].end:
            continue
        starts = found[mention.field].starts
        lo = bisect_right(starts, mention.start) - 1
        yield Spot(number, max(lo, sentences[number].lo), max(bisect_right(starts, mention.end - 1), lo + 1))
