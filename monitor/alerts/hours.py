"""Hours of the day in a place, as instants: quiet hours, digest times, the day that a budget counts.

A wall clock skips an hour in spring and repeats one in autumn. Here a time of the day is the first instant of that
day at which the clock shows it or has jumped past it, so that each happens exactly once a day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.model import Digest, Quiet, Rule

_DAY = timedelta(days=1)


def instant(zone: ZoneInfo, day: date, at: time) -> datetime:
    """Return the first instant (UTC) at which the local clock shows `at` on `day`, or has jumped past it."""
    wall = datetime.combine(day, at)
    late = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)  # in a gap, fold 1 lies before it and fold 0 behind
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            late = middle
        else:
            early = middle
    return late.replace(microsecond=0)


def quiet_until(quiet: Quiet | None, now: datetime) -> datetime:
    """Return when quiet hours end that `now` lies in; `now` itself where none are on."""
    if quiet is None:
        return now
    zone, start, end = ZoneInfo(quiet.timezone), _time(quiet.start), _time(quiet.end)
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        asleep = instant(zone, day, start)
        awake = instant(zone, day + _DAY if end <= start else day, end)
        if start != end and asleep <= now < awake:
            return awake
    return now


def next_digest(digest: Digest, now: datetime) -> datetime:
    """Return the next of the digest's times, strictly after `now`."""
    zone = ZoneInfo(digest.timezone)
    today = now.astimezone(zone).date()
    times = (instant(zone, today + n * _DAY, _time(at)) for n in range(3) for at in digest.at)
    return min(at for at in times if at > now)


def day_start(rule: Rule, now: datetime) -> datetime:
    """Return the start (UTC) of the day that the rule's budget counts: midnight where its reader lives.

    The place is that of the quiet hours, else of the digest, else UTC.
    """
    zone = _home(rule)
    return instant(zone, now.astimezone(zone).date(), time())


def next_day(rule: Rule, now: datetime) -> datetime:
    """Return the end (UTC) of the day that `day_start` began."""
    zone = _home(rule)
    return instant(zone, now.astimezone(zone).date() + _DAY, time())


def _home(rule: Rule) -> ZoneInfo:
    place = rule.quiet or rule.digest
    return ZoneInfo(place.timezone if place else "UTC")


def _time(text: str) -> time:
    return time.fromisoformat(text)
