"""Is something reported about the entity? What the article alone tells, per entity and per sentence.

Every measure is a number that stands for something an editor looks at: where the name stands, whether its bearer says
or does something there, whether a day is named, and whether the page is a report or a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import log1p
from operator import or_

import numpy as np

from monitor.novelty.lexicon import Tag
from monitor.novelty.reading import CONTINUATION, Reading, Sentence, Spot

_VERB = Tag.SAY | Tag.ACT
LINE_FEATURES = (
    "title", "lead", "second", "place", "named", "mentions", "after", "subject", "verb_before", "verb_after",
    "say_near",
    "act_near", "event_near", "head", "deputy", "day", "future", "past", "opinion", "negation", "number", "quote",
    "says", "acts", "first_verb", "colon", "length", "early", "title_form",
    "head_after", "listed", "joined", "opens", "object",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A candidate sentence for one entity with its measures (in the order of LINE_FEATURES)."""

    sentence: int
    values: tuple[float, ...]


def _near(tags: Sequence[int], lo: int, hi: int, tag: int) -> float:
    return 1.0 if reduce(or_, tags[max(lo, 0) : max(hi, 0)], 0) & tag else 0.0


def _subject(tags: Sequence[int], lo: int) -> float:
    """Find a verb before the name with nothing but titles and given names between: verb-subject order."""
    for step in range(1, 7):
        if lo - step < 0:
            return 0.0
        tag = tags[lo - step]
        if tag & _VERB:
            return 1.0 if step <= 5 else 0.5
        if tag & (Tag.HEAD | Tag.DEPUTY) or (not tag & Tag.TITLE and step > 4):
            return 0.0
    return 0.0


def _mention(sentence: Sentence, spot: Spot, forms: list[str]) -> dict[str, float]:
    tags, lo, hi = sentence.tags, spot.lo - sentence.lo, spot.hi - sentence.lo
    return {
        "subject": _subject(tags, lo),
        "verb_before": _near(tags, lo - 5, lo, _VERB),
        "verb_after": _near(tags, hi, hi + 3, _VERB),
        "say_near": _near(tags, lo - 8, hi + 6, Tag.SAY),
        "act_near": _near(tags, lo - 8, hi + 6, Tag.ACT),
        "event_near": _near(tags, lo - 6, hi + 5, Tag.EVENT),
        "head": _near(tags, lo - 3, lo, Tag.HEAD),
        "deputy": _near(tags, lo - 4, lo, Tag.DEPUTY),
        "early": 1.0 / (1 + lo / 6),
        "title_form": _near(tags, lo - 3, lo, Tag.TITLE),
        "head_after": _near(tags, hi, hi + 3, Tag.HEAD),
        "listed": min(sum(1 for t in tags[max(lo - 15, 0) : hi + 15] if t & Tag.TITLE), 6) / 3,
        "joined": float(min(sum(1 for form in forms[max(lo - 10, 0) : hi + 10] if form[:1] == "و"), 4)) / 2,
        "opens": float(lo <= 2),
        "object": _near(tags, lo - 3, lo, Tag.ACT | Tag.SAY) * (1.0 - _subject(tags, lo)),
    }


def _few(tags: Sequence[int], tag: int, most: int) -> float:
    """Count the words with the tag, up to a limit."""
    return float(min(sum(1 for t in tags if t & tag), most))


def _line(reading: Reading, number: int, spots: list[Spot], after: int, total: int) -> Line:
    sentence = reading.sentences[number]
    tags = sentence.tags
    values = dict.fromkeys(LINE_FEATURES, 0.0)
    forms = [t.form for t in reading.words[sentence.field].terms[sentence.lo : sentence.hi]]
    for spot in spots:
        for name, value in _mention(sentence, spot, forms).items():
            values[name] = max(values[name], value)
    text = reading.article.text(sentence.field)
    first_body = next((i for i, s in enumerate(reading.sentences) if s.field != "title"), 0)
    order = number - first_body
    bits = reduce(or_, tags, 0)
    values |= {
        "title": float(sentence.field == "title"),
        "lead": float(order == 0),
        "second": float(order in (1, 2)),
        "place": log1p(max(order, 0)) if sentence.field != "title" else 0.0,
        "named": float(bool(spots)),
        "mentions": float(min(len(spots), 3)),
        "after": float(after),
        "day": float(bits & Tag.DAY > 0),
        "future": float(bits & Tag.FUTURE > 0),
        "past": _few(tags, Tag.PAST, 3) if bits & Tag.PAST else 0.0,
        "opinion": _few(tags, Tag.OPINION, 3) if bits & Tag.OPINION else 0.0,
        "negation": float(bits & Tag.NEGATION > 0),
        "number": float(min(sentence.numbers, 3)),
        "quote": float(min(sentence.quotes, 4)) / 2,
        "says": _few(tags, Tag.SAY, 4) if bits & Tag.SAY else 0.0,
        "acts": _few(tags, Tag.ACT, 4) if bits & Tag.ACT else 0.0,
        "first_verb": _near(tags, 0, 2, _VERB),
        "colon": float(bool(spots) and ":" in text[sentence.start : sentence.end][:60]),
        "length": log1p(len(tags)),
    }
    return Line(number, tuple(values[name] for name in LINE_FEATURES))


def lines(reading: Reading, entity: str) -> tuple[Line, ...]:
    """Return the candidate sentences: those that name the entity and up to three that continue them.

    A continuation opens with a verb of saying, or stands inside a quotation that the named sentence opened.
    """
    by_sentence: dict[int, list[Spot]] = {}
    for spot in reading.spots.get(entity, ()):
        by_sentence.setdefault(spot.sentence, []).append(spot)
    total = len(reading.sentences)
    chosen: list[Line] = []
    others = {s.sentence for name, spots in reading.spots.items() if name != entity for s in spots}
    short = total <= 6
    open_until = -1
    for number, sentence in enumerate(reading.sentences):
        if number in by_sentence:
            chosen.append(_line(reading, number, by_sentence[number], 0, total))
            open_until = number + CONTINUATION if sentence.field != "title" else -1
        elif short:
            chosen.append(_line(reading, number, [], 4, total))
        elif number <= open_until and number not in others and _continues(sentence):
            chosen.append(_line(reading, number, [], number - open_until + CONTINUATION, total))
        elif number <= open_until and not sentence.quotes:
            open_until = -1
    return tuple(chosen)


def _continues(sentence: Sentence) -> bool:
    return any(t & Tag.SAY for t in sentence.tags[:3]) or sentence.quotes > 0


def profile(reading: Reading, entity: str) -> dict[str, float]:
    """Measure the article as a whole for one entity."""
    sentences = reading.sentences
    total = max(len(sentences), 1)
    body = [s for s in sentences if s.field != "title"]
    tags = np.array([t for s in body for t in s.tags], np.int32)
    size = max(len(tags), 1)
    spots = reading.spots.get(entity, ())
    named = {s.sentence for s in spots}
    body_order = [n for n in sorted(named) if sentences[n].field != "title"]
    offset = total - len(body)
    text = reading.article.text("body") or reading.article.text("summary")
    first = body_order[0] - offset if body_order else total
    density = {
        t: int(np.count_nonzero(tags & t)) / size for t in (Tag.SAY, Tag.ACT, Tag.DAY, Tag.OPINION, Tag.PAST, Tag.EVENT)
    }
    lead_tags = [t for s in body[:2] for t in s.tags]
    return {
        "a_title": float(any(sentences[n].field == "title" for n in named)),
        "a_mentions": log1p(len(spots)),
        "a_named": len(named) / total,
        "a_first": log1p(first),
        "a_first_share": first / total,
        "a_size": log1p(size),
        "a_sentences": log1p(total),
        "a_sentence_size": size / total,
        "a_say": density[Tag.SAY] * 20,
        "a_act": density[Tag.ACT] * 20,
        "a_day": density[Tag.DAY] * 50,
        "a_opinion": density[Tag.OPINION] * 50,
        "a_past": density[Tag.PAST] * 30,
        "a_event": density[Tag.EVENT] * 20,
        "a_questions": sum(text.count(c) for c in "?؟") / total,
        "a_exclaims": text.count("!") / total,
        "a_quotes": sum(s.quotes for s in body) / total,
        "a_lines": text.count("\n") / total,
        "a_lead_say": float(sum(1 for t in lead_tags if t & Tag.SAY)),
        "a_lead_day": float(sum(1 for t in lead_tags if t & Tag.DAY)),
        "a_lead_agency": float(any(t & Tag.AGENCY for t in lead_tags)),
        "a_agency": float(np.count_nonzero(tags & Tag.AGENCY)),
        "a_numbers": sum(s.numbers for s in body) / total,
        "a_last": (total - 1 - max(named)) / total if named else 1.0,
        "a_others": float(len(reading.spots) - 1),
        "a_title_colon": float(":" in reading.article.title),
        "a_title_quote": float(any(c in reading.article.title for c in '«"“')),
        "a_title_words": float(len(reading.article.title.split())),
        "a_title_question": float("؟" in reading.article.title or "?" in reading.article.title),
        "a_short": float(reading.article.body is None),
    }
