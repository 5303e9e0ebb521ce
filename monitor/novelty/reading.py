"""An article as the novelty judge reads it: sentences with their content words, and what stands around each mention.

Pure and without memory: what is measured here depends on the article and its findings alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from monitor.model import FIELDS, Article, Field, Findings, Mention
from monitor.novelty.lexicon import Tag
from monitor.novelty.vocabulary import Vocabulary, vocabulary
from monitor.text.content import Keys, Places, split

# Begins with a plain set of characters, so that the search for the next break is fast.
_BREAK = re.compile(r"[\n.!?؟…](?:(?<=\n)\n*|(?<=[.!?؟…])[.!?؟…]*[\"»”’')\]]*(?=\s|$)|(?<=\.)\.+)")
_COMMA = re.compile(r"[،,؛;:]\s")
QUOTE = re.compile('["«»“”„]')
_FOOTER = re.compile(r"\s*(?:رابط الخبر|سمات |وسوم |كلمات دلالية|Tags:|Read more:|Теги)")
MAX_TEXT = 40_000
LONG = 45
CONTINUATION = 3


@dataclass(frozen=True, slots=True)
class Words:
    """The words of title, summary and body in this order, and of each its key, tags and places in the models.

    Word `i` stands at `starts[i]:ends[i]` of all the fields' texts, put together with a line break between two; a
    field's text begins at `begins` of that.
    """

    keys: Keys
    tags: npt.NDArray[np.uint16]
    voices: npt.NDArray[np.uint16]
    starts: Places
    ends: Places
    begins: Mapping[Field, int]


class Sentence(NamedTuple):
    """One sentence (or clause of a very long one) of a field, with its words `lo..hi` in the article's.

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
    """One mention inside a sentence: its words are `lo..hi` in the article's."""

    sentence: int
    lo: int
    hi: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the title's sentences come first, then summary, then body. `text` is all the fields' together."""

    article: Article
    text: str
    vocabulary: Vocabulary
    words: Words
    sentences: tuple[Sentence, ...]
    spots: Mapping[str, tuple[Spot, ...]]

    def keys(self, number: int) -> Keys:
        """Return the content words of a sentence in their order."""
        sentence = self.sentences[number]
        keys = self.words.keys[sentence.lo : sentence.hi]
        content: Keys = keys[keys != 0]
        return content

    def spelled(self, word: int) -> str:
        """Return a word as it is written."""
        return self.text[self.words.starts[word] : self.words.ends[word]]


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
    if len(before) == 5 and before.isalpha():
        return False
    token = before.rsplit(maxsplit=1)[-1] if before and not before[-1].isspace() else ""
    return (
        (len(token) <= 2 and token.isalpha())
        or "." in token
        or token in {"Jan", "Feb", "Aug", "Sept", "Oct", "Nov", "Dec", "Gen", "Sen", "Rep", "Gov"}
    )


def _clauses(text: str, start: int, end: int, count: int) -> Iterator[int]:
    """Cut a sentence of more than LONG words at commas into parts of at least a third of that; give their ends."""
    least = (end - start) * LONG // (3 * count)
    for found in _COMMA.finditer(text, start, end):
        border = found.end()
        if border - start >= least and end - border >= least:
            yield border
            start = border
    yield end


def _sentences(texts: Mapping[Field, str], words: Words) -> Iterator[Sentence]:
    tags, places = words.tags.tolist(), (words.tags & np.uint16(Tag.NUMBER)).nonzero()[0]
    numbers, values = places.tolist(), words.keys[places].tolist()
    for name, text in texts.items():
        base, least = words.begins[name], 1 if name == "title" else 2
        borders = [0]
        for begin, stop in _pieces(text):
            if name == "body" and begin > 200 and _FOOTER.match(text, begin):
                break
            borders.append(stop)
        upto = words.starts.searchsorted([base + border for border in borders]).tolist()
        quotes = [found.start() for found in QUOTE.finditer(text)]
        for place in range(len(borders) - 1):
            start, stop, lo, last = borders[place], borders[place + 1], upto[place], upto[place + 1]
            for end in _clauses(text, start, stop, last - lo) if last - lo > LONG else (stop,):
                hi = last if end == stop else int(words.starts.searchsorted(base + end))
                if hi - lo >= least:
                    yield Sentence(
                        name, start, end, lo, hi, tags[lo:hi],
                        len(set(values[bisect_left(numbers, lo) : bisect_left(numbers, hi)])) if numbers else 0,
                        bisect_left(quotes, end) - bisect_left(quotes, start) if quotes else 0,
                    )  # fmt: skip
                start, lo = end, hi


def read(article: Article, findings: Findings) -> Reading:
    """Read an article; linear in its length, which is capped."""
    texts: dict[Field, str] = {}
    for name in FIELDS:
        text = article.text(name)[:MAX_TEXT]
        if text and not (name == "summary" and article.body and text.strip()[:80] in article.body):
            texts[name] = text
    begins = dict(zip(texts, accumulate((len(text) + 1 for text in texts.values()), initial=0), strict=False))
    whole = "\n".join(texts.values())
    known, spans = vocabulary((article.lang or "")[:2]), split(whole)
    words = Words(*known.look(whole, spans), spans.starts, spans.ends, begins)
    sentences = tuple(_sentences(texts, words))
    spots = {match.entity: tuple(_spots(match.mentions, sentences, words)) for match in findings.matches}
    return Reading(article, whole, known, words, sentences, spots)


def _spots(mentions: Iterable[Mention], sentences: Sequence[Sentence], words: Words) -> Iterator[Spot]:
    begins = words.begins
    starts = [begins[sentence.field] + sentence.start for sentence in sentences]
    found = [mention for mention in mentions if mention.field in begins]
    borders = [begins[mention.field] + border for mention in found for border in (mention.start, mention.end - 1)]
    upto = iter(words.starts.searchsorted(borders, side="right").tolist())
    for mention, lo, hi in zip(found, upto, upto, strict=True):
        number = bisect_right(starts, begins[mention.field] + mention.start) - 1
        if number < 0 or sentences[number].field != mention.field or mention.start >= sentences[number].end:
            continue
        yield Spot(number, max(lo - 1, sentences[number].lo), max(hi, lo))
