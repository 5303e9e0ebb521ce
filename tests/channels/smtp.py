"""A small SMTP server on loopback that keeps what it gets and answers as it is told."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self, cast


class Mailbox:
    """The server. `replies` maps a command's first word (or GREETING, BODY) to what is answered in its place.

    The reply `hang` says nothing for ever, `drip` a byte at a time, `drop` ends the connection.
    """

    def __init__(
        self, replies: dict[str, str] | None = None, certificate: str | None = None, *, tls: bool = False
    ) -> None:
        self.replies = replies or {}
        self.certificate = certificate
        self.tls = tls
        self.commands: list[str] = []
        self.mails: list[EmailMessage] = []
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.mailbox = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def secured(self, connection: socket.socket) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.certificate
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(connection, server_side=True)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    mailbox: Mailbox


class _Session(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.box = cast("_Server", self.server).mailbox
        with suppress(OSError, EOFError):
            if self.box.tls:
                self._secure()
            self.file = self.request.makefile("rwb")
            self._say("GREETING", "220 mail.example ready")
            while line := self.file.readline():
                self._command(line.decode().strip())

    def finish(self) -> None:
        with suppress(OSError, AttributeError):
            self.file.close()
        self.request.close()

    def _secure(self) -> None:
        self.request = self.box.secured(self.request)
        self.file = self.request.makefile("rwb")

    def _command(self, line: str) -> None:
        self.box.commands.append(line)
        word = line.split(" ", maxsplit=1)[0].upper()
        usual = {
            "EHLO": "250-mail.example\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            "AUTH": "235 welcome",
            "STARTTLS": "220 go",
        }
        if word == "EHLO" and self.box.certificate and not isinstance(self.request, ssl.SSLSocket):
            usual["EHLO"] = "250-mail.example\r\n250 STARTTLS"
        usual |= {"DATA": "354 go on", "QUIT": "221 bye"}
        self._say(word if word != "RCPT" else line.upper(), usual.get(word, "250 ok"))
        if word == "STARTTLS":
            self._secure()
        if word == "DATA" and "DATA" not in self.box.replies:
            lines = iter(self.file.readline, b".\r\n")
            mail = message_from_bytes(b"".join(lines), policy=policy.default)
            reply = self.box.replies.get("BODY", "250 kept")
            if reply.startswith("250"):
                self.box.mails.append(cast("EmailMessage", mail))
            self._say("BODY", reply)
        if word == "QUIT":
            raise EOFError

    def _say(self, word: str, usual: str) -> None:
        reply = next((text for key, text in self.box.replies.items() if word.startswith(key)), usual)
        if reply == "hang":
            self.box.closing.wait()
        elif reply == "drip":
            while not self.box.closing.wait(0.05):
                self.file.write(b"2")
                self.file.flush()
        elif reply == "drop":
            raise EOFError
        self.file.write(reply.encode() + b"\r\n")
        self.file.flush()
