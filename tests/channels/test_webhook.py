"""The webhook's promise: a body that its schema describes, and headers that any Standard Webhooks library verifies."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from monitor.alerts import digest
from monitor.channels.registry import build
from monitor.channels.webhook import payload, schema, signed
from monitor.demo.receiver import Receiver, signature_problems
from monitor.errors import ConfigError, SendError
from monitor.model import Alert, Article, Kind, Match, Mention, Part, Zone
from tests.alerts.builders import MOMENTS, NOW, alert, article
from tests.channels.conftest import KEY, Make

OTHER = "whsec_" + base64.b64encode(b"another key, newer than").decode()
VALID = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
text = st.text(max_size=20)
optional = st.none() | text
unit = st.floats(0, 1)
articles = st.builds(
    Article,
    text,
    text,
    st.none() | st.just("https://x.example/1") | text,
    st.none() | MOMENTS,
    optional,
    text,
    optional,
)
mentions = st.builds(
    Mention,
    st.sampled_from(["title", "summary", "body"]),
    st.integers(0),
    st.integers(0),
    text,
    text,
    st.sampled_from(Zone),
)
matches = st.builds(Match, text, text, st.sampled_from(["name", "role"]), st.lists(mentions, max_size=2).map(tuple))
texts = st.lists(text, max_size=3).map(tuple)
alerts = st.builds(
    Alert,
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    *[st.text(min_size=1, max_size=20)] * 3,
    MOMENTS,
    articles,
    text,
    st.sampled_from(Kind),
    unit,
    st.dictionaries(text, text, max_size=3),
    st.lists(matches, max_size=2).map(tuple),
    texts,
    texts,
    st.lists(st.builds(Part, text, unit, unit), max_size=2).map(tuple),
    optional,
    st.integers(0, 99),
    optional,
    first_in=optional,
)


def test_the_schema_is_a_schema() -> None:
    """The published schema is itself valid."""
    jsonschema.Draft202012Validator.check_schema(schema())


@given(alerts)
def test_every_body_fits_the_schema(one: Alert) -> None:
    """Whatever an alert says, its body is what the schema describes, and is JSON."""
    VALID.validate(json.loads(json.dumps(payload(one))))


@settings(max_examples=30)
@given(st.lists(alerts, min_size=1, max_size=3))
def test_every_digest_fits_the_schema(several: list[Alert]) -> None:
    """A digest's body is what the schema describes, with one item an alert."""
    body = payload(digest([replace(one, rule="r", watchlist="w") for one in several], NOW))
    VALID.validate(body)
    assert len(body["items"]) == len(several)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"extra": 1},
        {"type": "digest"},
        {"items": []},
        {"kind": "new"},
        {"score": 1.5},
        {"id": "no key"},
        {"created": "2026-03-10 12:00"},
        {"article": {"id": "x"}},
    ],
)
def test_the_schema_refuses_what_is_wrong(change: dict[str, Any]) -> None:
    """The schema is strict: another version, an unknown key, a half digest or a wrong value does not pass."""
    assert not VALID.is_valid(payload(alert()) | change)


def test_a_body() -> None:
    """The body as receivers know it, key by key."""
    body = payload(alert())
    assert {key: body[key] for key in body if key not in {"article", "matches"}} == {
        "version": 1,
        "type": "alert",
        "id": "ab" * 32,
        "watchlist": "box",
        "rule": "News on Omar",
        "severity": "high",
        "created": "2026-03-10T12:00:00Z",
        "story": "tale",
        "follows": None,
        "kind": "development",
        "score": 0.75,
        "entities": [{"id": "omar", "name": "Omar Haddad"}],
        "reasons": ["a statement that no earlier article has"],
        "added": ["أعلن عمر حداد أن الاجتماع سيعقد غداً."],
        "parts": [{"name": "statement", "value": 0.9, "weight": 0.5}],
        "nearest": "article-0",
        "outlets": 2,
        "agency": "Example Wire",
        "first_in": None,
    }
    assert payload(alert(first_in="ar"))["first_in"] == "ar"
    assert body["article"]["published"] == "2026-03-10T11:30:00Z"
    mention = body["matches"][0]["mentions"][0]
    assert body["article"][mention["field"]][mention["start"] : mention["end"]] == mention["surface"] == "عمر حداد"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", None])
def test_only_web_addresses_are_passed_on(url: str | None) -> None:
    """An article's address that is no web address is null."""
    assert payload(alert(article=article(url=url)))["article"]["url"] is None


def test_signature_of_the_specification() -> None:
    """The signature is HMAC-SHA256 over id, timestamp and body, in base64, under `v1`."""
    headers = signed("msg_1", NOW, b"{}", [SecretStr(KEY)])
    raw = base64.b64decode(KEY.removeprefix("whsec_"))
    expected = hmac.new(raw, f"msg_1.{int(NOW.timestamp())}.{{}}".encode(), hashlib.sha256).digest()
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": "v1," + base64.b64encode(expected).decode(),
    }


def test_the_reference_vector() -> None:
    """The published example of the specification comes out as published."""
    at = datetime.fromtimestamp(1614265330, UTC)
    keys = [SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', keys)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_keys_rotate(make: Make, receiver: Receiver) -> None:
    """While two keys sign, a receiver that knows only the old or only the new one verifies the message."""
    channel = build(
        "desk",
        {"type": "webhook", "url": receiver.url, "key": ["secret:new", "secret:old"], "allow_private": True},
        lambda name: SecretStr({"secret:new": OTHER, "secret:old": KEY}[name]),
    )
    channel.send(alert(), thread=None, now=NOW, deadline=5)
    sent = receiver.received[0]
    for keys in ([KEY], [OTHER], [KEY, OTHER]):
        assert signature_problems(sent.headers, sent.body, keys) == ()
    third = "whsec_" + base64.b64encode(b"a key that did not sign it").decode()
    assert signature_problems(sent.headers, sent.body, [third])
    assert signature_problems(sent.headers, sent.body + b" ", [KEY])


def test_the_id_is_the_alerts_key(make: Make, receiver: Receiver) -> None:
    """Every repetition has the same id, and a new timestamp."""
    channel = make("webhook")
    for minutes in (0, 5):
        channel.send(alert(), thread=None, now=NOW + timedelta(minutes=minutes), deadline=5)
    assert [one.id for one in receiver.accepted] == ["ab" * 32] * 2
    stamps = [int(one.headers["webhook-timestamp"]) for one in receiver.accepted]
    assert stamps[1] - stamps[0] == 300


def test_without_keys_there_is_no_signature(make: Make) -> None:
    """A webhook without a key still has id and timestamp."""
    with Receiver() as open_receiver:
        make("webhook", open_receiver.url, key=[]).send(alert(), thread=None, now=NOW, deadline=5)
        headers = open_receiver.received[0].headers
    assert "webhook-signature" not in headers
    assert headers["webhook-id"] == "ab" * 32


def test_a_wrong_key_is_refused_by_the_receiver(receiver: Receiver) -> None:
    """A message signed with a key that the receiver does not know is refused, and can be sent again once it does."""
    options = {"type": "webhook", "url": receiver.url, "key": "secret:other", "allow_private": True}
    with pytest.raises(SendError) as caught:
        build("desk", options, lambda _: SecretStr(OTHER)).send(alert(), thread=None, now=NOW, deadline=5)
    assert (caught.value.reason, caught.value.permanent) == ("unauthorized", False)


@pytest.mark.parametrize("key", ["", "whsec_", "whsec_not base64!", "plain", "whsec_c2hvcnQ=", "whsec_\u0645"])
def test_unusable_keys(key: str) -> None:
    """A key that is no base64, or too short to protect anything, is refused when the settings are read."""
    with pytest.raises(ConfigError, match="whsec_"):
        build("desk", {"type": "webhook", "url": "https://x.example", "key": "secret:k"}, lambda _: SecretStr(key))


def test_a_secret_address(receiver: Receiver) -> None:
    """An address that is itself a secret may be given by name."""
    options = {"type": "webhook", "url": "secret:url", "key": "secret:key", "allow_private": True}
    secrets = {"secret:url": receiver.url + "/hook/s3cret", "secret:key": KEY}
    build("desk", options, lambda name: SecretStr(secrets[name])).send(alert(), thread=None, now=NOW, deadline=5)
    assert receiver.accepted[0].path == "/hook/s3cret"
