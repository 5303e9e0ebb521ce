"""T1 in threads: due feeds are claimed for the threads that are free, polled, and stored.

The scheduler's tick starts it; while more is due than there are threads, those that are done claim the next ones
themselves, so that the rate is the threads' and not the tick's. Polls that wait to be written while another is are
written together: with a disk that takes its time, the rate is not the disk's either.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic

from monitor.daemon.loop import Crew
from monitor.errors import StoreBusy, StoreError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.parse import ParserPool
from monitor.pipeline import Pipeline
from monitor.records import FeedState, Poll

CLAIM = timedelta(seconds=60)
"""How long a claimed feed is ours without a word from us; while its poll lasts, each third of it is a word."""
TOGETHER = 4
"""Feeds are claimed when this part of the threads is free: one transaction for several."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A poll on its way to the store, and how that went."""

    poll: Poll
    done: bool = False
    error: Exception | None = None


class Together:
    """Writes the polls of several threads at once: whoever gets the pen writes for all who wait for it."""

    def __init__(self, write: Callable[[Sequence[Poll]], object], most: int) -> None:
        """`write` stores polls in one transaction, at most that many; with 1, every thread writes for itself."""
        self._write, self._most = write, most
        self._waiting: list[_Waiting] = []
        self._lock, self._pen = threading.Lock(), threading.Lock()

    def put(self, poll: Poll) -> None:
        """Store a poll; returns when it is stored, and raises what `write` raised for it."""
        if self._most == 1:
            self._write([poll])
            return
        mine = _Waiting(poll)
        with self._lock:
            self._waiting.append(mine)
        with self._pen:
            while not mine.done:
                with self._lock:
                    batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                self._store(batch)
        if mine.error is not None:
            raise mine.error

    def _store(self, batch: list[_Waiting]) -> None:
        error = self._tried([one.poll for one in batch])
        for one in batch:
            # What no transaction can hold must not keep the others from theirs; a store that is busy is so for all.
            alone = error is not None and len(batch) > 1 and not isinstance(error, StoreBusy)
            one.error = self._tried([one.poll]) if alone else error
            one.done = True

    def _tried(self, polls: Sequence[Poll]) -> Exception | None:
        try:
            self._write(polls)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            return error
        return None


class Polling:
    """The poll threads. `failed` judges what goes wrong in them; `stored` hears of every poll that was stored.

    While `held` says so nothing more is claimed.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        fetcher: Fetcher,
        parsers: ParserPool,
        threads: int,
        failed: Callable[[str, Exception], bool],
        stored: Callable[[], None],
        held: Callable[[], object] = lambda: False,
    ) -> None:
        """Start the threads; nothing is polled before the first `turn`."""
        self._pipeline, self._fetcher, self._parsers = pipeline, fetcher, parsers
        self._failed, self._stored, self._held = failed, stored, held
        self._threads = self._free = threads
        self._more = self._abandoned = False
        self._killed = 0
        self._claimed: dict[str, float] = {}  # a feed that is being polled -> when its claim was last made sure of
        self._claiming, self._lock = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._together = Together(pipeline.ingest_all, pipeline.store.together)
        self._crew = Crew(threads, "poll")

    @property
    def idle(self) -> bool:
        """Tell whether every thread is free."""
        with self._lock:
            return self._free == self._threads

    def turn(self) -> bool:
        """Claim due feeds for the threads that are free; tell whether there were any. Raises StoreError."""
        if self._stop.is_set() or self._held() or not self._claiming.acquire(blocking=False):
            return False  # or somebody claims at this moment
        try:
            self._keep()
            claimed = self._claim()
        finally:
            self._claiming.release()
        for state in claimed:
            self._crew.submit(partial(self._poll, state))
        return bool(claimed)

    def _keep(self) -> None:
        """Keep what is still being polled: pages, a slow server and a wait for a parser may outlast a claim."""
        now = monotonic()
        with self._lock:
            old = [url for url, at in self._claimed.items() if now - at > CLAIM.total_seconds() / 3]
        if old:
            self._pipeline.store.keep_claims(self._pipeline.owner, old, CLAIM)
        with self._lock:
            self._claimed.update((url, now) for url in old if url in self._claimed)

    def _claim(self) -> list[FeedState]:
        pipeline = self._pipeline
        with self._lock:
            free, self._more = self._free, False
        if not free or not pipeline.store.any_due(pipeline.clock()):
            return []
        now = monotonic()
        claimed = pipeline.store.claim_due(pipeline.owner, pipeline.clock(), free, CLAIM)
        with self._lock:
            self._claimed.update((state.feed.url, now) for state in claimed)
            self._free -= len(claimed)
            self._more = len(claimed) == free
        return claimed

    def stop(self) -> None:
        """Claim no more; threads end after the polls that were claimed."""
        self._stop.set()
        self._crew.stop()

    def join(self, until: float) -> bool:
        """Wait for the threads, until that monotonic time; tell whether all ended. The rest stores nothing any more."""
        ended = self._crew.join(until)
        self._abandoned = True
        return ended

    def _poll(self, state: FeedState) -> None:
        try:
            if not self._stop.is_set():
                poll = self._pipeline.fetch(state, self._fetcher, self._parsers)
                self._count_kills()
                if not self._abandoned:
                    self._ingest(poll)
        except Exception as error:  # noqa: BLE001 - judged by `failed`, like every loop's
            self._failed("poll", error)
        finally:
            with self._lock:
                self._claimed.pop(state.feed.url, None)
                self._free += 1
                again = self._more and self._free * TOGETHER >= self._threads
        if again:
            self._again()

    def _count_kills(self) -> None:
        with self._lock:
            replaced = self._parsers.replaced
            killed, self._killed = replaced - self._killed, replaced
        self._pipeline.metrics.parser_kills.inc(killed)

    def _again(self) -> None:
        try:
            self.turn()
        except Exception as error:  # noqa: BLE001 - judged by `failed`; after the store's troubles the tick goes on
            self._failed("poll", error)

    def _ingest(self, poll: Poll) -> None:
        """Store a poll; while the store fails, try again as long as the feed is ours. Later it is polled anew."""
        until = monotonic() + CLAIM.total_seconds() / 2
        while True:
            try:
                self._together.put(poll)
            except StoreError as error:
                self._failed("poll", error)
                if monotonic() > until or self._stop.wait(1.0):
                    return
            else:
                self._stored()
                return
