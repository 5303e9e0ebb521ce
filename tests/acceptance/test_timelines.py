"""Timelines against the real daemon: this happens, then that; what must have arrived, in which order, how often."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.demo.receiver import Plan, Receiver
from tests.acceptance.conftest import Start
from tests.newsroom import Item, Newsroom

PLACES = ("القاهرة", "بغداد", "أنقرة", "الرياض", "الجزائر", "تونس")


def report(number: int) -> Item:
    """One report of its own: another place, another subject."""
    text = f"وصل سيرغي لافروف إلى {PLACES[number]} ووقع البند رقم {number * 37 + 11} من الاتفاق"
    return Item(f"report-{number}", text, text, datetime.now(UTC))


def arrived(receiver: Receiver) -> list[str]:
    return [message.json["article"]["url"].rsplit("/", 1)[1] for message in receiver.accepted]


def test_a_receiver_that_refuses_gets_everything_once_it_is_back(
    start: Start, room: Newsroom, receiver: Receiver
) -> None:
    """Refused messages are sent again, each accepted once, and a story's in order."""
    receiver.then(Plan(503), Plan(429, headers={"retry-after": "1"}))
    room.publish("north", report(0), report(1))
    with start():
        receiver.wait(4, 60)
    assert arrived(receiver) == ["report-0", "report-1"]
    first = [message.id for message in receiver.received[:3]]
    assert len(set(first)) == 1


def test_what_one_feed_does_is_no_other_feeds_matter(start: Start, room: Newsroom, receiver: Receiver) -> None:
    """While one feed serves a web page, nonsense or nothing, the other one's news arrives; afterwards its own too."""
    room.publish("south", report(0))
    with start() as daemon:
        for number, body in enumerate((b"<html><body>Not found</body></html>", b"\x1f\x8bgarbage", b""), start=1):
            room.answer("north", raw=body)
            room.publish("south", report(number))
            receiver.wait(number + 1, 30)
        failing = {state.feed.name for state in daemon.store.feed_states() if state.failures}
        assert failing == {"north"}
    assert arrived(receiver) == [f"report-{number}" for number in range(4)]


def test_twenty_thousand_items_are_cut_and_reported_not_fatal(start: Start, room: Newsroom, receiver: Receiver) -> None:
    """A feed of 20,000 items gives its first ones, and the next feed's news still arrives."""
    item = "<item><guid>n{0}</guid><title>عنوان {0}</title></item>"
    many = "".join(item.format(number) for number in range(20_000))
    room.answer("north", raw=f"<rss version='2.0'><channel><title>many</title>{many}</channel></rss>".encode())
    room.publish("south", report(1))
    with start() as daemon:
        receiver.wait(1, 60)
        assert room.polled("north", 2, 60)
        assert 0 < daemon.store.status().articles < 20_000
        assert daemon.crash is None


def test_an_article_without_title_date_or_body_breaks_nothing(start: Start, room: Newsroom, receiver: Receiver) -> None:
    """Entries that lack what articles have are read as far as they go, and those around them arrive."""
    bare = "<item><guid>b1</guid></item><item><title></title><description></description></item>"
    only = "<item><guid>b2</guid><description>قال سيرغي لافروف إن المباحثات انتهت</description></item>"
    room.answer("north", raw=f"<rss version='2.0'><channel><title>x</title>{bare}{only}</channel></rss>".encode())
    room.publish("south", report(2))
    with start() as daemon:
        receiver.wait(2, 30)
        assert daemon.store.status().failed == {}
    assert len(receiver.accepted) == 2
