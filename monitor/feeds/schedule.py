"""When to ask a feed again: a pure function of what it said, what it gave, and how it fared.

    success: the largest of (interval, ttl, max-age, Expires, Retry-After), then out of skipped hours, then jitter
    failure: the interval doubled for each failure in a row up to a day, never for ever; Retry-After always kept

The interval adapts both ways to the share of new entries, between two minutes and a day.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.records import FeedState

SHORTEST = timedelta(minutes=2)
LONGEST = timedelta(days=1)
START = timedelta(minutes=15)
HINT_CAP = timedelta(days=1)
ASKED_CAP = timedelta(days=7)
FIRST_RETRY = timedelta(minutes=2)
BUSY = timedelta(seconds=30)
JITTER = 0.1
NEVER_ANSWERED = 5
HEALTH = ("healthy", "failing", "paused", "retired", "new")


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed's answer says of its own rhythm; durations in seconds, hours in UTC, days from Monday."""

    ttl: float | None = None
    max_age: float | None = None
    expires: float | None = None
    retry_after: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a poll gave: `fresh` new entries of `items` in the document; `failed` tells of a fault.

    `busy` is a failure of ours: the host was being asked by too many feeds, so the feed comes again shortly.
    """

    fresh: int = 0
    items: int = 0
    failed: bool = False
    busy: bool = False


def next_poll(state: FeedState, outcome: Outcome, hints: Hints, now: datetime) -> tuple[datetime, timedelta]:
    """Return (when to ask next, the interval to remember)."""
    if outcome.busy:
        return now + _spread(BUSY, state.feed.url, now), state.interval
    if outcome.failed:
        return now + _spread(_after_failure(state, hints), state.feed.url, now), state.interval
    interval = _interval(state, outcome, now)
    said = [_capped(seconds, HINT_CAP) for seconds in (hints.ttl, hints.max_age, hints.expires)]
    wait = _spread(max([interval, *said]), state.feed.url, now)
    return _not_skipped(now + max(wait, _capped(hints.retry_after, ASKED_CAP)), hints), interval


def health(state: FeedState) -> str:
    """Name a feed's state in one word, one of `HEALTH`."""
    if state.retired:
        return "retired"
    if state.feed.paused:
        return "paused"
    if state.failures:
        return "failing"
    return "new" if state.baseline else "healthy"


def stale(state: FeedState, now: datetime, after: timedelta) -> bool:
    """Tell whether a feed should have answered and has not: neither for `after` nor for five polls' time.

    One that never answered has been asked five times in vain.
    """
    if state.feed.paused or state.retired or not state.failures:
        return False
    if state.last_success is None:
        return state.failures >= NEVER_ANSWERED
    return now - state.last_success > max(after, 5 * state.interval)


def _interval(state: FeedState, outcome: Outcome, now: datetime) -> timedelta:
    """Adapt: much new halves the interval, nothing new lengthens it; the operator's own wish stands."""
    if state.feed.every is not None:
        return state.feed.every
    current = min(max(state.interval, SHORTEST), LONGEST)
    if state.baseline:
        return current
    share = outcome.fresh / outcome.items if outcome.items else 0.0
    if share >= 0.5:
        factor = 0.4
    elif share >= 0.2:
        factor = 0.6
    elif outcome.fresh > 1:
        factor = 0.8
    elif outcome.fresh == 1:
        factor = 1.0
    else:
        factor = 1.15
    return min(max(current * factor, SHORTEST), LONGEST)


def _after_failure(state: FeedState, hints: Hints) -> timedelta:
    """Double with each failure in a row; a feed that is dead for long is still asked daily."""
    base = state.feed.every or max(state.interval, FIRST_RETRY)
    wait = min(base * float(2 ** min(state.failures, 12)), LONGEST)
    return max(wait, _capped(hints.retry_after, ASKED_CAP))


def _capped(seconds: float | None, cap: timedelta) -> timedelta:
    return timedelta(0) if seconds is None else min(timedelta(seconds=max(0.0, min(seconds, 1e8))), cap)


def _spread(wait: timedelta, url: str, now: datetime) -> timedelta:
    """Add up to a tenth, so that feeds that were asked together are not asked together for ever.

    The jitter is a hash of feed and time: the same input gives the same answer.
    """
    number = hashlib.blake2b(f"{url} {now.timestamp():.0f}".encode(), digest_size=4).digest()
    return wait * (1 + JITTER * int.from_bytes(number) / 2**32)


def _not_skipped(when: datetime, hints: Hints) -> datetime:
    """Move a time out of the hours and days in which the feed says that it rests."""
    for _ in range(24 * 8):
        if when.hour not in hints.skip_hours and when.weekday() not in hints.skip_days:
            return when
        when = when.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return when
