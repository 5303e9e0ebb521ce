"""The matcher: an article in, findings out.

    fields -> view -> hits -> found patterns -> sure names -> titles -> names that need evidence -> matches, rejections

Each step only sees what the ones before it decided. An article without a hit ends after the second.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.matching.context import Judge
from monitor.matching.holders import Meant, Roles
from monitor.matching.known import State, Verdict, World, without_inner
from monitor.matching.lexicon import Lexicon
from monitor.matching.names import Finder
from monitor.matching.own_titles import OwnTitles
from monitor.matching.scan import fields, view
from monitor.matching.scene import Scene
from monitor.matching.titles import Titles, titles
from monitor.model import Article, Findings, Match, Mention, Rejection, Watchlist
from monitor.text.fold import steps


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector away from a compiled list: its millions of values all stay, and hold no cycles.

    Looking through them again and again would double the time to build and halve the speed of reading.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


class Matcher:
    """Reads articles for one watchlist. Built once; `match` is pure and may be called from any thread."""

    def __init__(self, watchlist: Watchlist) -> None:
        """Compile a watchlist."""
        self.watchlist = watchlist
        with _no_collection():
            self._lexicon = Lexicon(watchlist)
            self._finder = Finder(self._lexicon)
            self._world = World.of(self._lexicon)
        self._own_titles = OwnTitles(self._lexicon.entities)
        self._offices = frozenset(office for office, _ in self._world.offices.holders)
        self._tell: dict[str, frozenset[bytes]] = {}

    def match(self, article: Article) -> Findings:
        """Return which entities an article speaks of, where, and why; and what only looked like them."""
        joined = fields(article)
        seen = view(joined.text)
        hits = self._finder.hits(seen)
        scene = Scene(article, joined, seen, self._own_titles, self._offices)
        offices = self._may_name_offices(scene)
        if not hits and not offices:
            return Findings()
        state = State()
        found, decided = without_inner(self._world.worth(self._finder.find(seen, hits)))
        judge = Judge(self._world, scene, state)
        judge.give_away(decided)
        sure, open_ = judge.sure(found)
        meant = Roles(self._world, scene, state, found).decide() if offices else []
        decided += sure + judge.weigh(open_)
        return self._findings(scene, decided, meant)

    def _may_name_offices(self, scene: Scene) -> bool:
        """Tell whether a title can mean anybody: an office is watched, a title may begin, its country is spoken of."""
        if not self._world.offices.holders:
            return False
        table = titles(scene.lang)
        if self._own_titles.may_stand_in(scene.view, table, scene.lang):
            return True
        if table.opening(self._offices).isdisjoint(scene.words):
            return False
        return bool(scene.article.country) or not self._telling(table).isdisjoint(scene.words)

    def _telling(self, table: Titles) -> frozenset[bytes]:
        """Return the words one of which a title needs to mean somebody watched: their countries', or its own."""
        known = self._tell.get(table.code)
        if known is None:
            watched = {country for _, country in self._world.offices.holders}
            known = self._tell[table.code] = table.words_of(watched)
        return known

    def _findings(self, scene: Scene, decided: list[Verdict], meant: list[Meant]) -> Findings:
        mentions: dict[int, list[Mention]] = {}
        evidence: dict[int, list[str]] = {}
        rejected: list[Rejection] = []
        for verdict in decided:
            found = verdict.found
            number = found.pattern.entity
            if not verdict.accepted:
                rejected.append(self._rejection(scene, number, found.first, found.last, found.skip, verdict.why))
                continue
            field, start, end = scene.place(found.first, found.last, found.skip)
            surface = scene.article.text(field)[start:end]
            said = (*steps(surface), *((found.pattern.rule,) if found.pattern.rule else ()), *found.rules)
            zone = scene.zones.at(field, start)
            mention = Mention(field, start, end, surface, found.pattern.alias, zone, "name", said)
            mentions.setdefault(number, []).append(mention)
            evidence.setdefault(number, []).append(verdict.why)
        for role in meant:
            row = role.office
            if not role.accepted:
                rejected.append(self._rejection(scene, role.entity, row.first, row.last, row.skip, role.why))
                continue
            field, start, end = scene.place(row.first, row.last, row.skip)
            surface = scene.article.text(field)[start:end]
            alias = row.name
            mention = Mention(field, start, end, surface, alias, scene.zones.at(field, start), "role", steps(surface))
            mentions.setdefault(role.entity, []).append(mention)
            evidence.setdefault(role.entity, []).append(role.why)
        return Findings(self._matches(mentions, evidence), tuple(rejected))

    def _matches(self, mentions: dict[int, list[Mention]], evidence: dict[int, list[str]]) -> tuple[Match, ...]:
        found = []
        for number in sorted(mentions):
            rows = tuple(sorted(mentions[number], key=_position))
            by_name = any(row.via == "name" for row in rows)
            why = tuple(dict.fromkeys(evidence[number]))
            entity = self._lexicon.entities[number].id
            found.append(Match(self.watchlist.id, entity, "name" if by_name else "role", rows, why))
        return tuple(found)

    def _rejection(self, scene: Scene, number: int, first: int, last: int, skip: int, why: str) -> Rejection:
        field, start, end = scene.place(first, last, skip)
        surface = scene.article.text(field)[start:end]
        return Rejection(self.watchlist.id, self._lexicon.entities[number].id, field, start, end, surface, why)


_ORDER = {"title": 0, "summary": 1, "body": 2}


def _position(mention: Mention) -> tuple[int, int, int]:
    return _ORDER[mention.field], mention.start, mention.end
