"""The HTTP side: what each path and method answers."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator

import pytest

from monitor.errors import InputError
from monitor.metrics import Metrics
from monitor.web.server import Server

WRONG: dict[str, str] = {}


@pytest.fixture
def server() -> Iterator[Server]:
    WRONG.clear()
    one = Server("127.0.0.1:0", Metrics().render, dict, lambda: (WRONG, {}))
    one.start()
    yield one
    one.close()


def ask(server: Server, method: str, path: str) -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection(server.address, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("Content-Type", "")
    finally:
        connection.close()


def test_metrics_are_served_as_prometheus_text(server: Server) -> None:
    """/metrics gives the text format with our own metrics."""
    status, body, kind = ask(server, "GET", "/metrics")
    assert status == 200
    assert kind.startswith("text/plain")
    assert b"monitor_build_info" in body


def test_health_says_ok_and_names_what_is_wrong(server: Server) -> None:
    """/healthz and /readyz answer 200 or 503 with the reason."""
    assert ask(server, "GET", "/healthz")[0] == 200
    assert json.loads(ask(server, "GET", "/readyz?x=1")[1]) == {"ok": True}
    WRONG["store"] = "locked"
    status, body, _ = ask(server, "GET", "/readyz")
    assert status == 503
    assert json.loads(body) == {"ok": False, "wrong": {"store": "locked"}}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(server: Server, method: str) -> None:
    """Only GET and HEAD are answered."""
    assert ask(server, method, "/metrics")[0] == 405


def test_head_has_no_body_and_unknown_paths_are_404(server: Server) -> None:
    """HEAD answers like GET without a body; an unknown path is not found."""
    assert ask(server, "HEAD", "/metrics")[:2] == (200, b"")
    assert ask(server, "GET", "/secrets")[0] == 404


def test_oversized_and_broken_requests_get_nothing_but_4xx(server: Server) -> None:
    """A request line or header beyond the limits is refused, and the server goes on."""
    host, port = server.address.split(":")
    for request in (
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"b" * 70_000 + b"\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), timeout=5) as client:
            client.sendall(request)
            assert client.recv(64).split(b" ")[1].startswith(b"4")
    assert ask(server, "GET", "/healthz")[0] == 200


def test_an_address_in_use_is_an_input_error(server: Server) -> None:
    """A taken port gives an error that names the setting."""
    with pytest.raises(InputError, match=r"http\.listen"):
        Server(server.address, Metrics().render, dict, lambda: ({}, {}))
