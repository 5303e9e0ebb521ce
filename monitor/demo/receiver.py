"""A receiver on loopback that judges what arrives: Slack's rules, the Standard Webhooks signature.

    /services/…   a Slack incoming webhook          /api/…   Slack's Web API (chat.postMessage, chat.update)
    /alertmanager Alertmanager's API v2                else     a webhook

It can be told how to answer: a status, a text, headers, or to misbehave as real receivers do. What it is told holds
for the next messages, one each, or for all until told otherwise.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Any, Literal, Self

from monitor.demo.slack_rules import complaints

Manner = Literal["answer", "hang", "reset", "drip-body", "drip-headers", "not-http"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to answer one message. `body` None is what a content receiver says; `pause` is between dripped bytes."""

    status: int = 200
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = "answer"
    pause: float = 0.05

    @property
    def accepts(self) -> bool:
        """Tell whether this answer says that the message was taken."""
        return self.manner == "answer" and 200 <= self.status < 300 and self.body is None


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it arrived, with everything that is wrong with it. `at` is monotonic seconds."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    problems: tuple[str, ...]
    accepted: bool
    at: float

    @property
    def json(self) -> Any:
        """The body, decoded. Raises ValueError where it is no JSON."""
        return json.loads(self.body)

    @property
    def id(self) -> str | None:
        """The webhook's id, by which a receiver knows a repeated message."""
        return self.headers.get("webhook-id")


class Receiver:
    """The server, in a thread of its own; a context manager."""

    def __init__(self, keys: Sequence[str] = (), *, token: str | None = None, port: int = 0) -> None:
        """Verify webhooks with `keys` (any of them may have signed) and the Web API's `token`, where given."""
        self.keys = tuple(keys)
        self.token = token
        self._changed = threading.Condition()
        self._received: list[Received] = []
        self._next: deque[Plan] = deque()
        self._always = Plan()
        self._posts = 0
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="receiver", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address of its root, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def received(self) -> tuple[Received, ...]:
        """Everything that arrived, in order."""
        with self._changed:
            return tuple(self._received)

    @property
    def accepted(self) -> tuple[Received, ...]:
        """What was answered with acceptance."""
        return tuple(one for one in self.received if one.accepted)

    def then(self, *plans: Plan) -> None:
        """Answer the next messages so, one plan each."""
        with self._changed:
            self._next.extend(plans)

    def always(self, plan: Plan) -> None:
        """Answer every message so that has no plan of its own."""
        with self._changed:
            self._always = plan

    def wait(self, count: int, timeout: float = 10.0) -> tuple[Received, ...]:
        """Wait until that many messages have arrived. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._received) >= count, timeout):
                raise TimeoutError(f"{len(self._received)} of {count} messages arrived")
            return tuple(self._received)

    def clear(self) -> None:
        """Forget what arrived and what was planned."""
        with self._changed:
            self._received.clear()
            self._next.clear()
            self._always = Plan()

    def close(self) -> None:
        """Stop; answers that hang are broken off."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Plan, str]:
        """Judge one message, keep it, and return how to answer with the text of the answer."""
        problems = self._judge(path, headers, body)
        with self._changed:
            self._posts += 1
            plan = self._next.popleft() if self._next else self._always
            if problems and plan.accepts:
                plan = _refusal(path, problems)
            text = plan.body if plan.body is not None else self._content(path)
            self._received.append(Received(path, headers, body, problems, plan.accepts, time.monotonic()))
            self._changed.notify_all()
        return plan, text

    def _judge(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
        try:
            decoded = json.loads(body)
        except ValueError:
            return ("the body is not JSON",)
        if path.startswith("/services/"):
            return complaints(decoded)
        if path.startswith("/api/chat."):
            wrong = () if self.token is None or headers.get("authorization") == f"Bearer {self.token}" else ("token",)
            return wrong + (() if decoded.get("channel") else ("no channel",)) + complaints(decoded)
        if path.startswith("/alertmanager/"):
            return tuple(_alertmanager(decoded))
        return signature_problems(headers, body, self.keys) if self.keys else ()

    def _content(self, path: str) -> str:
        if path.startswith("/api/"):
            return json.dumps({"ok": True, "channel": "C0000000001", "ts": f"1700000000.{self._posts:06d}"})
        return "ok"


def signature_problems(headers: Mapping[str, str], body: bytes, keys: Sequence[str]) -> tuple[str, ...]:
    """Return what is wrong with a message's Standard Webhooks headers; header names are in small letters."""
    missing = [name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not headers.get(name)]
    if missing:
        return tuple(f"no {name}" for name in missing)
    if not headers["webhook-timestamp"].isdecimal():
        return ("webhook-timestamp is no number of seconds",)
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for key in keys:
        raw = base64.b64decode(key.removeprefix("whsec_"))
        good = "v1," + base64.b64encode(hmac.digest(raw, message, hashlib.sha256)).decode()
        if any(hmac.compare_digest(good, given) for given in headers["webhook-signature"].split(" ")):
            return ()
    return ("no signature fits",)


def _alertmanager(body: object) -> Iterator[str]:
    """Yield what Alertmanager would refuse in a batch."""
    if not isinstance(body, list) or not body:
        yield "no list of alerts"
        return
    for alert in body:
        labels = alert.get("labels", {})
        if not labels.get("alertname") or not all(isinstance(value, str) and value for value in labels.values()):
            yield "labels are strings, and alertname is one of them"
        if not alert["startsAt"] <= alert["endsAt"]:
            yield "it ends before it starts"


def _refusal(path: str, problems: Sequence[str]) -> Plan:
    """Answer a bad message as its kind of receiver does."""
    blocks = any("block" in problem or "characters" in problem for problem in problems)
    word = "invalid_blocks" if blocks else "invalid_payload"
    if path.startswith("/services/"):
        return Plan(400, word)
    if path.startswith("/api/"):
        return Plan(200, json.dumps({"ok": False, "error": "invalid_auth" if "token" in problems else word}))
    return Plan(401, "; ".join(problems))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def shutdown_request(self, request: Any) -> None:
        """Close without a farewell first, so that a reset is one."""
        self.close_request(request)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        plan, text = self.server.receiver.take(self.path, headers, body)
        with suppress(OSError):  # who asked has gone: that is what some tests want
            self._answer(plan, text.encode())

    def log_message(self, *args: Any) -> None:
        """Stay quiet: what arrived is kept, not printed."""

    def _answer(self, plan: Plan, text: bytes) -> None:
        closing = self.server.receiver.closing
        match plan.manner:
            case "hang":
                closing.wait()
            case "reset":
                self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            case "not-http":
                self.wfile.write(b"220 mail.example.org ready\r\n\r\n")
            case "drip-headers":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                self._drip(b"x-slow: " + b"x" * 100_000, plan.pause)
            case "drip-body":
                self._head(plan, 100_000)
                self._drip(b"o" * 100_000, plan.pause)
            case "answer":
                self._head(plan, len(text))
                self.wfile.write(text)

    def _head(self, plan: Plan, length: int) -> None:
        self.send_response(plan.status)
        for name, value in {"content-length": str(length), **plan.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _drip(self, data: bytes, pause: float) -> None:
        for at in range(len(data)):
            if self.server.receiver.closing.wait(pause):
                return
            self.wfile.write(data[at : at + 1])
            self.wfile.flush()
