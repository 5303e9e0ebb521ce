"""One article as the matcher sees it: its words, and around any of them zone, sentence, neighbours, offices, countries.

Everything but the words is found when first asked for: most articles hold no watched name and pay for nothing more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

from monitor.matching.own_titles import OwnTitles
from monitor.matching.roles import Office, read_offices
from monitor.matching.scan import Fields, View, encode
from monitor.matching.titles import Phrases, Titles, titles
from monitor.model import Article, Field, Zone
from monitor.text.languages import cues, guess, language, primary
from monitor.text.sentences import sentences
from monitor.text.zones import Zones, zones

# What may stand between two words that belong together; a dash only without space around it.
_PLAIN = re.compile(r"(?:[^\S\x1e]|[\u200b-\u200f\u202a-\u202e\"“”„«»'‘’()\[\]_ـ])*|[-–]")
_BESIDE = re.compile(r"(?:[^\S\x1e]|[\u200b-\u200f\u202a-\u202e\"“”„«»'‘’()\[\]_ـ\-–،,])*")


@dataclass(frozen=True, slots=True)
class Signs:
    """A language's cues as the view writes them; see `text.languages.Cues`."""

    speech: frozenset[bytes]
    power: frozenset[bytes]
    places: frozenset[bytes]
    kin: frozenset[bytes]
    common: frozenset[bytes]
    no_surname: frozenset[bytes]
    meets: frozenset[bytes]
    vague: frozenset[bytes]
    women: frozenset[bytes]
    leaders: frozenset[bytes]
    relatives: frozenset[bytes]
    generation: frozenset[bytes]
    regime: frozenset[bytes]
    idioms: Phrases[str]
    honorifics: frozenset[bytes]


@cache
def signs(lang: str) -> Signs:
    """Compile a language's cues, once."""
    knows = language(lang)
    given = cues(knows)

    def encoded(words: frozenset[str]) -> frozenset[bytes]:
        return frozenset(encode(word) for word in words)

    return Signs(
        encoded(given.speech),
        encoded(given.power),
        encoded(given.places),
        encoded(given.kin),
        encoded(given.common),
        encoded(given.no_surname),
        encoded(given.meets),
        encoded(given.vague),
        encoded(given.women),
        encoded(given.leaders),
        encoded(given.relatives),
        encoded(given.generation),
        encoded(given.regime),
        Phrases((idiom, idiom) for idiom in given.idioms),
        encoded(knows.titles),
    )


class Scene:
    """An article being read."""

    def __init__(
        self, article: Article, joined: Fields, seen: View, own_titles: OwnTitles, watched: frozenset[str]
    ) -> None:
        """Take an article with its joined fields and the view of them, and the offices that somebody watched holds."""
        self.article = article
        self.joined = joined
        self.view = seen
        self.words = seen.words
        self._own_titles = own_titles
        self._watched = watched

    @cached_property
    def lang(self) -> str:
        """The article's language: as its feed says, else as its letters look."""
        return primary(self.article.lang) or guess(self.joined.text)

    @cached_property
    def day(self) -> date | None:
        """The day that roles are judged on."""
        return self.article.at.date() if self.article.at else None

    @cached_property
    def titles(self) -> Titles:
        """The titles of the article's language."""
        return titles(self.lang)

    @cached_property
    def offices(self) -> list[Office]:
        """The watched offices that the article names, counterparts, and titles in an author's words, in order."""
        own = self._own_titles.read(self.view, self.titles, self.lang)
        known = read_offices(self.view, self.titles, self.titles.opening(self._watched))
        return sorted((*known, *own), key=lambda row: row.first)

    @cached_property
    def every_office(self) -> list[Office]:
        """Every office that the article names, in order: what a counterpart's office is looked for among."""
        return read_offices(self.view, self.titles, self.titles.quick)

    @cached_property
    def zones(self) -> Zones:
        """The article's zones."""
        return zones(self.article)

    @cached_property
    def countries(self) -> Counter[str]:
        """How often the article speaks of each country, by name, adjective or capital; boilerplate left out."""
        counted: Counter[str] = Counter()
        begins = self.titles.countries
        for at in [at for at, word in enumerate(self.words) if word in begins]:
            for country in self.country_at(at):
                if self.zone(at) is not Zone.BOILERPLATE:
                    counted[country] += 1
        return counted

    def country_at(self, word: int) -> tuple[str, ...]:
        """Return the country of which a phrase that starts at a word speaks, if one does."""
        for _, bare in self.titles.strip(self.words[word]):
            for _, place in self.titles.places.starting(self.words, word, bare):
                return (place.country,)
        return ()

    def place(self, first: int, last: int, skip: int = 0) -> tuple[Field, int, int]:
        """Return the field and offsets of a run of words."""
        return self.joined.locate(*self.view.span(first, last, skip))

    def zone(self, word: int) -> Zone:
        """Return the zone in which a word stands."""
        field, start, _ = self.place(word, word)
        return self.zones.at(field, start)

    def surface(self, word: int) -> str:
        """Return a word as written."""
        start, end = self.view.span(word, word)
        return self.view.text[start:end]

    def before(self, word: int, comma: bool = False) -> bytes:
        """Return the word before another one if nothing but space and quotation marks parts them; else no bytes."""
        if word <= 0:
            return b""
        gap = self.view.gap(word - 1)
        near = gap == " " or (_BESIDE if comma else _PLAIN).fullmatch(gap)
        return self.words[word - 1] if near else b""

    def after(self, word: int, comma: bool = False) -> bytes:
        """Return the word after another one if nothing but space and quotation marks parts them; else no bytes."""
        if word + 1 >= len(self.words):
            return b""
        gap = self.view.gap(word)
        near = gap == " " or (_BESIDE if comma else _PLAIN).fullmatch(gap)
        return self.words[word + 1] if near else b""

    @cached_property
    def _sentences(self) -> tuple[list[int], tuple[tuple[int, int], ...]]:
        spans = sentences(self.view.text, self.lang)
        return [start for start, _ in spans], spans

    def sentence(self, word: int) -> tuple[int, int]:
        """Return the first word of the sentence of a word, and the word after its last."""
        position = self.view.span(word, word)[0]
        starts, spans = self._sentences
        start, end = spans[max(0, bisect_right(starts, position) - 1)]
        return self.view.word_at(start), self.view.word_at(end)
