"""The HTTP side: what each path and method answers."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import pytest
from pydantic import SecretStr

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


def ask(
    server: Server, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({})
) -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection(server.address, timeout=20)
    try:
        connection.request(method, path, headers=dict(headers))
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


def test_with_a_token_nothing_is_shown_without_it() -> None:
    """Where a token is set every page asks for it, and takes no other."""
    server = Server("127.0.0.1:0", Metrics().render, dict, lambda: ({}, {}), token=SecretStr("open sesame"))
    server.start()
    try:
        for path in ("/metrics", "/healthz", "/readyz", "/nothing"):
            assert ask(server, "GET", path)[0] == 401
            assert ask(server, "GET", path, {"Authorization": "Bearer open"})[0] == 401
        assert ask(server, "GET", "/metrics", {"Authorization": "Bearer open sesame"})[0] == 200
    finally:
        server.close()


def test_a_page_that_hangs_is_answered_503_and_made_once() -> None:
    """While a page waits for the store, whoever asks for it is told so after some seconds; health answers at once."""
    going, made = threading.Event(), []

    def ready() -> tuple[dict[str, str], dict[str, str]]:
        made.append(1)
        going.wait(30)
        return {}, {}

    server = Server("127.0.0.1:0", Metrics().render, dict, ready)
    server.start()
    try:
        with ThreadPoolExecutor(5) as crowd:
            answers = [crowd.submit(ask, server, "GET", "/readyz") for _ in range(5)]
            assert ask(server, "GET", "/healthz")[0] == 200
            assert {answer.result()[0] for answer in answers} == {503}
        assert len(made) == 1
    finally:
        going.set()
        server.close()


def test_too_many_connections_cost_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the oldest connection is dropped for the newcomer, and the server answers."""
    monkeypatch.setattr("monitor.web.server.CONNECTIONS", 16)
    server = Server("127.0.0.1:0", Metrics().render, dict, lambda: ({}, {}))
    server.start()
    host, port = server.address.split(":")
    clients: list[socket.socket] = []
    try:
        clients += [socket.create_connection((host, int(port)), timeout=10) for _ in range(20)]
        assert ask(server, "GET", "/healthz")[0] == 200
        for oldest in clients[:4]:
            with contextlib.suppress(ConnectionResetError):
                assert oldest.recv(1) == b""
    finally:
        for client in clients:
            client.close()
        server.close()


def test_an_address_in_use_is_an_input_error(server: Server) -> None:
    """A taken port gives an error that names the setting."""
    with pytest.raises(InputError, match=r"http\.listen"):
        Server(server.address, Metrics().render, dict, lambda: ({}, {}))


def test_an_answer_larger_than_the_kernel_takes_arrives_whole() -> None:
    """What does not fit into the socket's buffer at once is sent as the client reads it."""
    page = b"x" * 8_000_000
    server = Server("127.0.0.1:0", lambda: page, dict, lambda: ({}, {}))
    server.start()
    try:
        assert ask(server, "GET", "/metrics")[1] == page
    finally:
        server.close()


def test_a_request_that_comes_in_pieces_is_answered(server: Server) -> None:
    """A head that arrives line by line is read once it is whole."""
    host, _, port = server.address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        for piece in (b"GET /hea", b"lthz HTTP/1.1\r\nHost: x\r\n", b"\r\n"):
            client.sendall(piece)
        assert client.makefile("rb").readline().startswith(b"HTTP/1.1 200")
