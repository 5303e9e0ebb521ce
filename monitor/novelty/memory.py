"""The memory of one watchlist: what its reader has seen, and how a new article compares with it.

    article, findings -> read -> lines per entity -> measures against the memory -> score, kind, reasons -> Novelty

`assess` only reads; `remember` adds. Rebuilding is calling `remember` for the stored judgements in their order.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Article, EntityNovelty, Findings, Kind, Novelty, Part, Watchlist
from monitor.novelty.reading import Reading, read
from monitor.novelty.redundancy import Trace, Weights, trace
from monitor.novelty.salience import LINE_FEATURES, Line, lines, profile
from monitor.novelty.stories import Story, agency, story_id

_AT = {name: place for place, name in enumerate(LINE_FEATURES)}


@dataclass(frozen=True, slots=True)
class NoveltySettings:
    """Bounds of a memory: how long and how much is remembered, and after which silence a story is over."""

    max_age: timedelta = timedelta(days=30)
    max_articles: int = 100_000
    story_silence: timedelta = timedelta(days=7)


@dataclass(slots=True)
class _Kept:
    trace: Trace
    at: datetime
    worth: Mapping[str, EntityNovelty]


class Memory:
    """What one watchlist's reader has seen. Not thread-safe; deterministic."""

    def __init__(self, watchlist: Watchlist, settings: NoveltySettings | None = None) -> None:
        """Start empty."""
        self.watchlist = watchlist
        self.settings = settings or NoveltySettings()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._stories: dict[str, Story] = {}
        self._counts: Counter[int] = Counter()

    def assess(self, article: Article, findings: Findings, now: datetime) -> Novelty:
        """Judge an article against what is remembered, without changing it."""
        reading = read(article, findings)
        weights = Weights(self._information)
        chosen = {entity: lines(reading, entity) for entity in reading.spots}
        own = trace(reading, {e: [line.sentence for line in found] for e, found in chosen.items()})
        kept = [one for one in self._kept.values() if now - one.at <= self.settings.max_age][-400:]
        near = sorted(((weights.contained(own.keys, one.trace.keys), i) for i, one in enumerate(kept)), reverse=True)
        nearest = kept[near[0][1]] if near and near[0][0] > 0 else None
        entities = {
            entity: self._entity(entity, reading, found, own, [kept[i] for _, i in near[:40]], weights)
            for entity, found in chosen.items()
        }
        best = max(entities.values(), key=lambda one: one.score, default=EntityNovelty(0.0, Kind.BACKGROUND))
        story = self._story(article, near, kept, now)
        credit = agency(article)
        outlets = self._stories[story].outlets if story in self._stories else set()
        return Novelty(
            best.score, best.kind, story, nearest.trace.id if nearest else None, best.reasons, best.added, entities,
            outlets=len(outlets | {credit or article.source}), agency=credit,
        )  # fmt: skip

    def remember(self, article: Article, findings: Findings, novelty: Novelty, now: datetime) -> None:
        """Add a judged article."""
        reading = read(article, findings)
        said = {entity: [line.sentence for line in lines(reading, entity)] for entity in reading.spots}
        kept = _Kept(trace(reading, said, novelty.story), now, novelty.entities)
        old = self._kept.pop(article.id, None)
        if old:
            self._counts.subtract(old.trace.keys)
        self._kept[article.id] = kept
        self._counts.update(kept.trace.keys)
        story = self._stories.setdefault(novelty.story, Story(novelty.story, now))
        story.last = now
        story.outlets.add(novelty.agency or article.source)
        self._forget(now)

    def _forget(self, now: datetime) -> None:
        while self._kept:
            first = next(iter(self._kept))
            if len(self._kept) <= self.settings.max_articles and now - self._kept[first].at <= self.settings.max_age:
                break
            self._counts.subtract(self._kept.pop(first).trace.keys)

    def _information(self, key: int) -> float:
        total = len(self._kept)
        return math.log((total + 101) / (self._counts[key] + 0.3))

    def _story(self, article: Article, near: list[tuple[float, int]], kept: list[_Kept], now: datetime) -> str:
        for share, place in near[:5]:
            story = self._stories.get(kept[place].trace.story)
            if share > 0.4 and story and not story.closed(now, self.settings.story_silence):
                return story.id
        return story_id(self.watchlist.id, article.id)

    def _entity(self, entity: str, reading: Reading, found: tuple[Line, ...], own: Trace, near: list[_Kept],
                weights: Weights) -> EntityNovelty:  # fmt: skip
        about = profile(reading, entity)
        page = min(1.0, 0.35 + 0.4 * about["a_title"] + 0.6 * about["a_named"] + 0.5 * about["a_say"] / 2)
        best, best_line, best_source = 0.0, None, None
        for line in found:
            keys = reading.sentences[line.sentence].keys
            mass = weights.mass(keys)
            told, source = max(
                ((weights.contained(keys, one.trace.keys, mass), i) for i, one in enumerate(near)), default=(0.0, -1)
            )
            v = line.values
            news = page * (0.4 + 0.3 * max(v[_AT["subject"]], v[_AT["verb_after"]], v[_AT["colon"]]) + 0.2 * v[_AT["day"]]
                           + 0.3 * v[_AT["title"]] - 0.3 * v[_AT["head"]])  # fmt: skip
            value = max(0.0, min(1.0, 1.6 * news)) * (1 - told)
            if best_line is None or value > best:
                best, best_line = value, line
            best_source = source if source >= 0 else best_source
        copied = max(((len(own.shingles & o.trace.shingles) / max(len(own.shingles), 1), i) for i, o in enumerate(near)),
                     default=(0.0, -1))  # fmt: skip
        score = round(min(1.0, best * 1.5), 4)
        if score >= 0.5:
            kind = Kind.DEVELOPMENT if copied[0] > 0.1 else Kind.FIRST
        elif copied[0] > 0.6:
            kind = Kind.COPY
        else:
            kind = Kind.RETELLING if page > 0.7 and near else Kind.BACKGROUND
        of = near[copied[1]].trace.id if kind in {Kind.COPY, Kind.RETELLING} and copied[1] >= 0 else None
        origin = near[copied[1]].worth.get(entity) if of else None
        if origin and origin.of:
            of, of_score, of_kind = origin.of, origin.of_score, origin.of_kind
        else:
            of_score, of_kind = (origin.score, origin.kind) if origin else (0.0, None)
        added: tuple[str, ...] = ()
        if best_line is not None and score >= 0.5:
            sentence = reading.sentences[best_line.sentence]
            added = (reading.article.text(sentence.field)[sentence.start : sentence.end].strip(),)
        return EntityNovelty(score, kind, of, of_score, of_kind, (f"{kind.value}",), added, (Part("page", page, 1.0),))
