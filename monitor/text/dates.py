"""Dates as publishers write them, in many languages and calendars, to aware UTC datetimes. Pure.

RFC 822 and ISO 8601 with everything that feeds do to them; Arabic month names of the Levant, Egypt and the Gulf, the
Maghreb and Morocco; Russian and Turkish months; Arabic and Persian digits. A Hijri or Persian-calendar date is
recognised and not guessed at; of a date in both calendars the Gregorian one is read. A time without offset is UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

MAX_LENGTH = 120
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=10)

_MONTHS: dict[str, int] = {}
for _number, _names in enumerate(
    (
        "jan january يناير جانفي كانون-الثاني كانون-ثاني янв января январь ocak oca janvier",
        "feb february فبراير فيفري شباط фев февраля февраль şubat şub février",
        "mar march مارس آذار اذار мар марта март mart mars",
        "apr april أبريل ابريل إبريل أفريل افريل نيسان апр апреля апрель nisan nis avril",
        "may مايو ماي أيار ايار май мая mayıs mai",
        "jun june يونيو يونية يونيه جوان حزيران июн июня июнь haziran haz juin",
        "jul july يوليو يوليوز يولية يوليه جويلية تموز июл июля июль temmuz tem juillet",
        "aug august أغسطس اغسطس غشت أوت اوت آب اب авг августа август ağustos ağu août",
        "sep sept september سبتمبر شتنبر أيلول ايلول сен сентября сентябрь eylül eyl septembre",
        "oct october أكتوبر اكتوبر تشرين-الأول تشرين-الاول تشرين-أول окт октября октябрь ekim eki octobre",
        "nov november نوفمبر نونبر تشرين-الثاني تشرين-ثاني ноя ноября ноябрь kasım kas novembre",
        "dec december ديسمبر دجنبر كانون-الأول كانون-الاول كانون-أول дек декабря декабрь aralık ara décembre",
    ),
    start=1,
):
    for _name in _names.split():
        _MONTHS[_name.replace("-", " ")] = _number

_OTHER_YEARS = range(1300, 1501)  # of the Hijri or Persian calendar: no article is as old
_OTHER = re.compile(
    r"محرم|صفر|ربيع|جمادى|جمادي|رجب|شعبان|رمضان|شوال|ذو القعدة|ذي القعدة|ذو الحجة|ذي الحجة|هـ|"
    r"\b(?:muharr[ae]m|saf[ae]r|rabi(?:ul\w+)?|jumad[ai]|rajab|recep|[sş]h?[a'’ʿ]{1,3}ban|rama[dz]h?an|shawwal|"
    r"şevval|zilkade|zilhicce|[dz]h?u[ -]?(?:a?l[ -])?(?:hi[jg]ja|q[ai]['’ʿ]?i?da)h?)\b|"
    r"فروردین|اردیبهشت|خرداد|مرداد|شهریور|مهر|آبان|آذر|بهمن|اسفند|"
    r"(?<![\d+])1(?:[34]\d\d|500)(?!\d)|^1[34]\d{6}(?:t?\d{4,6})?z?$"
)
_DIGITS = {0x0660 + n: str(n) for n in range(10)} | {0x06F0 + n: str(n) for n in range(10)}
_DROPPED = {ord(mark): " " for mark in "،,;\u00a0|"} | {
    ord(mark): "" for mark in "\u200e\u200f\u061c\u0640\u202a\u202b\u202c"
}
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "trt": 3, "ast": 3, "gst": 4,
    "irst": 3.5, "pkt": 5, "ist": 5.5, "غرينتش": 0, "جرينتش": 0,
}  # fmt: skip
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]{1,3}(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,12})?)?)?\s{0,3}(.{0,20})$",
    re.IGNORECASE,
)
_RFC = re.compile(
    r"(?:[A-Za-z]{3},? )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (\d{2}):(\d{2}):(\d{2}) "
    r"(?:GMT|UTC|Z|([+-])(\d{2})(\d{2}))$"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(Z?)$", re.IGNORECASE)
_TIME = re.compile(
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d{1,9})?)?(?!\d)\s{0,3}(am|pm|a\.m\.|p\.m\.|ص|م|صباحا|مساء)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:gmt|utc)?\s{0,2}([+-])(\d{1,2}):?(\d{2})?$", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})")
_HERE = " | "  # stands where the month's name stood; a bar in the text itself was dropped
_NUMBER = re.compile(r"(?<![\d+-])\d{1,4}(?!\d)")
_WORD = re.compile(r"[^\W\d_]{2,20}")


@dataclass(frozen=True, slots=True)
class Clamped:
    """A date that can be used: within what is possible, with a note on what was wrong with the one that was given."""

    at: datetime | None
    note: str | None = None


def parse(text: str | None) -> datetime | None:
    """Return the moment that a publisher's date means, in UTC, or None where it can't be told."""
    if not text:
        return None
    usual = _RFC.match(text)
    if usual is not None:
        return _usual(usual)
    plain = " ".join(text[:MAX_LENGTH].translate(_DIGITS).translate(_DROPPED).split())
    for reader in (_iso, _compact, _written, _numeric):
        try:
            found = reader(plain)
        except (ValueError, OverflowError):
            continue
        if found is not None:
            return found
    return None


def is_other_calendar(text: str | None) -> bool:
    """Tell whether a date is written in the Hijri or Persian calendar: by its month, or by a year of about 1445."""
    return bool(text) and _OTHER.search((text or "")[:MAX_LENGTH].translate(_DIGITS).strip().lower()) is not None


def clamp(given: datetime | None, raw: str | None, now: datetime) -> Clamped:
    """Return the date to use: none for what is impossibly old, `now` for the future, with a note for either."""
    if given is None:
        if not raw:
            return Clamped(None, "no date")
        return Clamped(None, "another calendar" if is_other_calendar(raw) else "not understood")
    if given < EARLIEST:
        return Clamped(None, "before 1990")
    if given > now:
        return Clamped(now, "in the future" if given > now + AHEAD else None)
    return Clamped(given)


def _usual(match: re.Match[str]) -> datetime | None:
    """Read the form that nine of ten feeds write, quickly."""
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta(0)
    clock = (int(hour), int(minute), int(second))
    try:
        return _moment((int(year), _MONTHS[month.lower()], int(day)), clock, -offset if sign == "-" else offset)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    return _moment((year, month, day), (hour, minute, second), _offset(match[7]))


def _compact(text: str) -> datetime | None:
    match = _COMPACT.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    return _moment((year, month, day), (hour, minute, second), timedelta(0))


def _written(text: str) -> datetime | None:
    """Read a date with a month's name: `Tue, 5 March 2024 10:00 +0300`, `March 5, 2024`, `5 كانون الثاني 2024`."""
    lowered = text.lower().replace(".", " ") if not _TIME.search(text) else text.lower()
    month, rest = _month(lowered)
    if month is None:
        return None
    clock, rest = _clock(rest)
    offset = _trailing_offset(rest)
    before, _, after = rest.partition(_HERE)
    found = [(len(before) - one.end(), one[0]) for one in _NUMBER.finditer(before)]
    found += [(one.start(), one[0]) for one in _NUMBER.finditer(after)]
    numbers = [number for _, number in found]
    nearest = [number for _, number in sorted(found, key=lambda one: one[0])]
    day = next((int(number) for number in nearest if len(number) < 3 and 1 <= int(number) <= 31), None)
    year = next((int(number) for number in nearest if len(number) == 4 and int(number) not in _OTHER_YEARS), None)
    if year is None and len(numbers) >= 2 and len(numbers[1]) == 2:
        year = _century(int(numbers[1]))
    if day is None or year is None:
        return None
    return _moment((year, month, day), clock, offset)


def _century(year: int) -> int:
    """Return the year that two digits mean."""
    return year + (2000 if year < 70 else 1900)


def _month(text: str) -> tuple[int | None, str]:
    """Return the month named in the text (names of two words first), and the text with a mark in its place."""
    words = list(_WORD.finditer(text))
    for size in (2, 1):
        for index in range(len(words) - size + 1):
            name = " ".join(word[0] for word in words[index : index + size])
            for candidate in (name, name.removeprefix("و"), name[:3] if name.isascii() and size == 1 else name):
                number = _MONTHS.get(candidate)
                if number is not None:
                    return number, text[: words[index].start()] + _HERE + text[words[index + size - 1].end() :]
    return None, text


def _clock(text: str) -> tuple[tuple[int, int, int], str]:
    """Return the time of day in the text, midnight where it names none, and the text without it."""
    match = _TIME.search(text)
    if match is None:
        return (0, 0, 0), text
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    half = (match[4] or "").lower().replace(".", "")
    if half in {"pm", "م", "مساء"} and hour < 12:
        hour += 12
    if half in {"am", "ص", "صباحا"} and hour == 12:
        hour = 0
    return (hour, minute, second), text[: match.start()] + " " + text[match.end() :]


def _trailing_offset(text: str) -> timedelta:
    """Return the offset at the end of a written date."""
    match = re.search(r"(?:^|\s|gmt|utc)([+-]\d{1,2}:?\d{2}|[+-]\d{1,2})(?=\s|$|\()", text)
    if match:
        return _offset(match[1])
    for word in reversed(re.findall(r"[^\W\d_]{1,8}", text)):
        if word in _ZONES:
            return timedelta(hours=_ZONES[word])
    return timedelta(0)


def _numeric(text: str) -> datetime | None:
    """Read `2024/03/05 10:00` and `05/03/2024`: the day first, as all but one of the feeds' countries write."""
    ours = (one for one in _NUMERIC.finditer(text) if not {int(one[1]), int(one[3])} & set(_OTHER_YEARS))
    match = next(ours, None)
    if match is None:
        return None
    first, second, third = (int(part) for part in match.groups())
    clock, _ = _clock(text[: match.start()] + " " + text[match.end() :])
    if first > 31:
        return _moment((first, second, third), clock, timedelta(0))
    if second > 12 >= first:
        first, second = second, first
    year = third if third > 99 else _century(third)
    return _moment((year, second, first), clock, timedelta(0))


def _offset(text: str) -> timedelta:
    """Read an offset: `+03:00`, `-0500`, `Z`, `GMT+3`; zero for anything else."""
    plain = text.strip().lower()
    match = _OFFSET.match(plain)
    if match is None:
        return timedelta(hours=_ZONES.get(plain.strip("()"), 0))
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > timedelta(hours=15):
        return timedelta(0)
    return -offset if match[1] == "-" else offset


def _moment(day: tuple[int, int, int], clock: tuple[int, int, int], offset: timedelta) -> datetime:
    """Build the moment; 24:00 is the next midnight, a leap second the one before. Raises ValueError, OverflowError."""
    if day[0] in _OTHER_YEARS:
        raise ValueError("a year of another calendar")
    hour, minute, second = clock
    extra = timedelta(days=1) if hour == 24 else timedelta(0)
    return datetime(*day, hour % 24, minute, min(second, 59), tzinfo=UTC) + extra - offset


def is_month(word: str) -> bool:
    """Tell whether a word names a month, or begins or ends the name of one."""
    return word.lower() in _month_words()


@cache
def _month_words() -> frozenset[str]:
    return frozenset(part for name in _MONTHS for part in name.split())
