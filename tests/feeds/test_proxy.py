"""Proxies: none unless asked for, and then every stranger's feed goes through it."""

from __future__ import annotations

import base64
import socket

import pytest

from monitor.errors import FetchError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.network import Proxy, judge_for_proxy
from monitor.feeds.pace import Pace
from tests.feeds.builders import NOW, a_state, item, rss
from tests.feeds.site import Request, Site, answer

STRANGER = "http://news.example.org/feed"
BEHIND = "more stands behind its port; in a password /, ? and # are written %2F, %3F and %23"


def fetcher(proxy: str | None) -> Fetcher:
    """A fetcher to whom no name but a proxy's has an address."""
    used = "environment" if proxy == "environment" else proxy and Proxy.of(proxy)
    return Fetcher(proxy=used or None, seconds=5, pace=Pace(connections=8, gap=0), resolver=nowhere)


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
    with fetcher("environment") as one:
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


@pytest.mark.parametrize("host", ["10.0.0.1", "intranet", "wiki.corp.example"])
def test_private_hosts_are_refused_through_a_proxy_too(proxy: Site, host: str) -> None:
    """A stranger can't have the proxy ask an address of its own network, nor a name that leads there as we see it."""
    with (
        Fetcher(proxy=Proxy.of(f"127.0.0.1:{proxy.port}"), pace=Pace(gap=0), resolver=lambda _: ["10.0.0.5"]) as one,
        pytest.raises(FetchError) as caught,
    ):
        one.get(a_state(f"http://{host}/feed"), NOW)
    assert caught.value.reason == "address"
    assert proxy.log == []


@pytest.mark.parametrize(
    ("written", "url", "user"),
    [
        ("proxy.example:3128", "http://proxy.example:3128", None),
        ("127.0.0.1:3128", "http://127.0.0.1:3128", None),
        ("https://proxy.example", "https://proxy.example", None),
        ("http://desk:p%2Fss@[::1]:3128/", "http://[::1]:3128", ("desk", "p/ss")),
        ("desk@proxy.example:3128", "http://proxy.example:3128", ("desk", "")),
    ],
)
def test_proxies_are_written_in_many_ways(written: str, url: str, user: tuple[str, str] | None) -> None:
    """With a scheme or without, with a user or without."""
    assert Proxy.of(written) == Proxy(url, user)


def test_a_feeds_headers_go_to_its_own_host_alone(proxy: Site) -> None:
    """A redirect to another public host, on the same port, takes no credentials along."""
    proxy.serve("http://feed.example.org/f", status="302 Found", location=STRANGER)
    with Fetcher(
        proxy=Proxy.of(f"127.0.0.1:{proxy.port}"), secret=lambda _: "s3", pace=Pace(gap=0), resolver=nowhere
    ) as one:
        one.get(a_state("http://feed.example.org/f", feed_headers={"Authorization": "secret:key"}), NOW)
    assert [(request.path, request.headers.get("authorization")) for request in proxy.log] == [
        ("http://feed.example.org/f", "s3"),
        (STRANGER, None),
    ]


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("http://host:abc", "its port is no number; in a password /, ? and # are written %2F, %3F and %23"),
        ("ftp://host:1", "it is not http://host:port"),
        *((f"http://desk:12{mark}zzy@host:1", BEHIND) for mark in "/?#"),
        ("http://désk:pass@host:1", "it is not plain ASCII"),
    ],
)
def test_a_proxy_that_can_not_be_used_says_why(written: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason stands in the refusal of the settings, and in that of a poll where the environment named it."""
    with pytest.raises(ValueError) as wrong:  # noqa: PT011 - its text is what is looked at
        Proxy.of(written)
    assert str(wrong.value) == why
    monkeypatch.setenv("http_proxy", written)
    with pytest.raises(FetchError) as caught:
        Proxy.in_environment(STRANGER)
    assert caught.value.reason == "connect"
    assert str(caught.value) == f"the proxy that the environment names can't be used: {why}"


def test_a_proxys_password_is_not_shown() -> None:
    """Whoever prints a proxy sees its address alone."""
    assert repr(Proxy.of("http://desk:s3cret@proxy.example:3128")) == "Proxy(url='http://proxy.example:3128')"


def test_a_name_without_a_dot_is_told_as_far_as_it_fits() -> None:
    """A refusal says what may be done, and no more of a stranger's name than eighty letters."""
    with pytest.raises(FetchError) as caught:
        judge_for_proxy(nowhere, "n" * 90)
    assert caught.value.reason == "address"
    assert str(caught.value) == f"{'n' * 80} is no public name; `allow_private: true` on the feed allows its own host"


def test_a_proxy_for_everything_is_the_last_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """ALL_PROXY holds for a scheme that has none of its own."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("all_proxy", "all.example:1")
    assert Proxy.in_environment(STRANGER) == Proxy("http://all.example:1")
    monkeypatch.setenv("http_proxy", "http.example:2")
    assert Proxy.in_environment(STRANGER) == Proxy("http://http.example:2")
    assert Proxy.in_environment("https://news.example.org/") == Proxy("http://all.example:1")


@pytest.mark.parametrize(
    "written", ["http://host:abc", "http://desk:xy/zzy@host:1", "http://desk:xy#zzy@host:1", "ftp://host:1", "http://",
                "", "http://désk:pass@host:1"]
)  # fmt: skip
def test_what_is_no_proxy_stops_nothing(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that can't be used is refused without a word of it; in the environment it fails the poll alone."""
    with pytest.raises(ValueError) as wrong:  # noqa: PT011 - its text is what is looked at
        Proxy.of(written)
    assert not any(part in str(wrong.value) for part in ("desk", "xy", "zzy"))
    monkeypatch.setenv("http_proxy", written)
    with fetcher("environment") as one, pytest.raises(FetchError):
        one.get(a_state(STRANGER), NOW)


def test_a_proxy_that_refuses_is_named(web: Site) -> None:
    """A tunnel that the proxy does not open is the feed's fault of this poll, not a crash."""
    web.script("news.example.org:443", lambda sock, _: sock.sendall(answer(status="403 Forbidden")))
    with fetcher(f"http://127.0.0.1:{web.port}") as one, pytest.raises(FetchError, match="403"):
        one.get(a_state("https://news.example.org/feed"), NOW)
