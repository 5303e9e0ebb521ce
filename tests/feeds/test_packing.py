"""Packed bodies: what is unpacked, what is refused, and bombs."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from monitor.feeds.fetch import Fetcher
from tests.feeds.builders import NOW, a_state, item, reason, rss
from tests.feeds.site import Site

FEED = rss(item(1)).encode()


def test_nothing_is_whole_however_it_says_it_is_packed(web: Site, fetcher: Fetcher) -> None:
    """A 304 has no body to unpack: the validators that it brings are kept."""
    url = web.serve("/f", status="304 Not Modified", content_encoding="gzip", etag='"v2"')
    response = fetcher.get(a_state(url, etag='"v1"'), NOW)
    assert (response.body, response.complete, response.etag) == (b"", True, '"v2"')


@pytest.mark.parametrize(
    ("pack", "encoding"),
    [
        (gzip.compress, "gzip"),
        (gzip.compress, "x-gzip"),
        (zlib.compress, "deflate"),
        (lambda data: zlib.compress(data, wbits=-15), "deflate"),
        (lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]), "gzip"),
        (lambda data: gzip.compress(data) + b"\0\0\0padding", "gzip"),
        (lambda data: data, "identity"),
    ],
)
def test_known_encodings_are_unpacked(
    web: Site, fetcher: Fetcher, pack: Callable[[bytes], bytes], encoding: str
) -> None:
    """gzip (of several members, with padding) and deflate (with and without header) are read."""
    response = fetcher.get(a_state(web.serve("/f", pack(FEED), content_encoding=encoding)), NOW)
    assert response.body == FEED
    assert response.complete


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,deflate", "compress", "gzip, gzip, gzip", "x"])
def test_other_encodings_and_stacks_are_refused(web: Site, fetcher: Fetcher, encoding: str) -> None:
    """What was not asked for is not unpacked."""
    assert reason(fetcher, web.serve("/f", FEED, content_encoding=encoding)) == "encoding"


@pytest.mark.parametrize(
    "body",
    [b"not gzip at all", b"\x1f\x8b\x08\x00" + bytes(range(255, 0, -1)), gzip.compress(FEED)[:10] + b"\xff" * 50],
    ids=["text", "head", "damaged"],
)
def test_damaged_packing_is_an_error(web: Site, fetcher: Fetcher, body: bytes) -> None:
    """Garbage that says it is gzip names itself."""
    assert reason(fetcher, web.serve("/f", body, content_encoding="gzip")) == "encoding"


def test_packed_body_that_breaks_off_is_incomplete(web: Site, fetcher: Fetcher) -> None:
    """Half a gzip stream gives what it held, and no validators."""
    large = rss(*(item(n) for n in range(200))).encode()
    packed = gzip.compress(large)
    url = web.serve("/f", packed[: len(packed) // 2], content_encoding="gzip", etag='"x"')
    response = fetcher.get(a_state(url), NOW)
    assert not response.complete
    assert large.startswith(response.body)
    assert len(response.body) > 1000
    assert response.etag is None


def _zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize(
    ("body", "encoding", "expected"),
    [
        (lambda: _zeros(300), "gzip", "bomb"),
        (lambda: gzip.compress(_zeros(300)), "gzip, gzip", "encoding"),
        (lambda: zlib.compress(bytes(200 << 20)), "deflate", "bomb"),
        (lambda: gzip.compress(b"") * 5000, "gzip", "bomb"),
    ],
    ids=["gzip", "stacked", "deflate", "members"],
)
def test_bombs_stop_in_little_memory(
    web: Site, fetcher: Fetcher, body: Callable[[], bytes], encoding: str, expected: str
) -> None:
    """No bomb takes 60 MB."""
    url = web.serve("/f", body(), content_encoding=encoding)
    tracemalloc.start()
    try:
        assert reason(fetcher, url) == expected
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
