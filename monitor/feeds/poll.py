"""One poll of one feed, from its stored state to everything that the store must write.

    state -> fetch -> same bytes? done -> parse what is new -> drafts, oldest first -> next poll -> Poll

A feed's faults, whatever they are, become the poll's result and error: nothing here stops another feed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from monitor.errors import FetchError, ParseError
from monitor.feeds import schedule
from monitor.feeds.article import drafts, keys, short
from monitor.feeds.fetch import Fetcher, Refused, Response
from monitor.feeds.fulltext import complete
from monitor.feeds.parsed import Parsed
from monitor.feeds.schedule import Hints, Outcome
from monitor.feeds.standing import Known, Standing, known
from monitor.records import Draft, FeedState, Poll, Rhythm
from monitor.text import dates

REFRESH = timedelta(days=7)
FAILED_AGAIN = timedelta(days=1)
OLD = timedelta(days=7)


class Parser(Protocol):
    """What a poll needs of the parser pool."""

    standing: Standing

    def parse(self, body: bytes, content_type: str | None, url: str, known: frozenset[str] = ...) -> Parsed:
        """Read a feed, leaving out known items. Raises ParseError."""

    def run(self, head: dict[str, Any], body: bytes) -> Any:
        """Do another job in a worker. Raises ParseError."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What parsing gave: drafts, the document's rhythm, and how much of it was new."""

    drafts: tuple[Draft, ...]
    rhythm: Rhythm
    outcome: Outcome
    notes: tuple[str, ...]


def poll(state: FeedState, fetcher: Fetcher, pool: Parser, now: datetime) -> Poll:
    """Poll a feed. Never raises for what a feed or its server does."""
    url, own = _where(state)
    started = time.monotonic()
    refresh = _passes(state, now, REFRESH)
    try:
        response = fetcher.get(state, now, url=url, conditional=own and not refresh)
    except FetchError as error:
        return _failed(state, now, error, url, time.monotonic() - started)
    moved = _moved(state, response, pool.standing, url)
    learned = pool.standing.get(state.feed.url, state.body_hash)
    if response.not_modified or (response.body_hash == state.body_hash and not refresh):
        return _done(state, now, response, Outcome(), state.rhythm, moved)
    bad = None if _passes(state, now, FAILED_AGAIN) else pool.standing.bad(state.feed.url, response.body_hash)
    if bad is not None:
        return _unreadable(state, now, response, bad)
    try:
        read = _read(state, response, pool, now, None if refresh else learned)
    except ParseError as error:
        pool.standing.put_bad(state.feed.url, response.body_hash, error)
        return _unreadable(state, now, response, error)
    pool.standing.put_bad(state.feed.url, response.body_hash, None)
    found = complete(read.drafts, state, fetcher, pool, now) if state.feed.fulltext else read.drafts
    return _done(state, now, response, read.outcome, read.rhythm, moved, found, read.notes)


def _where(state: FeedState) -> tuple[str, bool]:
    """Return the address to ask, and whether the stored validators are its own.

    A feed that moved and then fails is asked at its old address now and then: the move may have been a mistake.
    """
    if state.moved_to and state.failures % 3 == 2:
        return state.feed.url, False
    return state.moved_to or state.feed.url, True


def _moved(state: FeedState, response: Response, standing: Standing, asked: str) -> str | None:
    """Return where the feed lives from now on: a permanent redirect counts when it is seen the second time."""
    if standing.confirmed(state.feed.url, response.moved_to):
        return response.moved_to
    if state.moved_to and asked == state.feed.url and response.moved_to is None:
        return state.feed.url  # back to where it was: the move was a mistake
    return state.moved_to


def _read(state: FeedState, response: Response, pool: Parser, now: datetime, learned: Known | None) -> _Read:
    """Parse what is new in the document, make drafts of it, and remember what stands there. Raises ParseError."""
    before = learned.items() if learned is not None else {}
    parsed = pool.parse(response.body, response.content_type, response.url, frozenset(before))
    standing = [key for mark in parsed.standing for key in before[mark]]
    identities = [keys(entry, state.feed) for entry in parsed.entries]
    found = drafts(parsed, state.feed, now, standing, identities)
    rhythm = Rhythm(parsed.ttl, tuple(parsed.skip_hours), tuple(parsed.skip_days))
    if len(parsed.marks) == len(parsed.entries):
        items = {mark: before[mark] for mark in parsed.standing}
        for mark, own in zip(parsed.marks, identities, strict=True):
            items[mark] = tuple(short(key) for key in own)
        pool.standing.put(state.feed.url, known(response.body_hash, items))
    fresh = len(found) if learned is not None else sum(1 for draft in found if _is_fresh(draft, state))
    outcome = Outcome(fresh=fresh, items=max(parsed.items, len(parsed.entries)))
    return _Read(found, rhythm, outcome, (*parsed.notes, *_date_notes(parsed, now)))


def _date_notes(parsed: Parsed, now: datetime) -> list[str]:
    """Return what is odd about the entries' dates, each oddity once with its number and an example."""
    odd: dict[str, list[str]] = {}
    for entry in parsed.entries:
        note = dates.clamp(entry.published, entry.published_raw, now).note
        if note is not None and entry.published_raw:
            odd.setdefault(note, []).append(entry.published_raw)
    return [f"{len(raws)} dates {note}, such as {raws[0][:60]!r}" for note, raws in odd.items()]


def _is_fresh(draft: Draft, state: FeedState) -> bool:
    """Tell whether an entry was published since the last success, where nothing better is known."""
    when = draft.article.published
    return when is not None and state.last_success is not None and when > state.last_success


def _hints(response: Response, rhythm: Rhythm) -> Hints:
    """Join what the document and the answer's headers say."""
    return Hints(
        ttl=rhythm.ttl,
        max_age=response.max_age,
        expires=response.expires,
        retry_after=response.retry_after,
        skip_hours=rhythm.skip_hours,
        skip_days=rhythm.skip_days,
    )


def _passes(state: FeedState, now: datetime, period: timedelta) -> bool:
    """Tell whether a border of the feed's own period lies between its last poll and now.

    Once a week everything is read anew, so that the store sees that old entries still stand in their feed.
    """
    if state.last_poll is None:
        return False
    offset = sum(state.feed.url.encode()) * 977 % int(period.total_seconds())
    return _slot(state.last_poll, offset, period) != _slot(now, offset, period)


def _slot(when: datetime, offset: int, period: timedelta) -> int:
    return int(when.timestamp() + offset) // int(period.total_seconds())


def _silent_before(state: FeedState, now: datetime) -> datetime | None:
    """Return what is history: everything at the first poll (as far back as asked), the long past later on."""
    if state.feed.backfill == "all":
        return None
    if not state.baseline:
        return min(now - OLD, (state.last_success or now) - timedelta(days=1))
    # One second beyond now: an undated entry is first seen now, and is history too.
    return now - timedelta(days=1) if state.feed.backfill == "24h" else now + timedelta(seconds=1)


def _done(
    state: FeedState,
    now: datetime,
    response: Response,
    outcome: Outcome,
    rhythm: Rhythm,
    moved: str | None,
    found: tuple[Draft, ...] = (),
    notes: tuple[str, ...] = (),
) -> Poll:
    """Return a poll that went well."""
    when, interval = schedule.next_poll(state, outcome, _hints(response, rhythm), now)
    etag, modified = _validators(state, response)
    return Poll(
        url=state.feed.url,
        at=now,
        result="new" if found else "same",
        next_poll=when,
        interval=interval,
        drafts=found,
        status=response.status,
        etag=etag,
        modified=modified,
        body_hash=state.body_hash if response.not_modified else response.body_hash,
        rhythm=rhythm,
        moved_to=moved,
        silent_before=_silent_before(state, now),
        seconds=response.seconds,
        notes=notes,
    )


def _validators(state: FeedState, response: Response) -> tuple[str | None, str | None]:
    """Return the ETag and Last-Modified to send next, a pair that one document bore; a 304 may repeat a part of it."""
    repeated = response.etag in {None, state.etag} and response.modified in {None, state.modified}
    kept = response.not_modified and repeated
    return (state.etag, state.modified) if kept else (response.etag, response.modified)


def _unreadable(state: FeedState, now: datetime, response: Response, error: ParseError) -> Poll:
    """Return a poll whose bytes were no feed. The validators stay those of the last document that could be read."""
    hints = Hints(retry_after=response.retry_after)
    when, interval = schedule.next_poll(state, Outcome(failed=True), hints, now)
    return Poll(
        url=state.feed.url,
        at=now,
        result=error.reason,
        next_poll=when,
        interval=interval,
        status=response.status,
        etag=state.etag,
        modified=state.modified,
        body_hash=state.body_hash,
        error=str(error),
        moved_to=state.moved_to,
        seconds=response.seconds,
    )


def _failed(state: FeedState, now: datetime, error: FetchError, asked: str, seconds: float) -> Poll:
    """Return a poll that brought no answer; what was learned before stays.

    Only its own address can say that a feed is gone: where it moved to it may have moved by mistake.
    """
    hints = Hints(retry_after=error.retry_after)
    when, interval = schedule.next_poll(state, Outcome(failed=True, busy=error.reason == "busy"), hints, now)
    return Poll(
        url=state.feed.url,
        at=now,
        result=error.reason,
        next_poll=when,
        interval=interval,
        status=error.status if isinstance(error, Refused) else None,
        etag=state.etag,
        modified=state.modified,
        body_hash=state.body_hash,
        error=str(error),
        moved_to=state.moved_to,
        gone=error.reason == "gone" and asked == state.feed.url,
        seconds=seconds,
    )
