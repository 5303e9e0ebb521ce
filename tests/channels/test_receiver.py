"""The receiver that everything else is tested with: it finds fault where there is fault."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest

from monitor.demo.receiver import Plan, Receiver, signature_problems
from monitor.demo.slack_rules import complaints
from tests.channels.conftest import KEY


def post(url: str, body: bytes, **headers: str) -> tuple[int, str]:
    """Send a body and return status and text."""
    request = urllib.request.Request(url, body, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def rich(*parts: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    """A message of one block of rich text."""
    return {"text": "x", "blocks": [{"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}]}


def section(text: str, kind: str = "mrkdwn") -> dict[str, Any]:
    """A message of one section."""
    return {"text": "x", "blocks": [{"type": "section", "text": {"type": kind, "text": text}}]}


@pytest.mark.parametrize(
    "message",
    [
        {"text": "a &lt;b&gt; &amp; c"},
        section("*bold*"),
        section("<!channel>", "plain_text"),
        section("x" * 3_000),
        {"text": "x", "blocks": [{"type": "divider"}] * 50},
        rich(
            {"type": "text", "text": "<!channel>", "style": {"bold": True}},
            {"type": "link", "url": "https://x.example"},
        ),
        rich({"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}, kind="rich_text_list"),
    ],
)
def test_good_messages(message: object) -> None:
    """What Slack takes passes."""
    assert complaints(message) == ()


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ([], "not a JSON object"),
        ({}, "no_text"),
        ({"text": 5}, "40,000"),
        ({"text": "x" * 40_001}, "40,000"),
        ({"text": "<!channel> look"}, "mentions or links"),
        ({"text": "<@U1>"}, "mentions or links"),
        ({"text": "<http://evil.example|x>"}, "mentions or links"),
        ({"text": "a > b"}, "unescaped bracket"),
        ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "50 blocks"),
        ({"text": "x", "blocks": {}}, "50 blocks"),
        ({"text": "x", "blocks": [{"type": "image"}]}, "a block of type"),
        (section("x" * 3_001), "3001 characters"),
        (section(""), "0 characters"),
        (section("<#C1>"), "mentions or links"),
        (section("x", "html"), "a text object"),
        ({"text": "x", "blocks": [{"type": "section"}]}, "a text object"),
        ({"text": "x", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "plain_text"),
        ({"text": "x", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}, "151"),
        ({"text": "x", "blocks": [{"type": "context", "elements": []}]}, "1 to 10"),
        ({"text": "x", "blocks": [section("x" * 3_000)["blocks"][0]] * 5}, "msg_blocks_too_long"),
        (rich({"type": "broadcast", "range": "channel"}), "mentions or calls"),
        (rich({"type": "user", "user_id": "U1"}), "mentions or calls"),
        (rich({"type": "link", "url": "javascript:x"}), "not http"),
        (rich({"type": "text", "text": ""}), "empty text"),
        (rich({"type": "text", "text": "x", "style": {"blink": True}}), "unknown style"),
        (rich({"type": "text", "text": "x" * 2_000}, {"type": "text", "text": "x" * 2_000}), "4000 characters"),
        (rich(kind="rich_text_party"), "rich_text_party"),
    ],
)
def test_bad_messages(message: object, complaint: str) -> None:
    """What Slack refuses, and what would ring more people than meant, is complained about."""
    assert any(complaint in one for one in complaints(message))


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_missing_headers(missing: str) -> None:
    """Each of the three headers of the specification is asked for."""
    headers = {"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
    assert signature_problems({**headers, missing: ""}, b"", [KEY]) == (f"no {missing}",)
    assert signature_problems({**headers, "webhook-timestamp": "noon"}, b"", [KEY]) == (
        "webhook-timestamp is no number of seconds",
    )
    assert signature_problems(headers, b"", [KEY]) == ("no signature fits",)


@pytest.mark.parametrize(
    ("path", "body", "status", "answer"),
    [
        ("/services/T/B/x", {"text": "fine"}, 200, "ok"),
        ("/services/T/B/x", {"text": "<!here>"}, 400, "invalid_payload"),
        ("/services/T/B/x", section("x" * 4_000), 400, "invalid_blocks"),
        ("/api/chat.postMessage", {"text": "fine"}, 200, '{"ok": false, "error": "invalid_auth"}'),
        ("/alertmanager/api/v2/alerts", [], 401, "no list of alerts"),
        ("/hook", {}, 401, "no webhook-id; no webhook-timestamp; no webhook-signature"),
    ],
)
def test_bad_messages_are_refused(path: str, body: Any, status: int, answer: str, receiver: Receiver) -> None:
    """Each kind of receiver refuses a bad message in its own way, and keeps it with what is wrong."""
    assert post(receiver.url + path, json.dumps(body).encode()) == (status, answer)
    (kept,) = receiver.received
    assert kept.accepted is (status == 200 and answer == "ok")
    assert bool(kept.problems) is not kept.accepted


@pytest.mark.parametrize(
    "batch",
    [
        [{"labels": {}, "startsAt": "1", "endsAt": "2"}],
        [{"labels": {"alertname": "x", "empty": ""}, "startsAt": "1", "endsAt": "2"}],
        [{"labels": {"alertname": "x"}, "startsAt": "2", "endsAt": "1"}],
    ],
)
def test_bad_batches(batch: Any, receiver: Receiver) -> None:
    """Alertmanager's rules are checked as well: names, values, times."""
    assert post(receiver.url + "/alertmanager/api/v2/alerts", json.dumps(batch).encode())[0] == 401


def test_what_is_no_json_is_refused(receiver: Receiver) -> None:
    """A body that is no JSON is refused and kept."""
    assert post(receiver.url + "/hook", b"\xff\x00")[0] == 401
    assert receiver.received[0].body == b"\xff\x00"


def test_plans() -> None:
    """Plans are used up in order, then the standing one holds; clearing forgets both."""
    with Receiver() as receiver:
        receiver.then(Plan(500), Plan(429, "slow", {"retry-after": "9"}))
        receiver.always(Plan(202))
        assert [post(receiver.url, b"{}")[0] for _ in range(4)] == [500, 429, 202, 202]
        assert [one.accepted for one in receiver.received] == [False, False, True, True]
        receiver.clear()
        assert receiver.received == ()
        assert post(receiver.url, b"{}") == (200, "ok")


def test_waiting() -> None:
    """Whoever waits for messages gets them when they arrive, or an error in time."""
    with Receiver() as receiver:
        with pytest.raises(TimeoutError, match="0 of 1"):
            receiver.wait(1, timeout=0.01)
        sender = threading.Thread(target=post, args=(receiver.url, b"{}"))
        sender.start()
        assert len(receiver.wait(1)) == 1
        sender.join()
