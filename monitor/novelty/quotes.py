"""Who speaks in a sentence: a watched entity, or somebody else, or nobody of whom it can be told.

    a quotation from its beginning to its end -> what stands outside its marks -> the verb of saying nearest to them
    -> its subject -> an entity or somebody else; a pronoun or none at all: whoever spoke in the sentence before

Only what is clear is answered; `speech.py` holds the words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from monitor.novelty.lexicon import Tag
from monitor.novelty.reading import QUOTE, Reading
from monitor.novelty.speech import GRAMMARS, Grammar
from monitor.text.content import fold_word

OTHER: Final = "somebody else"  # no entity's id has a space in it
LEAST = 3  # words in quotation marks that are a quotation; fewer are a name or a term
FAR = 2_000  # characters of a quotation, at most
REACH = 9  # words between a verb and its subject's name
BACK = 3  # sentences in which the one who spoke before is looked for
_TOGETHER = 6  # sentences of one quotation that are read
_VERBS = 4  # verbs of saying in one statement that are asked for their subject
_BEFORE = "([:–—-،,"
_BEHIND = ",.،؛;:!?؟)…"
_TITLES = Tag.TITLE | Tag.DEPUTY | Tag.HEAD
_CARRIED: Final = "whoever spoke before"
_COMMAS = (",", "،")
_WORDS = (fold_word("قول"), fold_word("تأكيد"))
_IT = fold_word("ه")
_AND = ("و", "ف")
_CITED = fold_word("عن")
_LEADS_TO = "to"  # according to
_RELATIVE = ("en", "an")  # Turkish: ..., who says
_FOR = frozenset(fold_word(word) for word in ("باسم", "for", "of", "to", "with", "about", "against"))


_folded = lru_cache(8_192)(fold_word)


class _Word(NamedTuple):
    """A word outside quotation marks; `gap` and `tail` stand between it and its neighbours."""

    place: int
    form: str
    spelled: str
    tags: int
    entity: str | None
    gap: str
    tail: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The sentences `first..last` of one statement, its words outside quotation marks, and the places of those inside.

    `quotes` tells whether these are enough for a quotation.
    """

    first: int
    last: int
    frame: tuple[_Word, ...]
    inside: tuple[int, ...]
    quotes: bool


class Quotation(NamedTuple):
    """Somebody's words, in the sentences `first..last`, with whom they are quoted from."""

    first: int
    last: int
    speaker: str | None


def _grammar(reading: Reading) -> Grammar | None:
    return GRAMMARS.get((reading.article.lang or "")[:2].lower())


def speaker(reading: Reading, number: int, back: int = BACK) -> str | None:
    """Return who speaks in a sentence: an entity, OTHER, or None where nobody does or it can't be told."""
    grammar = _grammar(reading)
    if grammar is None:
        return None
    return _speaker(reading, passage(reading, number), grammar, back)


def _speaker(reading: Reading, found: Passage, grammar: Grammar, back: int = BACK) -> str | None:
    said = _said(found, grammar)
    return _earlier(reading, found.first, grammar, back) if said is _CARRIED else said


def quotation(reading: Reading, number: int) -> Quotation | None:
    """Return the quotation that a sentence is part of; `Name: ...` is one in a headline, even without marks."""
    grammar, sentence = _grammar(reading), reading.sentences[number]
    found = passage(reading, number)
    if found.quotes:
        return Quotation(found.first, found.last, _speaker(reading, found, grammar) if grammar else None)
    named = _titled(found.frame, quotes=False) if grammar and sentence.field == "title" else None
    return Quotation(found.first, found.last, named) if named else None


def _earlier(reading: Reading, number: int, grammar: Grammar, back: int) -> str | None:
    """Return who spoke, or acted, in the sentences before one."""
    field, number = reading.sentences[number].field, number - 1
    while back and number >= 0 and reading.sentences[number].field == field:
        found = speaker(reading, number, back - 1)
        if found:
            return found
        acts = _opening(_parts(reading, number, number, ())[0], grammar)
        if acts:
            return acts
        back, number = back - 1, number - 1
    return None


def passage(reading: Reading, number: int) -> Passage:
    """Return the statement that a sentence belongs to."""
    field = reading.sentences[number].field
    text = reading.article.text(field)
    spans = _spans(text)
    first = last = number
    while first > 0 and last - first < _TOGETHER and _goes_on(reading, first - 1, text, spans):
        first -= 1
    while last + 1 < len(reading.sentences) and last - first < _TOGETHER and _goes_on(reading, last, text, spans):
        last += 1
    frame, inside = _parts(reading, first, last, spans)
    quotes = sum(not reading.words.tags[place] & Tag.NUMBER for place in inside[: 4 * LEAST]) >= LEAST
    return Passage(first, last, tuple(frame), tuple(inside), quotes)


def _parts(reading: Reading, first: int, last: int, spans: Sequence[tuple[int, int]]) -> tuple[list[_Word], list[int]]:
    """Return the words of some sentences that stand outside all quotation marks, and the places of the others."""
    opening, ending = reading.sentences[first], reading.sentences[last]
    lo, hi, base = opening.lo, ending.hi, reading.words.begins[opening.field]
    begin, end, text = base + opening.start, base + ending.end, reading.text
    borders = [base + mark for span in spans for mark in span]
    starts, ends = reading.words.starts[lo:hi], reading.words.ends[lo:hi]
    within = np.searchsorted(borders, starts) & 1
    outside, inside = np.flatnonzero(within == 0), (np.flatnonzero(within) + lo).tolist()
    named = {
        place: entity
        for entity, spots in reading.spots.items()
        for spot in spots
        if first <= spot.sentence <= last
        for place in range(spot.lo, spot.hi)
    }
    before, behind = np.concatenate([[begin], ends[:-1]])[outside], np.concatenate([starts[1:], [end]])[outside]
    columns = (outside + lo, before, starts[outside], ends[outside], behind, reading.words.tags[lo:hi][outside])
    frame = []
    for place, left, at, upto, right, tags in zip(*(column.tolist() for column in columns), strict=True):
        spelled = text[at:upto]
        frame.append(_Word(place, _folded(spelled), spelled, tags, named.get(place), text[left:at], text[upto:right]))
    return frame, inside


def quoted(text: str) -> Iterator[tuple[int, int]]:
    """Yield where quotations begin and end. A mark's place tells which it is: many texts mix them up."""
    start: int | None = None
    for found in QUOTE.finditer(text):
        at = found.start()
        before, behind = text[at - 1 : at], text[at + 1 : at + 2]
        ends = start is not None and (not behind.strip() or behind in _BEHIND or before.strip() not in _BEFORE)
        if ends and start is not None and at - start <= FAR:
            yield start, at
        start = None if ends else at


@lru_cache(4)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return the quotations of a text; of one article several sentences and entities are asked about."""
    return tuple(quoted(text))


def _goes_on(reading: Reading, number: int, text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Tell whether the next sentence belongs to the same statement: within a quotation, after a comma or colon, or
    where nothing but the quotation's own mark ended this one.
    """
    one, other = reading.sentences[number : number + 2]
    if one.field != other.field:
        return False
    if any(start < other.start <= end for start, end in spans):
        return True
    said = text[one.start : one.end].rstrip()
    if said[-1:] in {",", "،", "؛", ";", ":"}:
        return True
    begins = text[other.start : other.end].lstrip(" –—-")
    return bool(QUOTE.match(said, len(said) - 1)) and (said[-2:-1] in "?!؟" or begins[:1].islower())


def _said(found: Passage, grammar: Grammar) -> str | None:
    """Find the speaker within one statement."""
    frame, inside = found.frame, found.inside
    verbs = [place for place, word in enumerate(frame) if _speaks(word.form, grammar)]
    if inside:
        verbs.sort(key=lambda place: min(abs(frame[place].place - inside[0]), abs(frame[place].place - inside[-1])))
    for number, place in enumerate(verbs[:_VERBS]):
        said = _subject(frame, place, grammar)
        if said is _CARRIED:
            return _before_it(frame, place, verbs[number + 1 : _VERBS], grammar)
        if said:
            unsure = said == OTHER and frame[0].entity and frame[place].form[0] in _AND
            return None if unsure else said
    if verbs:
        return None
    echo = next((place for place, word in enumerate(frame) if word.form in grammar.echoes), None)
    if echo is not None:
        return _echoed(frame, echo, grammar)
    return _titled(frame, quotes=found.quotes) if frame else _CARRIED


def _before_it(frame: Sequence[_Word], verb: int, verbs: Sequence[int], grammar: Grammar) -> str | None:
    """Find who spoke or acted in the same statement before a verb that has no subject of its own."""
    opening = _opening(frame[:verb], grammar)
    said = [_subject(frame, place, grammar) for place in verbs if place < verb]
    known = [one for one in said if one and one is not _CARRIED]
    if opening in known or not known:
        return opening or _CARRIED
    return None if opening or len(set(known)) > 1 else known[0]


def _opening(frame: Sequence[_Word], grammar: Grammar) -> str | None:
    """Return the entity with which a statement opens, before any preposition or comma: whom it is about."""
    for place, word in enumerate(frame[: REACH + 1]):
        if place and (word.form in grammar.ends or _parted(word.gap)):
            break
        if word.entity:
            return _owner(frame, place)
    return None


def _speaks(form: str, grammar: Grammar) -> bool:
    """Tell whether a word is a verb of saying, in Arabic also with its object, or what stands for one."""
    said = form in grammar.says or form in grammar.marks
    return said or (form.endswith(_IT) and form.removesuffix(_IT) in grammar.says)


def _echoed(frame: Sequence[_Word], echo: int, grammar: Grammar) -> str | None:
    """Find whose words a participle or `his words` gives: of whom they are reported, else of who acts before it."""
    cited = next((place for place in range(echo - 1, -1, -1) if frame[place].form == _CITED), None)
    if cited is not None and any(noun in frame[echo].form for noun in _WORDS):
        named = [place for place in range(cited + 1, echo) if frame[place].entity]
        return _owner(frame, named[-1]) if named else OTHER
    led = echo and frame[0].form not in grammar.ends
    acts, far = _behind(frame[:echo], 0, grammar) if led else (None, False)
    return _CARRIED if not far else None if acts == OTHER else acts


def _titled(frame: Sequence[_Word], *, quotes: bool) -> str | None:
    """Find a speaker without a verb: `Name: ...`, or a quotation and nothing but a name."""
    head = next((place for place, word in enumerate(frame[:REACH]) if ":" in word.tail), None)
    if head is None:
        head = len(frame) - 1
        if not quotes or not all(word.entity or word.tags & Tag.TITLE for word in frame):
            return None
    names = {word.entity for word in frame[: head + 1] if word.entity}
    if len(names) != 1 or not all(word.entity or word.tags & _TITLES for word in frame[: head + 1]):
        return None
    return _owner(frame, head)


def _owner(frame: Sequence[_Word], place: int, since: int = 0) -> str | None:
    """Return whose name stands there: that of an entity, unless somebody only speaks for it, as the words before it
    (no earlier than `since`) tell.
    """
    entity = frame[place].entity
    while place and frame[place - 1].entity == entity:
        place -= 1
    before = [word for word in frame[max(place - 3, 0, since) : place] if not word.entity]
    if not before:
        return entity
    if before[-1].tags & (Tag.DEPUTY | Tag.HEAD) or before[-1].form in _FOR:
        return OTHER
    return None if any(word.tags & Tag.DEPUTY for word in before) else entity


def _subject(frame: Sequence[_Word], verb: int, grammar: Grammar) -> str | None:
    """Find the subject of a verb of saying."""
    if frame[verb].form in grammar.marks:
        led = verb + 1 < len(frame) and frame[verb + 1].form == _LEADS_TO
        return _behind(frame, verb + led, grammar)[0]
    if grammar.order == "front":
        relative = frame[verb].form.endswith(_RELATIVE)
        return (_behind(frame, verb, grammar)[0] if relative else None) or _front(frame, verb, grammar)
    before = _before(frame, verb, grammar)
    if before and (grammar.order == "before" or before != OTHER):
        return before
    behind, far = _behind(frame, verb, grammar)
    if behind or grammar.order != "behind" or far:
        return behind or before
    opens = verb == 0 or _parted(frame[verb].gap) or frame[verb].form[0] in _AND or frame[verb - 1].form in grammar.ends
    return _CARRIED if opens else None


def _behind(frame: Sequence[_Word], verb: int, grammar: Grammar) -> tuple[str | None, bool]:
    """Look for the subject behind a verb; tell also whether anything stands there."""
    people = titled = False
    seen = 0
    for place in range(verb + 1, min(verb + 1 + REACH, len(frame))):
        word = frame[place]
        if word.form in grammar.ends or (_parted(word.gap) and not (people and _apposed(frame, place))):
            break
        if word.entity:  # behind another name, where no title tells whose, it may be the object
            owner = _owner(frame, place, verb + 1)
            return (owner if titled or not seen or owner == OTHER else None), True
        if word.form in grammar.pronouns:
            return _CARRIED, True
        if word.form not in grammar.skipped:
            seen += 1
            titled = titled or bool(word.tags & Tag.TITLE)
            people = people or grammar.order == "behind" or _somebody(word, grammar)
    return (OTHER if people else None), seen > 0


def _before(frame: Sequence[_Word], verb: int, grammar: Grammar) -> str | None:
    """Look for the subject right before a verb, over adverbs and what stands between two commas."""
    place = verb
    while place and frame[place - 1].form in grammar.skipped and not _parted(frame[place].gap):
        place -= 1
    if place == 0 or QUOTE.search(frame[place].gap):
        return None
    place -= 1
    if grammar.order == "before" and "," in frame[place].tail and not _apposed(frame, place):
        between = [n for n in range(place) if "," in frame[n].tail and place - n <= REACH]
        if not between:
            return None
        place = between[-1]
    elif _parted(frame[place].tail.replace(",", "")):
        return None
    word = frame[place]
    if word.entity:
        return _owner(frame, place)
    if word.form in grammar.pronouns:
        return _CARRIED
    return OTHER if grammar.order == "before" and _somebody(word, grammar) else None


def _apposed(frame: Sequence[_Word], place: int) -> bool:
    """Tell whether an entity's name stands there behind a comma, as in `the minister, Name, ...`."""
    entity = frame[place].entity
    while place and entity and frame[place - 1].entity == entity:
        place -= 1
    if entity is None:  # a given name before it
        return place + 1 < len(frame) and frame[place + 1].entity is not None and frame[place].gap.strip() in _COMMAS
    return any(word.gap.strip() in _COMMAS for word in frame[max(place - 1, 0) : place + 1])


def _front(frame: Sequence[_Word], verb: int, grammar: Grammar) -> str | None:
    """Look for the subject anywhere before a verb that ends its sentence."""
    people = False
    for place, word in enumerate(frame[:verb]):
        if word.entity:
            marked = word.tail[:1] in {"'", "’"} or (place + 1 < len(frame) and frame[place + 1].form in grammar.ends)
            guided = place > 0 and frame[place - 1].form in grammar.ends
            if not (marked or guided):
                return OTHER if place and frame[place - 1].form in grammar.others else _owner(frame, place)
            people = True
        elif word.form in grammar.pronouns:
            return _CARRIED
        else:
            people = people or _somebody(word, grammar)
    return OTHER if people else _CARRIED


def _somebody(word: _Word, grammar: Grammar) -> bool:
    """Tell whether a word names a person or stands for one."""
    return word.spelled[:1].isupper() or word.form in grammar.others or bool(word.tags & Tag.DEPUTY)


def _parted(gap: str) -> bool:
    """Tell whether what stands between two words ends a part of a sentence."""
    return any(mark in gap for mark in ',،;؛:–—"«»“”„()') or " - " in gap
