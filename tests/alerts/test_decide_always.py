"""What holds of every decision, whatever the rule, the news, what was told, and the time."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import day_start, gathers
from monitor.alerts.hours import quiet_until
from monitor.model import Digest, EntityNovelty, Kind, Quiet, Reason, Rule, Silence, Told
from tests.alerts.builders import MOMENTS, NOW, article, novelty, rule
from tests.alerts.test_decide import judge, silence

zones = st.sampled_from(
    ["UTC", "Europe/Istanbul", "Europe/Berlin", "America/New_York", "Asia/Beirut", "Asia/Kathmandu"]
)
clock = st.times().map(lambda at: f"{at:%H:%M}")
unit = st.floats(0, 1)
judged = st.builds(
    EntityNovelty, unit, st.sampled_from(Kind), st.sampled_from([None, "earlier"]), unit, st.sampled_from(Kind)
)
rules = st.builds(
    rule,
    at_least=unit,
    kinds=st.lists(st.sampled_from(Kind), max_size=3).map(tuple),
    cooldown=st.none() | st.timedeltas(timedelta(), timedelta(days=2)),
    budget=st.none() | st.integers(0, 3),
    quiet=st.none() | st.builds(Quiet, clock, clock, zones),
    digest=st.none() | st.builds(Digest, st.lists(clock, min_size=1, max_size=3).map(tuple), zones),
    revisions=st.sampled_from(["alert", "ignore"]),
)
tolds = st.builds(
    Told,
    st.sampled_from([frozenset(), frozenset({"earlier"}), frozenset({"article-1", "earlier"})]),
    st.none() | MOMENTS,
    unit,
    st.integers(0, 4),
)
silences = st.lists(
    st.builds(
        silence, until=MOMENTS, entity=st.sampled_from([None, "anna", "omar"]), story=st.sampled_from([None, "x"])
    ),
    max_size=2,
).map(tuple)


@given(rules, judged, tolds, silences, MOMENTS, st.booleans(), st.integers(0, 1))
def test_what_always_holds(
    one: Rule, entity: EntityNovelty, told: Told, mute: tuple[Silence, ...], now: datetime, silent: bool, revision: int
) -> None:
    """Action and reason agree, a hold ends after now and not in quiet hours, and an alert breaks no rule of its own."""
    decision = judge(
        one,
        about=article(revision=revision),
        news=novelty(anna=entity),
        told=told,
        silences=mute,
        now=now,
        silent=silent,
    )
    assert decision is not None
    held = decision.reason in {Reason.QUIET, Reason.DIGEST, Reason.BUDGET}
    assert (decision.action == "hold") is held
    assert (decision.action == "alert") is (decision.reason is Reason.NEW)
    assert (decision.until is not None) is held
    if decision.until is not None:
        assert decision.until > now
        assert quiet_until(one.quiet, decision.until) == decision.until
    if decision.action != "suppress":
        assert decision.score >= one.at_least
        assert not one.kinds or decision.kind in one.kinds
        assert not silent
        assert all(each.until <= now or each.entity == "omar" or each.story == "x" for each in mute)
    if decision.action == "alert":
        assert quiet_until(one.quiet, now) == now
        assert one.budget is None or told.alerts_today < one.budget
        assert one.budget is not None or one.digest is None


@given(rules, judged, tolds, MOMENTS)
def test_the_same_question_gets_the_same_answer(one: Rule, entity: EntityNovelty, told: Told, now: datetime) -> None:
    """A decision depends on its arguments alone."""
    news = novelty(anna=entity)
    assert judge(one, news=news, told=told, now=now) == judge(one, news=news, told=told, now=now)


@given(st.integers(0, 6), st.lists(st.timedeltas(timedelta(), timedelta(hours=3)), max_size=40), zones, clock, clock)
def test_a_day_of_news(budget: int, gaps: list[timedelta], zone: str, start: str, end: str) -> None:
    """Over a stream of news, nothing is dropped, and never do more than the budget leave at once in one day."""
    one = rule(budget=budget, quiet=Quiet(start, end, zone))
    now, at_once = NOW, {}
    for gap in gaps:
        now += gap
        day = day_start(one, now)
        decision = judge(one, told=Told(alerts_today=at_once.get(day, 0)), now=now)
        assert decision is not None
        assert decision.action != "suppress"
        if not gathers(decision):
            at_once[day] = at_once.get(day, 0) + 1
    assert all(count <= budget for count in at_once.values())


@given(judged, st.sets(st.sampled_from(["earlier", "article-1"])))
def test_being_told_never_makes_news(entity: EntityNovelty, known: set[str]) -> None:
    """Who knows more is never told more."""
    more = judge(news=novelty(anna=entity), told=Told(frozenset(known)))
    less = judge(news=novelty(anna=entity), told=Told())
    assert more is not None
    assert less is not None
    assert more.score <= less.score
    assert less.action == "alert" or more.action != "alert"
