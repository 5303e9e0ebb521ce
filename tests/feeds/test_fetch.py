"""Fetching: one deadline, one size, validators as a pair, redirects by hand, a closed set of reasons."""

from __future__ import annotations

import gzip
import itertools
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from monitor.errors import FetchError, InputError
from monitor.feeds.fetch import MAX_BODY, REASONS, Fetcher, Refused, _no_downgrade, _redirect
from monitor.feeds.pace import Pace
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
    assert sent["accept"] == (
        "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
    )
    assert response.not_modified
    assert (response.body, response.complete) == (b"", True)


def test_nothing_is_whole_however_it_says_it_is_packed(web: Site, fetcher: Fetcher) -> None:
    """A 304 has no body to unpack: the validators that it brings are kept."""
    url = web.serve("/f", status="304 Not Modified", content_encoding="gzip", etag='"v2"')
    response = fetcher.get(a_state(url, etag='"v1"'), NOW)
    assert (response.body, response.complete, response.etag) == (b"", True, '"v2"')


def test_an_unconditional_request_sends_no_validators(web: Site, fetcher: Fetcher) -> None:
    """Who wants the whole feed gets it, from the address asked for, else where the feed was last found."""
    old, new = web.serve("/old", b"old"), web.serve("/new", b"new")
    state = a_state(old, etag='"v1"', modified="Sat, 21 Nov 2026 10:00:00 GMT", moved_to=new)
    assert fetcher.get(state, NOW, conditional=False).body == b"new"
    assert not {"if-none-match", "if-modified-since"} & set(web.log[0].headers)
    assert fetcher.get(state, NOW, url=old).body == b"old"
    assert fetcher.get(a_state(old), NOW).body == b"old"
    assert not {"if-none-match", "if-modified-since"} & set(web.log[2].headers)


def test_a_response_says_how_long_it_took(web: Site, fetcher: Fetcher) -> None:
    """The seconds are those of the whole fetch."""
    stop = threading.Event()
    url = web.script("/f", drip([b"", answer(FEED)], 0.1, stop))
    response = fetcher.get(a_state(url), NOW)
    assert 0.1 <= response.seconds < 5
    assert not response.not_modified


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
    whole = answer(FEED, etag='"x"', last_modified="Sat, 21 Nov 2026 10:00:00 GMT")
    url = web.script("/f", lambda sock, _: sock.sendall(whole[:-40]))
    response = fetcher.get(a_state(url), NOW)
    assert (response.body, response.complete) == (FEED[:-40], False)
    assert (response.etag, response.modified) == (None, None)


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
        with Fetcher(seconds=0.5) as fetcher, pytest.raises(FetchError) as caught:
            fetcher.get(a_state(url), NOW)
    finally:
        stop.set()
    assert time.monotonic() - started < 4
    assert caught.value.reason == "deadline"


def test_slow_resolver_meets_the_deadline() -> None:
    """A name server that hangs costs no more than the deadline."""
    hang = threading.Event()

    def resolver(host: str) -> list[str]:
        hang.wait(10)
        return ["8.8.8.8"]

    try:
        with Fetcher(seconds=0.3, resolver=resolver) as fetcher:
            assert reason(fetcher, "http://slow.example.org/") == "deadline"
    finally:
        hang.set()


@pytest.mark.parametrize(
    ("status", "expected", "message"),
    [
        ("410 Gone", "gone", "410: the feed has been withdrawn"),
        ("404 Not Found", "missing", "404: nothing there"),
        ("401 Unauthorized", "refused", "401: it wants credentials or does not want us"),
        ("403 Forbidden", "refused", "403: it wants credentials or does not want us"),
        ("429 Too Many Requests", "throttled", "429: the server asks us to wait"),
        ("500 Oops", "server", "500: the server failed (5xx)"),
        ("503 Unavailable", "server", "503: the server failed (5xx)"),
        ("499 Closed", "status", "499: another status that is no feed"),
        ("418 Teapot", "status", "418: another status that is no feed"),
        ("204 No Content", "status", "204: another status that is no feed"),
        ("206 Partial", "status", "206: another status that is no feed"),
        ("300 Choices", "status", "300: another status that is no feed"),
        ("301 Moved", "status", "301: another status that is no feed"),
    ],
)
def test_each_status_has_its_reason(web: Site, fetcher: Fetcher, status: str, expected: str, message: str) -> None:
    """A refusal is classified once, here, and keeps its status; a redirect without a target is one too."""
    with pytest.raises(Refused) as caught:
        fetcher.get(a_state(web.serve("/f", FEED, status=status)), NOW)
    assert (caught.value.reason, caught.value.status, str(caught.value)) == (expected, int(status[:3]), message)


@pytest.mark.parametrize("status", ["200 OK", "203 Non-Authoritative"])
def test_a_feed_comes_with_either_status(web: Site, fetcher: Fetcher, status: str) -> None:
    """A proxy that changed something on the way still brings the feed."""
    assert fetcher.get(a_state(web.serve("/f", FEED, status=status)), NOW).body == FEED


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        ("Sat, 21 Nov 2026 12:10:00 GMT", 600),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("99999999999999", 7 * 86400),
        ("Sat, 28 Nov 2026 12:00:01 GMT", 7 * 86400),
        ("9" * 400, 7 * 86400),
        ("604799", 7 * 86400 - 1),
        ("604801", 7 * 86400),
        ("0", 0),
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
    with pytest.raises(FetchError) as caught:
        fetcher.get(a_state(web.serve("/f", status="503 Busy", retry_after="60")), NOW)
    assert (caught.value.reason, caught.value.retry_after) == ("throttled", 60)
    assert str(caught.value) == "503: the server asks us to wait, for 60 s"
    assert reason(fetcher, web.serve("/g", status="500 Oops", retry_after="60")) == "server"


@pytest.mark.parametrize(
    ("headers", "max_age", "expires"),
    [
        ({"cache_control": 'public, max-age="600"'}, 600, None),
        ({"cache_control": "MAX-AGE=600,private"}, 600, None),
        ({"cache_control": "s-maxage=1, max-age=soon"}, None, None),
        ({"cache_control": "max-age=-1"}, None, None),
        ({"cache_control": "max-age=\xb2"}, None, None),
        ({"cache_control": "max-age"}, None, None),
        ({"cache_control": "max-age=" + "9" * 30}, 999_999_999_999, None),
        ({"cache_control": "x," * 19 + "max-age=5"}, 5, None),
        ({"cache_control": "x," * 20 + "max-age=5"}, None, None),
        ({"expires": "Sat, 21 Nov 2026 12:30:00 GMT"}, None, 1800),
        ({"expires": "Sat, 21 Nov 2026 12:30:00 -0000"}, None, 1800),
        ({"expires": "Sat, 21 Nov 2026 14:30:00 +0200"}, None, 1800),
        ({"expires": "Sat, 21 Nov 2026 05:30:00 GMT", "date": "Sat, 21 Nov 2026 05:00:00 GMT"}, None, 1800),
        ({"expires": "Sat, 21 Nov 2026 12:30:00 GMT", "date": "today"}, None, 1800),
        ({"expires": "Sat, 21 Nov 2026 11:30:00 GMT"}, None, 0),
        ({"expires": "0"}, None, None),
        ({"expires": "Sat, 21 Nov 99999999999 11:30:00 GMT", "cache_control": "max-age=5"}, 5, None),
        ({"expires": "Sat, 21 Nov 2026 12:30:00 GMT", "cache_control": "max-age=7"}, 7, 1800),
    ],
)
def test_freshness_headers_are_read(
    web: Site, fetcher: Fetcher, headers: dict[str, str], max_age: float | None, expires: float | None
) -> None:
    """max-age as it stands, Expires by the server's own clock where it shows one; nonsense is nothing."""
    response = fetcher.get(a_state(web.serve("/f", FEED, **headers)), NOW)
    assert (response.max_age, response.expires) == (max_age, expires)


def test_a_good_answer_may_ask_us_to_wait(web: Site, fetcher: Fetcher) -> None:
    """Retry-After stands beside a feed as well."""
    assert fetcher.get(a_state(web.serve("/f", FEED, retry_after="60")), NOW).retry_after == 60


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
    with pytest.raises(FetchError) as caught:
        fetcher.get(a_state(web.url("/1")), NOW)
    assert caught.value.reason == "redirect"
    assert str(caught.value) == f"more than 5 redirects, the last one to {web.url('/7')}"


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
    with Fetcher(secret={"secret:feed-key": "s3"}.__getitem__, resolver=lambda host: [names[host]]) as own:
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

    def resolver(host: str) -> list[str]:
        raise OSError("no such name")

    with Fetcher(resolver=resolver) as own:
        assert reason(own, "http://nowhere.example.org/") == "dns"


def test_tls_on_a_plain_port(web: Site, fetcher: Fetcher) -> None:
    """A port that does not speak TLS is told apart from a closed one."""
    web.serve("/f", FEED)
    assert reason(fetcher, f"https://127.0.0.1:{web.port}/f", allow_private=True) in {"tls", "connect"}


def test_own_authority_that_is_no_file(web: Site, fetcher: Fetcher) -> None:
    """A certificate file that is missing is named."""
    with pytest.raises(FetchError) as caught:
        fetcher.get(a_state(web.serve("/f", FEED), feed_ca="/nonexistent/ca.pem"), NOW)
    assert caught.value.reason == "tls"
    assert str(caught.value).startswith("the certificate file /nonexistent/ca.pem can't be used: [Errno 2]")


def test_a_fragment_is_not_part_of_where_a_feed_is(web: Site, fetcher: Fetcher) -> None:
    """What follows the sign of a fragment is never sent, nor remembered."""
    end = web.serve("/end", FEED)
    response = fetcher.get(a_state(web.serve("/f", status="301 Moved", location=" /end#top#more ")), NOW)
    assert (response.moved_to, response.url) == (end, end)


def test_a_redirect_that_can_not_be_read_is_named() -> None:
    """A target that no parser accepts is said, cut to two hundred letters."""
    answer = httpx.Response(302, headers={"location": "http://[" + "x" * 300})
    with pytest.raises(FetchError) as caught:
        _redirect("http://example.org/f", answer)
    assert caught.value.reason == "redirect"
    assert str(caught.value) == f"a redirect to an address that can't be read: {('http://[' + 'x' * 192)!r}"


@pytest.mark.parametrize(
    ("url", "target", "status", "permanent"),
    [
        ("https://a.example/f", "http://a.example/f", 301, False),
        ("https://a.example/f", "http://a.example/f", 308, False),
        ("https://a.example/f", "https://a.example/g", 301, True),
        ("http://a.example/f", "http://a.example/g", 308, True),
        ("http://a.example/f", "https://a.example/f", 301, True),
        ("http://a.example/f", "https://a.example/f", 302, False),
    ],
)
def test_no_feed_moves_to_a_weaker_scheme(url: str, target: str, status: int, permanent: bool) -> None:
    """A permanent redirect from https to http is followed, and not remembered."""
    hop = _redirect(url, httpx.Response(status, headers={"location": target}))
    assert (hop.target, hop.permanent, hop.response) == (target, permanent, None)


@pytest.mark.parametrize(
    ("configured", "asked", "sent"),
    [
        ("http://a.example/f", "http://a.example/g", True),
        ("http://a.example/f", "https://a.example/f", True),
        ("https://a.example/f", "http://a.example/f", False),
        ("https://a.example:8443/f", "https://a.example/f", False),
        ("http://a.example:80/f", "http://a.example:81/f", False),
        ("https://a.example:8443/f", "https://a.example:8443/g", True),
    ],
)
def test_credentials_go_where_they_were_meant(configured: str, asked: str, sent: bool) -> None:
    """The same port and no weaker scheme, or they stay here."""
    assert _no_downgrade(configured, asked) is sent


@pytest.mark.parametrize(
    ("secret", "value", "message"),
    [
        (None, "secret:key", "the header X-Key wants secret:key, which has no value"),
        ({}, "secret:key", "the header X-Key wants secret:key, which has no value"),
        ({}, "secret:" + "k" * 90, f"the header X-Key wants secret:{'k' * 73}, which has no value"),
        ({"secret:key": "a\nb"}, "secret:key", "the header X-Key wants secret:key, whose value no header can hold"),
        ({"secret:key": "مفتاح"}, "secret:key", "the header X-Key wants secret:key, whose value no header can hold"),
        ({}, "a\x00b" + "c" * 90, f"the header X-Key wants a\x00b{'c' * 77}, whose value no header can hold"),
    ],
)
def test_a_secret_that_can_not_be_sent_is_named(
    web: Site, secret: dict[str, str] | None, value: str, message: str
) -> None:
    """A header whose secret nobody knows, or whose value would break the request, is told by its name."""
    look_up = secret.__getitem__ if secret is not None else None
    with Fetcher(secret=look_up) as own, pytest.raises(FetchError) as caught:
        own.get(a_state(web.serve("/f", FEED), feed_headers={"X-Key": value}), NOW)
    assert (caught.value.reason, str(caught.value)) == ("secret", message)
    assert web.log == []


def test_a_secret_that_its_keeper_refuses_has_no_value(web: Site) -> None:
    """What the keeper of secrets says against a name is not lost in a crash."""

    def refuse(name: str) -> str:
        raise InputError(name)

    with Fetcher(secret=refuse) as own:
        assert reason(own, web.serve("/f", FEED), headers={"X-Key": "secret:key"}) == "secret"


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


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("x" * 1024, "x" * 1024),
        ("x" * 1025, None),
        ("caf\xe9", None),
        ("   ", None),
        ("a\tb", None),
        ('  W/"1" ', 'W/"1"'),
    ],
)
def test_validators_that_no_header_can_hold_are_dropped(
    web: Site, fetcher: Fetcher, value: str, kept: str | None
) -> None:
    """An ETag is sent back only as it can be sent."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: {value}\r\nConnection: close\r\n\r\n".encode("latin-1")
    url = web.script("/f", lambda sock, _: sock.sendall(head))
    assert fetcher.get(a_state(url), NOW).etag == kept


def test_the_first_address_that_answers_is_used(web: Site) -> None:
    """A host of several addresses is reached though the first of them is closed."""
    url = web.serve("/f", FEED).replace("127.0.0.1", "feed.example.org")
    with Fetcher(resolver=lambda _: ["127.0.0.99", "127.0.0.1"]) as fetcher:
        assert fetcher.get(a_state(url, feed_allow_private=True), NOW).body == FEED


class _Kept(BaseHTTPRequestHandler):
    """Keeps its connections, and notes from which port each request came."""

    protocol_version = "HTTP/1.1"
    ports: list[int]

    def do_GET(self) -> None:
        self.ports.append(self.client_address[1])
        self.send_response(200)
        self.send_header("Content-Length", str(len(FEED)))
        self.end_headers()
        self.wfile.write(FEED)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def kept() -> Iterator[tuple[str, list[int]]]:
    """A server that keeps connections: its address, and the ports that its requests came from."""
    handler = type("Handler", (_Kept,), {"ports": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/f", handler.ports  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_connection_is_kept_for_the_next_request(kept: tuple[str, list[int]]) -> None:
    """Two requests to a host, one connection; it is not lent to somebody who may not go there."""
    url, ports = kept
    with Fetcher(pace=Pace(gap=0)) as fetcher:
        for _ in range(3):
            assert fetcher.get(a_state(url), NOW).body == FEED
        assert len(set(ports)) == 1
        fetcher.close()
        assert fetcher.get(a_state(url), NOW).body == FEED
    assert len(set(ports)) == 2
