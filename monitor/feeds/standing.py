"""What stood in each feed's last document: so that a poll costs what is new, not what is there.

A cache, never a truth: lost at a restart, it costs one full parse a feed. An entry counts only while the store holds
the very body hash that it was learned with; if that body's articles were not stored, they are parsed again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.errors import ParseError

MARK = 8
KEY = 6
MAX_FEEDS = 50_000


@dataclass(frozen=True, slots=True)
class Known:
    """One document: its body's hash, and 8 bytes a mark with up to three keys of 6 bytes."""

    body_hash: str
    packed: bytes

    def items(self) -> dict[str, tuple[bytes, ...]]:
        """Return the short keys of each item by its mark."""
        found: dict[str, tuple[bytes, ...]] = {}
        position = 0
        while position < len(self.packed):
            mark = self.packed[position : position + MARK].hex()
            count = self.packed[position + MARK]
            position += MARK + 1
            found[mark] = tuple(self.packed[position + KEY * n : position + KEY * (n + 1)] for n in range(count))
            position += KEY * count
        return found


def known(body_hash: str, items: Mapping[str, Iterable[bytes]]) -> Known:
    """Pack what a document holds."""
    packed = bytearray()
    for mark, keys in items.items():
        short = list(keys)
        packed += bytes.fromhex(mark) + bytes((len(short),)) + b"".join(short)
    return Known(body_hash, bytes(packed))


class Standing:
    """The last document of each feed, those that could not be read, and permanent redirects seen once.

    Use from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feeds: dict[str, Known] = {}
        self._moves: dict[str, str] = {}
        self._bad: dict[str, tuple[str, ParseError, int]] = {}

    def get(self, url: str, body_hash: str | None) -> Known | None:
        """Return what stood in the document that the store last recorded, if it is still known."""
        with self._lock:
            found = self._feeds.get(url)
        return found if found is not None and found.body_hash == body_hash else None

    def put(self, url: str, document: Known) -> None:
        """Remember a document; the longest unchanged feed is forgotten when there are too many."""
        with self._lock:
            self._feeds.pop(url, None)
            self._feeds[url] = document
            if len(self._feeds) > MAX_FEEDS:
                del self._feeds[next(iter(self._feeds))]

    def bad(self, url: str, body_hash: str) -> ParseError | None:
        """Return what was wrong with these very bytes; time and memory, which a busy machine lacks too, twice."""
        with self._lock:
            found = self._bad.get(url)
        if found is None or found[0] != body_hash or (found[1].reason == "limits" and found[2] < 2):
            return None
        return ParseError(found[1].reason, str(found[1]))

    def put_bad(self, url: str, body_hash: str, error: ParseError | None) -> None:
        """Remember bytes that could not be read, or with no error that the feed can be read again."""
        with self._lock:
            before = self._bad.pop(url, None)
            if error is not None and len(self._bad) < MAX_FEEDS:
                times = before[2] if before is not None and before[0] == body_hash else 0
                self._bad[url] = (body_hash, error, times + 1)

    def confirmed(self, url: str, target: str | None) -> bool:
        """Tell whether a permanent redirect says the second time in a row where the feed has gone."""
        with self._lock:
            if target is None:
                self._moves.pop(url, None)
                return False
            return self._moves.get(url) == target or self._moves.update({url: target}) is not None
