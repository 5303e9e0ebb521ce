"""When to try again, and how a delivery may move."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import outbox, retry_decision
from monitor.alerts.outbox import FIRST_DELAY, HORIZON, LONGEST_DELAY, LONGEST_WISH, TRANSITIONS, TRIES, Event, step
from monitor.errors import SendError
from monitor.model import DeliveryState
from tests.alerts.builders import NOW

DOWN = SendError("connection", "down")
jitters = st.floats(0, 1)


def test_delays_double_up_to_the_longest() -> None:
    """With full jitter the delays are 5, 10, 20 seconds and so on, and 15 minutes from the ninth on."""
    delays = [retry_decision(attempts, DOWN, NOW, NOW, 1.0) - NOW for attempts in range(1, 12)]
    assert [delay.total_seconds() for delay in delays] == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]


@given(st.integers(1, 10_000), jitters)
def test_jitter_keeps_the_upper_half(attempts: int, jitter: float) -> None:
    """Whatever the jitter, a delay is between half of the exponential and all of it."""
    full = retry_decision(attempts, DOWN, NOW, NOW, 1.0)
    some = retry_decision(attempts, DOWN, NOW, NOW, jitter)
    assert (full - NOW) / 2 <= some - NOW <= full - NOW


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_three_days_down_loses_nothing(jitter: float) -> None:
    """A receiver that is down for 75 hours is still tried afterwards, at the latest a quarter of an hour later."""
    now, attempts = NOW, 0
    while now - NOW <= HORIZON:
        attempts += 1
        again = retry_decision(attempts, DOWN, NOW, now, jitter)
        assert again is not None
        assert again - now <= LONGEST_DELAY
        now = again


@given(jitters)
def test_it_ends(jitter: float) -> None:
    """A receiver that never comes back is parked, in less than a week."""
    now: datetime | None = NOW
    attempts, last = 0, NOW
    while now is not None:
        last, attempts = now, attempts + 1
        now = retry_decision(attempts, DOWN, NOW, now, jitter)
    assert HORIZON <= last - NOW < timedelta(days=7)


@pytest.mark.parametrize(
    "jump", [timedelta(days=3650), timedelta(hours=80), timedelta(days=-3650), timedelta(hours=-1)]
)
def test_a_clock_that_jumps_parks_nothing(jump: timedelta) -> None:
    """After a jump of the clock a delivery has all its tries left."""
    for attempts in (1, TRIES - 1):
        assert retry_decision(attempts, DOWN, NOW, NOW + jump, 0.5) is not None


def test_both_tries_and_time_must_run_out() -> None:
    """Parked is what was tried often enough and long enough, and nothing else."""
    assert retry_decision(TRIES, DOWN, NOW, NOW + HORIZON, 0.5) is None
    assert retry_decision(TRIES - 1, DOWN, NOW, NOW + HORIZON, 0.5) is not None
    assert retry_decision(TRIES, DOWN, NOW, NOW + HORIZON - timedelta(seconds=1), 0.5) is not None


def test_permanent_is_parked_at_once() -> None:
    """A refusal for good is not tried again, not even when it names a time."""
    assert retry_decision(1, SendError("gone", "gone", permanent=True, retry_after=1), NOW, NOW, 0.5) is None


@pytest.mark.parametrize(
    ("wish", "seconds"), [(30.0, 30), (7200.0, 7200), (0.0, 1), (-5.0, 1), (1e12, LONGEST_WISH.total_seconds())]
)
def test_retry_after_comes_first(wish: float, seconds: float) -> None:
    """What the receiver asked for is done, to the second, between one second and a day, whatever the count."""
    error = SendError("rate-limited", "429", retry_after=wish)
    for attempts in (1, 50):
        assert retry_decision(attempts, error, NOW, NOW, 0.0) == NOW + timedelta(seconds=seconds)


def test_attempts_are_counted_from_one() -> None:
    """To ask before anything failed is a mistake of the caller."""
    with pytest.raises(ValueError, match=r"^attempts counts the one that failed$"):
        retry_decision(0, DOWN, NOW, NOW, 0.5)


def test_every_state_is_reachable_and_sent_is_final() -> None:
    """From pending every state can be reached, and from every state but sent there is a way to sent."""
    ways = {state: {to for (since, _), to in TRANSITIONS.items() if since is state} for state in DeliveryState}

    def reach(state: DeliveryState) -> set[DeliveryState]:
        seen, todo = {state}, [state]
        while todo:
            new = ways[todo.pop()] - seen
            seen |= new
            todo += new
        return seen

    assert reach(DeliveryState.PENDING) == set(DeliveryState)
    assert ways[DeliveryState.SENT] == set()
    assert all(DeliveryState.SENT in reach(state) for state in DeliveryState)


@pytest.mark.parametrize(("state", "event"), [(state, event) for state in DeliveryState for event in Event])
def test_step(state: DeliveryState, event: Event) -> None:
    """An event leads where the table says, and is refused everywhere else."""
    if (state, event) in TRANSITIONS:
        assert step(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(ValueError, match="can't be"):
            step(state, event)


def test_a_step_that_can_not_be_is_said_in_words() -> None:
    """What is refused names the state and what was to happen to it."""
    said = []
    for event in Event:
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is what is looked at
            step(DeliveryState.SENT, event)
        said.append(str(caught.value))
    words = ("taken", "accepted", "failed", "given-up", "asked-again")
    assert said == [f"a delivery that is sent can't be {word}" for word in words]


def test_the_drawing_names_every_state() -> None:
    """The state diagram in the docstring shows all states."""
    assert outbox.__doc__ is not None
    assert all(state.name in outbox.__doc__ for state in DeliveryState)


def test_the_figures() -> None:
    """What the documents promise: tried for 75 hours, at least every quarter of an hour, a wish of up to a day."""
    assert (timedelta(seconds=5), timedelta(minutes=15)) == (FIRST_DELAY, LONGEST_DELAY)
    assert (timedelta(hours=75), timedelta(hours=24), 300) == (HORIZON, LONGEST_WISH, TRIES)
