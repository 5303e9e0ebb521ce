"""Leases: one holder at a time, in the database's time, with a fence that grows when hands change."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from monitor.errors import LeaseLost, StoreError
from monitor.records import Versions
from monitor.store import Store, engine
from monitor.store.part import guard
from tests.postgres import NOW, Server
from tests.store.build import DAY, HOUR, draft, judgement, lease, poll

GONE = timedelta(0)  # a lease of no length has run out when it is made


def test_one_holds_and_the_others_wait(store: Store) -> None:
    """While one owner holds a lease nobody else gets it."""
    mine = lease(store, "watchlist:w", "me")
    assert (mine.name, mine.owner, mine.token) == ("watchlist:w", "me", 1)
    assert store.acquire("watchlist:w", "you", HOUR) is None
    assert store.acquire("watchlist:v", "you", HOUR) is not None


def test_the_owner_renews_with_the_same_token(store: Store) -> None:
    """Acquiring again and renewing prolong the lease; the fence stays."""
    mine = lease(store, "w", ttl=HOUR)
    again = lease(store, "w", ttl=2 * HOUR)
    assert again.token == mine.token
    assert again.expires - mine.expires >= HOUR
    assert store.renew(mine, 3 * HOUR).expires > again.expires


def test_an_expired_lease_changes_hands_with_a_new_token(store: Store) -> None:
    """What ran out can be taken, and its former holder can neither renew nor write."""
    mine = lease(store, "w", "me", GONE)
    yours = lease(store, "w", "you")
    assert yours.token == mine.token + 1
    with pytest.raises(LeaseLost, match="w ran out or went to another"):
        store.renew(mine, HOUR)
    assert store.acquire("w", "me", HOUR) is None


def test_an_expired_lease_can_not_be_renewed_even_if_nobody_took_it(store: Store) -> None:
    """Renewal after the end is refused: somebody may have held it in between."""
    mine = lease(store, "w", "me", GONE)
    with pytest.raises(LeaseLost):
        store.renew(mine, HOUR)


def test_a_released_lease_is_free_at_once_and_its_token_is_void(store: Store) -> None:
    """Releasing lets the next one in, and the former holder back only with a new token."""
    mine = lease(store, "w", "me")
    store.release(mine)
    assert lease(store, "w", "me").token == mine.token + 1
    store.release(mine)
    assert store.acquire("w", "you", HOUR) is None


def test_a_lease_taken_before_the_clock_was_set_back_is_free(store: Store) -> None:
    """A lease that was taken ten years ahead of the database's clock does not hold for ten years."""
    mine = lease(store, "watchlist:w", "me")
    store.ingest(poll(draft("a")), ["w"], NOW)
    with store._db.write() as connection:
        decade = 10 * 365 * DAY // timedelta(microseconds=1)
        connection.execute(text("UPDATE leases SET renewed = renewed + :d, expires = expires + :d"), {"d": decade})
    with pytest.raises(LeaseLost):
        store.record([judgement(store.pending("w", 1)[0])], mine)
    assert lease(store, "watchlist:w", "you").token == mine.token + 1


def test_an_owner_who_is_known_to_be_dead_is_cleared_away(store: Store) -> None:
    """Abandoning frees all leases of one owner, and no other's."""
    for name in ("a", "b"):
        lease(store, name, "dead")
    lease(store, "c", "alive")
    assert store.abandon("dead") == 2
    assert lease(store, "a", "me").token == 2
    assert store.acquire("c", "me", HOUR) is None


def test_of_many_that_reach_for_a_lease_at_once_one_gets_it(store_url: str) -> None:
    """Each round exactly one of the daemons holds the lease, and its token is one more than the last."""
    crowd, rounds = 4, 10
    stores = [Store.open(store_url, now=NOW) for _ in range(crowd)]
    barrier = threading.Barrier(crowd)

    def reach(number: int) -> list[int]:
        tokens = []
        for _ in range(rounds):
            barrier.wait(60)
            got = stores[number].acquire("w", f"daemon-{number}", HOUR)
            barrier.wait(60)
            if got:
                tokens.append(got.token)
                stores[number].release(got)
        return tokens

    with ThreadPoolExecutor(crowd) as threads:
        tokens = sorted(token for found in threads.map(reach, range(crowd)) for token in found)
    assert tokens == list(range(1, rounds + 1))
    for opened in stores:
        opened.close()


def test_a_fenced_writer_writes_nothing(store: Store) -> None:
    """A judge whose lease went to another is told so, and nothing of its judgement is kept."""
    mine = lease(store, "watchlist:w", "me", GONE)
    store.ingest(poll(draft("a")), ["w"], NOW)
    (waiting,) = store.pending("w", 1)
    for _ in ("expired", "taken"):
        with pytest.raises(LeaseLost):
            store.record([judgement(waiting)], mine)
        with pytest.raises(LeaseLost):
            store.fail("w", waiting.seq, "no", mine)
        with pytest.raises(LeaseLost):
            store.warm("w", Versions("v2"), NOW - DAY, NOW, mine)
        with pytest.raises(LeaseLost):
            store.requeue_failed("w", mine)
        assert store.pending("w", 1) == [waiting]
        assert store.versions("w") is None
        yours = lease(store, "watchlist:w", "you")
    assert store.record([judgement(waiting)], yours) == [1]


def test_a_lease_covers_only_its_own_work(store: Store) -> None:
    """A lease on one watchlist does not let its holder write for another: that is a bug, not a lost lease."""
    store.ingest(poll(draft("a")), ["w"], NOW)
    with pytest.raises(ValueError, match="watchlist:v does not cover watchlist:w"):
        store.record([judgement(store.pending("w", 1)[0])], lease(store, "watchlist:v"))


def test_a_holder_that_is_suspended_in_a_transaction_holds_nobody_up_for_long(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends a transaction in which nothing happens, so that the lease that it has locked changes hands."""
    url = postgresql.emptied()
    with Store.open(url, now=NOW, lock_wait=5) as other, monkeypatch.context() as patch:
        patch.setattr(engine, "IDLE", 1.0)
        suspended = Store.open(url, now=NOW, lock_wait=5)
        held = lease(suspended, "watchlist:w", "me", timedelta(seconds=0.2))

        def stand_still() -> None:
            with suspended._db.write() as connection:
                guard(connection, held, "watchlist:w")
                while other.acquire("watchlist:w", "you", HOUR) is None:
                    pass
                connection.execute(text("SELECT 1"))

        with pytest.raises(StoreError, match="stood still"):
            stand_still()
        assert lease(other, "watchlist:w", "you").token == held.token + 1
        suspended.close()
