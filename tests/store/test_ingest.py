"""T1: polls become articles and pending judgements."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from monitor.records import Draft, Rhythm
from monitor.store import Store
from monitor.store.ingest import plan_ingest
from tests.postgres import NOW
from tests.store.build import DAY, FEED, HOUR, OTHER, article, draft, feed, poll


def test_a_new_article_waits_once_for_each_watchlist_in_the_order_of_the_drafts(store: Store) -> None:
    """What a poll brings is stored under the draft's identity and waits for every watchlist, oldest first."""
    done = store.ingest(poll(draft("a"), draft("b"), draft("c")), ["w", "v"], NOW)
    assert [item.id for item in done.new] == ["a", "b", "c"]
    assert (done.revised, done.seen) == ((), 0)
    for watchlist in ("w", "v"):
        waiting = store.pending(watchlist, 10)
        assert [item.article.id for item in waiting] == ["a", "b", "c"]
        assert [item.seq for item in waiting] == sorted(item.seq for item in waiting)
    assert store.pending_counts() == {"w": 3, "v": 3}


def test_an_article_comes_back_exactly_as_it_was_stored(store: Store) -> None:
    """Every field survives, the microseconds and the text to the last mark included."""
    exact = NOW.replace(microsecond=123457)
    given = article("a", summary="قالَ \u200f«نعم»", body="x\u200fy", published=exact, country="SY", lang=None, url=None)
    store.ingest(poll(Draft(("k",), "d", given), at=exact), ["w"], exact)
    (waiting,) = store.pending("w", 1)
    assert waiting.article == replace(given, first_seen=exact, feed=FEED)
    assert waiting.stored == exact


def test_the_same_poll_again_adds_nothing(store: Store) -> None:
    """Re-polling the same entries marks them seen: no article, no judgement."""
    store.ingest(poll(draft("a"), draft("b")), ["w"], NOW)
    again = store.ingest(poll(draft("a"), draft("b")), ["w"], NOW + HOUR)
    assert (again.new, again.revised, again.seen) == ((), (), 2)
    assert store.pending_counts() == {"w": 2}


@pytest.mark.parametrize("keys", [("guid:a", "url:new"), ("guid:new", "url:a"), ("url:a",)])
def test_any_known_key_makes_it_the_same_article(store: Store, keys: tuple[str, ...]) -> None:
    """A changed guid or a changed address alone does not make a second article."""
    store.ingest(poll(draft("a")), ["w"], NOW)
    other = Draft(keys, "a-text", article("another"))
    assert store.ingest(poll(other), ["w"], NOW).seen == 1
    assert store.ingest(poll(Draft((keys[0],), "a-text", article("third"))), ["w"], NOW).seen == 1


def test_the_strongest_known_key_decides(store: Store) -> None:
    """An entry whose guid is one article's and whose address is another's is the guid's."""
    store.ingest(poll(draft("a"), draft("b")), ["w"], NOW)
    done = store.ingest(poll(Draft(("guid:b", "url:a"), "changed", article("x"))), ["w"], NOW)
    assert [item.id for item in done.revised] == ["b"]


def test_a_changed_text_is_a_revision_and_waits_again(store: Store) -> None:
    """Another text under a known key is the next revision of the same article, first seen when the first was."""
    store.ingest(poll(draft("a", published=None)), ["w"], NOW)
    done = store.ingest(poll(draft("a", "corrected", published=None)), ["w"], NOW + HOUR)
    assert [(item.id, item.revision, item.first_seen) for item in done.revised] == [("a", 1, NOW)]
    assert [item.article.revision for item in store.pending("w", 10)] == [0, 1]
    done = store.ingest(poll(draft("a", "again")), ["w"], NOW + DAY)
    assert [item.revision for item in done.revised] == [2]


def test_two_wordings_of_one_article_do_not_take_turns_as_revisions(store: Store) -> None:
    """Two feeds that carry an article in two wordings make one revision, however often they are polled."""
    mine, theirs = draft("a"), draft("a", "short", keys=("guid:other", "url:a"))
    counts = []
    for _ in range(3):
        counts.append(len(store.ingest(poll(mine), ["w"], NOW).revised))
        counts.append(len(store.ingest(poll(theirs, url=OTHER), ["w"], NOW).revised))
    assert counts == [0, 1, 0, 0, 0, 0]


def test_an_entry_twice_in_one_document_is_one_article(store: Store) -> None:
    """Entries of one document that share a key are one article."""
    done = store.ingest(poll(draft("a"), draft("a"), Draft(("url:a",), "a-text", article("b"))), ["w"], NOW)
    assert ([item.id for item in done.new], done.seen) == (["a"], 2)


def test_an_article_whose_keys_were_forgotten_is_still_known_by_its_identity(store: Store) -> None:
    """A stored identity is never stored a second time, even under keys that nobody knows."""
    store.ingest(poll(draft("a")), ["w"], NOW)
    done = store.ingest(poll(Draft(("guid:unknown",), "a-text", article("a"))), ["w"], NOW)
    assert (done.new, done.seen) == ((), 1)


def test_what_is_older_than_asked_is_silent(store: Store) -> None:
    """A baseline's articles wait silently, and before the others; an undated one counts from when it was seen."""
    drafts = (draft("new"), draft("old", published=NOW - DAY), draft("undated", published=None))
    store.ingest(poll(*drafts, silent_before=NOW - HOUR), ["w"], NOW)
    assert [(item.article.id, item.silent) for item in store.pending("w", 10)] == [
        ("old", True),
        ("new", False),
        ("undated", False),
    ]


def test_a_document_of_hostile_texts_is_stored(store: Store) -> None:
    """NUL, lone surrogates and keys longer than an index holds neither fail the poll nor confuse identity."""
    long = "guid:" + "é" * 5000
    hostile = draft("a", keys=(long, "k\x00"), title="a\x00b\ud800c", summary="\udfff")
    for seen in (0, 1):
        assert store.ingest(poll(hostile, etag="\x00", url=FEED), ["w"], NOW).seen == seen
    (waiting,) = store.pending("w", 10)
    assert waiting.article.title == "a\ufffdb\ufffdc"
    assert store.ingest(poll(draft("b", keys=(long + "x",))), ["w"], NOW).seen == 0


def test_a_success_updates_the_feed_and_ends_its_baseline_and_claim(store: Store) -> None:
    """After a good poll the feed knows its validators, its next time, and that it has been read."""
    store.sync_feeds([feed()], NOW)
    (before,) = store.claim_due("me", NOW, 5, HOUR)
    assert (before.baseline, before.rhythm) == (True, Rhythm())
    rhythm = Rhythm(3600.0, (1, 2), (5, 6))
    store.ingest(poll(draft("a"), etag='"1"', modified="Mon", body_hash="h", rhythm=rhythm), ["w"], NOW)
    (state,) = store.feed_states()
    assert (state.etag, state.modified, state.body_hash, state.baseline) == ('"1"', "Mon", "h", False)
    assert (state.last_poll, state.last_success, state.last_new, state.last_status) == (NOW, NOW, NOW, 200)
    assert state.rhythm == rhythm
    assert (state.next_poll, state.interval, state.polls, state.entries, state.failures) == (NOW + HOUR, HOUR, 1, 1, 0)
    assert [item.feed.url for item in store.claim_due("you", NOW + HOUR, 5, HOUR)] == [FEED]


def test_an_unchanged_feed_has_the_validators_of_its_last_answer(store: Store) -> None:
    """What comes with nothing new is not news, and its validators replace the earlier ones as a pair."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(draft("a"), etag='"1"', modified="Mon", body_hash="h"), ["w"], NOW)
    store.ingest(poll(result="same", modified="Tue", body_hash="h", at=NOW + HOUR), ["w"], NOW + HOUR)
    (state,) = store.feed_states()
    assert (state.etag, state.modified, state.body_hash) == (None, "Tue", "h")
    assert (state.last_success, state.last_new) == (NOW + HOUR, NOW)


def test_a_partial_document_stores_no_validators(store: Store) -> None:
    """A truncated document's articles are kept, and its validators are not, so that the rest is fetched next time."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(draft("a"), etag='"1"'), ["w"], NOW)
    store.ingest(poll(draft("b")), ["w"], NOW + HOUR)
    assert store.feed_states()[0].etag is None


def test_a_failure_is_counted_and_told_and_keeps_what_was_known(store: Store) -> None:
    """A failed poll counts, keeps the validators and the baseline, and the next success clears it."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(draft("a"), etag='"1"'), ["w"], NOW)
    for _ in range(2):
        store.ingest(poll(result="timeout", error="no answer", status=None, moved_to=OTHER), ["w"], NOW)
    (state,) = store.feed_states()
    assert (state.failures, state.last_error, state.etag, state.last_success) == (2, "no answer", '"1"', NOW)
    assert (state.moved_to, state.polls) == (OTHER, 3)
    store.ingest(poll(), ["w"], NOW)
    assert (store.feed_states()[0].failures, store.feed_states()[0].last_error) == (0, None)


def test_a_feed_that_is_gone_is_retired_until_somebody_asks(store: Store) -> None:
    """A 410 ends polling; asking for a poll resumes it."""
    store.sync_feeds([feed()], NOW)
    store.ingest(poll(result="gone", error="410", gone=True), ["w"], NOW)
    assert store.feed_states()[0].retired
    assert store.claim_due("me", NOW + DAY, 5, HOUR) == []
    assert store.poll_now(FEED, NOW + DAY)
    assert len(store.claim_due("me", NOW + DAY, 5, HOUR)) == 1


def test_many_daemons_that_bring_the_same_articles_at_once_store_each_once(store_url: str) -> None:
    """Whoever is first, an article is stored once and waits once; the others see it."""
    crowd, rounds = 4, 12
    with Store.open(store_url, now=NOW) as first:
        stores = [first] + [Store.open(store_url, now=NOW) for _ in range(crowd - 1)]
        barrier = threading.Barrier(crowd)

        def bring(number: int) -> int:
            new = 0
            for turn in range(rounds):
                names = [f"{turn}-{item}" for item in range(5)]
                drafts = [draft(name, keys=(f"guid:{number}:{name}", f"url:{name}")) for name in names]
                barrier.wait(60)
                ordered = drafts if number % 2 else drafts[::-1]
                done = stores[number].ingest(poll(*ordered, url=f"{FEED}/{number}"), ["w"], NOW)
                new += len(done.new)
                assert len(done.new) + done.seen == 5
            return new

        with ThreadPoolExecutor(crowd) as threads:
            assert sum(threads.map(bring, range(crowd))) == rounds * 5
        assert first.pending_counts() == {"w": rounds * 5}
        for other in stores[1:]:
            other.close()


def test_a_plan_touches_nothing_it_was_given() -> None:
    """Planning is pure: the same knowledge gives the same plan twice."""
    keys, known = {"guid:a": "a"}, {"a": {"a-text": (0, NOW)}}
    drafts = [replace(item, article=replace(item.article, first_seen=NOW)) for item in (draft("a"), draft("b"))]
    first = plan_ingest(drafts, keys, known)
    assert first == plan_ingest(drafts, keys, known)
    assert (keys, known) == ({"guid:a": "a"}, {"a": {"a-text": (0, NOW)}})
    assert first.touched == {"guid:a"}
    assert first.keys == {"url:a": "a", "guid:b": "b", "url:b": "b"}
