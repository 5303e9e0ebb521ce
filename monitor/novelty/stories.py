"""Stories: articles chained by what they report, with their independent outlets. They close by silence, never merge."""

from __future__ import annotations

import hashlib
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce

import numpy as np

from monitor.model import Article, EntityNovelty
from monitor.novelty.agencies import credited
from monitor.novelty.archive import Kept
from monitor.novelty.lexicon import Tag
from monitor.novelty.reading import MAX_TEXT, Reading
from monitor.novelty.redundancy import Overlaps

JOIN = 0.25  # share of what is said about an entity that an article of the same story already holds
LINK = 0.7  # share of what an earlier article says about an entity that an article holds if it links its story
MAX_STORIES = 4_000
MAX_OUTLETS = 1_000  # outlets told apart in a story, four bytes each: a feed may invent any number of them
MAX_TELLERS = 300  # articles of a story remembered in each language


def story_id(watchlist: str, article: str) -> str:
    """Return the story's identity: a hash of the watchlist and the story's first article."""
    return hashlib.sha256(f"{watchlist}\0{article}".encode()).hexdigest()[:16]


def agency(reading: Reading) -> str | None:
    """Return the agency that the article's text credits, if it credits one."""
    text = (reading.article.body or reading.article.summary or "")[:MAX_TEXT]
    return credited(text, named=bool((reading.words.tags & np.uint16(Tag.AGENCY)).any()))


@dataclass(slots=True)
class Story:
    """A running story: when it was last heard of, and its independent outlets as hashes (an agency's copies are one).

    `languages` are those that tell it, each with the articles that do: one table for all the stories that tell the same
    in other languages.
    """

    last: datetime
    outlets: array[int] = field(default_factory=lambda: array("I"))
    languages: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article belongs: its story, the nearest earlier article, the stories that it links."""

    story: str
    nearest: str | None
    linked: tuple[str, ...]


class Stories:
    """The running stories of one watchlist, the most recently heard of last."""

    def __init__(self, watchlist: str, silence: timedelta) -> None:
        """Start with none; a story silent for longer than `silence` is over."""
        self._watchlist = watchlist
        self._silence = silence
        self._stories: OrderedDict[str, Story] = OrderedDict()

    def running(self, story: str, now: datetime) -> bool:
        """Tell whether the story may still be joined."""
        known = self._stories.get(story)
        return known is not None and now - known.last <= self._silence

    def outlets(self, story: str, outlet: str) -> int:
        """Count the story's independent outlets, this one included."""
        known = self._stories.get(story)
        return len(known.outlets) + (_hash(outlet) not in known.outlets) if known else 1

    def place(
        self,
        article: Article,
        kept: Sequence[Kept],
        overlaps: Sequence[Overlaps],
        before: Kept | None,
        best: EntityNovelty,
        now: datetime,
    ) -> Place:
        """Find the article's story: an earlier revision's, else the nearest running one, else its own."""
        shares, held = _nearness(overlaps, len(kept))
        ranked = sorted(range(len(kept)), key=lambda place: -shares[place])
        near = [(shares[place], kept[place]) for place in ranked if kept[place].id != article.id]
        nearest = near[0][1].id if near and near[0][0] > 0 else None
        joined = [one.story for share, one in near if share >= JOIN and self.running(one.story, now)]
        linked = [kept[place].story for place in ranked if held[place]]
        story = before.story if before else next(iter(joined), None) or story_id(self._watchlist, article.id)
        others = dict.fromkeys(other for other in linked if other != story and self.running(other, now))
        return Place(story, best.of or nearest, tuple(others))

    def told(self, stories: Iterable[str], language: str) -> bool:
        """Tell whether any of the stories was told in a language."""
        return any(language in self._stories[story].languages for story in stories if story in self._stories)

    def tellers(self, stories: Iterable[str], language: str) -> frozenset[str]:
        """Return the articles that told any of the stories in a language."""
        known = [self._stories[story].languages.get(language, ()) for story in stories if story in self._stories]
        return frozenset().union(*known)

    def add(
        self, story: str, outlet: str, now: datetime, told: tuple[str, str] | None = None, parallel: Sequence[str] = ()
    ) -> None:
        """Note that an outlet reported on a story, and which others tell the same.

        `told` is a language and the article that told the story in it, if it did.
        """
        known = self._stories.setdefault(story, Story(now))
        known.last = now
        for other in parallel:
            if other in self._stories:
                _join(self._stories[other].languages, known.languages)
                known.languages = self._stories[other].languages
        if told:
            _join(known.languages, {told[0]: [told[1]]})
        if len(known.outlets) < MAX_OUTLETS and _hash(outlet) not in known.outlets:
            known.outlets.append(_hash(outlet))
        self._stories.move_to_end(story)
        while len(self._stories) > MAX_STORIES or self._over(now):
            self._stories.popitem(last=False)

    def _over(self, now: datetime) -> bool:
        return now - next(iter(self._stories.values())).last > self._silence


def _join(tellers: dict[str, list[str]], others: Mapping[str, Sequence[str]]) -> None:
    """Add articles by language; of too many in one the middle goes: a reader knows an early one or a late one."""
    for language, articles in others.items():
        known = tellers.setdefault(language, [])
        known += [article for article in articles if article not in known]
        while len(known) > MAX_TELLERS:
            del known[MAX_TELLERS // 2]


def _hash(outlet: str) -> int:
    return zlib.crc32(outlet.encode(errors="surrogatepass"))


def _nearness(overlaps: Sequence[Overlaps], count: int) -> tuple[list[float], list[bool]]:
    """Return what each compared article holds of this one (the mean of the best window and the whole), and whether
    this one holds enough of what it says about an entity to link its story.
    """
    if not overlaps:
        return [0.0] * count, [False] * count
    said = reduce(np.maximum, [one.window_said for one in overlaps]).astype(np.float64)
    back = reduce(np.maximum, [one.window_back for one in overlaps])
    return ((said + overlaps[0].article) / 2).tolist(), (back >= LINK).tolist()
