"""The wire below the client: what every wait is given, which addresses are tried, and what a refusal says."""

from __future__ import annotations

import ssl
import threading
from types import SimpleNamespace
from typing import Any

import httpcore
import pytest

from monitor.errors import FetchError
from monitor.feeds import network
from monitor.feeds.network import Backend, deadline, remaining, resolve


class Wire(httpcore.NetworkBackend, httpcore.NetworkStream):
    """Notes what is asked of it; connecting fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.failures = list(failures)

    def connect_tcp(self, *asked: Any) -> httpcore.NetworkStream:
        self.asked.append(asked)
        if self.failures:
            raise self.failures.pop(0)
        return self

    def read(self, *asked: Any) -> bytes:
        self.asked.append(asked)
        return b"read"

    def write(self, *asked: Any) -> None:
        self.asked.append(asked)

    def start_tls(self, *asked: Any) -> httpcore.NetworkStream:
        self.asked.append(asked)
        if self.failures:
            raise self.failures.pop(0)
        return self

    def get_extra_info(self, info: str) -> Any:
        return [info]

    def close(self) -> None:
        self.asked.append(("close",))


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands at a hundred seconds."""
    monkeypatch.setattr(network, "time", SimpleNamespace(monotonic=lambda: 100.0))


def backend(wire: Wire, *answer: str, private: bool = False) -> Backend:
    """Return a backend over a wire, whose resolver gives these addresses."""
    one = Backend(lambda _: list(answer), private=private)
    one._inner = wire
    return one


def test_what_is_left_is_counted_from_the_deadline() -> None:
    """Waits end at the innermost deadline; the very moment itself is too late."""
    with deadline(107.5):
        assert remaining() == 7.5
        with deadline(100.5):
            assert remaining() == 0.5
        with deadline(100.0), pytest.raises(FetchError, match=r"^the answer did not arrive in time$") as caught:
            remaining()
        assert caught.value.reason == "deadline"
        assert remaining() == 7.5


def test_every_wait_is_given_what_is_left() -> None:
    """Connecting, reading, writing and the handshake end with the request; what httpcore wished does not count."""
    wire, context = Wire(), ssl.create_default_context()
    with deadline(104.0):
        stream = backend(wire, "8.8.8.8").connect_tcp("example.org", 80, 99.0, "0.0.0.0", [(1, 2, 3)])
        assert stream.read(7, 99.0) == b"read"
        stream.write(b"x", 99.0)
        secure = stream.start_tls(context, "example.org", 99.0)
        assert secure.read(8, 99.0) == b"read"
    assert secure.get_extra_info("socket") == ["socket"]
    secure.close()
    assert wire.asked == [
        ("8.8.8.8", 80, 4.0, "0.0.0.0", [(1, 2, 3)]),
        (7, 4.0),
        (b"x", 4.0),
        (context, "example.org", 4.0),
        (8, 4.0),
        ("close",),
    ]


def test_connecting_takes_ten_seconds_at_most() -> None:
    """An address that swallows everything leaves time for the next one."""
    wire = Wire(httpcore.ConnectTimeout(), httpcore.ConnectError())
    with deadline(130.0):
        backend(wire, "8.8.8.8", "10.0.0.1", "1.1.1.1", "9.9.9.9").connect_tcp("example.org", 443)
    assert [asked[:3] for asked in wire.asked] == [(ip, 443, 10.0) for ip in ("8.8.8.8", "1.1.1.1", "9.9.9.9")]


def test_who_does_not_accept_is_named() -> None:
    """Where no address takes the connection, the last one's reason is said."""
    wire = Wire(httpcore.ConnectError("first"), httpcore.ConnectError("second"))
    with deadline(130.0), pytest.raises(FetchError) as caught:
        backend(wire, "8.8.8.8", "1.1.1.1").connect_tcp("example.org", 443)
    assert (caught.value.reason, str(caught.value)) == (
        "connect",
        "example.org:443 does not accept connections: second",
    )


def test_a_failed_handshake_is_about_tls() -> None:
    """The handshake's own error is said, with the name that was asked for."""
    wire = Wire()
    with deadline(130.0):
        stream = backend(wire, "8.8.8.8").connect_tcp("example.org", 443)
        wire.failures.append(httpcore.ConnectError("bad certificate"))
        with pytest.raises(FetchError) as caught:
            stream.start_tls(ssl.create_default_context(), "example.org")
    assert (caught.value.reason, str(caught.value)) == ("tls", "no secure connection to example.org: bad certificate")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (["10.0.0.1", "::1"], "leads to 10.0.0.1, which is not a public address (private)"),
        (["::1"], "leads to ::1, which is not a public address (unspecified, loopback or IPv4-compatible)"),
    ],
)
def test_a_private_address_is_named(answer: list[str], message: str) -> None:
    """The refusal says where a name leads, cut to eighty letters, and what the operator may do."""
    name = "n" * 90
    with deadline(130.0), pytest.raises(FetchError) as caught:
        backend(Wire(), *answer).connect_tcp(name, 80)
    assert caught.value.reason == "address"
    assert str(caught.value) == f"{name[:80]} {message}; `allow_private: true` on the feed allows its own host"


def test_a_named_private_host_is_connected() -> None:
    """What the operator allowed is tried as it stands; unless told, nothing is allowed."""
    wire = Wire()
    with deadline(130.0):
        backend(wire, "10.0.0.1", private=True).connect_tcp("intranet.example.org", 80)
    assert wire.asked[0][0] == "10.0.0.1"
    with deadline(130.0), pytest.raises(FetchError):
        Backend(lambda _: ["127.0.0.1"]).connect_tcp("intranet.example.org", 80)


def test_a_name_that_changes_its_answer_gains_nothing() -> None:
    """A connection looks its name up once and goes to the very address that was judged; the next one judges anew."""
    answers = iter((["8.8.8.8"], ["127.0.0.1"]))
    asked: list[str] = []

    def resolver(host: str) -> list[str]:
        asked.append(host)
        return next(answers)

    wire = Wire()
    one = Backend(resolver)
    one._inner = wire
    with deadline(130.0):
        one.connect_tcp("rebind.example.org", 80)
        assert asked == ["rebind.example.org"]
        assert [call[0] for call in wire.asked] == ["8.8.8.8"]
        with pytest.raises(FetchError, match=r"leads to 127\.0\.0\.1") as caught:
            one.connect_tcp("rebind.example.org", 80)
    assert caught.value.reason == "address"
    assert len(wire.asked) == 1


def test_an_address_is_not_resolved() -> None:
    """A literal address is judged as it stands, without asking anybody."""
    wire = Wire()
    with deadline(130.0):
        backend(wire, "9.9.9.9").connect_tcp("2606:4700:0:0::1", 80)
    assert wire.asked[0][0] == "2606:4700::1"


def test_names_without_an_address_are_told() -> None:
    """A resolver's error, its refusal of a spelling and an empty answer are all a name without address."""
    failures: list[OSError | UnicodeError | None] = [OSError("no such name"), UnicodeError("label too long"), None]
    asked: list[str] = []

    def resolver(host: str) -> list[str]:
        asked.append(host)
        failure = failures.pop(0)
        if failure is not None:
            raise failure
        return []

    for why in ("no such name", "label too long", "empty answer"):
        with deadline(130.0), pytest.raises(FetchError) as caught:
            Backend(resolver).connect_tcp("x" * 90, 80)
        assert (caught.value.reason, str(caught.value)) == ("dns", f"the name {'x' * 80!r} has no address: {why}")
    assert asked == ["x" * 90] * 3


def test_a_hanging_resolver_is_left_behind() -> None:
    """It is not waited for beyond the deadline, and does not keep the program from ending."""
    hang = threading.Event()
    waiting: list[threading.Thread] = []

    def resolver(_: str) -> list[str]:
        waiting.append(threading.current_thread())
        hang.wait(30)
        return []

    try:
        with deadline(100.05), pytest.raises(FetchError) as caught:
            Backend(resolver).connect_tcp("x" * 90, 80)
    finally:
        hang.set()
    assert (caught.value.reason, str(caught.value)) == ("deadline", f"the name {'x' * 80!r} was not resolved in time")
    assert [(thread.name, thread.daemon) for thread in waiting] == [("resolve", True)]


def test_the_systems_resolver_is_asked() -> None:
    """Each address stands once in its answer, in its order."""
    assert resolve("127.0.0.1") == ["127.0.0.1"]
    assert set(resolve("localhost")) <= {"127.0.0.1", "::1"}
    assert len(set(resolve("localhost"))) == len(resolve("localhost"))


def test_local_sockets_are_refused() -> None:
    """No feed stands on a local socket."""
    with pytest.raises(FetchError, match=r"^local sockets are not fetched from$") as caught:
        Backend().connect_unix_socket("/run/x")
    assert caught.value.reason == "scheme"
