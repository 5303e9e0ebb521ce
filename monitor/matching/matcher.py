"""The matcher: an article in, findings out.

fields -> view -> hits -> found patterns -> context -> matches and rejections
"""

from __future__ import annotations

from monitor.matching.lexicon import Grade, Lexicon
from monitor.matching.names import Finder, Found
from monitor.matching.scan import Fields, View, fields, view
from monitor.model import Article, Findings, Match, Mention, Rejection, Watchlist, Zone
from monitor.text.fold import steps
from monitor.text.zones import zones


class Matcher:
    """Reads articles for one watchlist. Built once; `match` is pure and may be called from any thread."""

    def __init__(self, watchlist: Watchlist) -> None:
        """Compile a watchlist."""
        self.watchlist = watchlist
        self._lexicon = Lexicon(watchlist)
        self._finder = Finder(self._lexicon)

    def match(self, article: Article) -> Findings:
        """Return which entities an article speaks of, where, and why; and what only looked like them."""
        joined = fields(article)
        seen = view(joined.text)
        hits = self._finder.hits(seen)
        if not hits:
            return Findings()
        found = self._finder.find(seen, hits)
        if not found:
            return Findings()
        return self._decide(article, joined, seen, found)

    def _decide(self, article: Article, joined: Fields, seen: View, found: list[Found]) -> Findings:
        regions = zones(article)
        full = {hit.pattern.entity for hit in found if hit.pattern.grade <= Grade.STRONG}
        mentions: dict[int, list[Mention]] = {}
        rejected: list[Rejection] = []
        for hit in found:
            field, start, end = joined.locate(*seen.span(hit.first, hit.last, hit.skip))
            surface = article.text(field)[start:end]
            zone = regions.at(field, start)
            entity = self._lexicon.entities[hit.pattern.entity]
            if zone is Zone.BOILERPLATE or hit.pattern.entity not in full:
                why = (
                    "stands in a list of other articles"
                    if zone is Zone.BOILERPLATE
                    else "a common word without evidence"
                )
                rejected.append(Rejection(self.watchlist.id, entity.id, field, start, end, surface, why))
                continue
            said = (*steps(surface), *((hit.pattern.rule,) if hit.pattern.rule else ()), *hit.rules)
            mention = Mention(field, start, end, surface, hit.pattern.alias, zone, "name", said)
            mentions.setdefault(hit.pattern.entity, []).append(mention)
        matches = tuple(
            Match(self.watchlist.id, self._lexicon.entities[number].id, "name", tuple(rows), ("named in full",))
            for number, rows in mentions.items()
        )
        return Findings(matches, tuple(rejected))
