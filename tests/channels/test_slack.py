"""Slack: its limits, its threads, and that no text from a feed is ever anything but text."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts import digest
from monitor.alerts.text import FSI, PDI
from monitor.channels.slack import payload, preview
from monitor.channels.slack_blocks import MESSAGE, MOST_BLOCKS, SECTION
from monitor.demo.receiver import Plan, Receiver
from monitor.demo.slack_rules import complaints
from monitor.errors import SendError
from tests.alerts.builders import NOW, alert, article
from tests.channels.conftest import HOOK, TOKEN, Make

HOSTILE = [
    "<!channel>",
    "<!here|x>",
    "<@U123>",
    "<#C123>",
    "<http://evil.example|news>",
    "@channel",
    "&lt;!channel&gt;",
]
HOSTILE += [
    "*b*",
    "`c`",
    "> q",
    "\n",
    "\u202e",
    "\u2066",
    "\x1b[31m",
    "عمر حداد",
    "Anna. ",
    "x" * 500,
    "ب" * 900,
    ":tada:",
]
hostile = st.lists(st.sampled_from(HOSTILE), max_size=8).map("".join)


def texts(value: Any) -> Iterator[str]:
    """Every string under the key `text` in a message's blocks."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


@given(hostile, hostile, hostile, hostile)
def test_no_feed_text_is_markup(title: str, source: str, added: str, reason: str) -> None:
    """Whatever a feed says, Slack accepts the message and finds no mention, link or command of the feed's in it."""
    one = alert(article=article(title=title, source=source, summary=added), added=(added,) * 5, reasons=(reason,) * 3)
    message = payload(one)
    assert complaints(json.loads(json.dumps(message))) == ()
    assert "<" not in message["text"]
    kinds = [part["type"] for block in message["blocks"] for part in texts_parts(block)]
    assert set(kinds) <= {"text", "link"}
    assert all(text.count(FSI) - text.count(PDI) in {-1, 0, 1} for text in texts(message["blocks"]))
    for block in message["blocks"]:
        whole = "".join(texts(block))
        assert whole.count(FSI) == whole.count(PDI)
        assert not set(whole) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067")


def texts_parts(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The inline parts of a block of rich text."""
    if block["type"] == "rich_text":
        for element in block["elements"]:
            yield from element["elements"]


@settings(max_examples=30)
@given(hostile, st.integers(1, 120))
def test_a_digest_keeps_the_limits(title: str, count: int) -> None:
    """A digest of any size is one message that Slack accepts, and says how many of its alerts it leaves out."""
    items = [alert(key=f"{n:064x}", article=article(title=title), score=n / 200) for n in range(count)]
    message = payload(digest(items, NOW))
    assert complaints(json.loads(json.dumps(message))) == ()
    assert len(message["blocks"]) <= MOST_BLOCKS
    assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= MESSAGE + 1_000
    shown = sum(block["type"] == "rich_text" for block in message["blocks"])
    last = message["blocks"][-1]
    left = count - shown
    assert (f"and {left} more" in last["elements"][0]["text"]) if left else last["type"] == "rich_text"


def test_a_full_digest_shows_the_best_in_order_of_time() -> None:
    """What does not fit is what scores lowest; what fits stands in the order of time."""
    items = [alert(key=f"{n:064x}", article=article(title=f"T{n}"), score=1 - abs(50 - n) / 100) for n in range(100)]
    titles = [part["text"] for block in payload(digest(items, NOW))["blocks"] for part in texts_parts(block)]
    numbers = [int(title[1:]) for title in titles if title.startswith("T")]
    assert numbers == sorted(numbers)
    assert 50 in numbers
    assert 0 not in numbers
    assert 99 not in numbers


def test_a_message() -> None:
    """The message as its reader sees it: headline, who, linked title, quote with the name in bold, facts."""
    assert preview(alert()) == (
        "*News on Omar · high · development 0.75*\n"
        "*Omar Haddad*\n"
        f"{FSI}عمر حداد يعلن موعد الاجتماع{PDI} (https://news.example/1)\n"
        f"┃ {FSI}أعلن *عمر حداد* أن الاجتماع سيعقد غداً.{PDI}\n"
        "  news.example · agency Example Wire · 2 independent outlets\n"
        "  published 2026-03-10 11:30 · seen 2026-03-10 12:00 UTC\n"
        "  a statement that no earlier article has\n"
        "  statement 0.90 ×0.5 · nearest: article-0\n"
        "  story tale"
    )


def test_a_long_quote_is_cut_with_a_link() -> None:
    """A sentence beyond the limit is cut at the end of a sentence, and a link leads to the rest."""
    long = "The talks went on. " * 400
    message = payload(alert(added=(long,)))
    quote = message["blocks"][1]["elements"][1]["elements"]
    text = "".join(part["text"] for part in quote[:-2])
    assert len(text) <= SECTION
    assert text.endswith(f"went on. …{PDI}")
    assert quote[-1] == {"type": "link", "url": "https://news.example/1", "text": "read on"}


def test_bad_links_are_text() -> None:
    """A title whose address is no web address is not linked."""
    message = payload(alert(article=article(url="javascript:alert(1)")))
    assert "link" not in [part["type"] for block in message["blocks"] for part in texts_parts(block)]


def test_story_link(make: Make, receiver: Receiver) -> None:
    """With a page for stories, the message links to it, and the story's id is escaped in the address."""
    options = {"story_url": "https://desk.example/stories/{story}?x=1"}
    make("slack-webhook", **options).send(alert(story="a/b c"), thread=None, now=NOW, deadline=5)
    parts = [part for block in receiver.accepted[0].json["blocks"] for part in texts_parts(block)]
    assert parts[-1] == {"type": "link", "text": "The whole story", "url": "https://desk.example/stories/a%2Fb%20c?x=1"}


def test_fallback_text_says_the_same() -> None:
    """Notifications and old clients get the alert in words, escaped, and the same when unescaped."""
    text = payload(alert(article=article(title="A < B & C > D")))["text"]
    assert "A &lt; B &amp; C &gt; D" in text
    assert "A < B & C > D" in html.unescape(text)


@pytest.mark.parametrize("kind", ["slack-webhook", "slack-bot"])
@pytest.mark.parametrize("word", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"])
def test_refused_blocks_are_sent_as_plain_text(kind: str, word: str, make: Make, receiver: Receiver) -> None:
    """If Slack does not like the blocks, the words go out without them, in the same send."""
    refusal = json.dumps({"ok": False, "error": word}) if kind == "slack-bot" else word
    receiver.then(Plan(200 if kind == "slack-bot" else 400, refusal))
    make(kind).send(alert(), thread=None, now=NOW, deadline=5)
    first, second = (one.json for one in receiver.received)
    assert "blocks" in first
    assert "blocks" not in second
    assert second["text"] == first["text"]


def test_blocks_refused_twice_are_an_error(make: Make, receiver: Receiver) -> None:
    """If Slack refuses the plain text too, the send ends."""
    receiver.always(Plan(400, "invalid_blocks"))
    with pytest.raises(SendError) as caught:
        make("slack-webhook").send(alert(), thread=None, now=NOW, deadline=5)
    assert (caught.value.reason, caught.value.permanent) == ("invalid-payload", True)
    assert len(receiver.received) == 2


def test_a_bot_threads(make: Make, receiver: Receiver) -> None:
    """A bot's receipt is the message's time stamp, and the story's next alert replies to it."""
    bot = make("slack-bot")
    stamp = bot.send(alert(), thread=None, now=NOW, deadline=5)
    bot.send(alert(key="cd" * 32), thread=stamp, now=NOW, deadline=5)
    first, second = receiver.accepted
    assert stamp == "1700000000.000001"
    assert "thread_ts" not in first.json
    assert second.json["thread_ts"] == stamp
    assert first.json["channel"] == "C0000000001"
    assert first.headers["authorization"] == f"Bearer {TOKEN}"
    assert first.path == "/api/chat.postMessage"


@pytest.mark.parametrize("word", ["thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"])
def test_a_thread_that_is_gone(word: str, make: Make, receiver: Receiver) -> None:
    """An alert whose thread was deleted opens a new one instead of being lost."""
    receiver.then(Plan(200, json.dumps({"ok": False, "error": word})))
    assert make("slack-bot").send(alert(), thread="1.1", now=NOW, deadline=5) == "1700000000.000002"
    assert ["thread_ts" in one.json for one in receiver.received] == [True, False]


def test_a_bot_updates(make: Make, receiver: Receiver) -> None:
    """A bot's message can be replaced, to bring its count up to date."""
    bot = make("slack-bot")
    bot.update(replace(alert(), outlets=9), receipt="1.5", now=NOW, deadline=5)
    sent = receiver.accepted[0]
    assert sent.path == "/api/chat.update"
    assert sent.json["ts"] == "1.5"
    assert "9 independent outlets" in sent.json["text"]


def test_an_incoming_webhook_has_neither(make: Make, receiver: Receiver) -> None:
    """An incoming webhook gives no receipt, ignores threads and updates nothing."""
    hook = make("slack-webhook")
    assert hook.send(alert(), thread="1.1", now=NOW, deadline=5) is None
    hook.update(alert(), receipt="1.1", now=NOW, deadline=5)
    assert [one.path for one in receiver.received] == [HOOK]
    assert "thread_ts" not in receiver.received[0].json


def test_slack_is_sent_one_message_a_second(make: Make) -> None:
    """Slack's channels ask for the pause that Slack asks for."""
    assert make("slack-webhook").interval == make("slack-bot").interval == 1.0
