"""Captions: what stands under a picture tells who is in it, not what happened.

A caption is a short line that opens as one (FILE PHOTO: ...) or ends in a picture's credit (... (Name/Agency)). An
agency's bare name is no such credit: reports end in it.

News may be told under a picture too, and better one alert too many than a report that nobody sees. So a line counts
only if it names no day and none of these dates, and shares no word with the headline but a country's; and where a feed
gives little more than that line, only if it says that the picture is an old one.
"""

from __future__ import annotations

import re
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
LITTLE = 200  # characters that a text has beside a caption if it is hardly more than that
RECENT = timedelta(days=3)
_AGENCY = (
    r"(?:reuters|afp|ap|epa|upi|tass|sputnik|xinhua|anadolu|aa|dpa|kyodo|irna|isna|тасс|риа новости|рейтер"
    r"|رويترز|أ ?ف ?ب|ا ?ف ?ب|فرانس برس|الفرنسية|أ ?ب|أسوشيتد برس|د ?ب ?أ|الأناضول|سانا|واس|سبوتنيك|شينخوا)"
)
_PICTURE = rf"(?:via {_AGENCY}|photos?|getty|handout|screenshot|фото|fotoğraf\w*|تصوير|صورة|الصورة|غيتي|جيتي|عکس)"
_KEPT = r"(?:file|archives?|архив\w*|arşiv|أرشيف\w*|ارشيف\w*|الأرشيف|آرشیو)"
_OPENS = re.compile(
    r"\W{0,5}(?:file photo|file picture|file image|file [-–—]|photos?\s?[:|]|photo by|pictured\b"
    r"|in this (?:[^\W_]+[.,]? ){0,5}(?:photo|image|picture)\b|this (?:file )?photo\b"
    r"|(?:архивное )?фото\s?[:|]|на фото\b|на снимке\b|архивное фото\b|fotoğraf\s?[:|]|arşiv fotoğraf"
    r"|صورة أرشيفية|صورة من الأرشيف|صورة\s?[:|]|الصورة\s?[:|]|في الصورة\b|أرشيفية\s?[:|]|عکس\s?[:|])",
    re.IGNORECASE,
)
_CREDITED = re.compile(
    rf"(?:[(\[](?:[^()\[\]]{{0,80}}[\W_])?{_PICTURE}(?:[\W_][^()\[\]]{{0,80}})?[)\]]"
    rf"|[(\[](?:[^()\[\]]{{0,80}}[/,:–—-]\s?)?{_KEPT}[)\]]"
    rf"|[(\[][^()\[\]/]{{2,60}}/\s?{_AGENCY}[)\]]"
    r"|(?:(?:ap|afp|aa|epa|dha|iha) photo|getty images)\b[^()]{0,60}"
    r"|(?:photo(?: by)?|photo credit|фото|fotoğraf|تصوير|الصورة|عکس)\s?[:/][^():.]{2,60})\W{0,3}$",
    re.IGNORECASE,
)
_CREDITS = (")", "]", "photo", "getty", "фото", "fotoğraf", "تصوير", "الصورة", "عکس")  # each credit holds one of these
_OLD = re.compile(rf"(?<!\w){_KEPT}(?!\w)", re.IGNORECASE)
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
    line = text[start:end].strip()
    if len(line) > LINE or not (_OPENS.match(line) or _credited(line[-TAIL:])):
        return False
    lo, hi = words.starts.searchsorted([base + start, base + end]).tolist()
    if reduce(or_, words.tags[lo:hi].tolist(), 0) & Tag.DAY or _headlined(reading, lo, hi):
        return False
    now, taken = reading.article.at, [dates.parse(found[0]) for found in _DATE.finditer(line)]
    ages = [abs(now - day) for day in taken if now and day]
    if any(age <= RECENT for age in ages):
        return False
    beside = sum(len(reading.article.text(field)) for field in words.begins if field != "title") - len(line)
    return beside >= LITTLE or bool(ages or _OLD.search(line))


def _credited(tail: str) -> bool:
    """Tell whether a line ends in a picture's credit; most hold no part of one, which is found much faster."""
    lowered = tail.lower()
    return any(part in lowered for part in _CREDITS) and _CREDITED.search(tail) is not None


def _headlined(reading: Reading, lo: int, hi: int) -> bool:
    """Tell whether the headline has one of these words, that of a country aside: it may be about what they say."""
    keys = reading.words.keys
    titles = [reading.keys(number) for number, one in enumerate(reading.sentences) if one.field == "title"]
    said = keys[lo:hi]
    return any(int(key) not in _lands() for title in titles for key in np.intersect1d(said[said != 0], title))


@cache
def _lands() -> frozenset[int]:
    """Return the words for countries, their people and their capitals, in every language."""
    lands = (land for land in countries().values() if land.kind == "country")
    spoken = (parts for land in lands for parts in land.words.values())
    names = (name for parts in spoken for some in parts.values() for name in some)
    return frozenset(term(word).key for name in names for word in name.split())
