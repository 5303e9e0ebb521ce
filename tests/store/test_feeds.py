"""Feeds: configuration, pauses and claims."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from monitor.records import Feed, FeedState
from monitor.store import Store
from monitor.store.feeds import DEFAULT_INTERVAL, FROM_FILES, _put
from tests.postgres import NOW, Server
from tests.store.build import DAY, FEED, HOUR, OTHER, draft, feed, poll


def urls(states: list[FeedState]) -> list[str]:
    return [state.feed.url for state in states]


def test_a_new_feed_is_due_now_with_all_it_was_given(store: Store) -> None:
    """Every setting of a feed survives, and a new one is a baseline that is due at once."""
    full = Feed(
        FEED,
        "Name",
        "ar",
        "SY",
        "agency",
        ("a", "b"),
        HOUR,
        True,
        "24h",
        {"X-Key": "secret:name"},
        "ca.pem",
        False,
        True,
        True,
    )
    store.sync_feeds([full], NOW)
    assert store.feed_states() == [FeedState(feed=full, next_poll=NOW, interval=HOUR)]
    assert store.feed_state(FEED) == store.feed_states()[0]
    store.sync_feeds([feed(OTHER)], NOW)
    assert store.feed_states()[0].interval == DEFAULT_INTERVAL


def test_a_changed_configuration_keeps_what_was_learned(store: Store) -> None:
    """Renaming a feed neither polls it early nor makes it a baseline again."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(draft("a"), etag='"1"'), ["w"], NOW)
    store.sync_feeds([feed(lang="ar")], NOW + timedelta(minutes=1))
    (state,) = store.feed_states()
    assert (state.feed.lang, state.etag, state.baseline, state.next_poll) == ("ar", '"1"', False, NOW + HOUR)


def test_a_feed_that_is_no_longer_configured_is_not_polled_and_not_forgotten(store: Store) -> None:
    """Removed from the files it is gone from lists and polling; put back, it starts with a baseline and its history."""
    store.sync_feeds([feed(), feed(OTHER)], NOW)
    store.ingest(poll(draft("a")), ["w"], NOW)
    store.sync_feeds([feed(OTHER)], NOW)
    assert urls(store.feed_states()) == [OTHER]
    assert store.feed_state(FEED) is None
    assert urls(store.claim_due("me", NOW + DAY, 9, HOUR)) == [OTHER]
    store.sync_feeds([feed(), feed(OTHER)], NOW + DAY)
    state = store.feed_state(FEED)
    assert state is not None
    assert (state.baseline, state.polls, state.next_poll) == (True, 1, NOW + DAY)
    assert store.ingest(poll(draft("a")), ["w"], NOW + DAY).seen == 1


def test_a_feed_that_was_added_by_command_outlives_the_files(store: Store) -> None:
    """Reading the files again leaves it; removing it by command ends it, which ends no feed of the files."""
    store.add_feed(feed(OTHER), NOW)
    store.sync_feeds([feed()], NOW)
    assert urls(store.feed_states()) == [FEED, OTHER]
    assert not store.remove_feed(FEED, NOW)
    assert store.remove_feed(OTHER, NOW)
    assert not store.remove_feed(OTHER, NOW)
    assert urls(store.feed_states()) == [FEED]


def test_a_pause_lasts_until_somebody_ends_it(store: Store) -> None:
    """A paused feed is listed and not polled, and reading the same files again does not wake it."""
    store.sync_feeds([feed()], NOW)
    assert store.set_paused(FEED, True)
    store.sync_feeds([feed(lang="ar")], NOW)
    assert store.feed_states()[0].feed.paused
    assert store.claim_due("me", NOW, 9, HOUR) == []
    assert store.next_feed_due() is None
    store.set_paused(FEED, False)
    assert urls(store.claim_due("me", NOW, 9, HOUR)) == [FEED]
    assert not store.set_paused(OTHER, True)


def test_the_files_decide_about_a_pause_when_they_change_it(store: Store) -> None:
    """A feed that its file pauses or resumes follows the file's change."""
    store.sync_feeds([feed(paused=True)], NOW)
    assert store.feed_states()[0].feed.paused
    store.set_paused(FEED, False)
    store.sync_feeds([feed(paused=True)], NOW)
    assert not store.feed_states()[0].feed.paused
    store.set_paused(FEED, True)
    store.sync_feeds([feed(paused=False)], NOW)
    assert not store.feed_states()[0].feed.paused


def test_the_longest_due_are_claimed_first_and_only_once(store: Store) -> None:
    """Feeds come in the order of their due times, up to the limit, to one claimer."""
    for number in range(4):
        store.add_feed(feed(f"{FEED}/{number}"), NOW - number * HOUR)
    store.add_feed(feed(OTHER), NOW + HOUR)
    assert store.next_feed_due() == NOW - 3 * HOUR
    assert urls(store.claim_due("me", NOW, 2, HOUR)) == [f"{FEED}/3", f"{FEED}/2"]
    assert urls(store.claim_due("you", NOW, 9, HOUR)) == [f"{FEED}/1", f"{FEED}/0"]
    assert store.claim_due("me", NOW, 9, HOUR) == []


def test_whether_any_is_due_is_told_without_a_claim(store: Store) -> None:
    """A look says what a claim would find, and takes nothing."""
    assert not store.any_due(NOW)
    store.sync_feeds([feed("a")], NOW)
    assert store.any_due(NOW)
    assert store.any_due(NOW)
    assert not store.any_due(NOW - timedelta(seconds=1))
    store.claim_due("me", NOW, 1, timedelta(hours=1))
    assert not store.any_due(NOW)


def test_a_dead_claimers_feeds_come_back(store: Store) -> None:
    """After the claim's time, or when its owner is declared dead, the feeds are due again."""
    store.add_feed(feed(), NOW)
    assert len(store.claim_due("dead", NOW, 9, timedelta(0))) == 1
    assert len(store.claim_due("dead too", NOW, 9, HOUR)) == 1
    assert store.claim_due("me", NOW, 9, HOUR) == []
    store.abandon("dead too")
    assert len(store.claim_due("me", NOW, 9, HOUR)) == 1


def test_a_claim_is_kept_by_whoever_has_it(store: Store) -> None:
    """A claimer that lives keeps its feeds as long as it says so; what went to another is not taken back."""
    store.add_feed(feed(), NOW)
    store.claim_due("me", NOW, 9, timedelta(0))
    store.keep_claims("me", [FEED, OTHER], HOUR)
    assert store.claim_due("you", NOW, 9, HOUR) == []
    store.keep_claims("me", [FEED], timedelta(0))
    assert len(store.claim_due("you", NOW, 9, timedelta(0))) == 1
    store.keep_claims("me", [FEED], HOUR)
    assert len(store.claim_due("they", NOW, 9, HOUR)) == 1


def test_a_clock_set_back_stops_no_feed(store: Store) -> None:
    """Feeds polled and claimed while the clock stood ten years ahead are due when it stands right again."""
    store.add_feed(feed(), NOW)
    ahead = NOW + 3650 * DAY
    store.claim_due("me", ahead, 9, HOUR)
    with store._db.write() as connection:
        decade = 3650 * DAY // timedelta(microseconds=1)
        connection.execute(
            text("UPDATE feeds SET claimed_at = claimed_at + :d, claimed_until = claimed_until + :d"), {"d": decade}
        )
    assert len(store.claim_due("you", NOW, 9, HOUR)) == 1
    store.ingest(poll(at=ahead), [], ahead)
    assert len(store.claim_due("me", NOW, 9, HOUR)) == 1


def test_many_daemons_share_the_feeds_without_overlap(store_url: str) -> None:
    """Claimed by several at once, every feed goes to exactly one."""
    crowd, count = 4, 60
    stores = [Store.open(store_url, now=NOW) for _ in range(crowd)]
    stores[0].sync_feeds([feed(f"{FEED}/{number}") for number in range(count)], NOW)
    barrier = threading.Barrier(crowd)

    def claim(number: int) -> list[str]:
        found: list[str] = []
        barrier.wait(60)
        for _ in range(count):
            found += urls(stores[number].claim_due(f"daemon-{number}", NOW, 3, HOUR))
        return found

    with ThreadPoolExecutor(crowd) as threads:
        claimed = [url for found in threads.map(claim, range(crowd)) for url in found]
    assert sorted(claimed) == sorted(f"{FEED}/{number}" for number in range(count))
    for opened in stores:
        opened.close()


def test_daemons_that_start_at_once_store_their_feeds_once(postgresql: Server) -> None:
    """The later of two that store the same new feeds waits for the earlier, and goes on with what that one stored."""
    url = postgresql.url()
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with Store.open(url, now=NOW) as first, Store.open(url, now=NOW) as later, ThreadPoolExecutor(1) as threads:
        with first._db.write() as connection:
            _put(connection, feed(), None, FROM_FILES, NOW)
            syncing = threads.submit(later.sync_feeds, [feed(), feed(OTHER)], NOW)
            while not postgresql.execute(waits)[0][0]:
                assert not syncing.done()
        syncing.result()
        assert [state.feed.url for state in first.feed_states()] == [FEED, OTHER]


def test_a_feed_is_known_by_what_it_brings(store: Store) -> None:
    """New articles a day leave the first poll out, a known article from another feed is shared, latency is smoothed."""
    store.sync_feeds([feed(), feed(OTHER)], NOW)
    store.ingest(poll(draft("a"), draft("b"), seconds=1.0), ["w"], NOW)
    later = NOW + 2 * DAY
    store.ingest(poll(draft("c"), draft("d"), draft("a"), at=later, seconds=2.0), ["w"], later)
    again = replace(draft("a"), keys=("guid:other-a", *draft("a").keys))
    store.ingest(replace(poll(again), url=OTHER), ["w"], later)
    first, other = store.feed_state(FEED), store.feed_state(OTHER)
    assert first is not None
    assert other is not None
    assert (first.entries, first.shared, round(first.seconds, 3)) == (4, 0, 1.2)
    assert (other.entries, other.shared) == (0, 1)
    assert store.new_per_day(later) == {FEED: 1.0}
