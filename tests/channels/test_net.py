"""Which addresses are public, and that the one that was checked is the one that is connected."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from contextlib import ExitStack
from typing import Any

import pytest

from monitor.channels.net import Answer, post, public
from monitor.demo.receiver import Plan, Receiver
from monitor.errors import SendError
from tests.alerts.builders import NOW


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255"),
        *("0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
        *("239.255.255.255", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        *("64:ff9b:1::a00:1", "2002:7f00:1::1", "2002:a00:1::", "2001:0:0:0:0:0:80ff:fffe", "::ffff:100.64.0.1"),
    ],
)
def test_private(address: str) -> None:
    """Nothing of this machine, its networks, reserved space or groups is public, however it is wrapped."""
    assert not public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "100.63.255.255", "100.128.0.1", "2606:4700::1", "::ffff:8.8.8.8"])
def test_public(address: str) -> None:
    """The open internet is public."""
    assert public(ipaddress.ip_address(address))


def _send(url: str, **changes: Any) -> Answer:
    return post(url, b"{}", {}, **{"now": NOW, "deadline": 5.0, "allow_private": True} | changes)


def test_a_name_that_changes_its_address(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is looked up once: a second answer that points inside is never asked for."""
    port = int(receiver.url.rsplit(":", 1)[1])
    asked: list[str] = []

    def answers(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        address = "192.0.2.7" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(SendError) as caught:
        _send(f"http://rebinds.example:{port}/", allow_private=False)
    assert caught.value.reason == "private"
    assert asked == ["rebinds.example"]
    assert not receiver.received


def test_one_private_address_among_public_ones(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with several addresses is refused as a whole if one of them is private, wherever it stands."""
    port = int(receiver.url.rsplit(":", 1)[1])
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in ("8.8.8.8", "127.0.0.1")],
    )
    with pytest.raises(SendError) as caught:
        _send(f"http://both.example:{port}/", allow_private=False)
    assert caught.value.reason == "private"
    assert not receiver.received


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "/relative", "http://", "x"])
def test_addresses_that_are_none(url: str) -> None:
    """What is no http address is refused for good, and is not quoted."""
    with pytest.raises(SendError) as caught:
        _send(url)
    assert (caught.value.reason, caught.value.permanent) == ("address", True)
    assert url not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://example.org\\@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@example.org/", "http://１２７.0.0.1:{port}/"],
)
def test_addresses_in_disguise(url: str, receiver: Receiver) -> None:
    """An address that readers and parsers may understand differently reaches nothing private."""
    with pytest.raises(SendError) as caught:
        _send(url.format(port=receiver.url.rsplit(":", 1)[1]), allow_private=False)
    assert caught.value.reason in {"private", "address", "connection"}
    assert not receiver.received


def test_the_environment_sends_nothing_elsewhere(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is not used: it would see every message and get round the address check."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    _send(receiver.url)
    assert receiver.received


def test_a_certificate_that_nobody_vouches_for(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that can't be verified ends the message before it leaves."""

    def refuse(*_: Any, **__: Any) -> None:
        raise ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", refuse)
    with pytest.raises(SendError) as caught:
        _send(receiver.url.replace("http://", "https://"))
    assert (caught.value.reason, caught.value.permanent) == ("tls", False)
    assert not receiver.received


def test_tls_to_a_server_without_it(receiver: Receiver) -> None:
    """A receiver that does not speak TLS is a connection that failed."""
    with pytest.raises(SendError) as caught:
        _send(receiver.url.replace("http://", "https://"))
    assert caught.value.reason in {"connection", "tls"}


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    """A name lookup that never ends is ended by the deadline."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: receiver.closing.wait() and [])
    with pytest.raises(SendError) as caught:
        _send("http://slow.example/", deadline=0.2)
    assert caught.value.reason == "timeout"


def test_an_address_that_swallows_everything(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the first of a name's addresses neither accepts nor refuses, there is time left for the next one."""
    port = int(receiver.url.rsplit(":", 1)[1])
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind(("127.0.0.9", port))
        deaf.listen(0)
        for _ in range(3):  # fill its queue, so that the next connection is left unanswered
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.9", port))
        ips = ("127.0.0.9", "127.0.0.1")
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in ips]
        )
        _send(f"http://two.example:{port}/", deadline=2.0)
    assert receiver.received


def test_answers_are_asked_for_uncompressed(receiver: Receiver) -> None:
    """No receiver is invited to compress an answer that nobody would unpack."""
    _send(receiver.url)
    assert receiver.received[0].headers["accept-encoding"] == "identity"
    assert receiver.received[0].headers["user-agent"] == "entity-monitor"


def test_a_large_message_leaves_whole(receiver: Receiver) -> None:
    """A body larger than any buffer arrives as it was."""
    body = b'["' + b"x" * 3_000_000 + b'"]'
    receiver.always(Plan(204, ""))
    assert post(receiver.url + "/plain", body, {}, now=NOW, deadline=10, allow_private=True).status == 204
    assert receiver.received[0].body == body
