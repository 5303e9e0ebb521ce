"""Captions: what stands under a picture tells who is in it, not what happened.

    a short line that opens with or ends in a picture's credit   FILE PHOTO: ... | ... (Name/Agency) | ... Фото: ...
    a short line among others that ends in an agency's bare name, and in which nobody says or does anything

A report may end in its agency's name too: such a line is a caption only without a verb. Verbs are known in the
languages of the lexicon alone; in any other one only what says photo is a caption.

Where a feed gives a caption and nothing else, the picture may be of the news itself: such a caption counts only if it
names none of these days, and the headline has no word of the office that it gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import cache, reduce
from operator import or_

import numpy as np

from monitor.novelty.lexicon import Tag
from monitor.novelty.reading import Reading, Spot
from monitor.text import dates
from monitor.text.content import term
from monitor.text.languages.world import countries

LINE = 400  # characters of a caption, at most
TAIL = 160  # of them in which its credit stands
OFFICE = 5  # words before a name that may be its office
RECENT = timedelta(days=3)
_VERBS = ("ar", "en", "ru")  # languages whose verbs the lexicon knows
_VERB = Tag.SAY | Tag.ACT
_AGENCY = (
    r"(?:reuters|afp|ap|epa|upi|tass|sputnik|xinhua|anadolu|aa|dpa|kyodo|irna|isna|тасс|риа новости|рейтер|reuters"
    r"|رويترز|أ ?ف ?ب|ا ?ف ?ب|فرانس برس|الفرنسية|أ ?ب|أسوشيتد برس|د ?ب ?أ|الأناضول|سانا|واس|سبوتنيك|شينخوا|وكالات)"
)
_PICTURE = (
    rf"(?:via {_AGENCY}|photos?|getty|handout|screenshot|file|pool|archive|image|courtesy|фото|архив\w*"
    r"|fotoğraf\w*|arşiv|تصوير|صورة|الصورة|أرشيف\w*|ارشيف\w*|الأرشيف|غيتي|جيتي|عکس|آرشیو)"
)
_OPENS = re.compile(
    r"\W{0,5}(?:file photo|file picture|file image|file [-–—]|photos?\s?[:|]|photo by|pictured\b"
    r"|in this (?:[^\W_]+[.,]? ){0,5}(?:photo|image|picture)\b|this (?:file )?photo\b"
    r"|(?:архивное )?фото\s?[:|]|на фото\b|на снимке\b|архивное фото\b|fotoğraf\s?[:|]|arşiv fotoğraf"
    r"|صورة أرشيفية|صورة من الأرشيف|صورة\s?[:|]|الصورة\s?[:|]|في الصورة\b|أرشيفية\s?[:|]|عکس\s?[:|])",
    re.IGNORECASE,
)
_CREDITED = re.compile(
    rf"(?:[(\[](?:[^()\[\]]{{0,80}}[\W_])?{_PICTURE}(?:[\W_][^()\[\]]{{0,80}})?[)\]]"
    r"|(?:(?:ap|afp|aa|epa|dha|iha) photo|getty images)\b[^()]{0,60}"
    r"|(?:photo(?: by)?|photo credit|фото|fotoğraf|تصوير|الصورة|عکس)\s?[:/][^():.]{2,60})\W{0,3}$",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    rf"(?:[(\[](?:[^()\[\]/]{{2,60}}/\s?)?{_AGENCY}(?:\s?/[^()\[\]/]{{2,60}})?[)\]]"
    rf"|(?<!\w){_AGENCY}\s?/\s?[^\W\d][^()/]{{2,40}}|\s[-–—|]\s?{_AGENCY})\W{{0,3}}$",
    re.IGNORECASE,
)
_CREDITS = (")", "]", "photo", "getty", "фото", "fotoğraf", "تصوير", "الصورة", "عکس")  # each credit holds one of these
_MARKS = (")", "]", "/", "-", "–", "—", "|")  # and each agency's signature one of these
_DATE = re.compile(r"[^\W\d_]{3,12}\.? \d{1,2},? \d{4}|\d{1,2} [^\W\d_]{3,12} \d{4}")


def captioned(reading: Reading, entity: str) -> bool:
    """Tell whether an entity is named under pictures alone."""
    spots = reading.spots.get(entity, ())
    return bool(spots) and all(_captioned(reading, spot) for spot in spots)


def _captioned(reading: Reading, spot: Spot) -> bool:
    """Tell whether a name stands in a line that is a caption."""
    sentence = reading.sentences[spot.sentence]
    if sentence.field == "title":
        return False
    text, words = reading.article.text(sentence.field), reading.words
    base = words.begins[sentence.field]
    at = int(words.starts[spot.lo]) - base
    start = text.rfind("\n", max(at - LINE, 0), at) + 1
    end = text.find("\n", at, at + LINE)
    end = len(text) if end < 0 else end
    if end - start > LINE:
        return False
    line = text[start:end].strip()
    sure = bool(_OPENS.match(line)) or _ends_in(line, _CREDITED, _CREDITS)
    if not sure and not (_language(reading) in _VERBS and _ends_in(line, _SIGNED, _MARKS)):
        return False
    alone = set(words.begins) <= {"title", sentence.field} and not (text[:start].strip() or text[end:].strip())
    lo, hi = words.starts.searchsorted([base + start, base + end]).tolist()
    tags = reduce(or_, words.tags[lo:hi].tolist(), 0)
    if not sure:
        return not alone and not tags & _VERB
    return not (alone and (tags & Tag.DAY or _new(reading, line) or _headlined(reading, spot)))


def _ends_in(line: str, pattern: re.Pattern[str], parts: Iterable[str]) -> bool:
    """Tell whether a line's end matches; most hold none of the parts, which is found much faster."""
    tail = line[-TAIL:]
    lowered = tail.lower()
    return any(part in lowered for part in parts) and pattern.search(tail) is not None


def _language(reading: Reading) -> str:
    return (reading.article.lang or "")[:2].lower()


def _new(reading: Reading, line: str) -> bool:
    """Tell whether the picture is no older than the news: one of the event itself, where the text says nothing more."""
    now = reading.article.at
    taken = [dates.parse(found[0]) for found in _DATE.finditer(line)]
    return now is not None and any(day is not None and abs(now - day) <= RECENT for day in taken)


def _headlined(reading: Reading, spot: Spot) -> bool:
    """Tell whether the headline may speak of the one under the picture: it has a word of the office before the name,
    and not only its country.
    """
    keys, first = reading.words.keys, reading.sentences[spot.sentence].lo
    titles = [reading.keys(number) for number, one in enumerate(reading.sentences) if one.field == "title"]
    office = keys[max(first, spot.lo - OFFICE) : spot.lo]
    return any(int(key) not in _lands() for title in titles for key in np.intersect1d(office[office != 0], title))


@cache
def _lands() -> frozenset[int]:
    """Return the words for countries, their people and their capitals, in every language."""
    lands = (land for land in countries().values() if land.kind == "country")
    spoken = (parts for land in lands for parts in land.words.values())
    names = (name for parts in spoken for some in parts.values() for name in some)
    return frozenset(term(word).key for name in names for word in name.split())
