"""From measures to a verdict: the kind, what is repeated, what is added, and the reasons in plain English.

named only under a picture       -> background
wording known, with another number or denied   -> development
wording known to four fifths, nothing added    -> copy
reported and new, >= 0.5 as a score   -> first, or development if the memory holds something of the same story
less, and the wording is known   -> copy
less, and nothing is reported    -> background
less                             -> retelling
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.model import EntityNovelty, Kind, Part
from monitor.novelty.archive import Kept
from monitor.novelty.captions import captioned
from monitor.novelty.heads import WEIGHTS, Chances
from monitor.novelty.lexicon import Tag
from monitor.novelty.numerals import NUMERALS, is_numeral
from monitor.novelty.quotes import quotation
from monitor.novelty.reading import Reading, Sentence
from monitor.novelty.redundancy import Floats, Overlaps, distinct, within
from monitor.novelty.salience import LINE_FEATURES, Line
from monitor.text import dates
from monitor.text.content import Keys

# Thresholds of the kinds, read off the labelled streams. The scores at their end are the only ones that a kind changes.
ALERT = 0.5
COPIED = 0.5  # share of three-word wordings that stand in one earlier article
CERTAIN = 0.8  # the same of a copy that the score can't overrule, unless something was added to it
ADDED = 0.1  # share of a line's information that must be new for something to be added
SKETCHED = 0.4  # share of an older article's fingerprints found again
RELATED = 0.2  # share of what is said about the entity that an earlier article on it holds
STANDS = 0.6  # share of a line's words that stand in the copied article, if it is that article's line
NEW_LINE = 0.4  # share of a line's information that no earlier article holds
CHANGED = 0.3  # share of a headline or statement that an edit must change
MAX_ADDED = 3
COPY_SCORE = 0.3  # a certain copy never scores more
PASSING_SCORE = 0.3  # nobody who is named only under a picture scores more
EDIT_SCORE = 0.6  # a changed headline, withdrawn statement, other number or denial never scores less

_AT = {name: place for place, name in enumerate(LINE_FEATURES)}


@dataclass(frozen=True, slots=True)
class Examined:
    """One entity's lines and measures. `newness` is each line's share that no earlier article holds."""

    lines: tuple[Line, ...]
    measures: dict[str, float]
    newness: Floats
    overlaps: Overlaps


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known about one entity in one article when the verdict is found."""

    entity: str
    reading: Reading
    found: Examined
    kept: Sequence[Kept]
    chances: Chances
    score: float
    sketched: Callable[[], tuple[str, float, float, Kind] | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Origin:
    """What an article repeats: the original's id, and what it was worth for the entity in its day."""

    id: str
    score: float
    kind: Kind | None
    share: float


def judge(case: Case) -> EntityNovelty:
    """Return the verdict on one entity."""
    if captioned(case.reading, case.entity):
        return _under_picture(case)
    copied = _copied(case)
    told = _told(case)
    turned = _turned(case)
    if copied and not turned and (case.score < ALERT or (copied.share >= CERTAIN and not _adds(case))):
        return _repeat(case, Kind.COPY, copied, min(case.score, COPY_SCORE))
    if turned or case.score >= ALERT:
        kind = Kind.DEVELOPMENT if told or turned else Kind.FIRST
        score = round(max(case.score, EDIT_SCORE) if turned else case.score, 4)
        reasons = (*turned, *_why_new(case, told or (copied if turned else None)))
        return EntityNovelty(score, kind, reasons=reasons, added=_added(case), parts=_parts(case))
    if told is None or case.chances.reported < case.chances.new:
        return EntityNovelty(round(case.score, 4), Kind.BACKGROUND, reasons=_why_dull(case), parts=_parts(case))
    return _repeat(case, Kind.RETELLING, told, case.score)


def unchanged(case: Case, before: Kept) -> EntityNovelty:
    """Return the verdict on an edited article: a copy of itself, unless the edit says something else."""
    worth = before.worth.get(case.entity)
    if captioned(case.reading, case.entity) and (worth is None or worth.kind is Kind.BACKGROUND):
        return _under_picture(case)  # else what stood there beside the picture is gone
    sentences = case.reading.sentences
    title = _keys(case, [place for place, one in enumerate(sentences) if one.field == "title"])
    then_said = before.trace.about(case.entity)
    reasons = []
    if len(title) and 1 - within(title, before.trace.keys).mean() >= CHANGED:
        reasons.append("the headline was changed")
    whole = _keys(case, range(len(sentences)))
    if len(then_said) and 1 - within(then_said, whole).mean() >= CHANGED:
        reasons.append("a statement was withdrawn")
    if any(_newest(case, before)):
        reasons.append("the edit adds something")
    if reasons:
        score = round(max(case.score, EDIT_SCORE), 4)
        return EntityNovelty(
            score, Kind.DEVELOPMENT, reasons=tuple(reasons), added=_added(case, before), parts=_parts(case)
        )
    origin = _origin(before, case.entity, 1.0)
    return EntityNovelty(
        round(min(case.score, COPY_SCORE), 4), Kind.COPY, origin.id, origin.score, origin.kind,
        ("an edit that changes no fact",), parts=_parts(case),
    )  # fmt: skip


def _under_picture(case: Case) -> EntityNovelty:
    score, reasons = round(min(case.score, PASSING_SCORE), 4), ("named only in a picture's caption",)
    return EntityNovelty(score, Kind.BACKGROUND, reasons=reasons, parts=_parts(case))


def _keys(case: Case, sentences: Iterable[int]) -> Keys:
    """Return the content words of some sentences, sorted and without repeats."""
    return distinct(np.concatenate([np.empty(0, np.uint32), *(case.reading.keys(place) for place in sentences)]))


def _newest(case: Case, before: Kept) -> list[bool]:
    """Tell of each line whether most of it stands neither in the earlier revision nor in any other article."""
    result = []
    for line, new in zip(case.found.lines, case.found.newness, strict=True):
        keys = _keys(case, [line.sentence])
        result.append(bool(len(keys) > 3 and new >= CHANGED and 1 - within(keys, before.trace.keys).mean() >= 0.5))
    return result


def _origin(kept: Kept, entity: str, share: float) -> Origin:
    worth = kept.worth.get(entity)
    if worth is None:
        return Origin(kept.id, 0.0, None, share)
    if worth.of:
        return Origin(worth.of, worth.of_score, worth.of_kind, share)
    return Origin(kept.id, worth.score, worth.kind, share)


def _copied(case: Case) -> Origin | None:
    """Find the earlier article whose wording this one repeats."""
    if original := _in_full(case):
        return _origin(original, case.entity, case.found.measures["m_copy"])
    older = case.sketched()
    if older is None or older[1] < SKETCHED:
        return None
    name, share, score, kind = older
    return Origin(name, score, kind, share)


def _in_full(case: Case) -> Kept | None:
    """Return the copied article if it is kept in full, so that what was added or changed can be seen."""
    measured = case.found.measures["m_copy"] >= COPIED and len(case.kept) > 0
    return case.kept[int(case.found.overlaps.article.argmax())] if measured else None


def _adds(case: Case) -> bool:
    """Tell whether some line of a copy says something that no compared article holds."""
    return _in_full(case) is not None and any(new >= ADDED for new in case.found.newness.tolist())


def _turned(case: Case) -> tuple[str, ...]:
    """Return the reasons why a copy is none: in a line of the original a number or a verb gave way to another.

    A line that lost nothing was only added to, as by a dateline, and a date is no such number.
    """
    original, turned = _in_full(case), set()
    for line, new in zip(case.found.lines, case.found.newness.tolist(), strict=True) if original else ():
        assert original is not None
        if new > 0 and line.values[_AT["named"]]:
            sentence = case.reading.sentences[line.sentence]
            unheard = {tag for tag in (Tag.NUMBER, Tag.NEGATION) if _unheard(case, sentence, tag)}
            turned |= unheard if unheard and _replaced(case, line.sentence, original) else set()
    reasons = {Tag.NUMBER: "it changes a number", Tag.NEGATION: "it denies or reverses what it repeats"}
    return tuple(reason for tag, reason in reasons.items() if tag in turned)


def _replaced(case: Case, number: int, original: Kept) -> bool:
    """Tell whether a sentence stands in the original, but without some of that sentence's words."""
    keys, trace = distinct(case.reading.keys(number)), original.trace
    shared = within(trace.spread, keys)
    if not shared.any():
        return False
    nearest = int(np.bincount(trace.owner[shared]).argmax())
    theirs = trace.spread[trace.owner == nearest]
    whole = distinct(case.reading.words.keys)
    return bool(within(keys, distinct(theirs)).mean() >= STANDS and not within(theirs, whole).all())


def _unheard(case: Case, sentence: Sentence, tag: int) -> bool:
    """Tell whether a sentence holds a word of that kind that none of the compared articles holds.

    A number is the same in digits and as a word.
    """
    keys = case.reading.words.keys
    if tag == Tag.NUMBER:
        chosen = _numbers(case.reading, sentence)
    else:
        chosen = [place for place, tags in enumerate(sentence.tags, sentence.lo) if tags & tag and keys[place]]
    if not chosen:
        return False
    heard = np.concatenate([np.empty(0, np.uint32), *(one.trace.keys for one in case.kept)])
    said = (NUMERALS.get(key, (key,)) for key in keys[chosen].tolist())
    return any(not any((heard == form).any() for form in forms) for forms in said)


def _numbers(reading: Reading, sentence: Sentence) -> list[int]:
    """Return the places of a sentence's numbers, without dates and numbers of several words, which are not read."""
    keys = reading.words.keys[sentence.lo : sentence.hi].tolist()
    found = {
        place: bool(tags & Tag.NUMBER)
        for place, (key, tags) in enumerate(zip(keys, sentence.tags, strict=True), sentence.lo)
        if key in NUMERALS or (key and tags & Tag.NUMBER)
    }

    def alone(place: int) -> bool:
        return is_numeral(reading.spelled(place)) and not found.keys() & {place - 1, place + 1}

    return [place for place, digits in found.items() if (not _dates(reading, place) if digits else alone(place))]


def _dates(reading: Reading, place: int) -> bool:
    """Tell whether a number is a year, or the day beside a month's name."""
    spelled = reading.spelled(place)
    if len(spelled) == 4 and spelled[:2] in {"19", "20"}:
        return True
    around = (other for other in (place - 1, place + 1) if 0 <= other < len(reading.words.keys))
    return len(spelled) <= 2 and any(dates.is_month(reading.spelled(other)) for other in around)


def _told(case: Case) -> Origin | None:
    """Find the earlier article that holds most of what is said about the entity, if it holds enough."""
    shares = case.found.overlaps.window_said
    if not len(shares) or float(shares.max()) < RELATED:
        return None
    place = int(shares.argmax())
    return _origin(case.kept[place], case.entity, float(shares[place]))


def _repeat(case: Case, kind: Kind, origin: Origin, score: float) -> EntityNovelty:
    share = f"{origin.share:.0%}"
    if kind is Kind.COPY:
        reason = f"{share} of its wording stands in an earlier article"
    else:
        reason = f"{share} of what it says about the entity was told before"
    return EntityNovelty(
        round(score, 4), kind, origin.id, origin.score, origin.kind, (reason,), parts=_parts(case)
    )  # fmt: skip


def _parts(case: Case) -> tuple[Part, ...]:
    """Return how sure each head is, and what it counts for in the score."""
    named = zip(WEIGHTS.items(), case.chances, strict=True)
    return tuple(Part(name, round(chance, 4), weight) for (name, weight), chance in named)


def _best(case: Case) -> list[int]:
    """Return the places of the lines that carry the news, the newest and most telling first."""
    new = case.found.newness

    def weight(place: int) -> float:
        values = case.found.lines[place].values
        acts = values[_AT["subject"]] + values[_AT["verb_after"]]
        return float(new[place]) * (1 + acts + values[_AT["named"]] * (1 + values[_AT["title"]] + values[_AT["lead"]]))

    return sorted(range(len(case.found.lines)), key=lambda place: (-weight(place), place))


def _added(case: Case, before: Kept | None = None) -> tuple[str, ...]:
    """Quote the lines that say something new, in the order of the article."""
    new = case.found.newness
    allowed = _newest(case, before) if before else [True] * len(new)
    chosen = [place for place in _best(case) if float(new[place]) >= NEW_LINE and allowed[place]][:MAX_ADDED]
    if not chosen and before is None:
        chosen = _best(case)[:1]
    return tuple(_quote(case, place) for place in sorted(chosen))


def _quote(case: Case, place: int) -> str:
    sentence = case.reading.sentences[case.found.lines[place].sentence]
    return case.reading.article.text(sentence.field)[sentence.start : sentence.end].strip()


def _why_new(case: Case, told: Origin | None) -> tuple[str, ...]:
    found = case.found
    reasons = ["nothing like it was told before" if told is None else "adds to what was told before"]
    best = _best(case)
    if best:
        line = found.lines[best[0]]
        sentence = case.reading.sentences[line.sentence]
        if line.values[_AT["title"]] and line.values[_AT["named"]]:
            reasons.append("the headline says it")
        elif line.values[_AT["lead"]] and line.values[_AT["named"]]:
            reasons.append("the opening sentence says it")
        if line.values[_AT["subject"]] or line.values[_AT["verb_after"]]:
            reasons.append("the entity says or does something")
        if _unheard(case, sentence, Tag.NUMBER):
            reasons.append("it gives a number")
        reasons += _quotes(case, best)
    telling = (case.reading.sentences[found.lines[place].sentence] for place in best[:MAX_ADDED])
    if told and any(tag & Tag.NEGATION for sentence in telling for tag in sentence.tags):
        reasons.append("it denies or reverses something")
    return tuple(reasons)


def _quotes(case: Case, best: Sequence[int]) -> list[str]:
    """Tell whom the first new line with a quotation quotes, if there is one."""
    for place in best[:MAX_ADDED]:
        line = case.found.lines[place]
        sentence = case.reading.sentences[line.sentence]
        if case.found.newness[place] < NEW_LINE or not (sentence.quotes or line.values[_AT["colon"]]):
            continue
        found = quotation(case.reading, line.sentence)
        if found is None:
            continue
        if found.speaker == case.entity:
            return ["it quotes the entity"]
        named = any(found.first <= spot.sentence <= found.last for spot in case.reading.spots[case.entity])
        return ["it quotes somebody else about the entity" if found.speaker and named else "it quotes somebody"]
    return []


def _why_dull(case: Case) -> tuple[str, ...]:
    values = case.found.measures
    reasons = []
    if values["a_title"] == 0 and values["a_named"] <= 0.15:
        reasons.append("mentioned in passing")
    if values["a_first_share"] >= 0.6:
        reasons.append("first named near the end")
    if values["mi_head"] > 0:
        reasons.append("named only as part of somebody else's name or office")
    if values["a_opinion"] >= 1.0 and values["a_say"] < 0.5:
        reasons.append("reads like a column, not like a report")
    if values["x_listed"] >= 1.5 and values["x_joined"] >= 1.0:
        reasons.append("named in a list of names")
    return tuple(reasons) or ("nothing is reported about the entity",)
