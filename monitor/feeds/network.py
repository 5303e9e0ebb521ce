"""The wire below httpx: every connection goes to an address that was judged, and every wait ends at one deadline.

httpx's own timeouts start anew with every byte and its redirects and pools know nothing of addresses. Both are
settled here, in an httpcore network backend: names are resolved by us, the judged address is the one that is
connected, and each read and write waits only for what is left of the request's deadline.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from monitor.errors import FetchError
from monitor.feeds.address import forbidden

Resolver = Callable[[str], list[str]]
"""From a host to the IP addresses to try, in order. Raises OSError."""

CONNECT_SECONDS = 10.0
_deadline: ContextVar[float] = ContextVar("deadline")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's address, and the user and password that it wants."""

    url: str
    user: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, address: str) -> Proxy:
        """Read an address. Raises ValueError, which never says it: it may hold a password."""
        try:
            parts = urlsplit(address if "://" in address else f"http://{address}")
            port = parts.port
        except ValueError:
            raise ValueError("its port is no number; in a password /, ? and # are written %2F, %3F and %23") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("it is not http://host:port")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:  # the end of a password, read as a path
            raise ValueError("more stands behind its port; in a password /, ? and # are written %2F, %3F and %23")
        user = (unquote(parts.username or ""), unquote(parts.password or "")) if parts.username else None
        if not "".join((parts.hostname, *(user or ()))).isascii():
            raise ValueError("it is not plain ASCII")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(f"{parts.scheme}://{host}" + (f":{port}" if port else ""), user)

    @classmethod
    def in_environment(cls, url: str) -> Proxy | None:
        """Return what HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say of a URL. Raises FetchError (connect)."""
        parts, named = urlsplit(url), getproxies()
        address = named.get(parts.scheme) or named.get("all")
        if not address or proxy_bypass(parts.netloc):
            return None
        try:
            return cls.of(address)
        except ValueError as error:
            raise FetchError("connect", f"the proxy that the environment names can't be used: {error}") from None


@contextlib.contextmanager
def deadline(at: float) -> Iterator[None]:
    """Make every wait of this thread's requests end at `at`, a time of `time.monotonic()`."""
    token = _deadline.set(at)
    try:
        yield
    finally:
        _deadline.reset(token)


def remaining() -> float:
    """Return the seconds that are left, more than 0. Raises FetchError (deadline) when none are."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise FetchError("deadline", "the answer did not arrive in time")
    return left


def resolve(host: str) -> list[str]:
    """Ask the system's resolver. Raises OSError, as it does."""
    found = socket.getaddrinfo(host, None)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _within_deadline(resolver: Resolver, host: str) -> list[str]:
    """Resolve in a thread of its own: the system's resolver knows no deadline and may hang for a minute."""
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    answer: list[str] = []
    failure: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            answer.extend(resolver(host))
        except (OSError, UnicodeError) as error:
            failure.append(error)

    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(remaining())
    if thread.is_alive():
        raise FetchError("deadline", f"the name {host[:80]!r} was not resolved in time")
    if failure or not answer:
        raise FetchError("dns", f"the name {host[:80]!r} has no address: {failure[0] if failure else 'empty answer'}")
    return answer


def _public(host: str, addresses: list[str]) -> list[str]:
    """Return those that a stranger may send us to. Raises FetchError (address) when none is."""
    verdicts = {address: forbidden(address) for address in addresses}
    public = [address for address, why in verdicts.items() if why is None]
    if not public:
        first, why = next(iter(verdicts.items()))
        message = f"{host[:80]} leads to {first}, which is not a public address ({why})"
        raise FetchError("address", f"{message}; `allow_private: true` on the feed allows its own host")
    return public


def judge_for_proxy(resolver: Resolver, host: str) -> None:
    """Refuse, before a proxy is asked, a host that is not a public one as far as it can be seen from here.

    A name that only the proxy can resolve is its to judge. Raises FetchError (address, deadline).
    """
    if "." not in host and ":" not in host:
        raise FetchError(
            "address", f"{host[:80]} is no public name; `allow_private: true` on the feed allows its own host"
        )
    try:
        addresses = _within_deadline(resolver, host)
    except FetchError as error:
        if error.reason != "dns":
            raise
    else:
        _public(host, addresses)


class _Stream(httpcore.NetworkStream):
    """A stream whose every wait ends at the request's deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, remaining())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, remaining()))
        except httpcore.ConnectError as error:
            raise FetchError("tls", f"no secure connection to {server_hostname}: {error}") from error

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    """Resolves, judges and connects. With `private`, any address will do: the operator named this very host."""

    def __init__(self, resolver: Resolver = resolve, *, private: bool = False) -> None:
        self._inner = httpcore.SyncBackend()
        self._resolver = resolver
        self._private = private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first judged address that answers. Raises FetchError (dns, address, connect, deadline)."""
        addresses = self._judged(host)
        failure: Exception | None = None
        for address in addresses:
            try:
                seconds = min(remaining(), CONNECT_SECONDS)
                return _Stream(self._inner.connect_tcp(address, port, seconds, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        remaining()
        raise FetchError("connect", f"{host}:{port} does not accept connections: {failure}")

    def _judged(self, host: str) -> list[str]:
        """Return the addresses of the host that may be connected to; at least one."""
        addresses = _within_deadline(self._resolver, host)
        return addresses if self._private else _public(host, addresses)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        """Refuse: no feed stands on a local socket."""
        raise FetchError("scheme", "local sockets are not fetched from")


class _Body(httpx.SyncByteStream):
    """The raw bytes of one answer, as they come."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class Transport(httpx.BaseTransport):
    """httpx's door to a pool of guarded connections. Raises FetchError and httpcore's own errors.

    With `proxy` they all go to that one, which resolves names itself.
    """

    def __init__(
        self, backend: Backend, context: ssl.SSLContext, *, keep: int, keep_seconds: float, proxy: Proxy | None = None
    ) -> None:
        options: dict[str, Any] = {
            "ssl_context": context,
            "max_connections": None,
            "max_keepalive_connections": keep,
            "keepalive_expiry": keep_seconds,
            "network_backend": backend,
        }
        self._pool = (
            httpcore.HTTPProxy(proxy.url, proxy.user, **options) if proxy else httpcore.ConnectionPool(**options)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request over a pooled or new connection."""
        url = request.url
        wire = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        answer = self._pool.handle_request(
            httpcore.Request(method=request.method, url=wire, headers=request.headers.raw, content=request.stream)
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()
