"""A delivery's life, and the only retry decision in the program.

                due, lease held               accepted
    PENDING ─────────────────────▶ SENDING ───────────────▶ SENT
       ▲                            │ ▲ │ ▲
       │              failed,       │ │ └─┘ left by a sender that died: taken again
       │              to be tried   ▼ │ due, lease held
       │ asked again  again later  RETRY
       │
       └─── PARKED ◀── refused for good, or the tries ran out (from SENDING); set aside by a person (from any but SENT)

SENDING is recorded before the message leaves, everything else after the answer: a crash in between leaves SENDING
behind, and the next holder of the channel's lease takes it again. So a message may be repeated, with the same key, and
none is ever lost. Nothing is deleted before it is sent, and a parked delivery doesn't hold up the rest of its story.
A held alert has no delivery yet: it gets one when its time comes. A message that was sent may have to show a further
outlet later; that is tried by the same decision, and given up instead of parked: its delivery stays SENT.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from monitor.errors import SendError
from monitor.model import DeliveryState

#: Deliveries are tried for at least this long, so that a receiver may be down over a weekend.
HORIZON: Final = timedelta(hours=75)
FIRST_DELAY: Final = timedelta(seconds=5)
LONGEST_DELAY: Final = timedelta(minutes=15)
#: What a receiver may ask for with Retry-After; a longer wish is cut, so that nobody can postpone an alert for years.
LONGEST_WISH: Final = timedelta(hours=24)
#: As many tries as fit the horizon at the longest delay. Both must be used up: a clock that jumped ten years ahead, or
#: a daemon that was down for a week, leaves the horizon behind without ever having tried.
TRIES: Final = HORIZON // LONGEST_DELAY


class Event(StrEnum):
    """What can happen to a delivery."""

    TAKEN = "taken"
    ACCEPTED = "accepted"
    FAILED = "failed"
    GIVEN_UP = "given-up"
    ASKED_AGAIN = "asked-again"


TRANSITIONS: Final[Mapping[tuple[DeliveryState, Event], DeliveryState]] = {
    (DeliveryState.PENDING, Event.TAKEN): DeliveryState.SENDING,
    (DeliveryState.RETRY, Event.TAKEN): DeliveryState.SENDING,
    (DeliveryState.SENDING, Event.TAKEN): DeliveryState.SENDING,
    (DeliveryState.SENDING, Event.ACCEPTED): DeliveryState.SENT,
    (DeliveryState.SENDING, Event.FAILED): DeliveryState.RETRY,
    (DeliveryState.PENDING, Event.GIVEN_UP): DeliveryState.PARKED,
    (DeliveryState.RETRY, Event.GIVEN_UP): DeliveryState.PARKED,
    (DeliveryState.SENDING, Event.GIVEN_UP): DeliveryState.PARKED,
    (DeliveryState.PARKED, Event.ASKED_AGAIN): DeliveryState.PENDING,
}


def step(state: DeliveryState, event: Event) -> DeliveryState:
    """Return the state that follows. Raises ValueError for an event that can't happen there: that is a bug."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ValueError(f"a delivery that is {state} can't be {event}") from None


def retry_decision(attempts: int, error: SendError, first: datetime, now: datetime, jitter: float) -> datetime | None:
    """Return when to try again, or None to park the delivery.

    `attempts` counts the failed one (1 or more), `first` is when the delivery was first tried, `jitter` is a random
    number in 0..1 that spreads the delays over the upper half of an exponential, so that receivers that come back are
    not met by all at once. What the receiver asked for comes first. Raises ValueError for attempts below 1.
    """
    if attempts < 1:
        raise ValueError("attempts counts the one that failed")
    if error.permanent or (attempts >= TRIES and now - first >= HORIZON):
        return None
    doubled = FIRST_DELAY * 2.0 ** min(attempts - 1, 16)
    delay = min(doubled, LONGEST_DELAY) * (0.5 + jitter / 2)
    if error.retry_after is not None:
        wish = min(error.retry_after, LONGEST_WISH.total_seconds())
        delay = max(timedelta(seconds=wish), FIRST_DELAY / 5)
    return now + delay
