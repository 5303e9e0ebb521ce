"""The pure middle of the path for one watchlist: article -> findings -> novelty -> decisions -> alerts.

A `Judge` holds what can always be rebuilt from the store (the matcher from the watchlist, the memory from earlier
judgements). `judge` changes nothing; only `remember`, called once its judgement is stored, moves the memory on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerts import compose, decide, gathers, satisfied, tells
from monitor.matching import Matcher
from monitor.model import Article, Decision, Findings, Novelty, Rule, Silence, Told, Watchlist
from monitor.novelty import Memory, NoveltySettings
from monitor.records import Judged, Judgement, Outgoing, Pending
from monitor.text.languages import primary

ToldBy = Callable[[Rule, str, Collection[str]], Told]
"""Looks up what a rule has told about a story: (rule, story id, article ids of interest) -> Told."""


Calm = Callable[[Rule, Article, Decision], Decision]
"""The flood breaker: turns a decision to alert into one to hold while too many come at once."""


def _as_decided(rule: Rule, article: Article, decision: Decision) -> Decision:
    """Break no flood."""
    return decision


@dataclass(slots=True)
class Past:
    """What was judged before. `number` is the last judgement that the memory holds, of that `generation`; `started` is
    set once the store was asked for what came in before.
    """

    memory: Memory
    number: int = 0
    generation: int = 0
    started: bool = False


class Judge:
    """One watchlist, ready to judge."""

    def __init__(self, watchlist: Watchlist, settings: NoveltySettings) -> None:
        """Compile the matcher; the memory starts empty."""
        self.watchlist = watchlist
        self.past = Past(Memory(watchlist, settings))
        self._matcher = Matcher(watchlist)
        self._settings = settings

    def amended(self, watchlist: Watchlist) -> Judge | None:
        """Return a judge of the same entities by these rules, who shares this one's past; None if they are others."""
        if watchlist == self.watchlist:
            return self
        if (watchlist.id, watchlist.entities) != (self.watchlist.id, self.watchlist.entities):
            return None
        other = copy(self)
        other.watchlist = watchlist
        return other

    def read(self, article: Article) -> Findings:
        """Find the watched entities in one article."""
        return self._matcher.match(article)

    def forget(self) -> None:
        """Empty the memory, to fill it again from the store."""
        self.past.memory = Memory(self.watchlist, self._settings)
        self.past.number = 0

    def judge(
        self, pending: Pending, told: ToldBy, silences: Sequence[Silence], now: datetime, calm: Calm = _as_decided
    ) -> Judgement:
        """Judge one article against the memory as it stands; nothing is changed."""
        article = pending.article
        findings = self.read(article)
        novelty = self.past.memory.assess(article, findings, _moment(article, now)) if findings.matches else None
        decisions: list[Decision] = []
        outgoing: list[Outgoing] = []
        knows: dict[str, tuple[str, ...]] = {}
        for rule in self.watchlist.rules if novelty else ():
            assert novelty is not None
            asked = _repeated(novelty) | {article.id}
            # Whatever was there before the reader came counts as read.
            known = Told(frozenset(asked)) if pending.silent else self._known(rule, article, novelty, asked, told)
            decision = decide(
                self.watchlist, rule, article, findings, novelty, known, silences, now, silent=pending.silent
            )
            if decision is None:
                continue
            decision = calm(rule, article, decision)
            decisions.append(decision)
            if tells(decision, novelty, known):
                # Whoever reads this article has read what it repeats.
                knows[rule.name] = (article.id, *sorted(_repeated(novelty)))
            if decision.action != "suppress":
                alert = compose(
                    self.watchlist, rule, decision, article, findings, novelty, now, follows=known.last_alert
                )
                outgoing.append(Outgoing(alert, rule.send_to, hold=decision.until, digest=gathers(decision)))
        return Judgement(
            seq=pending.seq,
            watchlist=self.watchlist.id,
            version=self.watchlist.version,
            article=article.id,
            revision=article.revision,
            judged=now,
            findings=findings,
            novelty=novelty,
            decisions=tuple(decisions),
            outgoing=tuple(outgoing),
            told=knows,
        )

    def _known(self, rule: Rule, article: Article, novelty: Novelty, asked: set[str], told: ToldBy) -> Told:
        """Look up what the rule told; where it wants the first in each language, also whether it had this one."""
        if rule.each_language != "first":
            return told(rule, novelty.story, asked)
        language = primary(article.lang)
        tellers = self.past.memory.tellers(novelty, language)
        known = told(rule, novelty.story, asked | tellers)
        return replace(known, languages=frozenset({language} if tellers & known.articles else ()))

    def remember(self, article: Article, findings: Findings, novelty: Novelty, judged: datetime) -> None:
        """Take a match into the memory; they must come in the order in which they were judged."""
        self.past.memory.remember(article, findings, novelty, _moment(article, judged))


def readable(rule: Rule, judged: Judged) -> set[str]:
    """Return the articles that a rule's reader knows if what was judged there was there before the rule."""
    wanted = satisfied(rule, judged.article, judged.findings)
    return {judged.article.id, *_repeated(judged.novelty)} if wanted else set()


def _moment(article: Article, now: datetime) -> datetime:
    """Return the article's place in time for the memory: when it was first seen, so that a rebuild agrees."""
    return article.first_seen or now


def _repeated(novelty: Novelty) -> set[str]:
    """Return the earlier articles that this one repeats for any of its entities."""
    return {entity.of for entity in novelty.entities.values() if entity.of}
