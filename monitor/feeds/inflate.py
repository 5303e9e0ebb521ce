"""Decompression that can't be bombed: raw bytes in, at most 64 KiB out at a time, and a cap on all of it.

httpx inflates each chunk whole before anybody can count it; sixteen kilobytes of doubly compressed zeros become ten
gigabytes that way. Here a decoder is asked for a bounded piece, and asked again.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from monitor.errors import FetchError

STEP = 64 * 1024
MAX_MEMBERS = 64
BOMB_RATIO = 150  # deflate reaches 1032; the most repetitive real feed in sight stays under 40


def encoding_of(header: str | None) -> str:
    """Return `identity`, `gzip` or `deflate`. Raises FetchError (encoding) for anything else, stacks included."""
    names = [name.strip().lower() for name in (header or "").split(",")]
    names = [name.removeprefix("x-") for name in names if name not in {"", "identity", "none"}]
    if not names:
        return "identity"
    if len(names) > 1 or names[0] not in {"gzip", "deflate"}:
        raise FetchError(
            "encoding", f"Content-Encoding {header!r:.60} was not asked for: gzip or deflate, once, is read"
        )
    return names[0]


def read(chunks: Iterable[bytes], encoding: str, cap: int) -> tuple[bytes, bool]:
    """Gather a body of at most `cap` bytes after decompression; the flag tells whether it is complete.

    A body beyond the cap is cut there, unless its ratio shows a bomb. Raises FetchError (bomb, encoding).
    """
    body = bytearray()
    counter = _Counter(chunks, cap)
    pieces = iter(counter) if encoding == "identity" else _inflate(counter, encoding)
    for piece in pieces:
        room = cap - len(body)
        if len(piece) > room:
            if encoding != "identity" and cap > BOMB_RATIO * counter.seen:
                raise FetchError("bomb", f"{counter.seen} bytes unpack to more than {cap}: a decompression bomb")
            body += piece[:room]
            return bytes(body), False
        body += piece
    return bytes(body), not counter.cut


class _Counter:
    """Counts the raw bytes that were handed on, and stops at the cap: packed is never longer than unpacked may be.

    `cut` tells that more was there, or that the packed stream ended before its end.
    """

    def __init__(self, chunks: Iterable[bytes], cap: int) -> None:
        self._chunks = chunks
        self._cap = cap
        self.seen = 0
        self.cut = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.seen += len(chunk)
            yield chunk
            if self.seen > self._cap:
                self.cut = True
                return


def _inflate(counter: _Counter, encoding: str) -> Iterator[bytes]:
    """Yield bounded pieces. A gzip file may have several members; what follows the last one is dropped."""
    decoder = None
    members = 0
    for chunk in counter:
        data = chunk
        while data:
            if decoder is None:
                members += 1
                if members > MAX_MEMBERS:
                    raise FetchError("bomb", f"a gzip body of more than {MAX_MEMBERS} members")
                if members > 1 and not data.startswith(b"\x1f"):
                    return
                decoder = zlib.decompressobj(_window(encoding, data))
            yield from _steps(decoder, data)
            data = decoder.unused_data
            if decoder.eof:
                decoder = None
                if encoding == "deflate":
                    return
    counter.cut = counter.cut or decoder is not None or members == 0


def _window(encoding: str, start: bytes) -> int:
    """Return zlib's window setting; servers disagree whether `deflate` has a zlib header, so look."""
    if encoding == "gzip":
        return 31
    zlib_header = start[0] & 0x0F == 8 and (len(start) < 2 or (start[0] << 8 | start[1]) % 31 == 0)
    return 15 if zlib_header else -15


def _steps(decoder: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Inflate one chunk in pieces of at most STEP bytes."""
    while True:
        try:
            piece = decoder.decompress(data, STEP)
        except zlib.error as error:
            raise FetchError("encoding", f"the compressed body is damaged: {error}") from error
        data = decoder.unconsumed_tail
        if piece:
            yield piece
        if decoder.eof or (not data and len(piece) < STEP):
            return
