"""Fetching: one deadline, one size, validators as a pair, redirects by hand, a closed set of reasons."""

from __future__ import annotations

import itertools
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpcore
import pytest

from monitor.errors import FetchError
from monitor.feeds import network
from monitor.feeds.fetch import MAX_BODY, Fetcher, Refused
from monitor.feeds.pace import Pace
from tests.feeds.builders import NOW, a_state, item, reason, rss
from tests.feeds.site import Answering, Site, answer, drip, serving

FEED = rss(item(1)).encode()


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
    assert re.fullmatch(r"no complete answer after \d\.\d s|the answer did not arrive in time", str(caught.value))


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
    ("raw", "said"),
    [
        (b"", "Server disconnected"),
        (b"\0\0\0", "illegal request line"),
        (b"SSH-2.0-OpenSSH\r\n", "Server disconnected"),
        (b"HTTP/1.1 abc\r\n\r\n", "illegal status line"),
        (b"HTTP/1.1 200 OK\r\nA" + b"b" * 200_000, "Receive buffer too long"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "peer closed connection"),
    ],
)
def test_answers_that_are_no_http(web: Site, fetcher: Fetcher, raw: bytes, said: str) -> None:
    """Whatever a port speaks, it becomes a reason, and what was wrong with it is said."""
    with pytest.raises(FetchError, match=f"^the answer is no HTTP: {said}") as caught:
        fetcher.get(a_state(web.script("/f", lambda sock, _: sock.sendall(raw))), NOW)
    assert caught.value.reason == "protocol"


def test_a_connection_that_breaks_is_told(web: Site, fetcher: Fetcher) -> None:
    """A server that resets the connection is named as one, in the system's words."""

    def reset(sock: socket.socket, _: object) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with pytest.raises(FetchError, match=r"^the connection broke: \[Errno 104\]") as caught:
        fetcher.get(a_state(web.script("/f", reset)), NOW)
    assert caught.value.reason == "connect"


def test_a_fault_without_words_is_told_by_its_kind(monkeypatch: pytest.MonkeyPatch, fetcher: Fetcher) -> None:
    """Some of a library's errors say nothing; their name is better than nothing."""

    def fail(*_: object, **__: object) -> None:
        raise httpcore.WriteError

    monkeypatch.setattr(network.Backend, "connect_tcp", fail)
    with pytest.raises(FetchError, match=r"^the connection broke: WriteError$"):
        fetcher.get(a_state("http://news.example.org/"), NOW)


@pytest.mark.parametrize("host", ["é" * 70, "☃", "\xad", "[v1.x]"])
def test_a_host_that_the_client_can_not_write_is_told(fetcher: Fetcher, host: str) -> None:
    """What no name server could be asked for is the address's fault."""
    with pytest.raises(FetchError, match=r"^the address can't be used: Invalid") as caught:
        fetcher.get(a_state(f"http://{host}/"), NOW)
    assert caught.value.reason == "url"


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


class _Kept(Answering):
    """Keeps its connections, and notes from which port each request came."""

    protocol_version = "HTTP/1.1"
    body = FEED
    ports: list[int]

    def log_request(self, *_: Any) -> None:
        self.ports.append(self.client_address[1])


@pytest.fixture
def kept() -> Iterator[tuple[str, list[int]]]:
    """A server that keeps connections: its address, and the ports that its requests came from."""
    ports: list[int] = []
    with serving(type("Handler", (_Kept,), {"ports": ports})) as port:
        yield f"http://127.0.0.1:{port}/f", ports


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


def test_an_idle_connection_is_let_go(kept: tuple[str, list[int]]) -> None:
    """A server's patience is not tried: what was not used for a while is opened anew, and few are kept."""
    url, ports = kept
    with Fetcher(pace=Pace(gap=0)) as fetcher:
        fetcher.get(a_state(url), NOW)
        (client,) = fetcher._clients.values()
        pool = client._transport._pool
        assert (pool._max_keepalive_connections, pool._keepalive_expiry) == (16, 15.0)
        pool._connections[0]._connection._expire_at = time.monotonic()
        fetcher.get(a_state(url), NOW)
    assert len(set(ports)) == 2
