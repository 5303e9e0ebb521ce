"""The next poll: a pure function that adapts both ways, obeys the server, and never gives a feed up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.schedule import ASKED_CAP, LONGEST, SHORTEST, Hints, Outcome, next_poll, stale
from tests.feeds.builders import NOW, a_state

QUARTER = timedelta(minutes=15)
NO_HINTS = Hints()


def wait(outcome: Outcome, hints: Hints = NO_HINTS, **state: object) -> timedelta:
    """Return how long the feed waits."""
    return next_poll(a_state(**({"baseline": False} | state)), outcome, hints, NOW)[0] - NOW  # type: ignore[arg-type]


def interval(outcome: Outcome, **state: object) -> timedelta:
    """Return the interval that is remembered."""
    return next_poll(a_state(**({"baseline": False} | state)), outcome, NO_HINTS, NOW)[1]  # type: ignore[arg-type]


@pytest.mark.parametrize(("fresh", "shorter"), [(30, True), (8, True), (3, True), (1, None), (0, False)])
def test_interval_adapts_both_ways(fresh: int, shorter: bool | None) -> None:
    """Much new is asked sooner, nothing new later, one new entry as before."""
    found = interval(Outcome(fresh=fresh, items=30))
    assert (found < QUARTER) is (shorter is True)
    assert (found > QUARTER) is (shorter is False)


def test_interval_stays_between_two_minutes_and_a_day() -> None:
    """However busy or silent, there is a floor and a ceiling."""
    busy, silent = QUARTER, QUARTER
    for _ in range(100):
        busy = interval(Outcome(fresh=30, items=30), interval=busy)
        silent = interval(Outcome(), interval=silent)
    assert (busy, silent) == (SHORTEST, LONGEST)


def test_baseline_does_not_count_as_news() -> None:
    """The first document is all new, and says nothing of the feed's rhythm."""
    assert interval(Outcome(fresh=30, items=30), baseline=True) == QUARTER


def test_wish_of_the_operator_stands() -> None:
    """`every` does not adapt, and may be shorter than the floor."""
    assert interval(Outcome(fresh=30, items=30), feed_every=timedelta(seconds=5)) == timedelta(seconds=5)


@pytest.mark.parametrize(
    "hints",
    [Hints(ttl=7200), Hints(max_age=7200), Hints(expires=7200), Hints(retry_after=7200), Hints(7200, 60, 60, 60)],
)
def test_the_largest_of_all_hints_counts(hints: Hints) -> None:
    """Whoever asks for the longest pause gets it."""
    assert timedelta(hours=2) <= wait(Outcome(fresh=1, items=30), hints) <= timedelta(hours=2.2)


def test_hints_shorter_than_the_interval_do_not_hurry() -> None:
    """A max-age of a minute is no wish to be asked each minute."""
    assert wait(Outcome(fresh=1, items=30), Hints(ttl=60, max_age=60, expires=0)) >= QUARTER


def test_hints_are_capped() -> None:
    """A year of Cache-Control is a day, a year of Retry-After a week."""
    assert wait(Outcome(), Hints(max_age=31_536_000)) <= LONGEST * 1.1
    assert wait(Outcome(), Hints(retry_after=31_536_000)) == ASKED_CAP


def test_failures_double_up_to_a_day_and_never_end() -> None:
    """A dead feed is asked daily for ever."""
    waits = [wait(Outcome(failed=True), failures=n) for n in (0, 1, 2, 3, 50, 10_000)]
    assert waits == sorted(waits)
    assert waits[1] >= 1.8 * waits[0]
    assert waits[-1] <= LONGEST * 1.1


def test_failure_keeps_the_interval() -> None:
    """A night of failures does not make a busy feed a slow one."""
    assert next_poll(a_state(failures=5), Outcome(failed=True), NO_HINTS, NOW)[1] == QUARTER


def test_retry_after_of_a_failure_is_kept() -> None:
    """429 for three hours is three hours."""
    assert wait(Outcome(failed=True), Hints(retry_after=10_800)) >= timedelta(hours=3)


def test_short_wish_backs_off_from_itself() -> None:
    """A feed that is asked each five seconds fails in small steps first."""
    assert wait(Outcome(failed=True), feed_every=timedelta(seconds=5)) <= timedelta(seconds=6)


def test_busy_comes_again_within_a_minute() -> None:
    """A crowded host is nobody's failure."""
    assert wait(Outcome(failed=True, busy=True), failures=9) <= timedelta(minutes=1)


def test_skipped_hours_and_days_are_kept() -> None:
    """A feed that rests at noon and on Saturdays is asked on Sunday."""
    later = next_poll(a_state(baseline=False), Outcome(), Hints(skip_hours=(12, 13)), NOW)[0]
    assert (later.hour, later.date()) == (14, NOW.date())
    sunday = next_poll(a_state(baseline=False), Outcome(), Hints(skip_days=(5,)), NOW)[0]
    assert (sunday.weekday(), sunday.hour) == (6, 0)


def test_feed_that_always_rests_is_asked_all_the_same() -> None:
    """Nonsense from a feed does not silence it."""
    assert wait(Outcome(), Hints(skip_hours=tuple(range(24)))) <= timedelta(days=9)


def test_jitter_parts_feeds_and_is_reproducible() -> None:
    """Two feeds asked together part; the same feed at the same time gets the same answer."""
    first, again, other = (
        next_poll(a_state(url, baseline=False), Outcome(), NO_HINTS, NOW)[0]
        for url in ("https://a.example.org/", "https://a.example.org/", "https://b.example.org/")
    )
    assert first == again != other


@given(
    fresh=st.integers(0, 2000),
    items=st.integers(0, 2000),
    failed=st.booleans(),
    hint=st.one_of(st.none(), st.floats(allow_nan=False)),
    failures=st.integers(0, 10**6),
    minutes=st.integers(0, 10**6),
)
def test_next_poll_is_always_ahead_and_never_lost(
    fresh: int, items: int, failed: bool, hint: float | None, failures: int, minutes: int
) -> None:
    """Whatever a feed says or does, it is asked again, later than now and within nine days."""
    state = a_state(failures=failures, interval=timedelta(minutes=minutes), baseline=False)
    when, remembered = next_poll(state, Outcome(fresh, items, failed), Hints(hint, hint, hint, hint), NOW)
    assert when > NOW
    if minutes <= 1440:
        assert when <= NOW + timedelta(days=9)
    assert failed or SHORTEST <= remembered <= LONGEST


def test_stale_feeds_are_told() -> None:
    """Longer without success than asked and than five polls take is worth a look; a quiet feed is not stale."""
    after, ago = timedelta(hours=24), NOW - timedelta(hours=25)
    assert stale(a_state(failures=1, last_success=ago), NOW, after)
    assert not stale(a_state(failures=0, last_success=ago), NOW, after)
    assert not stale(a_state(failures=9, last_success=ago), NOW, timedelta(hours=26))
    assert not stale(a_state(failures=9, last_success=ago, interval=timedelta(hours=6)), NOW, after)
    for ended in ({"feed_paused": True}, {"retired": True}):
        assert not stale(a_state(failures=9, last_success=ago, **ended), NOW, after)


def test_a_feed_that_never_answered_is_stale_after_five_tries() -> None:
    """One failure of a new feed is no news; five are, however long each took."""
    assert not stale(a_state(failures=4, last_poll=NOW), NOW, timedelta(hours=24))
    assert stale(a_state(failures=5, last_poll=NOW), NOW, timedelta(hours=24))
