"""Further outlets through the real path to a Slack on loopback: the count is updated, and nobody is alerted."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from monitor.channels.base import Channel
from monitor.channels.registry import build
from monitor.demo.receiver import Plan, Received, Receiver
from monitor.metrics import Metrics
from monitor.pipeline import Pipeline
from monitor.store import Store
from tests.test_pipeline import FACTS, Clock, article, drain, metric, poll, watchlist

BOT = {"type": "slack", "token": "secret:token", "channel": "C0000000001", "allow_private": True}


def bot(receiver: Receiver, **changes: object) -> Channel:
    options = {**BOT, "api": f"{receiver.url}/api", **changes}
    return build("desk", options, lambda name: SecretStr("xoxb-token"))


class Desk:
    """A daemon's path with a clock, over a store."""

    def __init__(self, store: Store, channel: Channel) -> None:
        self.clock = Clock()
        self.line = Pipeline(store, [watchlist()], {"desk": channel}, Metrics(), self.clock, owner="me")
        self.told = 0

    def tell(self, fact: str, **changes: str) -> None:
        """One more outlet reports the fact."""
        self.told += 1
        self.clock.forward(minutes=1)
        self.line.ingest(poll(article(self.told, fact, self.clock.now, **changes), at=self.clock.now))
        drain(self.line)

    def send(self) -> None:
        """Send until nothing is due."""
        while self.line.send("desk", 1):
            pass


def said(message: Received) -> str:
    return str(message.json["blocks"])


def test_a_copy_updates_the_count_instead_of_alerting(store: Store, receiver: Receiver) -> None:
    """A second and a third outlet bring the opening message up to date, once each, and ring nobody."""
    desk = Desk(store, bot(receiver))
    desk.tell(FACTS[0])
    desk.send()
    for _ in range(2):
        desk.tell(FACTS[0])
        desk.send()
    desk.send()
    posted, *changes = receiver.accepted
    assert posted.path == "/api/chat.postMessage"
    assert [one.path for one in changes] == ["/api/chat.update"] * 2
    assert {one.json["ts"] for one in changes} == {"1700000000.000001"}
    assert "1 outlet" in said(posted)
    assert ["2 independent" in said(changes[0]), "3 independent" in said(changes[1])] == [True, True]
    # But for the count it is the same message.
    assert said(changes[1]).replace("3 independent outlets", "1 outlet") == said(posted)
    assert metric(desk.line, "monitor_updates_total", channel="desk", result="updated", reason="") == 2


def test_the_same_outlet_again_changes_nothing(store: Store, receiver: Receiver) -> None:
    """An outlet that tells the story twice is one outlet."""
    desk = Desk(store, bot(receiver))
    desk.tell(FACTS[0])
    desk.send()
    desk.tell(FACTS[0], source="outlet-1.example")
    desk.send()
    assert [one.path for one in receiver.received] == ["/api/chat.postMessage"]


def test_many_outlets_make_one_update_with_the_last_count(store: Store, receiver: Receiver) -> None:
    """While the channel can't be reached, outlets gather; afterwards one update says how many there are."""
    desk = Desk(store, bot(receiver))
    desk.tell(FACTS[0])
    desk.send()
    receiver.always(Plan(503))
    for _ in range(4):
        desk.tell(FACTS[0])
        desk.send()
    refused = len(receiver.received) - 1
    receiver.always(Plan())
    desk.clock.forward(hours=1)
    desk.send()
    assert refused >= 1
    assert [one.path for one in receiver.accepted] == ["/api/chat.postMessage", "/api/chat.update"]
    assert "5 independent outlets" in said(receiver.accepted[1])
    assert not store.updates_due("desk", desk.clock.now, 5)


def test_an_update_that_was_not_recorded_is_made_again(store: Store, receiver: Receiver) -> None:
    """A sender that dies between the receiver's answer and the record repeats the update, with the count of then."""
    desk = Desk(store, bot(receiver))
    desk.tell(FACTS[0])
    desk.send()
    desk.tell(FACTS[0])
    # What a killed sender leaves behind: the receiver was told, the store was not.
    bot(receiver).update(  # type: ignore[attr-defined]
        store.alert(store.updates_due("desk", desk.clock.now, 1)[0].alert),
        receipt="1700000000.000001", now=desk.clock.now, deadline=5,
    )  # fmt: skip
    desk.tell(FACTS[0])
    desk.send()
    desk.send()
    assert [one.path for one in receiver.accepted] == ["/api/chat.postMessage", *["/api/chat.update"] * 2]
    assert "3 independent outlets" in said(receiver.accepted[-1])


@pytest.mark.parametrize("word", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_a_message_that_can_not_be_changed_is_let_be(store: Store, receiver: Receiver, word: str) -> None:
    """A message that was deleted or is too old is not tried for days, and nothing is parked for a number."""
    desk = Desk(store, bot(receiver))
    desk.tell(FACTS[0])
    desk.send()
    receiver.then(Plan(200, json.dumps({"ok": False, "error": word})))
    desk.tell(FACTS[0])
    desk.send()
    desk.clock.forward(days=1)
    desk.send()
    assert len(receiver.received) == 2
    assert store.outbox_stats(sent=True)["desk"].states == {"sent": 1}


def test_alerts_go_before_updates(store: Store, receiver: Receiver) -> None:
    """What rings somebody never waits for a number."""
    desk = Desk(store, bot(receiver))
    desk.tell(FACTS[0])
    desk.send()
    desk.tell(FACTS[0])
    desk.tell(FACTS[1])
    desk.send()
    assert [one.path.rpartition(".")[2] for one in receiver.accepted] == ["postMessage", "postMessage", "update"]


def test_channels_that_can_not_change_a_message_say_nothing(store: Store, receiver: Receiver) -> None:
    """A Slack webhook gives no receipt; a mail's is of no use for changing it: nothing is sent for a count."""
    hook = build(
        "desk",
        {"type": "slack", "url": "secret:hook", "allow_private": True},
        lambda _: SecretStr(receiver.url + "/services/T/B/x"),
    )
    desk = Desk(store, hook)
    desk.tell(FACTS[0])
    desk.tell(FACTS[0])
    desk.send()
    assert len(receiver.received) == 1
    # The bot's channel becomes a webhook while its message waits to be changed.
    before = Desk(store, bot(receiver))
    before.told = 10
    before.tell(FACTS[2])
    before.send()
    before.tell(FACTS[2])
    desk.clock.now = before.clock.now
    desk.line.channels = {
        "desk": build("desk", {"type": "webhook", "url": receiver.url, "allow_private": True}, SecretStr)
    }
    desk.send()
    assert len(receiver.received) == 2
    assert not store.updates_due("desk", desk.clock.now, 5)
