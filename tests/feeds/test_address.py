"""Addresses: every trick refused, by its form or where the connection is made; public ones pass."""

from __future__ import annotations

import pytest

from monitor.errors import FetchError
from monitor.feeds import network
from monitor.feeds.address import forbidden, problem
from monitor.feeds.fetch import Fetcher
from tests.feeds.builders import NOW, a_state
from tests.feeds.site import Site
from tests.feeds.tricks import TRICKS

MALFORMED = ["http://[::1/"]
WITH_CONTROLS = ["http://127.0.0.1\t/", "http://exa\nmple.org/", " http://127.0.0.1/", "http://example.org/\r\nHost: x"]


@pytest.mark.parametrize("url", [*TRICKS, *WITH_CONTROLS, *MALFORMED])
def test_every_trick_is_refused(url: str) -> None:
    """No form of a local address, and no other scheme, is asked for, for the reason that its form gives already."""
    with Fetcher(seconds=2, resolver=network.resolve) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(a_state(url, feed_allow_private=False), NOW)
    assert caught.value.reason in {"url", "scheme", "address"}
    assert (caught.value.reason, str(caught.value)) == problem(url)


@pytest.mark.parametrize("url", [*TRICKS, *WITH_CONTROLS])
def test_every_trick_is_seen_before_anything_is_asked(url: str) -> None:
    """A trick is refused by its form already: no resolver is asked what such a name means."""
    assert problem(url) is not None


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("http://example.org/" + "a" * 4077, None),
        ("http://example.org/" + "a" * 4078, ("url", "the address is longer than 4096 characters")),
        ("http://a b/", ("url", "the address holds a backslash, a blank or a control character")),
        ("http://[::1/", ("url", "the address can't be read")),
        ("http://a@b/", ("url", "a name and password in it are not used; put them in `headers`")),
        ("http://example.org:0/", ("url", "port 0 can't be asked")),
        ("http://example.org:1/", None),
        ("HTTP://example.org/", None),
        (
            "the-scheme-with-no-end-at-all://x/",
            ("scheme", "only http and https are fetched, not 'the-scheme-with-no-e'"),
        ),
        ("http:///path", ("url", "the address names no host")),
        ("http://a%41.example.org/", ("url", "the host holds a percent sign")),
        ("http://10.0.0.1/", ("address", "10.0.0.1 is not a public address (private)")),
        ("http://printer.local./", ("address", "printer.local is a name of a local network")),
        (f"http://{'a' * 90}.onion/", ("address", f"{'a' * 80} is a name of a local network")),
    ],
)
def test_a_refusal_says_why(url: str, refusal: tuple[str, str] | None) -> None:
    """What is wrong with an address is said in one sentence, and what is just within the limits passes."""
    assert problem(url) == refusal


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("2130706433", "127.0.0.1"),
        ("4294967295", "255.255.255.255"),
        ("4294967296", None),
        ("127.16777215", "127.255.255.255"),
        ("127.16777216", None),
        ("127.1.65535", "127.1.255.255"),
        ("127.1.65536", None),
        ("10.0.0.256", None),
        ("10.256.1", None),
        ("0xa.0xFF.1", "10.255.0.1"),
        ("10.2.0x3.04", "10.2.3.4"),
        ("0300.0250.1", "192.168.0.1"),
        ("10.08.1", None),
        ("0x", "0.0.0.0"),
        ("0", "0.0.0.0"),
        ("0" * 17 + "177.1", "127.0.0.1"),
        ("0" * 18 + "177.1", None),
        ("10..1", None),
        ("10.0x1g", None),
        ("10.²", "10.0.0.2"),
        ("10.1.1.1.1", None),
    ],
)
def test_numbers_are_read_as_resolvers_read_them(host: str, address: str | None) -> None:
    """One to four decimal, octal or hexadecimal numbers are an address, the last one filling what is left of it."""
    refusal = problem(f"http://{host}/")
    assert (refusal[1].split()[0] if refusal else None) == address


def test_the_table_is_long_enough() -> None:
    """At least sixty tricks are tried."""
    assert len({*TRICKS, *WITH_CONTROLS}) >= 60


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/feed",
        "http://example.org:8080/feed?x=1",
        "https://[2606:4700::6810:84e5]/rss",
        "http://8.8.8.8/",
        "https://موقع.وزارة-الاتصالات.مصر/feed",
        "https://example.org/مسار?س=1",
        "https://172.32.0.1/",
        "https://100.128.0.1/",
        "https://[64:ff9b::808:808]/",
        "https://127.example.org/",
        "https://1.2.3.4.example.org/",
    ],
)
def test_public_addresses_pass(url: str) -> None:
    """A public address or name has no problem, Arabic ones included."""
    assert problem(url) is None


@pytest.mark.parametrize(
    "answer", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:192.168.1.1", "fe80::1%2", "nonsense"]
)
def test_names_are_judged_by_what_they_resolve_to(answer: str) -> None:
    """A public name with a private address is refused where the connection is made."""
    with Fetcher(resolver=lambda *_: [answer]) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(a_state("http://public.example.org/"), NOW)
    assert caught.value.reason == "address"


def test_only_public_addresses_of_a_mixed_answer_are_tried(web: Site) -> None:
    """A private address among public ones is not connected to."""
    with Fetcher(resolver=lambda *_: ["127.0.0.1", "2001:db8::1"]) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.get(a_state(f"http://mixed.example.org:{web.port}/"), NOW)
    assert caught.value.reason == "address"
    assert web.log == []


def test_permission_is_for_the_named_host_only(web: Site) -> None:
    """A connection that one feed may use is not lent to another feed's redirect."""
    web.serve("/own", b"private")
    allowed, stranger = web.url("/own"), a_state("http://stranger.example.org/", feed_allow_private=False)
    with Fetcher() as fetcher:
        assert fetcher.get(a_state(allowed), NOW).body == b"private"
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(allowed, stranger.feed, NOW, {})
        assert caught.value.reason == "address"
    assert len(web.log) == 1


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("8.8.8.8", None),
        ("2a00:1450::1", None),
        ("192.0.1.1", None),
        ("::ffff:8.8.8.8", None),
        ("64:ff9b::808:808", None),
        ("127.0.0.1", "loopback"),
        ("::1", "unspecified, loopback or IPv4-compatible"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::a00:1", "private"),
        ("64:ff9b::ffff:ffff", "reserved or broadcast"),
        ("4000::1", "not global unicast"),
        ("2a00:1450::1%eth0", "not global unicast"),
        ("example.org", "not an IP address"),
        ("", "not an IP address"),
    ],
)
def test_forbidden_says_why(address: str, why: str | None) -> None:
    """An address is public, or there is a word for why it is not; one that carries another is judged by that."""
    assert forbidden(address) == why
