"""The memory of one watchlist: what its reader has seen, and how a new article compares with it.

    article, findings -> read -> lines per entity -> measures against the memory -> three heads -> score
    -> kind, reasons, what it repeats, what it adds -> story -> Novelty

`assess` only reads; `remember` adds. Rebuilding is calling `remember` for the stored judgements in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor.model import Article, EntityNovelty, Findings, Kind, Novelty, Watchlist
from monitor.novelty import heads, lexical, measures
from monitor.novelty.abroad import Abroad, Account, account
from monitor.novelty.archive import Archive, Bits, Kept, Recall
from monitor.novelty.reading import Reading, read
from monitor.novelty.redundancy import Beside, Own, compare, lay, own
from monitor.novelty.salience import Line, lines, page, profile
from monitor.novelty.stories import Stories, agency
from monitor.novelty.verdict import Case, Examined, judge, unchanged

NEAREST = 8  # articles compared for each question: the whole article, the title, each entity's window


@dataclass(frozen=True, slots=True)
class NoveltySettings:
    """Bounds of a memory: how long and how much is remembered, and after which silence a story is over."""

    max_age: timedelta = timedelta(days=30)
    max_articles: int = 100_000
    story_silence: timedelta = timedelta(days=7)


Read = tuple[Reading, dict[str, tuple[Line, ...]], Own]


@dataclass(frozen=True, slots=True)
class Examination:
    """An article laid beside the memory: all that a judgement rests on."""

    reading: Reading
    own: Own
    kept: list[Kept]
    entities: Mapping[str, Examined]


class Memory:
    """What one watchlist's reader has seen. Not thread-safe; deterministic; bounded by its settings."""

    def __init__(self, watchlist: Watchlist, settings: NoveltySettings | None = None) -> None:
        """Start empty."""
        self.watchlist = watchlist
        self.settings = settings or NoveltySettings()
        self._archive = Archive(self.settings.max_articles)
        self._last: tuple[Article, Findings, Read] | None = None
        self._told: tuple[Reading, Mapping[str, EntityNovelty], datetime, Account | None] | None = None
        self._stories = Stories(watchlist.id, self.settings.story_silence)
        self._abroad = Abroad()

    def assess(self, article: Article, findings: Findings, now: datetime) -> Novelty:
        """Judge an article against what is remembered, without changing it."""
        seen = self.examine(article, findings)
        judged = heads.shipped()
        copied = partial(self._archive.sketched, seen.own.trace.shingles)
        before = self._before(article)
        entities: dict[str, EntityNovelty] = {}
        for entity, found in seen.entities.items():
            chances = judged.chances(found.measures)
            case = Case(entity, seen.reading, found, seen.kept, chances, judged.score(chances), copied)
            entities[entity] = unchanged(case, before) if before else judge(case)
        return self._whole(article, seen, entities, before, now)

    def examine(self, article: Article, findings: Findings) -> Examination:
        """Lay an article beside the memory and measure it, without judging it."""
        reading, chosen, laid = self._read(article, findings)
        information = self._archive.information(laid.keys)
        queries = [(laid.keys[part], information[part]) for part in _parts(laid)]
        kept = [self._archive.ring[serial] for serial in self._archive.nearest(queries, NEAREST)]
        beside = lay(laid, information, [one.trace for one in kept], self._archive.finder)
        recall = self._archive.recall(laid)
        common = measures.against_memory(beside, recall, self._archive)
        common |= page(reading) | lexical.page_voices(reading)
        entities = {e: self._entity(e, reading, found, beside, recall, common) for e, found in chosen.items()}
        return Examination(reading, laid, kept, entities)

    def remember(self, article: Article, findings: Findings, novelty: Novelty, now: datetime) -> None:
        """Add a judged article; a revision stands beside what was remembered of it before."""
        reading, _, laid = self._read(article, findings)
        worth = {e: replace(one, reasons=(), added=(), parts=()) for e, one in novelty.entities.items()}
        self._archive.add(Kept(article.id, now, article.source, novelty.story, laid.trace, worth), laid)
        self._archive.forget(now - self.settings.max_age)
        told = self._account(reading, laid, novelty.entities, now)
        teller = (told.language, article.id) if told else None
        self._stories.add(novelty.story, novelty.agency or article.source, now, teller, novelty.parallel)
        self._abroad.add(told, novelty.story)

    def tellers(self, novelty: Novelty, language: str) -> frozenset[str]:
        """Return the earlier articles that told the story of a judged one, or one parallel to it, in a language."""
        return self._stories.tellers((novelty.story, *novelty.parallel), language)

    def _read(self, article: Article, findings: Findings) -> Read:
        """Read an article; the last one read is kept, because it is remembered right after it is assessed."""
        if self._last is None or self._last[0] is not article or self._last[1] is not findings:
            reading = read(article, findings)
            chosen = {entity: lines(reading, entity) for entity in reading.spots}
            laid = own(reading, {e: [line.sentence for line in found] for e, found in chosen.items()})
            self._last = article, findings, (reading, chosen, laid)
        return self._last[2]

    def _account(
        self, reading: Reading, laid: Own, entities: Mapping[str, EntityNovelty], now: datetime
    ) -> Account | None:
        """Return what the article tells in any language; as above, the last one is kept."""
        told = self._told
        if told is None or told[0] is not reading or told[1] is not entities or told[2] != now:
            told = self._told = reading, entities, now, account(reading, laid.trace.said, entities, now)
        return told[3]

    def _before(self, article: Article) -> Kept | None:
        serial = self._archive.serial_of.get(article.id)
        return self._archive.ring.get(serial) if serial is not None else None

    def _entity(
        self,
        entity: str,
        reading: Reading,
        found: tuple[Line, ...],
        beside: Beside,
        recall: Recall,
        common: Mapping[str, float],
    ) -> Examined:
        numbers = [line.sentence for line in found]
        overlaps = compare(entity, numbers, beside)
        new = measures.newness(entity, numbers, beside, overlaps, recall)
        record = profile(reading, entity)
        record |= common
        record |= measures.window(entity, beside, overlaps, recall, self._archive)
        record |= measures.gather(found, new, overlaps.mass, measures.rarest(overlaps, beside.information))
        record |= lexical.entity_voices(reading, entity)
        return Examined(found, record, new[measures.ART], overlaps)

    def _whole(
        self,
        article: Article,
        seen: Examination,
        entities: Mapping[str, EntityNovelty],
        before: Kept | None,
        now: datetime,
    ) -> Novelty:
        best = max(entities.values(), key=lambda one: one.score, default=EntityNovelty(0.0, Kind.BACKGROUND))
        credit = agency(seen.reading)
        place = self._stories.place(article, seen.kept, [e.overlaps for e in seen.entities.values()], before, best, now)
        told = self._account(seen.reading, seen.own, entities, now)
        parallel = tuple(
            story for story in self._abroad.find(told) if story != place.story and self._stories.running(story, now)
        )
        first = told is not None and not self._stories.told((place.story, *parallel), told.language)
        linked = tuple(dict.fromkeys((*place.linked, *parallel)))
        return Novelty(
            best.score, best.kind, place.story, place.nearest, best.reasons, best.added, entities, linked,
            self._stories.outlets(place.story, credit or article.source), credit, parallel,
            told.language if told and first else None,
        )  # fmt: skip


def _parts(laid: Own) -> list[slice | Bits]:
    """Return what the memory is asked about: the whole article, its title, and what is said about each entity."""
    return [slice(None), laid.title > 0, *(words > 0 for words in laid.said.values())]
