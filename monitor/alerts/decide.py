"""What one rule does about one article: alert, hold or suppress, always with a reason of the closed set.

The questions are asked in this order, and the first that answers decides:

    baseline -> revision -> kind -> novelty -> language -> silence -> cooldown
             | budget -> digest -> quiet hours -> alert

Before the bar the answer is to suppress; behind it nothing is dropped any more, only held until a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

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
from monitor.text.languages import primary

#: How much higher than the last alert's a development's score must be to ring during the cooldown.
CLEARLY_HIGHER = 0.15

_BURST, _CALM = timedelta(minutes=1), timedelta(minutes=5)
_REPEATS = frozenset({Kind.COPY, Kind.RETELLING})
_RANK = {kind: rank for rank, kind in enumerate((Kind.BACKGROUND, Kind.COPY, Kind.RETELLING, Kind.DEVELOPMENT))}
_RANK[Kind.FIRST] = len(_RANK)


@dataclass(frozen=True, slots=True)
class Worth:
    """What an article is worth to one rule: the best entity's score and kind, as that rule's reader sees it."""

    score: float
    kind: Kind

    @property
    def rank(self) -> tuple[float, int]:
        """Order by score, then by how new the kind is."""
        return self.score, _RANK[self.kind]


@dataclass(frozen=True, slots=True)
class _Case:
    """What a silence is held against."""

    watchlist: str
    rule: Rule
    article: Article
    findings: Findings
    novelty: Novelty
    told: Told
    now: datetime


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
    case = _Case(watchlist.id, rule, article, findings, novelty, told, now)
    value = worth(entities, novelty, told)
    decision = Decision(watchlist.id, rule.name, "suppress", Reason.NEW, entities, value.score, value.kind)
    against = _baseline_or_revision(rule, article, told, silent=silent) or _dull(rule, value)
    against = against or _told_in_language(rule, article, novelty, told)
    if against is None and silences:
        heard = _heard(case, silences)
        if heard is None:
            against = Reason.SILENCED
        else:
            entities, value = heard
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


def calmed(decision: Decision, recent: Sequence[datetime], now: datetime, limit: int) -> Decision:
    """Turn an alert into part of one digest when more than `limit` came within a minute: the flood breaker.

    `recent` are the times of the decisions to alert of the same rule, or on the same feed, those that were calmed
    included: as long as the burst lasts, so does the breaker. The digest leaves at the next full five minutes, one
    for all that a burst brings until then.
    """
    crowd = sum(timedelta() <= now - at < _BURST for at in recent)
    if decision.action != "alert" or crowd < limit:
        return decision
    due = now - (now - datetime.min.replace(tzinfo=UTC)) % _CALM + _CALM
    return replace(decision, action="hold", reason=Reason.FLOOD, until=due)


def _as_seen(entity: str, novelty: Novelty, told: Told) -> Worth:
    one = novelty.entities[entity]
    if one.kind in _REPEATS and one.of is not None and one.of not in told.articles:
        original = Worth(one.of_score, one.of_kind or one.kind)
        return max(original, Worth(one.score, one.kind), key=lambda value: value.rank)
    return Worth(one.score, one.kind)


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


def _told_in_language(rule: Rule, article: Article, novelty: Novelty, told: Told) -> Reason | None:
    """Tell whether the rule wants the first report in each language only, and this is none or its reader had one."""
    if rule.each_language != "first" or not article.lang:
        return None
    reports = any(one.kind is not Kind.BACKGROUND for one in novelty.entities.values())
    return None if reports and primary(article.lang) not in told.languages else Reason.LANGUAGE


def _heard(case: _Case, silences: Sequence[Silence]) -> tuple[tuple[str, ...], Worth] | None:
    """Ask again as if the silenced entities were not there; return who is left and what they are worth, else None."""
    applying = [silence for silence in silences if _applies(silence, case)]
    muted = {silence.entity for silence in applying}
    if None in muted:
        return None
    left = tuple(match for match in case.findings.matches if match.entity not in muted)
    entities = satisfied(case.rule, case.article, replace(case.findings, matches=left))
    value = worth(entities, case.novelty, case.told)
    return None if not entities or _dull(case.rule, value) else (entities, value)


def _applies(silence: Silence, case: _Case) -> bool:
    return (
        silence.until > case.now
        and silence.watchlist in {None, case.watchlist}
        and silence.rule in {None, case.rule.name}
        and silence.story in {None, case.novelty.story}
        and (silence.source is None or published_by(case.article, silence.source))
    )


def _cooling(rule: Rule, value: Worth, told: Told, now: datetime) -> bool:
    """Tell whether the story rang too short a time ago.

    A last alert that lies further in the future than the cooldown is long is a clock that was wrong, not a reason.
    """
    if rule.cooldown is None or told.last_alert is None or abs(now - told.last_alert) >= rule.cooldown:
        return False
    return not (value.kind is Kind.DEVELOPMENT and value.score >= told.last_score + CLEARLY_HIGHER)


def _timed(rule: Rule, decision: Decision, told: Told, now: datetime) -> Decision:
    """Choose the time of a decision that nothing speaks against: at once, or held for the digest or for waking.

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
    return replace(decision, action="alert")
