"""Decompression, in memory: every packing however it is cut into chunks, and both limits at their very edge."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable, Iterator

import pytest

from monitor.errors import FetchError
from monitor.feeds.inflate import BOMB_RATIO, MAX_MEMBERS, STEP, encoding_of, read

MUCH = 10 * STEP
TEXT = random.Random(1).randbytes(400) + b"abc" * 3_000


def raw(data: bytes) -> bytes:
    """Return a deflate stream without a header."""
    return zlib.compress(data, wbits=-15)


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Yield data in chunks of a size."""
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        (None, "identity"),
        ("", "identity"),
        (" identity ", "identity"),
        ("none", "identity"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("identity, gzip ,", "gzip"),
        ("deflate", "deflate"),
        ("x-deflate", "deflate"),
    ],
)
def test_an_encoding_is_read(header: str | None, encoding: str) -> None:
    """What servers call the two encodings, and what they say for none."""
    assert encoding_of(header) == encoding


@pytest.mark.parametrize("header", ["br", "gzip, gzip", "deflate,gzip", "gzip gzip", "gzip-x", "br" * 100])
def test_another_encoding_is_named(header: str) -> None:
    """What was not asked for is refused, and said, as far as it fits."""
    with pytest.raises(FetchError) as caught:
        encoding_of(header)
    assert caught.value.reason == "encoding"
    assert str(caught.value) == (
        f"Content-Encoding {repr(header)[:60]} was not asked for: gzip or deflate, once, is read"
    )


@pytest.mark.parametrize("size", [1, 2, 7, 100_000])
@pytest.mark.parametrize(
    ("pack", "encoding"),
    [
        (bytes, "identity"),
        (gzip.compress, "gzip"),
        (lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]), "gzip"),
        (lambda data: gzip.compress(data) + b"\0\0padding", "gzip"),
        (zlib.compress, "deflate"),
        (lambda data: zlib.compress(data) + zlib.compress(b"more"), "deflate"),
        (raw, "deflate"),
    ],
    ids=["plain", "gzip", "members", "padding", "zlib", "zlib and more", "raw"],
)
def test_chunks_do_not_matter(pack: Callable[[bytes], bytes], encoding: str, size: int) -> None:
    """The same bytes come out whole however the wire cut them, and what follows the end is dropped."""
    assert read(in_pieces(pack(TEXT), size), encoding, MUCH) == (TEXT, True)


def test_raw_data_is_not_taken_for_a_header() -> None:
    """A raw stream whose first byte could begin a zlib header is told from one by the second."""
    stream = b"\x08\x05\x00\xfa\xff" + b"hello" + b"\x03\x00"
    assert read([stream[:2], stream[2:]], "deflate", MUCH) == (b"hello", True)
    assert read([stream], "deflate", MUCH) == (b"hello", True)


@pytest.mark.parametrize("wbits", [31, 15, -15])
def test_steps_lose_nothing(wbits: int) -> None:
    """Bodies of about a step's length are whole: what a full step left inside the decoder is asked for."""
    for size in (*range(STEP - 2, STEP + 300, 3), 2 * STEP, 2 * STEP + 1, 3 * STEP + 200):
        packed = zlib.compress(bytes(size), wbits=wbits)
        assert read([packed], "gzip" if wbits == 31 else "deflate", MUCH) == (bytes(size), True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_breaks_off_is_incomplete(encoding: str) -> None:
    """Half a stream gives what it held; an announced packing with nothing in it is incomplete too."""
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}[encoding](TEXT)
    body, whole = read([packed[: len(packed) // 2]], encoding, MUCH)
    assert TEXT.startswith(body)
    assert body
    assert not whole
    assert not read([packed[:-1]], encoding, MUCH)[1]
    assert read([], encoding, MUCH) == (b"", False)


def test_nothing_is_complete() -> None:
    """An empty body that is not packed is all there is."""
    assert read([], "identity", MUCH) == (b"", True)


@pytest.mark.parametrize("data", [b"no gzip at all", b"\x1f\x8b\x08\x00" + b"\xff" * 40])
def test_damage_is_named(data: bytes) -> None:
    """What can't be unpacked is an error that says so."""
    with pytest.raises(FetchError, match=r"^the compressed body is damaged: Error -3") as caught:
        read([data], "gzip", MUCH)
    assert caught.value.reason == "encoding"


@pytest.mark.parametrize("sizes", [(1, 2), (3,), (2, 1), (1, 1, 1)])
def test_the_cap_is_what_may_come(sizes: tuple[int, ...]) -> None:
    """A body of just the cap is whole, one byte more is cut there."""
    chunks = [b"x" * size for size in sizes]
    assert read(chunks, "identity", 3) == (b"xxx", True)
    assert read([*chunks, b"y"], "identity", 3) == (b"xxx", False)
    assert read(chunks, "identity", 2) == (b"xx", False)


def test_the_cap_is_for_what_was_unpacked() -> None:
    """A packed body of just the cap is whole, one byte more is cut there, and its packed bytes count no less."""
    for size, whole in ((1_000, True), (1_001, False)):
        data = random.Random(2).randbytes(20) * 100
        assert read([gzip.compress(data[:size])], "gzip", 1_000) == (data[:1_000], whole)
    noise = random.Random(3).randbytes(5_000)
    body, whole = read(in_pieces(gzip.compress(noise, 0), 100), "gzip", 1_000)
    assert noise.startswith(body)
    assert (len(body), whole) == (1_000, False)


def test_what_was_left_on_the_wire_is_missing() -> None:
    """A first member that fits is not the whole, where the packed bytes went beyond the cap before the second."""
    noise = random.Random(5).randbytes(990)
    assert read([gzip.compress(noise, 0), gzip.compress(b"more")], "gzip", 1_000) == (noise, False)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_no_more_is_taken_than_may_come(encoding: str) -> None:
    """Beyond the cap the wire is not read on: one chunk shows that there is more."""
    taken: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number, chunk in enumerate(in_pieces(gzip.compress(random.Random(4).randbytes(10_000), 0), 100)):
            taken.append(number)
            yield chunk

    assert not read(chunks(), encoding, 300)[1]
    assert len(taken) == 4


def test_a_bomb_is_told_from_a_large_feed() -> None:
    """What grows beyond the cap is cut up to a ratio of 150, and refused above it."""
    packed = gzip.compress(bytes(4 * STEP))
    edge = BOMB_RATIO * len(packed)
    assert read([packed], "gzip", edge) == (bytes(edge), False)
    with pytest.raises(FetchError) as caught:
        read([packed], "gzip", edge + 1)
    assert caught.value.reason == "bomb"
    assert str(caught.value) == f"{len(packed)} bytes unpack to more than {edge + 1}: a decompression bomb"
    assert read([bytes(edge + 2)], "identity", edge + 1) == (bytes(edge + 1), False)


def test_members_are_counted() -> None:
    """Sixty-four members are read, one more is a bomb."""
    assert read([gzip.compress(b"x") * MAX_MEMBERS], "gzip", MUCH) == (b"x" * MAX_MEMBERS, True)
    with pytest.raises(FetchError, match=r"^a gzip body of more than 64 members$") as caught:
        read([gzip.compress(b"x") * (MAX_MEMBERS + 1)], "gzip", MUCH)
    assert caught.value.reason == "bomb"
