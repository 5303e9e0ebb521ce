"""Fetching: one deadline, one size, validators as a pair, redirects by hand, a closed set of reasons."""

from __future__ import annotations

import gzip
import itertools
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.errors import FetchError
from monitor.feeds.fetch import MAX_BODY, REASONS, Fetcher
from tests.feeds.builders import NOW, a_feed, a_state, item, rss
from tests.feeds.site import Site, answer, drip, site

FEED = rss(item(1)).encode()


def reason(fetcher: Fetcher, url: str, **feed: object) -> str:
    """Return the reason that a fetch fails with."""
    with pytest.raises(FetchError) as caught:
        fetcher.get(a_state(url, **{f"feed_{name}": value for name, value in feed.items()}), NOW)
    assert caught.value.reason in REASONS
    return caught.value.reason


def test_body_and_validators_arrive(web: Site, fetcher: Fetcher) -> None:
    """A plain answer gives its bytes, its type and both validators."""
    url = web.serve("/f", FEED, etag='"v1"', last_modified="Sat, 21 Nov 2026 10:00:00 GMT", content_type="text/xml")
    response = fetcher.get(a_state(url), NOW)
    assert (response.status, response.body, response.content_type) == (200, FEED, "text/xml")
    assert (response.etag, response.modified) == ('"v1"', "Sat, 21 Nov 2026 10:00:00 GMT")


def test_validators_are_sent_as_a_pair(web: Site, fetcher: Fetcher) -> None:
    """What was stored is sent back, and 304 has no body."""
    url = web.serve("/f", status="304 Not Modified")
    response = fetcher.get(a_state(url, etag='"v1"', modified="Sat, 21 Nov 2026 10:00:00 GMT"), NOW)
    sent = web.log[0].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"v1"', "Sat, 21 Nov 2026 10:00:00 GMT")
    assert response.not_modified
    assert response.body == b""


def test_user_agent_names_program_and_contact(web: Site, fetcher: Fetcher) -> None:
    """A server's operator can see who asks and whom to write to."""
    fetcher.get(a_state(web.serve("/f", FEED)), NOW)
    assert web.log[0].headers["user-agent"] == "entity-monitor/0.1 (+desk@example.org)"
    assert web.log[0].headers["accept-encoding"] == "gzip, deflate"


def test_environment_proxies_are_not_used(web: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is no order of the operator."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Fetcher() as own:
        assert own.get(a_state(web.serve("/f", FEED)), NOW).body == FEED


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


def test_oversize_body_is_cut_and_incomplete(web: Site, fetcher: Fetcher) -> None:
    """A feed of more than the cap keeps its beginning, so that its complete entries can be read."""
    large = FEED + b"<!-- " + bytes(range(65, 91)) * (MAX_BODY // 26 + 1)
    response = fetcher.get(a_state(web.serve("/f", large, etag='"x"')), NOW)
    assert (len(response.body), response.complete, response.etag) == (MAX_BODY, False, None)


def test_connection_cut_in_mid_body_is_incomplete(web: Site, fetcher: Fetcher) -> None:
    """A body shorter than announced is kept as incomplete, and its validators are not."""
    whole = answer(FEED, etag='"x"')
    url = web.script("/f", lambda sock, _: sock.sendall(whole[:-40]))
    response = fetcher.get(a_state(url), NOW)
    assert (response.body, response.complete, response.etag) == (FEED[:-40], False, None)


@pytest.mark.parametrize("where", ["headers", "body", "chunks", "silence", "interim"])
def test_one_deadline_ends_every_drip(web: Site, where: str) -> None:
    """Bytes that keep coming do not keep a fetch alive."""
    stop = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    pieces = {
        "headers": itertools.chain([b"HTTP/1.1 200 OK\r\nX-Slow: "], itertools.repeat(b"a")),
        "body": itertools.chain([head], itertools.repeat(b"<")),
        "chunks": itertools.chain(
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"1\r\na\r\n")
        ),
        "silence": itertools.chain([b""], itertools.repeat(b"")),
        "interim": itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"),
    }[where]
    url = web.script("/f", drip(pieces, 0.05, stop))
    started = time.monotonic()
    try:
        with Fetcher(seconds=0.5) as fetcher:
            assert reason(fetcher, url) == "deadline"
    finally:
        stop.set()
    assert time.monotonic() - started < 4


def test_slow_resolver_meets_the_deadline() -> None:
    """A name server that hangs costs no more than the deadline."""
    hang = threading.Event()

    def resolver(host: str, port: int) -> list[str]:
        hang.wait(10)
        return ["8.8.8.8"]

    try:
        with Fetcher(seconds=0.3, resolver=resolver) as fetcher:
            assert reason(fetcher, "http://slow.example.org/") == "deadline"
    finally:
        hang.set()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("410 Gone", "gone"),
        ("404 Not Found", "missing"),
        ("401 Unauthorized", "refused"),
        ("403 Forbidden", "refused"),
        ("429 Too Many Requests", "throttled"),
        ("500 Oops", "server"),
        ("503 Unavailable", "server"),
        ("418 Teapot", "status"),
        ("204 No Content", "status"),
        ("206 Partial", "status"),
        ("300 Choices", "status"),
    ],
)
def test_each_status_has_its_reason(web: Site, fetcher: Fetcher, status: str, expected: str) -> None:
    """A refusal is classified once, here."""
    assert reason(fetcher, web.serve("/f", FEED, status=status)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        ("Sat, 21 Nov 2026 12:10:00 GMT", 600),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("99999999999999", 7 * 86400),
        ("soon", None),
        ("-5", None),
        ("٥", None),
    ],
)
def test_retry_after_is_read(web: Site, fetcher: Fetcher, value: str, expected: float | None) -> None:
    """Seconds or a date, capped at a week; nonsense is nothing."""
    head = f"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\nRetry-After: {value}\r\nConnection: close\r\n\r\n"
    url = web.script("/f", lambda sock, _: sock.sendall(head.encode()))
    with pytest.raises(FetchError) as caught:
        fetcher.get(a_state(url), NOW)
    assert caught.value.retry_after == expected


def test_503_with_retry_after_is_throttling(web: Site, fetcher: Fetcher) -> None:
    """A server that says when to come back has not failed."""
    assert reason(fetcher, web.serve("/f", status="503 Busy", retry_after="60")) == "throttled"


def test_freshness_headers_are_read(web: Site, fetcher: Fetcher) -> None:
    """max-age as it stands, Expires by the server's own clock."""
    url = web.serve(
        "/f",
        FEED,
        cache_control='public, max-age="600"',
        expires="Sat, 21 Nov 2026 05:30:00 GMT",
        date="Sat, 21 Nov 2026 05:00:00 GMT",
    )
    response = fetcher.get(a_state(url), NOW)
    assert (response.max_age, response.expires) == (600, 1800)


@pytest.mark.parametrize(
    ("codes", "moved"), [((301, 308), True), ((301, 302), False), ((302,), False), ((307, 308), False)]
)
def test_only_permanent_redirects_move_a_feed(web: Site, fetcher: Fetcher, codes: tuple[int, ...], moved: bool) -> None:
    """One temporary hop on the way, and the feed has not moved."""
    end = web.serve("/end", FEED)
    for number, code in enumerate(codes):
        target = f"/hop{number + 1}" if number + 1 < len(codes) else "/end"
        web.serve(f"/hop{number}", status=f"{code} Moved", location=target)
    response = fetcher.get(a_state(web.url("/hop0")), NOW)
    assert response.body == FEED
    assert response.url == end
    assert response.moved_to == (end if moved else None)


def test_more_than_five_redirects_are_refused(web: Site, fetcher: Fetcher) -> None:
    """Five are followed, the sixth is not."""
    for number in range(7):
        web.serve(f"/{number}", status="302 Found", location=f"/{number + 1}")
    web.serve("/7", FEED)
    assert fetcher.get(a_state(web.url("/2")), NOW).body == FEED
    assert reason(fetcher, web.url("/1")) == "redirect"


def test_redirect_loop_ends(web: Site, fetcher: Fetcher) -> None:
    """A feed that sends us round in a circle is told apart from a slow one."""
    assert reason(fetcher, web.serve("/f", status="301 Moved", location="/f")) == "redirect"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("file:///etc/passwd", "scheme"),
        ("gopher://127.0.0.1/", "scheme"),
        ("http://10.0.0.1/", "address"),
        ("http://localhost:80/", "address"),
        ("http://[::1]/", "address"),
        ("http://2130706433/", "address"),
        ("http://127.1/", "address"),
        ("//0x7f000001/x", "address"),
        ("http://user:pw@example.org/", "url"),
        ("http://a\\@b/", "url"),
        ("http://[::1/", "protocol"),
    ],
)
def test_every_redirect_is_judged(web: Site, fetcher: Fetcher, target: str, expected: str) -> None:
    """The permission to reach one private host is not a permission to be sent to another."""
    assert reason(fetcher, web.serve("/f", status="302 Found", location=target)) == expected


def test_headers_of_a_feed_stay_with_its_host(web: Site, fetcher: Fetcher) -> None:
    """Credentials reach the feed's own host, and no host that it redirects to."""
    names = {"feed.example.org": "127.0.0.1", "other.example.org": "127.0.0.1"}
    url = f"http://feed.example.org:{web.port}/f"
    feed = a_feed(url, headers={"Authorization": "secret:feed-key", "X-Plain": "yes"}, allow_private=True)
    web.serve("/f", status="302 Found", location=f"http://other.example.org:{web.port}/g")
    with Fetcher(secret={"secret:feed-key": "s3"}.__getitem__, resolver=lambda host, _: [names[host]]) as own:
        with pytest.raises(FetchError) as caught:
            own.get(a_state(url, feed_headers=feed.headers, feed_allow_private=True), NOW)
        assert caught.value.reason == "address"
    assert web.log[0].headers["authorization"] == "s3"
    assert web.log[0].headers["x-plain"] == "yes"
    assert len(web.log) == 1


def test_credentials_do_not_follow_to_another_port(web: Site) -> None:
    """Another port is another server."""
    with Fetcher(secret=lambda _: "s3") as own, site() as other:
        other.serve("/g", FEED)
        url = web.serve("/f", status="302 Found", location=other.url("/g"))
        own.get(a_state(url, feed_headers={"Authorization": "secret:key"}), NOW)
        assert "authorization" in web.log[0].headers
        assert "authorization" not in other.log[0].headers


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0\0\0", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nA" + b"b" * 200_000],
)
def test_answers_that_are_no_http(web: Site, fetcher: Fetcher, raw: bytes) -> None:
    """Whatever a port speaks, it becomes a reason."""
    assert reason(fetcher, web.script("/f", lambda sock, _: sock.sendall(raw))) in {"protocol", "connect"}


def test_closed_port_is_no_connection(fetcher: Fetcher) -> None:
    """Nobody listens: say so."""
    assert reason(fetcher, "http://127.0.0.1:9/") == "connect"


def test_unknown_name_is_dns(fetcher: Fetcher) -> None:
    """A resolver's failure is named as one."""

    def resolver(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with Fetcher(resolver=resolver) as own:
        assert reason(own, "http://nowhere.example.org/") == "dns"


def test_tls_on_a_plain_port(web: Site, fetcher: Fetcher) -> None:
    """A port that does not speak TLS is told apart from a closed one."""
    web.serve("/f", FEED)
    assert reason(fetcher, f"https://127.0.0.1:{web.port}/f", allow_private=True) in {"tls", "connect"}


def test_own_authority_that_is_no_file(web: Site, fetcher: Fetcher) -> None:
    """A certificate file that is missing is named."""
    assert reason(fetcher, web.serve("/f", FEED), ca="/nonexistent/ca.pem") == "tls"


def test_cookies_are_not_kept(web: Site, fetcher: Fetcher) -> None:
    """No server knows us again, and none fills our memory."""
    url = web.serve("/f", FEED, set_cookie="id=1; Path=/; Max-Age=99999")
    for _ in range(2):
        fetcher.get(a_state(url), NOW)
    assert "cookie" not in web.log[1].headers


def test_redirect_with_a_blank_is_followed(web: Site, fetcher: Fetcher) -> None:
    """Servers forget to escape blanks; browsers forgive them, and so do we."""
    web.serve("/a%20b", FEED)
    assert fetcher.get(a_state(web.serve("/f", status="302 Found", location="/a b")), NOW).body == FEED


def test_same_bytes_have_the_same_hash(web: Site, fetcher: Fetcher) -> None:
    """The hash tells whether a parse is needed."""
    url, other = web.serve("/f", FEED), web.serve("/g", FEED + b" ")
    first, again = fetcher.get(a_state(url), NOW), fetcher.get(a_state(url), NOW + timedelta(minutes=1))
    assert first.body_hash == again.body_hash != fetcher.get(a_state(other), NOW).body_hash


@pytest.mark.parametrize("value", ["x" * 2000, "caf\xe9", "   "])
def test_validators_that_no_header_can_hold_are_dropped(web: Site, fetcher: Fetcher, value: str) -> None:
    """An ETag is sent back only as it can be sent."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: {value}\r\nConnection: close\r\n\r\n".encode("latin-1")
    url = web.script("/f", lambda sock, _: sock.sendall(head))
    assert fetcher.get(a_state(url), NOW).etag is None
