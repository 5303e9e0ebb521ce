"""Proxies: none unless asked for, and then every stranger's feed goes through it."""

from __future__ import annotations

import base64
import socket

import pytest

from monitor.errors import FetchError
from monitor.feeds.fetch import ENVIRONMENT, Fetcher
from monitor.feeds.pace import Pace
from tests.feeds.builders import NOW, a_state, item, rss
from tests.feeds.site import Request, Site, answer

STRANGER = "http://news.example.org/feed"


def fetcher(proxy: str | None) -> Fetcher:
    """A fetcher to whom no name but a proxy's has an address."""
    return Fetcher(proxy=proxy, seconds=5, pace=Pace(connections=8, gap=0), resolver=nowhere)


def nowhere(host: str) -> list[str]:
    """Resolve nothing."""
    raise OSError(f"{host} was asked for")


@pytest.fixture
def proxy(web: Site) -> Site:
    """A site that answers, as a proxy does, to whole addresses."""

    def forward(sock: socket.socket, _: Request) -> None:
        sock.sendall(answer(rss(item(1)).encode()))

    web.script(STRANGER, forward)
    return web


def test_a_proxy_is_asked_for_the_whole_address(proxy: Site) -> None:
    """The proxy gets the feed's address and name, and its user and password; we resolve nothing."""
    with fetcher(f"http://desk:p%40ss@127.0.0.1:{proxy.port}") as one:
        assert one.get(a_state(STRANGER), NOW).status == 200
    (request,) = proxy.log
    assert request.path == STRANGER
    assert request.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"desk:p@ss").decode()


def test_the_environment_is_read_only_where_that_is_asked_for(proxy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY alone changes nothing; with `environment` it is used, but not for what NO_PROXY names."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", "other.example.org")
    with fetcher(None) as one, pytest.raises(FetchError, match="has no address"):
        one.get(a_state(STRANGER), NOW)
    with fetcher(ENVIRONMENT) as one:
        assert one.get(a_state(STRANGER), NOW).status == 200
        with pytest.raises(FetchError, match="has no address"):
            one.get(a_state("http://other.example.org/feed"), NOW)
    assert len(proxy.log) == 1


def test_a_private_feed_is_asked_without_the_proxy(web: Site) -> None:
    """What the operator allowed stands inside; a proxy would look for it outside."""
    url = web.serve("/feed", rss(item(1)).encode())
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with fetcher(f"http://127.0.0.1:{closed.getsockname()[1]}") as one:
            assert one.get(a_state(url, feed_allow_private=True), NOW).status == 200


def test_private_addresses_are_refused_through_a_proxy_too(proxy: Site) -> None:
    """A stranger can't have the proxy ask an address of its own network."""
    with fetcher(f"http://127.0.0.1:{proxy.port}") as one, pytest.raises(FetchError) as caught:
        one.get(a_state("http://10.0.0.1/feed"), NOW)
    assert caught.value.reason == "address"
    assert proxy.log == []


def test_a_proxy_that_refuses_is_named(web: Site) -> None:
    """A tunnel that the proxy does not open is the feed's fault of this poll, not a crash."""
    web.script("news.example.org:443", lambda sock, _: sock.sendall(answer(status="403 Forbidden")))
    with fetcher(f"http://127.0.0.1:{web.port}") as one, pytest.raises(FetchError, match="403"):
        one.get(a_state("https://news.example.org/feed"), NOW)
