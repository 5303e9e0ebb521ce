"""Politeness to a host: so many connections at once, so much time between two requests, whoever asks."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Host:
    """One host's state while somebody asks it or has just asked it."""

    slots: int
    free_at: float = 0.0
    users: int = 0
    condition: threading.Condition = field(default_factory=threading.Condition)


class Pace:
    """Gives turns: at most `connections` requests under way a host, started at least `gap` seconds apart.

    A host that nobody asks is forgotten once its gap is over, so that ten thousand hosts cost nothing.
    """

    def __init__(self, connections: int = 2, gap: float = 0.0) -> None:
        self._connections = connections
        self._gap = gap
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    @contextlib.contextmanager
    def turn(self, host: str, remaining: Callable[[], float]) -> Iterator[None]:
        """Wait for a turn, as long as `remaining()` (seconds; raises when over) allows, and hold it."""
        entry = self._enter(host)
        try:
            self._take(entry, remaining)
            try:
                yield
            finally:
                with entry.condition:
                    entry.slots += 1
                    entry.condition.notify()
        finally:
            self._leave(host, entry)

    def _enter(self, host: str) -> _Host:
        with self._lock:
            entry = self._hosts.setdefault(host, _Host(self._connections))
            entry.users += 1
            return entry

    def _leave(self, host: str, entry: _Host) -> None:
        with self._lock:
            entry.users -= 1
            if self._gap and len(self._hosts) > 4096:
                now = time.monotonic()
                self._hosts = {name: one for name, one in self._hosts.items() if one.users or one.free_at > now}
            elif not entry.users and not self._gap:
                self._hosts.pop(host, None)

    def _take(self, entry: _Host, remaining: Callable[[], float]) -> None:
        """Wait until a slot is free and the gap is over."""
        with entry.condition:
            while True:
                wait = entry.free_at - time.monotonic()
                if entry.slots > 0 and wait <= 0:
                    entry.slots -= 1
                    entry.free_at = time.monotonic() + self._gap
                    return
                limit = remaining()
                entry.condition.wait(min(limit, wait) if entry.slots > 0 else limit)
