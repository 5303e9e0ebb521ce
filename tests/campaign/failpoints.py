"""Named points of the path at which a crash matters, and the hook that crashes there.

Nothing of this stands in the program. What it must not lose or double, it writes in transactions of the store, one
method each; so every moment that matters lies before, in or after one of them, and a process that was armed before it
started wraps that method. `before`: all that led to the call is done, nothing of it is stored. `commit`: everything is
written, the transaction stands open. `after`: it is stored, and the program has not moved on.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Mapping
from functools import wraps
from typing import Any

from sqlalchemy import Connection, Engine, event

from monitor.store import Store

WIRE = "wire"
"""The one point outside the process: the receiver has the whole message, and its answer is not on the way."""

POINTS: Mapping[str, str] = {
    "sync_feeds:commit": "feeds are read anew, and about to be stored",
    "claim_due:after": "feeds are claimed and not yet asked",
    "ingest_all:before": "a feed is fetched and parsed, and nothing of it stored",
    "ingest_all:commit": "articles and their pending judgements are about to be stored",
    "ingest_all:after": "articles are stored, and no judge knows",
    "warm:commit": "a watchlist with other entities is about to begin a new memory",
    "warm:after": "a new memory is begun, and nothing is in it",
    "catch_up:commit": "what came in while nobody judged is about to wait",
    "amend:commit": "changed rules are about to be taken, with what their readers know",
    "amend:after": "they are taken, and nothing is judged by them",
    "record:before": "articles are judged, and nothing of them stored",
    "record:commit": "judgements are about to be stored with their alerts and deliveries",
    "record:after": "judgements are stored, and neither the memory nor a sender knows",
    "release_held:commit": "alerts held over quiet hours are about to get their deliveries",
    "release_held:after": "they have them, and no sender knows",
    "release_digest:commit": "a digest is about to take the place of its alerts",
    "release_digest:after": "the digest is in the outbox, and no sender knows",
    "begin:commit": "an attempt is about to be stored",
    "begin:after": "an attempt is stored, and nothing is sent",
    WIRE: "the receiver has the message, and its answer is not on the way",
    "sent:before": "the message is accepted, and that is not stored",
    "sent:commit": "the acceptance is about to be stored",
    "sent:after": "the acceptance is stored, and the next message not begun",
    "retry:commit": "a refusal and the time of the next attempt are about to be stored",
    "retry:after": "they are stored",
    "park:commit": "a delivery is about to be set aside for good",
    "purge:commit": "old articles are about to be forgotten",
}

NO_POINT: Mapping[str, str] = {
    "check": "writes nothing that anybody reads",
    "keep_claims": "a claim, which runs out by itself",
    "acquire": "a lease, which runs out by itself: the campaign of three daemons is about them",
    "renew": "a lease",
    "release": "a lease",
    "abandon": "a lease",
    "fail": "needs an article that can't be judged, which no feed can make",
    "updated": "a count in a message that was sent; the next count says it again",
    "put_off": "the same",
    "let_be": "the same",
    "requeue_failed": "for a person only",
    "unpark": "for a person only",
    "add_feed": "for a person only",
    "remove_feed": "for a person only",
    "set_paused": "for a person only",
    "poll_now": "for a person only",
    "add_silence": "for a person only",
    "expire_silence": "for a person only",
}
"""Methods of the store that write, and why they have no point."""


def arm(point: str, passes: int) -> None:
    """Make this process kill itself when it passes the point for that many times. Call it before any thread starts."""
    method, _, moment = point.partition(":")
    original = getattr(Store, method)
    idle = method == "release_held"  # called every few seconds, mostly with nothing to release
    count, here = itertools.count(1), threading.local()

    def passed() -> None:
        if next(count) == passes:
            os.kill(os.getpid(), signal.SIGKILL)

    @wraps(original)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if idle and not arguments[1]:
            return original(*arguments, **named)
        if moment == "before":
            passed()
        here.inside = True
        try:
            result = original(*arguments, **named)
        finally:
            here.inside = False
        if moment == "after":
            passed()
        return result

    setattr(Store, method, wrapped)
    if moment == "commit":

        @event.listens_for(Engine, "commit")
        def committing(connection: Connection) -> None:
            if getattr(here, "inside", False):
                passed()
