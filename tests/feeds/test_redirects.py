"""Redirects: where a stranger may send us, what goes along, and when a feed has moved."""

from __future__ import annotations

import httpx
import pytest

from monitor.errors import FetchError, InputError
from monitor.feeds.fetch import Fetcher, _no_downgrade, _redirect
from monitor.feeds.pace import Pace
from tests.feeds.builders import NOW, a_feed, a_state, item, reason, rss
from tests.feeds.site import Site, site
from tests.feeds.tricks import TRICKS

FEED = rss(item(1)).encode()
# What has no host of its own is a path on the server that sends it.
ABSOLUTE = [trick for trick in TRICKS if trick not in {"http:///path", "http:127.0.0.1"}]


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


def test_every_trick_is_refused_after_a_redirect_too(web: Site) -> None:
    """No address that is refused in a feed list is reached by way of a server that may be asked."""
    reasons: dict[str, str] = {}
    start = f"http://feed.example.org:{web.port}"
    with Fetcher(seconds=5, resolver=lambda _: ["127.0.0.1"], pace=Pace(connections=8, gap=0)) as own:
        for number, trick in enumerate(ABSOLUTE):
            web.serve(f"/{number}", status="302 Found", location=trick.encode().decode("latin-1"))
            reasons[trick] = reason(own, f"{start}/{number}", allow_private=True)
    assert len(reasons) > 60
    # The client reads a `Location` before we do, and calls one that it can't read a fault of the protocol.
    assert {trick for trick, why in reasons.items() if why not in {"url", "scheme", "address", "protocol"}} == set()
    assert [request.path for request in web.log] == [f"/{number}" for number in range(len(ABSOLUTE))]


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
