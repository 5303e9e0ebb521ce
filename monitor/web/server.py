"""Serves `/metrics`, `/healthz` and `/readyz`; anything else is 404, any method but GET and HEAD is 405.

`/healthz` says that the process is alive and its loops turn; `/readyz` that the store answers and watchlists are
loaded. Both answer 200 or 503 with a line of JSON that names what is wrong, and what should be known besides.

One thread turns one event loop for all connections, so that strangers can't make threads. h11 reads the requests.
A client that has not sent its request after `REQUEST_SECONDS` is dropped, and where more than `CONNECTIONS` are open,
the oldest: slow clients cost a bounded number of small buffers, and never the next answer.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import resource
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import h11
import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import SecretStr

from monitor.errors import InputError

log = structlog.get_logger(__name__)

Named = Mapping[str, str]
"""What is wrong, or should be known, by its part."""

REQUEST_SECONDS = 5.0
"""A client that has not sent its request by then is dropped."""
ANSWER_SECONDS = 3.0
"""How long a page may take; then the answer is 503, and the page goes on for whoever asks next."""
LINGER_SECONDS = 1.0
"""How long what a client still sends is thrown away after the answer, so that it gets to read it."""
CONNECTIONS = 8192
"""Connections that are open at once, though never more than a half of the handles that the process may have."""
BURST = 64
"""Connections that are taken before what is open gets its turn again."""
IDLE_SECONDS = 1.0
"""The same while nobody is connected."""
SWEEP_SECONDS = 0.05
"""Time from one look for late clients to the next; each drops `BURST` of them at most."""
BACKLOG = 1024
"""Connections that the kernel may hold for us until we take them."""
HEADER_BYTES = 16_384
"""Longest request line with headers."""
ENDS = (b"\n\r\n", b"\n\n")
"""What a request's head may end with."""
TEXT = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """Status, content type, body, further headers."""

    status: int
    kind: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Pages:
    """What each path answers. `alive` is quick; `metrics` and `ready` may wait for the store, so they get threads."""

    metrics: Callable[[], bytes]
    alive: Callable[[], Named]
    ready: Callable[[], tuple[Named, Named]]
    token: SecretStr | None = None
    slow: dict[str, asyncio.Future[Answer]] = field(default_factory=dict)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="page"))

    async def get(self, request: h11.Request) -> Answer:
        """Answer one request."""
        if not self._may(request):
            challenge = (("WWW-Authenticate", "Bearer"),)
            return Answer(401, TEXT, b"a bearer token is needed: see http.token in the settings\n", challenge)
        if request.method not in {b"GET", b"HEAD"}:
            return Answer(405, TEXT, b"only GET and HEAD\n", (("Allow", "GET, HEAD"),))
        path = request.target.split(b"?", 1)[0]
        if path == b"/healthz":
            return _health(self.alive(), {})
        if path == b"/metrics":
            return await self._once("metrics", lambda: Answer(200, CONTENT_TYPE_LATEST, self.metrics()))
        if path == b"/readyz":
            return await self._once("ready", lambda: _health(*self.ready()))
        return Answer(404, TEXT, b"not found: try /metrics, /healthz or /readyz\n")

    def _may(self, request: h11.Request) -> bool:
        if self.token is None:
            return True
        given = next((value for name, value in request.headers if name == b"authorization"), b"")
        return hmac.compare_digest(given, b"Bearer " + self.token.get_secret_value().encode())

    async def _once(self, name: str, make: Callable[[], Answer]) -> Answer:
        """Make a page in a thread; whoever asks meanwhile gets the same one, so that a crowd costs one page."""
        if name not in self.slow:
            future = asyncio.get_running_loop().run_in_executor(self.threads, make)
            self.slow[name] = future
            future.add_done_callback(lambda _: self.slow.pop(name, None))
        done, _ = await asyncio.wait({self.slow[name]}, timeout=ANSWER_SECONDS)
        if not done:
            return _health({name: f"no answer within {ANSWER_SECONDS:.0f} seconds"}, {})
        return done.pop().result()


def _health(wrong: Named, known: Named) -> Answer:
    parts = {"ok": not wrong, **({"wrong": dict(wrong)} if wrong else {}), **({"notes": dict(known)} if known else {})}
    body = json.dumps(parts, ensure_ascii=False).encode()
    return Answer(503 if wrong else 200, "application/json", body + b"\n")


class Connection:
    """One client: one request, one answer, and the connection ends.

    Sockets stand in the event loop themselves: a transport costs five times as much to make, and thousands of
    strangers may come at once.
    """

    __slots__ = ("_answering", "_deadline", "_loop", "_open", "_pages", "_socket", "_unread", "since")

    def __init__(
        self, client: socket.socket, loop: asyncio.AbstractEventLoop, pages: Pages, open_ones: dict[Connection, None]
    ) -> None:
        """Begin to read. `open_ones` holds all connections that keep us waiting, the oldest first."""
        self._socket: socket.socket | None = client
        self._loop, self._pages, self._open = loop, pages, open_ones
        self._unread: bytes | None = b""  # None: what comes now is a body that nobody wants
        self._deadline: asyncio.TimerHandle | None = None
        self._answering: asyncio.Task[None] | None = None
        self.since = loop.time()
        self._open[self] = None
        client.setblocking(False)
        loop.add_reader(client.fileno(), self._read)

    def drop(self) -> None:
        """End now, without more words; what the kernel still holds for the client is thrown away."""
        self._open.pop(self, None)
        gone, self._socket = self._socket, None
        if gone is None:
            return
        self._loop.remove_reader(gone.fileno())
        self._loop.remove_writer(gone.fileno())
        gone.close()
        if self._deadline:
            self._deadline.cancel()
        if self._answering:
            self._answering.cancel()

    def _read(self) -> None:
        """Read on until the request is whole."""
        if self._socket is None:
            return
        try:
            data = self._socket.recv(HEADER_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop()
            return
        if self._unread is None:
            return
        self._unread += data
        if any(end in self._unread for end in ENDS) if b"\n" in data else len(self._unread) >= HEADER_BYTES:
            self._parse(self._unread)  # else one that comes byte by byte costs next to nothing

    def _parse(self, head: bytes) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEADER_BYTES)
        try:
            http.receive_data(head)
            event = http.next_event()
        except h11.RemoteProtocolError as error:
            self._write(http, Answer(error.error_status_hint or 400, TEXT, b"not a request that is answered here\n"))
            return
        if isinstance(event, h11.Request):
            self._unread = None
            self._open.pop(self, None)  # it waits for us now
            self._answering = self._loop.create_task(self._answer(http, event))

    async def _answer(self, http: h11.Connection, request: h11.Request) -> None:
        self._write(http, await self._pages.get(request), head=request.method == b"HEAD")

    def _write(self, http: h11.Connection, answer: Answer, *, head: bool = False) -> None:
        """Send the answer; the client gets a moment to take it."""
        headers = [
            ("Content-Type", answer.kind),
            ("Content-Length", str(len(answer.body))),
            ("Connection", "close"),
            *answer.headers,
        ]
        status = h11.Response(status_code=answer.status, headers=headers, reason=b"")
        self._unread = None
        self._open.pop(self, None)
        self._deadline = self._loop.call_later(REQUEST_SECONDS, self.drop)
        self._send(memoryview(_sent(http, status) + (b"" if head else answer.body)))

    def _send(self, left: memoryview) -> None:
        """Send what the kernel takes, and the rest when it takes more; then wait a moment for the client to hang up."""
        client = self._socket
        if client is None:
            return
        try:
            left = left[client.send(left) :]
            if left:
                self._loop.add_writer(client.fileno(), self._send, left)
                return
            self._loop.remove_writer(client.fileno())
            client.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            self._loop.add_writer(client.fileno(), self._send, left)
        except OSError:
            self.drop()
        else:
            if self._deadline:
                self._deadline.cancel()
            self._deadline = self._loop.call_later(LINGER_SECONDS, self.drop)


def _sent(http: h11.Connection, response: h11.Response) -> bytes:
    """Return the bytes of a response's head."""
    return http.send(response) or b""


class Server:
    """The HTTP server in a thread of its own. `address` is the host and port really bound."""

    def __init__(
        self,
        listen: str,
        metrics: Callable[[], bytes],
        alive: Callable[[], Named],
        ready: Callable[[], tuple[Named, Named]],
        *,
        token: SecretStr | None = None,
    ) -> None:
        """Bind. Raises InputError where the address is wrong or taken."""
        host, _, port = listen.rpartition(":")
        self._pages = Pages(metrics, alive, ready, token)
        self._open: dict[Connection, None] = {}
        self._most = min(CONNECTIONS, max(16, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2))
        try:
            self._socket = _bound(host.strip("[]") or "127.0.0.1", int(port))
        except (OSError, ValueError, OverflowError) as error:
            raise InputError(
                f"can't listen on {listen!r}: {error}. Fix: set `http.listen` to a free host:port"
            ) from error
        self._loop = asyncio.new_event_loop()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @property
    def address(self) -> str:
        """Return `host:port` as bound."""
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def start(self) -> None:
        """Serve until closed."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving and free the port."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closed.set_result, None)
            self._thread.join()
        self._pages.threads.shutdown(wait=False, cancel_futures=True)
        self._loop.close()
        self._socket.close()

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_closed())

    async def _until_closed(self) -> None:
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket.fileno(), self._accept)
        while not self._closed.done():
            await asyncio.wait({self._closed}, timeout=SWEEP_SECONDS if self._open else IDLE_SECONDS)
            self._sweep()
        self._loop.remove_reader(self._socket.fileno())
        for connection in tuple(self._open):
            connection.drop()

    def _accept(self) -> None:
        """Take who waits, `BURST` at a time; where there are too many, the oldest that keeps us waiting has to go."""
        for _ in range(BURST):
            try:
                client = self._socket.accept()[0]
            except BlockingIOError:
                return
            except OSError as error:  # out of handles, or the client is gone already
                log.warning("a connection could not be taken", error=str(error))
                if self._open:
                    next(iter(self._open)).drop()
                return
            Connection(client, self._loop, self._pages, self._open)
            if len(self._open) > self._most:
                next(iter(self._open)).drop()

    def _sweep(self) -> None:
        """Drop who kept us waiting too long, the oldest first, and a few at a time, so that nobody else has to wait."""
        late = self._loop.time() - REQUEST_SECONDS
        for connection in list(islice(self._open, BURST)):
            if connection.since > late:
                return
            connection.drop()


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound
