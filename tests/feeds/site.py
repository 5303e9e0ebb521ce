"""A loopback web site whose every answer is a script: bytes on a socket, so that nothing is too rude to be tested."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[socket.socket, "Request"], None]


@dataclass(frozen=True)
class Request:
    """One request as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)


@dataclass
class Site:
    """Paths and what they answer; `log` keeps every request."""

    port: int
    scripts: dict[str, Script] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str = "/") -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, path: str, body: bytes = b"", status: str = "200 OK", **headers: str) -> str:
        """Answer a path with fixed bytes; header names take `_` for `-`. Returns its address."""
        self.scripts[path] = lambda sock, _: sock.sendall(answer(body, status, **headers))
        return self.url(path)

    def script(self, path: str, script: Script) -> str:
        """Answer a path by a script. Returns its address."""
        self.scripts[path] = script
        return self.url(path)


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole HTTP answer."""
    fields = {"Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def drip(pieces: Iterable[bytes], pause: float, stop: threading.Event) -> Script:
    """Return a script that sends its pieces with a pause after each, until the site closes."""

    def run(sock: socket.socket, _: Request) -> None:
        for piece in pieces:
            sock.sendall(piece)
            if stop.wait(pause):
                return

    return run


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """Serve on a free loopback port until the block ends; every thread is joined."""
    listener = socket.create_server(("127.0.0.1", 0))
    here = Site(listener.getsockname()[1])
    threads: list[threading.Thread] = []
    closing = threading.Event()

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            if closing.is_set():
                sock.close()
                return
            thread = threading.Thread(target=_serve, args=(sock, here))
            threads.append(thread)
            thread.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield here
    finally:
        closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", here.port), 1).close()
        acceptor.join()
        listener.close()
        for thread in threads:
            thread.join(10)


def _serve(sock: socket.socket, here: Site) -> None:
    """Read one request and let its script answer."""
    with sock, contextlib.suppress(OSError):
        request = _read(sock)
        if request is None:
            return
        with here.lock:
            here.log.append(request)
        script = here.scripts.get(request.path)
        if script is None:
            sock.sendall(answer(b"", "404 Not Found"))
        else:
            script(sock, request)


def _read(sock: socket.socket) -> Request | None:
    sock.settimeout(10)
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece or piece[0] == 0x16:  # nobody there, or TLS, which this site does not speak
            return None
        data += piece
    lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(lines[0].split(" ")[1], headers)


class Answering(BaseHTTPRequestHandler):
    """Answers every request with its `body`, as a usual server does."""

    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(handler: type[Answering], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve on a free loopback port, with TLS where there is a context, until the block ends; gives the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
