"""What a rule does about an article: every reason, their order, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.alerts import calmed, decide, gathers, tells
from monitor.alerts.decide import CLEARLY_HIGHER
from monitor.model import (
    Article,
    Condition,
    Decision,
    Digest,
    EntityNovelty,
    Findings,
    Kind,
    Novelty,
    Quiet,
    Reason,
    Rule,
    Silence,
    Told,
)
from tests.alerts.builders import NOW, WATCHLIST, article, found, novelty, rule

HOUR = timedelta(hours=1)
QUIET = Quiet("11:00", "13:00")
DIGEST = Digest(("08:00",), "UTC")


def judge(
    one: Rule | None = None,
    *,
    about: Article | None = None,
    findings: Findings | None = None,
    news: Novelty | None = None,
    told: Told | None = None,
    silences: tuple[Silence, ...] = (),
    now: datetime = NOW,
    silent: bool = False,
) -> Decision | None:
    """Decide with defaults under which the rule alerts."""
    return decide(
        WATCHLIST,
        one or rule(),
        about or article(),
        findings or found(),
        news or novelty(),
        told or Told(),
        silences,
        now,
        silent=silent,
    )


def silence(**parts: Any) -> Silence:
    """A silence that is on for another hour."""
    return Silence(1, parts.pop("until", NOW + HOUR), "ida", "on leave", **parts)


def outcome(decision: Decision | None) -> tuple[str, Reason]:
    """The action with its reason."""
    assert decision is not None
    return decision.action, decision.reason


def test_news_alerts() -> None:
    """What is new enough alerts at once, and the decision says by whom, how much and what kind."""
    assert judge() == Decision("box", "News", "alert", Reason.NEW, ("anna",), 0.8, Kind.FIRST)


def test_nobody_there_is_no_decision() -> None:
    """A rule whose `when` does not hold decides nothing."""
    assert judge(rule("omar")) is None


@pytest.mark.parametrize(("score", "expected"), [(0.5, Reason.NEW), (0.49, Reason.NOT_NOVEL)])
def test_threshold(score: float, expected: Reason) -> None:
    """`at_least` includes its own value."""
    assert outcome(judge(news=novelty(score)))[1] is expected


def test_kinds() -> None:
    """With `kinds`, any other kind is suppressed for its kind, however high its score."""
    only = rule(kinds=(Kind.DEVELOPMENT,))
    assert outcome(judge(only)) == ("suppress", Reason.KIND)
    assert outcome(judge(only, news=novelty(0.8, Kind.DEVELOPMENT))) == ("alert", Reason.NEW)


def test_the_best_of_those_who_satisfied_decides() -> None:
    """A rule does not ring for somebody else's news, and rings for the best of its own people."""
    news = novelty(anna=(0.1, Kind.BACKGROUND), omar=(0.9, Kind.FIRST), selim=(0.6, Kind.DEVELOPMENT))
    three = found("anna", "omar", "selim")
    assert outcome(judge(rule("anna"), findings=three, news=news)) == ("suppress", Reason.NOT_NOVEL)
    either = judge(rule(when=Condition(any=("anna", "selim"))), findings=three, news=news)
    assert either is not None
    assert (either.score, either.kind, either.entities) == (0.6, Kind.DEVELOPMENT, ("anna", "selim"))


def test_an_entity_that_nobody_judged_counts_as_the_article() -> None:
    """Where the memory has no word on the rule's entities, the article's own score decides."""
    assert outcome(judge(news=novelty(0.7, omar=(0.1, Kind.COPY)))) == ("alert", Reason.NEW)


COPY = EntityNovelty(0.05, Kind.COPY, of="earlier", of_score=0.9, of_kind=Kind.FIRST)


@pytest.mark.parametrize(
    ("one", "told", "expected"),
    [
        (COPY, Told(), ("alert", Reason.NEW)),
        (COPY, Told(frozenset({"earlier"})), ("suppress", Reason.NOT_NOVEL)),
        (COPY, Told(frozenset({"another"})), ("alert", Reason.NEW)),
        (replace(COPY, kind=Kind.RETELLING), Told(), ("alert", Reason.NEW)),
        (replace(COPY, kind=Kind.BACKGROUND), Told(), ("suppress", Reason.NOT_NOVEL)),
        (replace(COPY, of=None), Told(), ("suppress", Reason.NOT_NOVEL)),
        (replace(COPY, of_score=0.3), Told(), ("suppress", Reason.NOT_NOVEL)),
    ],
)
def test_a_copy_of_what_was_never_told_is_news(one: EntityNovelty, told: Told, expected: tuple[str, Reason]) -> None:
    """A copy or retelling is judged as what it repeats, if this rule's reader was never shown that."""
    assert outcome(judge(news=novelty(anna=one), told=told)) == expected


@pytest.mark.parametrize("kind", [Kind.FIRST, Kind.DEVELOPMENT, None])
def test_a_copy_of_what_was_never_told_has_its_kind(kind: Kind | None) -> None:
    """Judged as what it repeats, a copy has the original's score and kind; its own kind where that is not known."""
    decision = judge(news=novelty(anna=replace(COPY, of_kind=kind)))
    assert decision is not None
    assert (decision.score, decision.kind) == (0.9, kind or Kind.COPY)


def test_a_copy_is_worth_no_less_than_itself() -> None:
    """An original worth less than its own retelling does not lower it."""
    one = EntityNovelty(0.7, Kind.RETELLING, of="earlier", of_score=0.2, of_kind=Kind.BACKGROUND)
    decision = judge(news=novelty(anna=one))
    assert decision is not None
    assert (decision.action, decision.score, decision.kind) == ("alert", 0.7, Kind.RETELLING)


def test_baseline() -> None:
    """What only warms the memory never alerts."""
    assert outcome(judge(silent=True)) == ("suppress", Reason.BASELINE)


@pytest.mark.parametrize(
    ("revision", "wish", "known", "expected"),
    [
        (1, "ignore", True, ("suppress", Reason.REVISION)),
        (1, "ignore", False, ("alert", Reason.NEW)),
        (1, "alert", True, ("alert", Reason.NEW)),
        (0, "ignore", True, ("alert", Reason.NEW)),
    ],
)
def test_revisions(revision: int, wish: str, known: bool, expected: tuple[str, Reason]) -> None:
    """A new text of an article that the reader knows alerts only where the rule asks for revisions."""
    told = Told(frozenset({"article-1"} if known else ()))
    assert outcome(judge(rule(revisions=wish), about=article(revision=revision), told=told)) == expected


@pytest.mark.parametrize(
    ("parts", "silenced"),
    [
        ({}, True),
        ({"watchlist": "box"}, True),
        ({"watchlist": "other"}, False),
        ({"rule": "News"}, True),
        ({"rule": "Other"}, False),
        ({"entity": "anna"}, True),
        ({"entity": "omar"}, False),
        ({"source": "news.example"}, True),
        ({"source": "other.example"}, False),
        ({"story": "tale"}, True),
        ({"story": "another"}, False),
        ({"rule": "News", "story": "another"}, False),
        ({"until": NOW}, False),
        ({"until": NOW - HOUR}, False),
        ({"until": NOW + timedelta(microseconds=1)}, True),
    ],
)
def test_silences(parts: dict[str, Any], silenced: bool) -> None:
    """A silence holds until its time, for everything that all of its parts name."""
    expected = ("suppress", Reason.SILENCED) if silenced else ("alert", Reason.NEW)
    assert outcome(judge(silences=(silence(**parts),))) == expected


def test_a_silenced_entity_is_as_if_it_were_not_there() -> None:
    """A rule on either of two goes on with the other's news; a rule on both falls silent with one."""
    news, both = novelty(anna=(0.9, Kind.FIRST), omar=(0.6, Kind.DEVELOPMENT)), found("anna", "omar")
    either, mute = rule(when=Condition(any=("anna", "omar"))), (silence(entity="anna"),)
    left = judge(either, findings=both, news=news, silences=mute)
    assert left is not None
    assert (left.action, left.score, left.entities) == ("alert", 0.6, ("omar",))
    assert outcome(judge(rule("anna", "omar"), findings=both, news=news, silences=mute))[1] is Reason.SILENCED
    dull = novelty(anna=(0.9, Kind.FIRST), omar=(0.2, Kind.BACKGROUND))
    assert outcome(judge(either, findings=both, news=dull, silences=mute))[1] is Reason.SILENCED


def test_what_would_not_ring_is_not_counted_as_silenced() -> None:
    """A silence is the reason only where there would have been an alert."""
    assert outcome(judge(news=novelty(0.2), silences=(silence(),)))[1] is Reason.NOT_NOVEL


@pytest.mark.parametrize(
    ("ago", "kind", "score", "rings"),
    [
        (HOUR, Kind.FIRST, 0.9, False),
        (2 * HOUR, Kind.FIRST, 0.6, True),
        (2 * HOUR - timedelta(seconds=1), Kind.FIRST, 0.6, False),
        (HOUR, Kind.DEVELOPMENT, 0.6 + CLEARLY_HIGHER, True),
        (HOUR, Kind.DEVELOPMENT, 0.6 + CLEARLY_HIGHER - 0.01, False),
        (-HOUR, Kind.FIRST, 0.9, False),
        (-3 * HOUR, Kind.FIRST, 0.6, True),
        (-timedelta(days=3650), Kind.FIRST, 0.6, True),
    ],
)
def test_cooldown(ago: timedelta, kind: Kind, score: float, rings: bool) -> None:
    """A story rests after an alert, unless a development is clearly higher; a clock set back ends no rest for ever."""
    told = Told(last_alert=NOW - ago, last_score=0.6)
    expected = ("alert", Reason.NEW) if rings else ("suppress", Reason.COOLDOWN)
    assert outcome(judge(rule(cooldown=2 * HOUR), news=novelty(score, kind), told=told)) == expected


def test_no_cooldown() -> None:
    """Without a cooldown a story may ring every minute, and its first alert never waits."""
    assert outcome(judge(told=Told(last_alert=NOW)))[1] is Reason.NEW
    assert outcome(judge(rule(cooldown=HOUR)))[1] is Reason.NEW


@pytest.mark.parametrize(
    ("changes", "today", "reason", "until"),
    [
        ({"budget": 2}, 1, Reason.NEW, None),
        ({"budget": 2}, 2, Reason.BUDGET, "2026-03-11T00:00"),
        ({"budget": 0}, 0, Reason.BUDGET, "2026-03-11T00:00"),
        ({"budget": 2, "digest": DIGEST}, 1, Reason.NEW, None),
        ({"budget": 2, "digest": DIGEST}, 2, Reason.BUDGET, "2026-03-11T08:00"),
        ({"digest": DIGEST}, 0, Reason.DIGEST, "2026-03-11T08:00"),
        ({"quiet": QUIET}, 0, Reason.QUIET, "2026-03-10T13:00"),
        ({"quiet": QUIET, "budget": 1}, 0, Reason.QUIET, "2026-03-10T13:00"),
        ({"quiet": QUIET, "budget": 1}, 1, Reason.BUDGET, "2026-03-11T00:00"),
        ({"quiet": Quiet("07:00", "09:30"), "digest": DIGEST}, 0, Reason.DIGEST, "2026-03-11T09:30"),
        ({"quiet": Quiet("22:00", "06:30", "Europe/Istanbul"), "budget": 0}, 0, Reason.BUDGET, "2026-03-11T03:30"),
    ],
)
def test_times(changes: dict[str, Any], today: int, reason: Reason, until: str | None) -> None:
    """The first of a day leave at once, the rest with the digest; nothing leaves in quiet hours."""
    decision = judge(rule(**changes), told=Told(alerts_today=today))
    due = datetime.fromisoformat(until + "+00:00") if until else None
    assert decision is not None
    assert (decision.action, decision.reason, decision.until) == ("hold" if due else "alert", reason, due)
    assert gathers(decision) is (reason in {Reason.BUDGET, Reason.DIGEST})


def test_the_order_of_reasons() -> None:
    """With everything against it, an article is suppressed for the first reason of the order; each gone, the next."""
    against = rule(kinds=(Kind.DEVELOPMENT,), cooldown=HOUR, budget=0, digest=DIGEST, quiet=QUIET)
    old, told = article(revision=1), Told(frozenset({"article-1"}), NOW, 0.8, 5)
    mute, bad = (silence(),), novelty(0.1)
    assert outcome(judge(against, about=old, news=bad, told=told, silences=mute, silent=True))[1] is Reason.BASELINE
    assert outcome(judge(against, about=old, news=bad, told=told, silences=mute))[1] is Reason.REVISION
    assert outcome(judge(against, news=bad, told=told, silences=mute))[1] is Reason.KIND
    open_kinds = replace(against, kinds=())
    assert outcome(judge(open_kinds, news=bad, told=told, silences=mute))[1] is Reason.NOT_NOVEL
    assert outcome(judge(open_kinds, told=told, silences=mute))[1] is Reason.SILENCED
    assert outcome(judge(open_kinds, told=told))[1] is Reason.COOLDOWN
    assert outcome(judge(open_kinds, told=replace(told, last_alert=None)))[1] is Reason.BUDGET


@pytest.mark.parametrize(
    ("action", "reason", "one", "told", "knows"),
    [
        ("alert", Reason.NEW, COPY, (), True),
        ("hold", Reason.QUIET, COPY, (), True),
        ("suppress", Reason.BASELINE, COPY, (), True),
        ("suppress", Reason.REVISION, COPY, (), True),
        ("suppress", Reason.NOT_NOVEL, COPY, ("earlier",), True),
        ("suppress", Reason.KIND, COPY, ("earlier",), True),
        ("suppress", Reason.NOT_NOVEL, COPY, (), False),
        ("suppress", Reason.NOT_NOVEL, EntityNovelty(0.3, Kind.DEVELOPMENT), (), False),
        ("suppress", Reason.NOT_NOVEL, EntityNovelty(0.3, Kind.BACKGROUND, of="earlier"), ("earlier",), False),
        ("suppress", Reason.COOLDOWN, EntityNovelty(0.8, Kind.DEVELOPMENT), (), False),
        ("suppress", Reason.SILENCED, EntityNovelty(0.8, Kind.FIRST), (), False),
    ],
)
def test_tells(action: Any, reason: Reason, one: EntityNovelty, told: tuple[str, ...], knows: bool) -> None:
    """The reader knows what was shown, what was there before, and repetitions of what was shown; nothing else."""
    decision = Decision("box", "News", action, reason, ("anna",))
    assert tells(decision, novelty(anna=one), Told(frozenset(told))) is knows


def test_an_article_with_anything_unshown_is_not_told() -> None:
    """A repetition for one entity that brings something else for another is not known to the reader."""
    decision = Decision("box", "News", "suppress", Reason.NOT_NOVEL, ("anna", "omar"))
    told = Told(frozenset({"earlier"}))
    assert not tells(decision, novelty(anna=COPY, omar=EntityNovelty(0.4, Kind.DEVELOPMENT)), told)
    assert tells(decision, novelty(anna=COPY, omar=EntityNovelty(0.1, Kind.BACKGROUND)), told)


def test_flood_breaker() -> None:
    """One alert too many within a minute is held for one digest at the next full five minutes."""
    decision = judge()
    assert decision is not None
    recent = [NOW - timedelta(seconds=second) for second in (59, 30, 0)]
    assert calmed(decision, recent, NOW, 4) == decision
    held = calmed(decision, recent, NOW + timedelta(milliseconds=1), 3)
    assert (held.action, held.reason, held.until) == ("hold", Reason.FLOOD, NOW + timedelta(minutes=5))
    assert gathers(held)
    assert calmed(decision, recent, NOW + timedelta(seconds=1), 3) == decision
    assert calmed(decision, [NOW + timedelta(seconds=1)] * 9, NOW, 3) == decision


def test_flood_breaker_leaves_what_does_not_ring() -> None:
    """What is suppressed or held already stays as it was decided."""
    for decision in (judge(silent=True), judge(rule(digest=DIGEST))):
        assert decision is not None
        assert calmed(decision, [NOW] * 9, NOW, 3) == decision
