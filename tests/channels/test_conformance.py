"""One suite over every channel: what each receiver can do, and how it is classified. To add one, add it to KINDS."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import pytest

import monitor.channels
from monitor.alerts import digest
from monitor.channels.base import REASONS
from monitor.channels.slack import ERRORS
from monitor.demo.receiver import Plan, Receiver
from monitor.errors import SendError
from monitor.model import Alert
from tests.alerts.builders import NOW, alert, article
from tests.channels.conftest import KINDS, Make

every = pytest.mark.parametrize("kind", KINDS)

#: status -> (reason, permanent); every status that a receiver can end with is in one of these.
STATUSES = {
    101: ("protocol", False),
    **dict.fromkeys(range(300, 400), ("redirect", False)),
    **dict.fromkeys(range(400, 500), ("rejected", True)),
    **dict.fromkeys((401, 403, 407), ("unauthorized", False)),
    404: ("not-found", False),
    **dict.fromkeys((408, 409, 421, 423, 424, 425), ("unavailable", False)),
    410: ("gone", True),
    **dict.fromkeys((413, 414, 431), ("too-large", True)),
    429: ("rate-limited", False),
    **dict.fromkeys(range(500, 600), ("unavailable", False)),
}


def refused(make: Make, kind: str, *, what: Alert | None = None, deadline: float = 5.0) -> SendError:
    """Send and return how it was refused."""
    with pytest.raises(SendError) as caught:
        make(kind).send(what or alert(), thread=None, now=NOW, deadline=deadline)
    assert caught.value.reason in REASONS
    return caught.value


@every
def test_a_good_message_is_taken(kind: str, make: Make, receiver: Receiver) -> None:
    """A content receiver finds nothing wrong with an alert or a digest."""
    channel = make(kind)
    channel.send(alert(), thread=None, now=NOW, deadline=5)
    channel.send(digest([alert(key=f"{n:064x}") for n in range(60)], NOW), thread=None, now=NOW, deadline=5)
    assert [one.problems for one in receiver.received] == [(), ()]
    assert len(receiver.accepted) == 2
    channel.close()


@every
def test_a_bare_alert_is_taken(kind: str, make: Make, receiver: Receiver) -> None:
    """An alert without names, date, address, reasons or text is a good message too, and so is one in broken letters."""
    bare = article(title="", summary=None, url=None, published=None, first_seen=None, lang=None)
    empty = {"names": {}, "matches": (), "reasons": (), "added": (), "parts": (), "nearest": None, "agency": None}
    broken = article(title="half a letter \ud83d", summary="\udfff\x00\ufffe")
    for one in (alert(article=bare, **empty), alert(article=broken, added=("\ud800",), reasons=("\udfff",))):
        make(kind).send(one, thread=None, now=NOW, deadline=5)
    assert [one.problems for one in receiver.received] == [(), ()]


@every
def test_every_status_is_classified(kind: str, make: Make, receiver: Receiver) -> None:
    """Each status has one reason, and is permanent exactly where trying again can't help; none is repeated here."""
    found = {}
    for status in STATUSES:
        receiver.then(Plan(status, "<html>no word of Slack's</html>"))
        error = refused(make, kind)
        found[status] = (error.reason, error.permanent)
    assert found == STATUSES
    assert len(receiver.received) == len(STATUSES)


@every
@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("Tue, 10 Mar 2026 12:01:00 GMT", 60.0), ("soon", None)])
def test_retry_after(kind: str, value: str, seconds: float | None, make: Make, receiver: Receiver) -> None:
    """What the receiver asks us to wait is passed on, in seconds or as a date; nonsense is not."""
    for status in (429, 503):
        receiver.then(Plan(status, "", {"retry-after": value}))
        assert refused(make, kind).retry_after == seconds


@every
def test_redirects_are_not_followed(kind: str, make: Make, receiver: Receiver) -> None:
    """A redirect leads nowhere, not even to a place that would take the message."""
    for status in (301, 302, 303, 307, 308):
        receiver.then(Plan(status, "", {"location": receiver.url + "/moved"}))
        assert refused(make, kind).reason == "redirect"
    assert len(receiver.received) == 5
    assert not receiver.accepted


@every
@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("hang", "timeout"),
        ("drip-body", "timeout"),
        ("drip-headers", "timeout"),
        ("reset", "connection"),
        ("not-http", "protocol"),
    ],
)
def test_bad_manners(kind: str, manner: str, reason: str, make: Make, receiver: Receiver) -> None:
    """A receiver that hangs, drips, breaks off or speaks something else ends with the deadline, to be tried again."""
    receiver.always(Plan(manner=manner))
    start = time.monotonic()
    error = refused(make, kind, deadline=0.4)
    assert (error.reason, error.permanent) == (reason, False)
    assert time.monotonic() - start < 5, "the deadline is for everything together"


@every
def test_nobody_listens(kind: str, make: Make) -> None:
    """A closed port is a connection that failed, to be tried again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(SendError) as caught:
            make(kind, root).send(alert(), thread=None, now=NOW, deadline=5)
    assert (caught.value.reason, caught.value.permanent) == ("connection", False)


@every
def test_a_name_that_does_not_exist(kind: str, make: Make) -> None:
    """A name that can't be looked up is a connection that failed, to be tried again."""
    with pytest.raises(SendError) as caught:
        make(kind, "http://nowhere.invalid").send(alert(), thread=None, now=NOW, deadline=5)
    assert (caught.value.reason, caught.value.permanent) == ("connection", False)


@every
def test_private_addresses_are_refused(kind: str, make: Make, receiver: Receiver) -> None:
    """Without leave, nothing goes to this machine or its network, by whatever name."""
    port = receiver.url.rsplit(":", 1)[1]
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"):
        scheme = "https" if kind.startswith("slack") else "http"
        with pytest.raises(SendError) as caught:
            make(kind, f"{scheme}://{host}:{port}", allow_private=False).send(alert(), thread=None, now=NOW, deadline=5)
        assert (caught.value.reason, caught.value.permanent) == ("private", True), host
    assert not receiver.received


@every
def test_the_deadline_may_be_over(kind: str, make: Make, receiver: Receiver) -> None:
    """With no time left, nothing is sent."""
    assert refused(make, kind, deadline=0.0).reason == "timeout"
    assert not receiver.received


@every
def test_an_endless_answer_is_cut(kind: str, make: Make, receiver: Receiver) -> None:
    """A large answer is read as far as needed and no further."""
    receiver.always(Plan(500, "x" * 5_000_000))
    assert refused(make, kind).reason == "unavailable"


@every
def test_a_repeated_send_is_the_same_message(kind: str, make: Make, receiver: Receiver) -> None:
    """The same alert sent twice at the same time is the same bytes: what tells them apart is nobody's counter."""
    for _ in range(2):
        make(kind).send(alert(), thread=None, now=NOW, deadline=5)
    one, two = receiver.received
    assert one.body == two.body
    assert one.id == two.id


SLACK_STATUS = {"invalid_payload": 400, "action_prohibited": 403, "channel_not_found": 404, "channel_is_archived": 410}


@pytest.mark.parametrize("word", sorted(ERRORS))
def test_every_word_of_slack_is_classified(word: str, make: Make, receiver: Receiver) -> None:
    """Slack's own word decides, whatever the status, in a webhook's plain text as in the Web API's JSON."""
    receiver.always(Plan(SLACK_STATUS.get(word, 400), word))
    hook = refused(make, "slack-webhook")
    receiver.always(Plan(200, f'{{"ok": false, "error": "{word}"}}'))
    bot = refused(make, "slack-bot")
    assert (hook.reason, hook.permanent) == (bot.reason, bot.permanent) == ERRORS[word]


@pytest.mark.parametrize(
    "word", ["invalid_payload", "action_prohibited", "channel_not_found", "channel_is_archived", "no_service"]
)
def test_slacks_permanent_errors(word: str) -> None:
    """What Slack documents as final is parked at once."""
    assert ERRORS[word][1]


@pytest.mark.parametrize("kind", ["slack-webhook", "slack-bot"])
@pytest.mark.parametrize("text", ["no_such_word", "", "{}", '{"ok": false}', '{"ok": "true"}', "[1]", "OK", "<html>"])
def test_a_strange_200_is_tried_again(kind: str, text: str, make: Make, receiver: Receiver) -> None:
    """200 with anything but acceptance did not deliver the message, and may be a passing fault."""
    receiver.always(Plan(200, text))
    error = refused(make, kind)
    assert (error.reason, error.permanent) == ("protocol", False)


def test_every_reason_is_used() -> None:
    """The closed set of reasons holds nothing that no channel gives."""
    folder = Path(monitor.channels.__file__).parent
    text = "".join(file.read_text("utf-8") for file in sorted(folder.glob("*.py")))
    given = set(re.findall(r'SendError\(\s*"([a-z-]+)"', text)) | {reason for reason, _ in ERRORS.values()}
    given |= {"too-large", "rejected"}  # chosen between in one call
    assert given == set(REASONS)
