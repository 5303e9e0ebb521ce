"""Politeness to a host: so many connections at once, so much time between two requests, whoever asks."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from monitor.errors import FetchError

CONNECTIONS = 2
GAP = 0.2
PATIENCE = 10.0
MANY = 4096


@dataclass(slots=True)
class _Host:
    """One host's state while somebody asks it or has just asked it."""

    slots: int
    free_at: float = 0.0
    users: int = 0
    condition: threading.Condition = field(default_factory=threading.Condition)


class Pace:
    """Gives turns: at most `connections` requests under way a host, started at least `gap` seconds apart.

    Who waits longer than `patience` is sent away (FetchError busy): a host with a thousand feeds must not hold every
    thread. Hosts that nobody asks are forgotten, so that ten thousand cost little.
    """

    def __init__(self, connections: int = CONNECTIONS, gap: float = GAP, patience: float = PATIENCE) -> None:
        self._connections = connections
        self._gap = gap
        self._patience = patience
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    @contextlib.contextmanager
    def turn(self, host: str, remaining: Callable[[], float]) -> Iterator[None]:
        """Wait for a turn, as long as `remaining()` (seconds; raises when over) allows, and hold it."""
        entry = self._enter(host)
        try:
            self._take(entry, host, remaining)
            try:
                yield
            finally:
                with entry.condition:
                    entry.slots += 1
                    entry.condition.notify()
        finally:
            with self._lock:
                entry.users -= 1

    def _enter(self, host: str) -> _Host:
        """Return the host's entry; forget those that are at rest when there are many."""
        with self._lock:
            if len(self._hosts) >= MANY:
                now = time.monotonic()
                self._hosts = {name: one for name, one in self._hosts.items() if one.users or one.free_at > now}
            entry = self._hosts.setdefault(host, _Host(self._connections))
            entry.users += 1
            return entry

    def _take(self, entry: _Host, host: str, remaining: Callable[[], float]) -> None:
        """Wait until a slot is free and the gap is over."""
        until = time.monotonic() + self._patience
        with entry.condition:
            while True:
                now = time.monotonic()
                wait = entry.free_at - now
                if entry.slots > 0 and wait <= 0:
                    entry.slots -= 1
                    entry.free_at = now + self._gap
                    return
                if now >= until:
                    raise FetchError("busy", f"{host[:80]} is asked by too many feeds at once; it comes later")
                limit = min(remaining(), until - now)
                entry.condition.wait(min(limit, wait) if entry.slots > 0 else limit)
