"""Politeness: the server's own log shows the limits."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.errors import FetchError
from monitor.feeds import pace as pacing
from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from tests.feeds.builders import NOW, a_state, item, rss
from tests.feeds.site import Request, Site, answer

FEED = rss(item(1)).encode()


def test_connections_to_a_host_are_limited(web: Site) -> None:
    """Twelve feeds of one host, eight threads: never more than two at once."""
    gate, lock = threading.Barrier(2), threading.Lock()
    here: list[int] = [0]
    most: list[int] = []

    def script(sock: Any, _: Request) -> None:
        with lock:
            here[0] += 1
            most.append(here[0])
        gate.wait(60)  # goes on only when two are here, so that the limit is reached and seen
        with lock:
            here[0] -= 1  # before the answer, which may bring the next request at once
        sock.sendall(answer(FEED))

    urls = [web.script(f"/{n}", script) for n in range(12)]
    pace = Pace(connections=2, gap=0, patience=60)
    with Fetcher(pace=pace, seconds=60) as fetcher, ThreadPoolExecutor(8) as threads:
        bodies = list(threads.map(lambda url: fetcher.get(a_state(url), NOW).body, urls))
    assert bodies == [FEED] * 12
    assert max(most) == 2


def test_requests_to_a_host_keep_their_distance(web: Site) -> None:
    """Two requests start at least the gap apart, whoever makes them."""
    urls = [web.serve(f"/{n}", FEED) for n in range(5)]
    with Fetcher(pace=Pace(connections=5, gap=0.3)) as fetcher, ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda url: fetcher.get(a_state(url), NOW), urls))
    times = sorted(one.at for one in web.log)
    assert times[-1] - times[0] >= 0.8  # four gaps of 0.3, less what a busy machine delays the first


def test_who_waits_too_long_is_sent_away() -> None:
    """A crowded host holds no thread for long; another host is not concerned."""
    pace = Pace(connections=1, gap=0, patience=0.05)
    with pace.turn("a", lambda: 10):
        with pytest.raises(FetchError) as caught, pace.turn("a", lambda: 10):
            pass
        assert caught.value.reason == "busy"
        with pace.turn("b", lambda: 10):
            pass
    with pace.turn("a", lambda: 10):
        pass


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: self.now))


def test_the_gap_counts_from_the_start_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next request may begin just when the gap is over, and not before; a refusal names the host."""
    clock = Clock(monkeypatch)
    pace = Pace(connections=2, gap=0.5, patience=0)
    with pace.turn("h" * 90, lambda: 10):
        clock.now = 100.25
        with pytest.raises(FetchError) as caught, pace.turn("h" * 90, lambda: 10):
            pass
        assert caught.value.reason == "busy"
        assert str(caught.value) == f"{'h' * 80} is asked by too many feeds at once; it comes later"
        clock.now = 100.5
        with pace.turn("h" * 90, lambda: 10):
            clock.now = 102.0
            with pytest.raises(FetchError), pace.turn("h" * 90, lambda: 10):
                pass
        with pace.turn("h" * 90, lambda: 10):
            pass


def test_a_turn_comes_when_the_gap_is_over() -> None:
    """The last free slot is waited for no longer than the gap, though the patience is great."""
    pace = Pace(connections=1, gap=0.05, patience=30)
    started = time.monotonic()
    for _ in range(2):
        with pace.turn("a", lambda: 30):
            pass
    assert time.monotonic() - started < 20


def test_only_hosts_at_rest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are many, those remain that are asked right now or whose gap is not over."""
    clock = Clock(monkeypatch)
    monkeypatch.setattr(pacing, "MANY", 3)
    pace = Pace(connections=1, gap=1.0)
    with pace.turn("rests", lambda: 10):
        pass
    clock.now = 101.0
    with pace.turn("asked", lambda: 10):
        with pace.turn("just asked", lambda: 10):
            pass
        assert set(pace._hosts) == {"rests", "asked", "just asked"}
        clock.now = 101.5
        with pace.turn("new", lambda: 10):
            pass
        assert set(pace._hosts) == {"asked", "just asked", "new"}


def test_deadline_ends_the_wait() -> None:
    """No turn is waited for beyond the request's deadline."""

    def over() -> float:
        raise FetchError("deadline", "over")

    pace = Pace(connections=1, gap=0)
    with pace.turn("a", lambda: 10), pytest.raises(FetchError) as caught, pace.turn("a", over):
        pass
    assert caught.value.reason == "deadline"


def test_hosts_at_rest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand hosts are not remembered for ever."""
    monkeypatch.setattr(pacing, "MANY", 10)
    pace = Pace(gap=0)
    for number in range(100):
        with pace.turn(str(number), lambda: 10):
            pass
    assert len(pace._hosts) <= 10


def test_turns_are_given_back_after_errors() -> None:
    """A request that fails keeps no slot."""
    pace = Pace(connections=1, gap=0, patience=0.2)
    for _ in range(3):
        with pytest.raises(ValueError, match="x"), pace.turn("a", lambda: 10):
            raise ValueError("x")
    started = time.monotonic()
    with pace.turn("a", lambda: 10):
        assert time.monotonic() - started < 5
