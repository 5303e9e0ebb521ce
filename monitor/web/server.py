"""Serves `/metrics`, `/healthz` and `/readyz`; anything else is 404, any method but GET and HEAD is 405.

`/healthz` says that the process is alive and its loops turn; `/readyz` that the store answers and watchlists are
loaded. Both answer 200 or 503 with a line of JSON that names what is wrong.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from monitor.errors import InputError

log = structlog.get_logger(__name__)

Check = Callable[[], Mapping[str, str]]
"""Names what is wrong, each with its reason; empty when all is well."""

REQUEST_SECONDS = 5.0
"""A client that has not sent its request by then is dropped."""


class Server:
    """The HTTP server in threads of its own. `address` is the host and port really bound."""

    def __init__(self, listen: str, metrics: Callable[[], bytes], alive: Check, ready: Check) -> None:
        """Bind. Raises InputError where the address is wrong or taken."""
        host, _, port = listen.rpartition(":")
        handler = type("BoundHandler", (_Handler,), {"pages": _Pages(metrics, alive, ready)})
        try:
            self._server = _ThreadingServer((host.strip("[]") or "127.0.0.1", int(port)), handler)
        except (OSError, ValueError, OverflowError) as error:
            raise InputError(
                f"can't listen on {listen!r}: {error}. Fix: set `http.listen` to a free host:port"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="http", daemon=True, args=(0.1,))

    @property
    def address(self) -> str:
        """Return `host:port` as bound."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def start(self) -> None:
        """Serve until closed."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _ThreadingServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note a client that hung up; it is no news."""
        log.debug("http client went away", client=str(client_address))


class _Pages:
    """What each path answers: status, content type, body."""

    def __init__(self, metrics: Callable[[], bytes], alive: Check, ready: Check) -> None:
        self._metrics, self._checks = metrics, {"/healthz": alive, "/readyz": ready}

    def get(self, path: str) -> tuple[int, str, bytes]:
        path = path.split("?", 1)[0]
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, self._metrics()
        check = self._checks.get(path)
        if check is None:
            return 404, "text/plain; charset=utf-8", b"not found: try /metrics, /healthz or /readyz\n"
        wrong = dict(check())
        body = json.dumps({"ok": not wrong, **({"wrong": wrong} if wrong else {})}, ensure_ascii=False)
        return (503 if wrong else 200), "application/json", body.encode() + b"\n"


class _Handler(BaseHTTPRequestHandler):
    pages: _Pages
    timeout = REQUEST_SECONDS
    server_version = "monitor"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(*self.pages.get(self.path))

    do_HEAD = do_GET

    def _refuse(self) -> None:
        self._answer(405, "text/plain; charset=utf-8", b"only GET and HEAD\n")

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _refuse

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay silent: scrapes every few seconds are no event."""
