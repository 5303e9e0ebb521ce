"""Is something reported about the entity? What the article alone tells, per entity and per sentence.

Every measure is a number that stands for something an editor looks at: where the name stands, whether its bearer says
or does something there, whether a day is named, and whether the page is a report or a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from math import log1p
from operator import or_

import numpy as np

from monitor.novelty.lexicon import Tag
from monitor.novelty.reading import CONTINUATION, Reading, Sentence, Spot

_VERB = Tag.SAY | Tag.ACT
_DENSITY = {name: np.uint16(getattr(Tag, name.upper())) for name in ("say", "act", "day", "opinion", "past", "event")}
_SENTENCE = (
    "title",
    "lead",
    "second",
    "place",
    "named",
    "day",
    "future",
    "past",
    "opinion",
    "number",
    "quote",
    "says",
    "acts",
    "first_verb",
    "colon",
)
_MENTION = (
    "subject",
    "verb_before",
    "verb_after",
    "say_near",
    "act_near",
    "event_near",
    "head",
    "deputy",
    "title_form",
    "head_after",
    "listed",
    "joined",
    "opens",
    "object",
)
LINE_FEATURES = _SENTENCE + _MENTION
_UNNAMED = (0.0,) * len(_MENTION)
_NOTHING = (0,) * 8


@dataclass(frozen=True, slots=True)
class Line:
    """A candidate sentence for one entity with its measures (in the order of LINE_FEATURES)."""

    sentence: int
    values: tuple[float, ...]


def _around(tags: Sequence[int], lo: int, hi: int) -> tuple[list[int], int, list[int]]:
    """Return the tags of the 0..8 words before the name together, of the name itself, and of the 0..6 after it."""
    before = accumulate([*tags[max(lo - 8, 0) : lo][::-1], *_NOTHING][:8], or_, initial=0)
    after = accumulate([*tags[hi : hi + 6], *_NOTHING][:6], or_, initial=0)
    return list(before), reduce(or_, tags[lo:hi], 0), list(after)


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


def _mention(sentence: Sentence, spot: Spot) -> tuple[float, ...]:
    """Measure one mention, in the order of _MENTION."""
    tags, lo, hi = sentence.tags, spot.lo - sentence.lo, spot.hi - sentence.lo
    before, inside, after = _around(tags, lo, hi)
    near, subject = before[8] | inside | after[6], _subject(tags, lo)
    return (
        subject,
        float(before[5] & _VERB > 0),
        float(after[3] & _VERB > 0),
        float(near & Tag.SAY > 0),
        float(near & Tag.ACT > 0),
        float((before[6] | inside | after[5]) & Tag.EVENT > 0),
        float(before[3] & Tag.HEAD > 0),
        float(before[4] & Tag.DEPUTY > 0),
        float(before[3] & Tag.TITLE > 0),
        float(after[3] & Tag.HEAD > 0),
        min(_few(tags[max(lo - 15, 0) : hi + 15], Tag.TITLE), 6.0) / 3,
        min(_few(tags[max(lo - 10, 0) : hi + 10], Tag.AND), 4.0) / 2,
        float(lo <= 2),
        float(before[3] & _VERB > 0) * (1.0 - subject),
    )


def _few(tags: Sequence[int], tag: int) -> float:
    """Count the words with the tag."""
    return float(len([1 for one in tags if one & tag]))


def _line(reading: Reading, number: int, spots: Sequence[Spot], body: int) -> Line:
    """Measure one sentence; `body` is the first one that is not the title's."""
    sentence = reading.sentences[number]
    tags, text = sentence.tags, reading.article.text(sentence.field)
    bits = reduce(or_, tags, 0)
    mentions = [_mention(sentence, spot) for spot in spots]
    said = tuple(map(max, *mentions)) if len(mentions) > 1 else next(iter(mentions), _UNNAMED)
    titled, order = sentence.field == "title", number - body
    own = (
        float(titled),
        float(order == 0),
        float(order in (1, 2)),
        0.0 if titled else log1p(max(order, 0)),
        float(bool(spots)),
        float(bits & Tag.DAY > 0),
        float(bits & Tag.FUTURE > 0),
        min(_few(tags, Tag.PAST), 3.0) if bits & Tag.PAST else 0.0,
        min(_few(tags, Tag.OPINION), 3.0) if bits & Tag.OPINION else 0.0,
        float(min(sentence.numbers, 3)),
        float(min(sentence.quotes, 4)) / 2,
        min(_few(tags, Tag.SAY), 4.0) if bits & Tag.SAY else 0.0,
        min(_few(tags, Tag.ACT), 4.0) if bits & Tag.ACT else 0.0,
        float(reduce(or_, tags[:2], 0) & _VERB > 0),
        float(bool(spots) and ":" in text[sentence.start : min(sentence.end, sentence.start + 60)]),
    )
    return Line(number, own + said)


def lines(reading: Reading, entity: str) -> tuple[Line, ...]:
    """Return the candidate sentences: those that name the entity and up to three that continue them.

    A continuation opens with a verb of saying, or stands inside a quotation that the named sentence opened.
    """
    by_sentence: dict[int, list[Spot]] = {}
    for spot in reading.spots.get(entity, ()):
        by_sentence.setdefault(spot.sentence, []).append(spot)
    body = next((place for place, one in enumerate(reading.sentences) if one.field != "title"), 0)
    chosen: list[Line] = []
    others = {s.sentence for name, spots in reading.spots.items() if name != entity for s in spots}
    short = len(reading.sentences) <= 6
    open_until = -1
    for number, sentence in enumerate(reading.sentences):
        if number in by_sentence:
            chosen.append(_line(reading, number, by_sentence[number], body))
            open_until = number + CONTINUATION if sentence.field != "title" else -1
        elif short or (number <= open_until and number not in others and _continues(sentence)):
            chosen.append(_line(reading, number, [], body))
        elif number <= open_until and not sentence.quotes:
            open_until = -1
    return tuple(chosen)


def _continues(sentence: Sentence) -> bool:
    return any(t & Tag.SAY for t in sentence.tags[:3]) or sentence.quotes > 0


def page(reading: Reading) -> dict[str, float]:
    """Measure the article as a whole, whoever is named in it."""
    total = max(len(reading.sentences), 1)
    body = [sentence for sentence in reading.sentences if sentence.field != "title"]
    tags = np.concatenate([np.empty(0, np.uint16), *(reading.words.tags[one.lo : one.hi] for one in body)])
    size = max(len(tags), 1)
    counts = {name: int(np.count_nonzero(tags & tag)) for name, tag in _DENSITY.items()}
    lead = [tag for sentence in body[:2] for tag in sentence.tags]
    text = reading.article.text("body") or reading.article.text("summary")
    title = reading.article.title
    return {
        "a_size": log1p(size),
        "a_sentences": log1p(total),
        "a_sentence_size": size / total,
        "a_say": counts["say"] / size * 20,
        "a_act": counts["act"] / size * 20,
        "a_day": counts["day"] / size * 50,
        "a_opinion": counts["opinion"] / size * 50,
        "a_past": counts["past"] / size * 30,
        "a_event": counts["event"] / size * 20,
        "a_agency": float(np.count_nonzero(tags & np.uint16(Tag.AGENCY))),
        "a_questions": (text.count("?") + text.count("؟")) / total,
        "a_exclaims": text.count("!") / total,
        "a_quotes": sum([sentence.quotes for sentence in body]) / total,
        "a_lines": text.count("\n") / total,
        "a_lead_say": _few(lead, Tag.SAY),
        "a_lead_day": _few(lead, Tag.DAY),
        "a_lead_agency": float(_few(lead, Tag.AGENCY) > 0),
        "a_numbers": sum([sentence.numbers for sentence in body]) / total,
        "a_others": float(len(reading.spots) - 1),
        "a_title_colon": float(":" in title),
        "a_title_quote": float(any(mark in title for mark in '«"“')),
        "a_title_words": float(len(title.split())),
        "a_title_question": float("؟" in title or "?" in title),
        "a_short": float(reading.article.body is None),
    }


def profile(reading: Reading, entity: str) -> dict[str, float]:
    """Measure where in the article the entity stands."""
    sentences = reading.sentences
    total = max(len(sentences), 1)
    spots = reading.spots.get(entity, ())
    named = sorted({spot.sentence for spot in spots})
    in_body = [number for number in named if sentences[number].field != "title"]
    titles = sum([sentence.field == "title" for sentence in sentences])
    first = in_body[0] - titles if in_body else total
    return {
        "a_title": float(len(in_body) < len(named)),
        "a_mentions": log1p(len(spots)),
        "a_named": len(named) / total,
        "a_first": log1p(first),
        "a_first_share": first / total,
        "a_last": (total - 1 - named[-1]) / total if named else 1.0,
    }
