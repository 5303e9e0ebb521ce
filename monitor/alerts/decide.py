"""What one rule does about one article: alert, hold or suppress, always with a reason of the closed set.

The questions are asked in this order, and the first that answers decides:

    baseline -> revision -> kind -> novelty -> silence -> cooldown | budget -> digest -> quiet hours -> alert

Before the bar the answer is to suppress; behind it nothing is dropped any more, only held until a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerts.conditions import published_by, satisfied
from monitor.alerts.hours import next_day, next_digest, quiet_until
from monitor.model import (
    Article,
    Decision,
    Findings,
    Kind,
    Novelty,
    Reason,
    Rule,
    Silence,
    Told,
    Watchlist,
)

#: How much higher than the last alert's a development's score must be to ring during the cooldown.
CLEARLY_HIGHER = 0.15

_REPEATS = frozenset({Kind.COPY, Kind.RETELLING})
_RANK = {kind: rank for rank, kind in enumerate((Kind.BACKGROUND, Kind.COPY, Kind.RETELLING, Kind.DEVELOPMENT))}
_RANK[Kind.FIRST] = len(_RANK)


@dataclass(frozen=True, slots=True)
class Worth:
    """What an article is worth to one rule: the best entity's score and kind, as that rule's reader sees it."""

    score: float
    kind: Kind
    entity: str | None = None

    @property
    def rank(self) -> tuple[float, int]:
        """Order by score, then by how new the kind is."""
        return self.score, _RANK[self.kind]


def decide(
    watchlist: Watchlist,
    rule: Rule,
    article: Article,
    findings: Findings,
    novelty: Novelty,
    told: Told,
    silences: Sequence[Silence],
    now: datetime,
    *,
    silent: bool,
) -> Decision | None:
    """Return what the rule does about the article; None where its `when` does not hold.

    `told` is what this rule told about this story, `silent` says that the article only warms the memory.
    `told.alerts_today` counts from `day_start(rule, now)` what went out at once or waits for waking.
    """
    entities = satisfied(rule, article, findings)
    if not entities:
        return None
    value = worth(entities, novelty, told)
    decision = Decision(watchlist.id, rule.name, "suppress", Reason.NEW, entities, value.score, value.kind)
    against = _baseline_or_revision(rule, article, told, silent=silent) or _dull(rule, value)
    if against is None and silences:
        spared = _silenced(watchlist, rule, article, findings, novelty, told, silences, now)
        if isinstance(spared, Reason):
            against = spared
        else:
            entities, value = spared
            decision = replace(decision, entities=entities, score=value.score, kind=value.kind)
    if against is None and _cooling(rule, value, told, now):
        against = Reason.COOLDOWN
    if against is not None:
        return replace(decision, reason=against)
    return _timed(rule, decision, told, now)


def worth(entities: Iterable[str], novelty: Novelty, told: Told) -> Worth:
    """Return what the article is worth by the best of the entities.

    A copy or retelling of something that the reader was never shown is worth what it repeats. Where the memory judged
    none of the entities, the article's own score stands: better one alert too many than one lost.
    """
    judged = [_as_seen(entity, novelty, told) for entity in entities if entity in novelty.entities]
    return max(judged, key=lambda one: one.rank, default=Worth(novelty.score, novelty.kind))


def tells(decision: Decision, novelty: Novelty, told: Told) -> bool:
    """Tell whether the rule's reader knows the article after this decision.

    That is so if it is shown, now or later, if it was there before the reader came, or if it only repeats what the
    reader was shown. What a silence or a cooldown kept back stays untold: its retelling may ring when they are over.
    """
    if decision.action != "suppress" or decision.reason in {Reason.BASELINE, Reason.REVISION}:
        return True
    judged = [novelty.entities[entity] for entity in decision.entities if entity in novelty.entities]
    repeats = [one for one in judged if one.kind in _REPEATS and one.of in told.articles]
    return bool(repeats) and all(one in repeats or one.kind is Kind.BACKGROUND for one in judged)


def gathers(decision: Decision) -> bool:
    """Tell whether a held alert leaves with others, as one digest, and not by itself."""
    return decision.reason in {Reason.DIGEST, Reason.BUDGET, Reason.FLOOD}


def _as_seen(entity: str, novelty: Novelty, told: Told) -> Worth:
    one = novelty.entities[entity]
    if one.kind in _REPEATS and one.of is not None and one.of not in told.articles:
        original = Worth(one.of_score, one.of_kind or one.kind, entity)
        return max(original, Worth(one.score, one.kind, entity), key=lambda value: value.rank)
    return Worth(one.score, one.kind, entity)


def _baseline_or_revision(rule: Rule, article: Article, told: Told, *, silent: bool) -> Reason | None:
    if silent:
        return Reason.BASELINE
    if article.revision and rule.revisions == "ignore" and article.id in told.articles:
        return Reason.REVISION
    return None


def _dull(rule: Rule, value: Worth) -> Reason | None:
    if rule.kinds and value.kind not in rule.kinds:
        return Reason.KIND
    return Reason.NOT_NOVEL if value.score < rule.at_least else None


def _silenced(
    watchlist: Watchlist,
    rule: Rule,
    article: Article,
    findings: Findings,
    novelty: Novelty,
    told: Told,
    silences: Sequence[Silence],
    now: datetime,
) -> Reason | tuple[tuple[str, ...], Worth]:
    """Ask again as if the silenced entities were not there; return who is left, with what it is worth."""
    muted: set[str] = set()
    for silence in silences:
        if not _applies(silence, watchlist, rule, article, novelty, now):
            continue
        if silence.entity is None:
            return Reason.SILENCED
        muted.add(silence.entity)
    left = tuple(match for match in findings.matches if match.entity not in muted)
    entities = satisfied(rule, article, replace(findings, matches=left))
    value = worth(entities, novelty, told)
    return Reason.SILENCED if not entities or _dull(rule, value) else (entities, value)


def _applies(
    silence: Silence, watchlist: Watchlist, rule: Rule, article: Article, novelty: Novelty, now: datetime
) -> bool:
    return (
        silence.until > now
        and silence.watchlist in {None, watchlist.id}
        and silence.rule in {None, rule.name}
        and silence.story in {None, novelty.story}
        and (silence.source is None or published_by(article, silence.source))
    )


def _cooling(rule: Rule, value: Worth, told: Told, now: datetime) -> bool:
    """Tell whether the story rang too short a time ago.

    A last alert that lies further in the future than the cooldown is long is a clock that was wrong, not a reason.
    """
    if rule.cooldown is None or told.last_alert is None or abs(now - told.last_alert) >= rule.cooldown:
        return False
    return not (value.kind is Kind.DEVELOPMENT and value.score >= told.last_score + CLEARLY_HIGHER)


def _timed(rule: Rule, decision: Decision, told: Told, now: datetime) -> Decision:
    """Choose the time: at once, or held for the digest or for waking.

    With a budget the digest gathers what is above it; without one it gathers everything.
    """
    spent = rule.budget is not None and told.alerts_today >= rule.budget
    if spent or (rule.digest and rule.budget is None):
        due = next_digest(rule.digest, now) if rule.digest else next_day(rule, now)
        reason = Reason.BUDGET if spent else Reason.DIGEST
        return replace(decision, action="hold", reason=reason, until=quiet_until(rule.quiet, due))
    awake = quiet_until(rule.quiet, now)
    if awake > now:
        return replace(decision, action="hold", reason=Reason.QUIET, until=awake)
    return replace(decision, action="alert", reason=Reason.NEW)
