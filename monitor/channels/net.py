"""How messages leave: HTTP under one total deadline, never redirected, never to an address that isn't public.

httpx limits each read and each connection attempt, so that a body dripped a byte a second never ends, and it checks
no addresses. Both are done here below it, in the connection itself: every network operation gets what is left of the
deadline, and the address that was checked is the one that is connected.
"""

from __future__ import annotations

import ipaddress
import logging
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import httpcore
import httpx

from monitor.channels.base import retry_after
from monitor.errors import SendError

#: As much of an answer as is read; what follows can't change what is made of it.
ANSWER_LIMIT: Final = 64 * 1024

# Both log the addresses and headers of requests, which may hold secrets.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)

_HEADERS: Final = {"user-agent": "entity-monitor", "accept-encoding": "identity"}
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: status, body as text (cut), and the seconds it asked us to wait, if it did."""

    status: int
    text: str
    retry_after: float | None = None


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, now: datetime, deadline: float, allow_private: bool = False
) -> Answer:
    """Send a body and return the answer, whatever its status, within `deadline` seconds in all; `now` is what a
    Retry-After date is counted from.

    Raises SendError with reason timeout, connection, tls, private or protocol. No error quotes the address, which may
    hold a secret.
    """
    ends = time.monotonic() + deadline
    try:
        with (
            httpx.Client(
                transport=_Transport(_Backend(ends, allow_private=allow_private)),
                trust_env=False,
                follow_redirects=False,
                timeout=None,  # noqa: S113 -- the backend holds every operation to the one deadline
            ) as client,
            client.stream("POST", url, content=body, headers=_HEADERS | dict(headers)) as response,
        ):
            text = _read(response)
            return Answer(response.status_code, text, retry_after(response.headers.get("retry-after"), now))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        raise SendError("address", "the address is not one that can be connected", permanent=True) from None


def public(address: _Address) -> bool:
    """Tell whether an address belongs to the open internet, through every wrapping of an IPv4 address in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return public(inner)
        return address.is_global and not address.is_multicast and not address.is_site_local
    return address.is_global and not address.is_multicast and not address.is_reserved and address not in _SHARED


def addresses(host: str, port: int, *, ends: float, allow_private: bool) -> tuple[str, ...]:
    """Return a host's addresses, refused as a whole if one of them is private; `ends` is monotonic seconds.

    Raises SendError with reason timeout, connection or private.
    """
    left = ends - time.monotonic()
    if left <= 0:
        raise SendError("timeout", "the deadline is over")
    found = tuple(_resolve(host, port, left))
    if not allow_private and not all(public(ipaddress.ip_address(each.partition("%")[0])) for each in found):
        raise SendError(
            "private", "the receiver's address is not public; `allow_private: true` permits it", permanent=True
        )
    return found


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for: mapped, compatible, 6to4, Teredo, NAT64."""
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in network for network in _NAT64) or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _read(response: httpx.Response) -> str:
    """Read the start of the answer. It is not decompressed: nobody has to, for a status line and a short text."""
    got = bytearray()
    for chunk in response.iter_raw():
        got += chunk
        if len(got) >= ANSWER_LIMIT:
            break
    return bytes(got[:ANSWER_LIMIT]).decode("utf-8", "replace")


class _Transport(httpx.BaseTransport):
    """httpx on a connection of our own making; one connection, one request, and every failure classified."""

    def __init__(self, backend: _Backend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme not in {"http", "https"}:
            raise httpx.UnsupportedProtocol("neither http nor https")
        assert isinstance(request.stream, httpx.SyncByteStream)
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
        )
        with _Classified():
            response = self._pool.handle_request(inner)
        assert isinstance(response.stream, Iterable)
        return httpx.Response(response.status, headers=response.headers, stream=_Stream(response))

    def close(self) -> None:
        with suppress(SendError), _Classified():
            self._pool.close()


class _Stream(httpx.SyncByteStream):
    """The body of an answer, with its failures classified."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Any:
        with _Classified():
            yield from self._response.iter_stream()

    def close(self) -> None:
        with suppress(SendError), _Classified():  # the answer is read; how the connection ends changes nothing
            self._response.close()


class _Classified:
    """Turns what the connection can raise into a SendError that holds no address."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpcore.TimeoutException):
            raise SendError("timeout", "no full answer within the deadline") from None
        if isinstance(error, httpcore.ConnectError) and "CERTIFICATE" in str(error).upper():
            raise SendError("tls", "the receiver's certificate could not be verified") from None
        if isinstance(error, httpcore.RemoteProtocolError) and "disconnected" in str(error):
            raise SendError("connection", "the receiver broke off before it answered") from None
        if isinstance(error, httpcore.ProtocolError | httpcore.UnsupportedProtocol):
            raise SendError("protocol", "the answer is not HTTP") from None
        if isinstance(error, httpcore.NetworkError | ssl.SSLError | OSError):
            raise SendError("connection", "the connection failed or was broken off") from None


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and gives each operation what is left of the deadline."""

    def __init__(self, ends: float, *, allow_private: bool) -> None:
        self._ends = ends
        self._allow_private = allow_private
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, and connect to the first address that answers."""
        failure: Exception = httpcore.ConnectError("no address")
        found = addresses(host, port, ends=self._ends, allow_private=self._allow_private)
        for number, address in enumerate(found):
            share = _left(self._ends) / (
                len(found) - number
            )  # an address that swallows everything leaves time for the next
            try:
                stream = self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(stream, self._ends)
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Refuse: nothing is sent to sockets of this machine."""
        raise httpcore.UnsupportedProtocol("no unix sockets")

    def sleep(self, seconds: float) -> None:
        """Refuse to wait: the one retry loop is the outbox's."""
        raise httpcore.UnsupportedProtocol("no retries below the outbox")


class _Timed(httpcore.NetworkStream):
    """A connection whose every operation ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, ends: float) -> None:
        self._stream = stream
        self._ends = ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._ends))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # in pieces, since a peer that takes a byte now and then would renew the limit of one long write
        for at in range(0, len(buffer), 65_536):
            self._stream.write(buffer[at : at + 65_536], _left(self._ends))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._ends)), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@cache
def _trusted() -> ssl.SSLContext:
    """Return the one context of the system's authorities; to read them takes longer than to send."""
    return ssl.create_default_context()


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("deadline")
    return left


def _resolve(host: str, port: int, timeout: float) -> list[str]:
    """Look a name up within a time limit, which the system's resolver doesn't have; addresses are not repeated."""
    answers: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError):
            answers.put(None)

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise SendError("timeout", "the receiver's name was not found within the deadline") from None
    if answer is None:
        raise SendError("connection", "the receiver's name could not be found")
    return answer
