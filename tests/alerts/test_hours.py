"""Hours of the day in places whose clocks jump."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import day_start
from monitor.alerts.hours import instant, next_day, next_digest, quiet_until
from monitor.model import Digest, Quiet
from tests.alerts.builders import MOMENTS, rule

ZONES = ("UTC", "Europe/Istanbul", "Europe/Berlin", "America/New_York", "Asia/Beirut", "Africa/Cairo", "Asia/Kathmandu")
ZONES += ("Australia/Lord_Howe", "Pacific/Apia", "America/Havana", "Asia/Tehran", "America/Sao_Paulo")
zones = st.sampled_from(ZONES)
minutes = st.times().map(lambda at: f"{at:%H:%M}")


def at(text: str) -> datetime:
    """Read a time of the tables below."""
    return datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("zone", "day", "clock", "expected"),
    [
        ("Europe/Istanbul", "2026-01-05", "06:30", "2026-01-05T03:30"),
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00"),  # skipped: the moment of the jump
        ("Europe/Berlin", "2026-03-29", "02:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),  # shown twice: the first time
        ("Asia/Beirut", "2026-03-29", "00:00", "2026-03-28T22:00"),  # midnight itself is skipped
        ("Pacific/Apia", "2011-12-30", "08:00", "2011-12-30T10:00"),  # the whole day is skipped
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30"),  # a jump of half an hour
    ],
)
def test_instant(zone: str, day: str, clock: str, expected: str) -> None:
    """A time of the day is the first instant at which the clock shows it or has jumped past it."""
    assert instant(ZoneInfo(zone), date.fromisoformat(day), time.fromisoformat(clock)) == at(expected)


@given(zones, st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.times().map(lambda one: one.replace(microsecond=0)))
def test_instant_is_the_first(zone: str, day: date, clock: time) -> None:
    """At the instant the local clock shows that time or later, and a second before it shows an earlier one."""
    place, wall = ZoneInfo(zone), datetime.combine(day, clock)
    moment = instant(place, day, clock)
    assert moment.astimezone(place).replace(tzinfo=None) >= wall
    assert (moment - timedelta(seconds=1)).astimezone(place).replace(tzinfo=None) < wall


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-01-05T19:59", None),  # 22:59 in Istanbul
        ("2026-01-05T20:00", "2026-01-06T03:30"),
        ("2026-01-05T22:30", "2026-01-06T03:30"),
        ("2026-01-06T03:29", "2026-01-06T03:30"),
        ("2026-01-06T03:30", None),
        ("2026-01-06T12:00", None),
    ],
)
def test_quiet_across_midnight(now: str, expected: str | None) -> None:
    """Quiet hours from 23:00 to 06:30 hold through midnight, the start included and the end not."""
    quiet = Quiet("23:00", "06:30", "Europe/Istanbul")
    assert quiet_until(quiet, at(now)) == at(expected or now)


def test_quiet_within_a_day() -> None:
    """Quiet hours at noon end the same day; without quiet hours nothing waits."""
    assert quiet_until(Quiet("12:00", "14:00"), at("2026-01-05T13:00")) == at("2026-01-05T14:00")
    assert quiet_until(Quiet("12:00", "14:00"), at("2026-01-05T11:59")) == at("2026-01-05T11:59")
    assert quiet_until(None, at("2026-01-05T13:00")) == at("2026-01-05T13:00")


def test_quiet_from_and_to_the_same_time_is_never() -> None:
    """Hours that end when they begin hold nothing: an alert held for ever would be lost."""
    assert quiet_until(Quiet("06:00", "06:00"), at("2026-01-05T06:00")) == at("2026-01-05T06:00")


@pytest.mark.parametrize(
    ("start", "end", "now", "expected"),
    [
        ("23:00", "02:30", "2026-03-28T23:30", "2026-03-29T01:00"),  # the end is skipped: waking at the jump
        ("23:00", "02:30", "2026-03-29T01:00", None),
        ("01:00", "02:30", "2026-10-25T00:15", "2026-10-25T00:30"),  # the end comes twice: waking the first time
        ("01:00", "02:30", "2026-10-25T01:15", None),
        ("02:15", "02:45", "2026-03-29T01:00", None),  # all of it is skipped
    ],
)
def test_quiet_on_days_of_change(start: str, end: str, now: str, expected: str | None) -> None:
    """On a day when the clock jumps, quiet hours end exactly once."""
    assert quiet_until(Quiet(start, end, "Europe/Berlin"), at(now)) == at(expected or now)


@given(zones, minutes, minutes, MOMENTS)
def test_waking_is_not_quiet(zone: str, start: str, end: str, now: datetime) -> None:
    """Waking is never before now, never more than a day (and a jump) away, and not quiet itself."""
    quiet = Quiet(start, end, zone)
    awake = quiet_until(quiet, now)
    assert now <= awake <= now + timedelta(hours=50)
    assert quiet_until(quiet, awake) == awake


@given(zones, st.lists(minutes, min_size=1, max_size=3), MOMENTS)
def test_digests_come_once_a_day(zone: str, times: list[str], start: datetime) -> None:
    """Walking from digest to digest meets each of its times once on every local day, whatever the clock does."""
    digest, day, place = Digest(tuple(times), zone), timedelta(days=1), ZoneInfo(zone)
    end, walked, now = start + 5 * day, set(), start
    while (now := next_digest(digest, now)) <= end:
        walked.add(now)
    first = start.astimezone(place).date()
    every = {instant(place, first + n * day, time.fromisoformat(one)) for n in range(-2, 9) for one in times}
    assert walked == {moment for moment in every if start < moment <= end}


def test_next_digest_is_after_now() -> None:
    """At the time of a digest, the next one is the one after it."""
    digest = Digest(("08:00", "18:00"), "Europe/Istanbul")
    assert next_digest(digest, at("2026-01-05T05:00")) == at("2026-01-05T15:00")
    assert next_digest(digest, at("2026-01-05T15:00")) == at("2026-01-06T05:00")


@given(zones, MOMENTS)
def test_budget_days_meet(zone: str, now: datetime) -> None:
    """Every moment lies in one budget day, whose end is the start of the next."""
    one = rule(quiet=Quiet("01:00", "02:00", zone))
    assert day_start(one, now) <= now < next_day(one, now)
    assert day_start(one, next_day(one, now)) == next_day(one, now)


def test_the_day_is_the_readers() -> None:
    """The budget's day begins at midnight where quiet hours are kept, else where digests are read, else in UTC."""
    now = at("2026-01-05T22:00")
    quiet, digest = Quiet("23:00", "06:00", "Europe/Istanbul"), Digest(("08:00",), "America/New_York")
    assert day_start(rule(quiet=quiet, digest=digest), now) == at("2026-01-05T21:00")
    assert day_start(rule(digest=digest), now) == at("2026-01-05T05:00")
    assert day_start(rule(), now) == at("2026-01-05T00:00")
