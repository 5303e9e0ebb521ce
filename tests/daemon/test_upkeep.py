"""What the daemon does for itself: alerts about its own state, a sign of life, retention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.daemon.upkeep import WATCHLIST, Upkeep, message
from monitor.demo.receiver import Receiver
from monitor.metrics import Metrics
from monitor.model import Article
from monitor.records import Draft, Feed, Poll
from monitor.settings import Operator, Retention, Settings
from monitor.store import Store
from tests.daemon.test_daemon import FACT, eventually, now, running, settings
from tests.newsroom import Item, Newsroom

__all__ = ["settings"]

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed(url="https://feed.example/x.xml", name="Example")


class Clock:
    """A time that only the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/one.db", now=START) as one:
        one.sync_feeds([FEED], START)
        yield one


@pytest.fixture
def upkeep(store: Store, clock: Clock) -> Upkeep:
    return Upkeep(store, Metrics(), clock, "me", lambda: None)


def told(store: Store) -> list[str]:
    return sorted(row.alert.rule for row in store.alerts(None, None, 100) if row.alert.watchlist == WATCHLIST)


def poll(at: datetime, *drafts: Draft, error: str | None = None) -> Poll:
    span = timedelta(minutes=15)
    return Poll(FEED.url, at, "new" if error is None else "server", at + span, span, drafts, error=error)


def draft(guid: str, at: datetime) -> Draft:
    article = Article(id=guid, source="x", url=None, published=at, lang="ar", title=FACT, first_seen=at)
    return Draft((guid,), guid, article)


def test_trouble_is_told_once_a_period(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """A rejected reload is told to the operator's channel at once, not again within the period, and again after it."""
    wanted = Settings(operator=Operator(send_to=("desk",), repeat_hours=6))
    upkeep.turn(wanted)
    assert told(store) == []
    upkeep.rejected = "desk.yml:6:3: unknown entity"
    upkeep.turn(wanted)
    clock.now += timedelta(hours=1)
    upkeep.turn(wanted)
    assert told(store) == ["rejected-reload"]
    (row,) = store.alerts(None, None, 10)
    assert "desk.yml:6:3" in (row.alert.article.summary or "")
    assert [delivery.channel for delivery in row.deliveries] == ["desk"]
    clock.now += timedelta(hours=6)
    upkeep.turn(wanted)
    assert told(store) == ["rejected-reload"] * 2


@pytest.mark.parametrize("minute", [0, 359])
def test_a_period_begins_when_it_is_told(store: Store, clock: Clock, minute: int) -> None:
    """Whenever the trouble comes, a daemon that is started anew tells it again after the whole period, not before."""
    wanted = Settings(operator=Operator(send_to=("desk",), repeat_hours=6))
    clock.now = START + timedelta(minutes=minute)
    for after, times in ((0, 1), (2, 1), (357, 1), (1, 2), (359, 2), (1, 3)):
        clock.now += timedelta(minutes=after)
        upkeep = Upkeep(store, Metrics(), clock, "me", lambda: None)
        upkeep.rejected = "wrong"
        upkeep.turn(wanted)
        assert len(told(store)) == times


def test_a_clock_that_was_set_back_keeps_nobody_uninformed(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """What was told at a time that is now to come does not count as told lately."""
    wanted = Settings(operator=Operator(send_to=("desk",), repeat_hours=6))
    upkeep.rejected = "wrong"
    upkeep.turn(wanted)
    clock.now -= timedelta(days=300)
    for _ in range(2):
        upkeep.turn(wanted)
    assert len(told(store)) == 2


def test_parked_deliveries_are_told(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """A delivery that was given up reaches the operator's channel, with its own channel's name, count and the fix."""
    wanted = Settings(operator=Operator(send_to=("desk",)))
    for number in range(2):
        store.release_digest(message(f"news {number}", FACT, (), START, timedelta(hours=1)), (), ("archive",), START)
    upkeep.turn(wanted)
    assert "parked-deliveries" not in told(store)
    lease = store.acquire("channel:archive", "me", timedelta(minutes=1))
    assert lease
    for delivery in store.due("archive", START, 10):
        store.park(delivery.id, lease, "gone: 410", START)
    upkeep.turn(wanted)
    (row,) = [row for row in store.alerts(None, None, 9) if row.alert.rule == "parked-deliveries"]
    assert row.alert.article.title == "2 deliveries are parked; mend the channel, then: monitor alerts retry"
    assert row.alert.article.summary == "archive: 2"
    assert [delivery.channel for delivery in row.deliveries] == ["desk"]


def test_two_daemons_tell_it_once(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """Daemons on one store make the same key of the same trouble."""
    wanted = Settings(operator=Operator(send_to=("desk",)))
    other = Upkeep(store, Metrics(), clock, "another", lambda: None)
    upkeep.rejected = other.rejected = "wrong"
    upkeep.turn(wanted)
    other.turn(wanted)
    assert told(store) == ["rejected-reload"]


def test_nobody_is_told_unless_asked(store: Store, upkeep: Upkeep) -> None:
    """Without an operator's channel nothing is written."""
    upkeep.rejected = "wrong"
    upkeep.turn(Settings())
    assert told(store) == []


def test_a_stale_feed_is_told_and_counted(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """A feed that failed for longer than the setting is named with its last error."""
    wanted = Settings(operator=Operator(send_to=("desk",), stale_hours=24))
    store.ingest(poll(START), (), START)
    clock.now = START + timedelta(hours=25)
    store.ingest(poll(clock.now, error="500: the server failed"), (), clock.now)
    upkeep.turn(wanted)
    upkeep.gauge(store.feed_states())
    assert told(store) == ["stale-feeds"]
    assert "500" in (store.alerts(None, None, 10)[0].alert.article.summary or "")


def test_feeds_that_moved_or_ended_are_told_once_a_week(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """A permanent move and a 410 reach the operator by name; the reminder comes a week later."""
    wanted = Settings(operator=Operator(send_to=("desk",), repeat_hours=1))
    other = Feed(url="https://feed.example/y.xml", name="Other")
    store.sync_feeds([FEED, other], START)
    store.ingest(replace(poll(START), moved_to="https://feed.example/new.xml"), (), START)
    store.ingest(replace(poll(START, error="410"), url=other.url, gone=True), (), START)
    for hours in (0, 5):
        clock.now = START + timedelta(hours=hours)
        upkeep.turn(wanted)
    (row,) = [row for row in store.alerts(None, None, 9) if row.alert.rule == "changed-feeds"]
    assert row.alert.article.title == "2 feeds moved or ended; mend the list"
    assert row.alert.article.summary == (
        "Other: gone for good (410)\nExample: lives at https://feed.example/new.xml now"
    )
    clock.now = START + timedelta(days=7)
    upkeep.turn(wanted)
    assert told(store).count("changed-feeds") == 2


def test_the_heartbeat_comes_once_a_period_and_does_not_pile_up(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """One sign of life a period; while one still waits for a channel that is down, no other joins it."""
    wanted = Settings(operator=Operator(heartbeat="pulse", heartbeat_minutes=10))
    upkeep.turn(wanted)
    upkeep.turn(wanted)
    assert told(store) == ["heartbeat"]
    clock.now += timedelta(minutes=30)
    upkeep.turn(wanted)
    assert told(store) == ["heartbeat"]


def test_what_is_old_is_forgotten_daily_but_no_alert(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """Articles go when their days are over; a key stays while its entry stands in the feed."""
    store.ingest(poll(START, draft("a1", START)), (), START)
    clock.now = START + timedelta(days=100)
    store.ingest(poll(clock.now, draft("a1", START)), (), clock.now)
    upkeep.turn(Settings(retention=Retention(days=90)))
    assert store.status().articles == 0
    again = store.ingest(poll(clock.now, draft("a1", START)), (), clock.now)
    assert not again.new


def test_a_database_that_is_too_large_forgets_sooner(store: Store, upkeep: Upkeep, clock: Clock) -> None:
    """Above its bound articles younger than `days` go, oldest first, though never those of the last week."""
    for day in range(0, 40, 4):
        at = START + timedelta(days=day)
        one = replace(draft(f"a{day}", at), article=replace(draft(f"a{day}", at).article, body=f"{day:08}" * 900_000))
        store.ingest(poll(at, one), (), at)
    clock.now = START + timedelta(days=40)
    assert store.used() > 50_000_000
    upkeep.turn(Settings(retention=Retention(days=90, megabytes=50)))
    assert store.used() <= 50_000_000
    assert 2 <= store.status().articles < 10


def test_the_operator_hears_of_a_rejected_reload(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """The whole way: a wrong file is saved, and the message about it arrives on a channel."""
    settings.write_text(settings.read_text("utf-8") + "operator: {send_to: archive}\n", "utf-8")
    file = settings.parent / "lists" / "desk.yml"
    with running(settings) as daemon:
        file.write_text(file.read_text("utf-8").replace("when: lavrov", "when: lavrof"), "utf-8")
        (message,) = receiver.wait(1, 30)
        assert "rejected" in message.json["article"]["title"]
        room.publish("north", Item("a1", FACT, FACT, now()))
        receiver.wait(2, 30)
        assert eventually(lambda: not daemon.alive())
