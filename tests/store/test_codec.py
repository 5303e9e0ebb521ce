"""Values go into text columns and come out equal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from types import MappingProxyType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from monitor.model import Alert, Article, Decision, Findings, Kind, Novelty
from monitor.records import Feed
from monitor.store import codec
from monitor.store.codec import Codec
from monitor.store.columns import Span, UtcTime, clean
from tests.alerts.builders import alert

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TIMES = st.datetimes(timezones=st.just(UTC))
DIALECT = sqlite.dialect()


SIMPLE: dict[object, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(2**31), 2**31),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    datetime: TIMES,
    timedelta: st.timedeltas(),
}


def values(kind: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Build values of a type of ours from its annotations; an alert's items hold no further items."""
    inner = get_args(kind)
    if kind in SIMPLE:
        return SIMPLE[kind]
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        if depth > 0:
            hints.pop("items", None)
        return st.builds(kind, **{name: values(hint, depth + (name == "items")) for name, hint in hints.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if get_origin(kind) is Literal:
        return st.sampled_from(inner)
    if get_origin(kind) in (Union, UnionType):
        return st.one_of([values(part, depth) for part in inner])
    if get_origin(kind) is tuple:
        return st.lists(values(inner[0], depth), max_size=2).map(tuple)
    assert get_origin(kind) is Mapping, kind
    made = st.dictionaries(values(inner[0], depth), values(inner[1], depth), max_size=2)
    return made | made.map(MappingProxyType)


@pytest.mark.parametrize(
    ("of", "kind"),
    [
        (codec.ALERT, Alert),
        (codec.ARTICLE, Article),
        (codec.FINDINGS, Findings),
        (codec.NOVELTY, Novelty),
        (codec.FEED, Feed),
        (codec.DECISIONS, tuple[Decision, ...]),
        (codec.STRINGS, tuple[str, ...]),
    ],
)
def test_every_stored_type_round_trips(of: Codec[object], kind: type) -> None:
    """Whatever values the types allow, nested alerts and empty ones included, what is loaded equals what was dumped."""

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(values(kind))
    def check(value: object) -> None:
        text = of.dump(value)
        assert of.load(text) == value
        json.loads(text)

    check()


def test_a_digest_keeps_its_items_and_their_order() -> None:
    """An alert within an alert comes back whole, kinds as kinds and times as times."""
    item = Alert(
        "k",
        "w",
        "r",
        "high",
        datetime(2026, 3, 1, 8, 0, 0, 1, UTC),
        Article("a", "s", None, None, None, "عنوان"),
        "story",
        Kind.DEVELOPMENT,
        0.1 + 0.2,
        {"a": "A"},
        (),
    )
    digest = Alert(
        "d", "w", "r", "high", item.created, item.article, "digest", Kind.FIRST, 1.0, {}, (), items=(item, item)
    )
    loaded = codec.ALERT.load(codec.ALERT.dump(digest))
    assert loaded == digest
    assert loaded.items[0].kind is Kind.DEVELOPMENT
    assert loaded.items[0].created.utcoffset() == timedelta(0)


@given(TIMES)
def test_times_come_back_to_the_microsecond_and_compare_as_numbers(value: datetime) -> None:
    """From year 1 to 9999 the stored number gives the same time, and its order is the order of time."""
    column = UtcTime()
    number = column.process_bind_param(value, DIALECT)
    assert column.process_result_value(number, DIALECT) == value
    assert number is not None
    later = column.process_bind_param(datetime.max.replace(tzinfo=UTC), DIALECT)
    assert later is not None
    assert number <= later < 2**63


def test_a_time_of_another_zone_is_the_same_moment() -> None:
    """What is given in another zone comes back in UTC."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - used here alone

    local = datetime(2026, 3, 29, 3, 30, tzinfo=ZoneInfo("Europe/Istanbul"))
    back = UtcTime().process_result_value(UtcTime().process_bind_param(local, DIALECT), DIALECT)
    assert back == local
    assert back.tzinfo is UTC


def test_a_naive_time_is_refused() -> None:
    """A time without zone means nothing to two machines, so it is a bug."""
    with pytest.raises(ValueError, match="aware times only"):
        UtcTime().process_bind_param(datetime(2026, 3, 1), DIALECT)  # noqa: DTZ001 - the point of the test


@given(st.timedeltas())
def test_spans_come_back_exactly(value: timedelta) -> None:
    """A length of time is whole microseconds."""
    column = Span()
    assert column.process_result_value(column.process_bind_param(value, DIALECT), DIALECT) == value


@given(st.text(st.characters(categories=["Cs", "Cc", "Lo", "L"]), max_size=20))
def test_cleaning_keeps_what_can_be_stored(text: str) -> None:
    """Clean text has no NUL and can be encoded; text that was clean is not altered; the length stays."""
    cleaned = clean(text)
    assert "\x00" not in cleaned
    cleaned.encode()
    assert clean(cleaned) == cleaned
    if "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert cleaned == text


def test_cleaning_joins_the_halves_of_a_letter() -> None:
    """Two halves that belong together are the letter that they spell."""
    assert clean("\ud83d\ude00 \ud83d") == "\N{GRINNING FACE} \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("since", ["follows", "first_in"])
def test_an_alert_that_was_stored_before_it_had_a_part_is_read(since: str) -> None:
    """What an earlier program stored lacks the newer parts, and is read as if they were empty."""
    text = json.loads(codec.ALERT.dump(alert()))
    del text[since]
    assert codec.ALERT.load(json.dumps(text)) == alert()
