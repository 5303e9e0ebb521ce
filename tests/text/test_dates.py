"""Dates as publishers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.dates import clamp, is_other_calendar, parse

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 05 Mar 2024 10:00:00 +0300", "2024-03-05T07:00"),
        ("Tue, 05 Mar 2024 10:00:00 GMT", "2024-03-05T10:00"),
        ("5 Mar 24 10:00 EST", "2024-03-05T15:00"),
        ("Tue, 5 Mar 2024 10:00", "2024-03-05T10:00"),
        ("Thu Mar  5 10:00:00 2024", "2024-03-05T10:00"),
        ("March 5, 2024 5:30 PM", "2024-03-05T17:30"),
        ("2024-03-05T10:00:00Z", "2024-03-05T10:00"),
        ("2024-03-05T10:00:00.123+03:00", "2024-03-05T07:00"),
        ("2024-03-05 10:00:00 +0000 UTC", "2024-03-05T10:00"),
        ("2024-03-05T24:00:00Z", "2024-03-06T00:00"),
        ("2024-03-05T10:00:60Z", "2024-03-05T10:00"),
        ("2024-03-05", "2024-03-05T00:00"),
        ("20240305T101010Z", "2024-03-05T10:10"),
        ("05/03/2024 10:00", "2024-03-05T10:00"),
        ("03/25/2024", "2024-03-25T00:00"),
        ("2024/03/05 10:00", "2024-03-05T10:00"),
        ("05.03.24", "2024-03-05T00:00"),
        ("20 آذار 2025", "2025-03-20T00:00"),
        ("٢٠ كانون الثاني ٢٠٢٥ ١٠:٣٠ م", "2025-01-20T22:30"),
        ("20 كانون الأول 2025", "2025-12-20T00:00"),
        ("الخميس، 20 مارس 2025 - 10:15", "2025-03-20T10:15"),
        ("20 تشرين الثاني 2024", "2024-11-20T00:00"),
        ("20 غشت 2024", "2024-08-20T00:00"),
        ("جويلية 5 2023 09:00", "2023-07-05T09:00"),
        ("5 أوت 2023", "2023-08-05T00:00"),
        ("12 دجنبر 2023", "2023-12-12T00:00"),
        ("1 أيلول/سبتمبر 2024", "2024-09-01T00:00"),
        ("5 марта 2024, 10:00", "2024-03-05T10:00"),
        ("12 Ağustos 2024 14:30", "2024-08-12T14:30"),
        ("۵ مارس ۲۰۲۴", "2024-03-05T00:00"),
        ("5 mars 2024", "2024-03-05T00:00"),
        ("Mon, 01 Jan 2024 12:00 AM", "2024-01-01T00:00"),
        ("1 Jan 2024 10:00 GMT+3", "2024-01-01T07:00"),
        ("12 رمضان 1445 هـ الموافق 22 مارس 2024", "2024-03-22T00:00"),
        ("22 مارس 2024 الموافق 12 رمضان 1445", "2024-03-22T00:00"),
        ("١٢ رمضان ١٤٤٥هـ - ٢٢ مارس ٢٠٢٤م 10:30", "2024-03-22T10:30"),
        ("1445/09/12 - 2024/03/22 10:30", "2024-03-22T10:30"),
    ],
)
def test_dates_are_read(text: str, expected: str) -> None:
    """Many languages, one moment, in UTC."""
    found = parse(text)
    assert found is not None
    assert found.isoformat()[:16] == expected
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [None, "", "soon", "Mon, 31 Feb 2024", "2024-13-01", "99/99/9999", "15 رمضان 1446", "12 مهر 1403", "1 Jan",
     "1445/09/12", "12/09/1445 10:30", "1445-09-12T10:30:00Z", "14450912", "Fri, 12 Sep 1445 10:30:00 GMT",
     "Jan 2024x", "Mon, 32 Jan 2024 10:00:00 GMT", "0000-00-00T00:00:00Z",
     "1 Jan 0001 00:00 +0300", "31 Dec 9999 23:00 -0500"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str | None) -> None:
    """Nothing is guessed."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("15 رمضان 1446", True),
        ("12 مهر 1403", True),
        ("1445/09/12", True),
        ("١٢-٠٩-١٤٤٥", True),
        ("14450912", True),
        ("15 Rajab 1446", True),
        ("15 Rajab", True),
        ("3 Sha'ban", True),
        ("9 Dhu al-Hijjah", True),
        ("1 Dhul-Qa'dah", True),
        ("15 Recep", True),
        ("5 مارس 2024", False),
        ("a rabid safari", False),
        ("31 Feb 2024 10:00 +1345", False),
        (None, False),
    ],
)
def test_other_calendars_are_noticed(text: str | None, other: bool) -> None:
    """A Hijri or Persian date is told apart from nonsense."""
    assert is_other_calendar(text) is other


@pytest.mark.parametrize(
    ("given_at", "raw", "at", "note"),
    [
        (NOW - timedelta(days=1), "x", NOW - timedelta(days=1), None),
        (NOW + timedelta(minutes=5), "x", NOW, None),
        (NOW + timedelta(days=1), "x", NOW, "in the future"),
        (datetime(1970, 1, 1, tzinfo=UTC), "x", None, "before 1990"),
        (None, None, None, "no date"),
        (None, "15 رمضان 1446", None, "another calendar"),
        (parse("1445/09/12"), "1445/09/12", None, "another calendar"),
        (None, "soon", None, "not understood"),
    ],
)
def test_clamping_says_what_was_wrong(
    given_at: datetime | None, raw: str | None, at: datetime | None, note: str | None
) -> None:
    """A usable date, or none, and why."""
    found = clamp(given_at, raw, NOW)
    assert (found.at, found.note) == (at, note)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001  # made aware below
def test_what_is_written_is_read_back(moment: datetime, hours: int) -> None:
    """RFC 822 and ISO 8601 of any moment and offset give that moment."""
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    local = aware + timedelta(hours=hours)
    offset = f"{'-' if hours < 0 else '+'}{abs(hours):02d}"
    assert parse(local.strftime("%Y-%m-%dT%H:%M:%S") + offset + ":00") == aware
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905  # as the RFC lists them
    assert parse(f"{local.day:02d} {months[local.month - 1]} {local.year} {local:%H:%M:%S} {offset}00") == aware


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises."""
    assert parse(text) is None or isinstance(parse(text), datetime)
