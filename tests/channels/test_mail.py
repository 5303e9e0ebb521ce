"""E-mail: one mail an alert, a story is a conversation, and every answer of a server is classified."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.alerts import describe, digest
from monitor.alerts.text import plain
from monitor.channels.base import REASONS
from monitor.channels.registry import build
from monitor.errors import SendError
from tests.alerts.builders import NOW, alert, article
from tests.channels.smtp import Mailbox

PASSWORD = "PLANTEDxPASSWORD"


def make(port: int, **changes: Any) -> Any:
    """A channel to the server on that port, without encryption."""
    options: dict[str, Any] = {"type": "email", "host": "127.0.0.1", "port": port, "security": "none"}
    options |= {"sender": "monitor@news.example", "to": ["desk@news.example"], "allow_private": True}
    return build("mail", options | changes, lambda _: SecretStr(PASSWORD))


def refused(port: int, deadline: float = 5.0, **changes: Any) -> SendError:
    """Send and return how it was refused."""
    with pytest.raises(SendError) as caught:
        make(port, **changes).send(alert(), thread=None, now=NOW, deadline=deadline)
    assert caught.value.reason in REASONS
    assert PASSWORD not in str(caught.value)
    return caught.value


def test_a_mail() -> None:
    """The subject says rule and title, the text everything, in letters of any script; both addresses get it."""
    with Mailbox() as box:
        receipt = make(box.port, to=["a@news.example", "b@news.example"]).send(
            alert(), thread=None, now=NOW, deadline=5
        )
        (mail,) = box.mails
    assert mail["Subject"] == "[high] News on Omar: عمر حداد يعلن موعد الاجتماع"
    assert mail["From"] == "monitor@news.example"
    assert mail["To"] == "a@news.example, b@news.example"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == receipt == f"<{'ab' * 32}@news.example>"
    assert mail["In-Reply-To"] is None
    assert mail.get_content().strip() == plain(describe(alert()))


def test_a_story_is_a_conversation() -> None:
    """A later alert of a story replies to the first one's mail."""
    with Mailbox() as box:
        channel = make(box.port)
        first = channel.send(alert(), thread=None, now=NOW, deadline=5)
        channel.send(alert(key="cd" * 32), thread=first, now=NOW, deadline=5)
        _, reply = box.mails
    assert reply["In-Reply-To"] == reply["References"] == first


def test_no_header_is_forged() -> None:
    """Line ends in a title open no header, and a long title is cut."""
    title = "News\r\nBcc: all@news.example\r\n\r\nbody " + "x" * 500
    with Mailbox() as box:
        make(box.port).send(alert(article=article(title=title)), thread=None, now=NOW, deadline=5)
        (mail,) = box.mails
        rcpt = [command for command in box.commands if command.upper().startswith("RCPT")]
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) <= 180
    assert len(rcpt) == 1


def test_lines_that_look_like_the_end() -> None:
    """A text with a lone full stop arrives whole."""
    with Mailbox() as box:
        make(box.port).send(digest([alert(added=(".",))] * 3, NOW), thread=None, now=NOW, deadline=5)
        assert box.mails[0].get_content().count("https://news.example/1") == 3


def test_login() -> None:
    """User and password are given to the server, and only to the server."""
    with Mailbox() as box:
        make(box.port, user="u", password="secret:mail").send(alert(), thread=None, now=NOW, deadline=5)
        assert any(command.startswith("AUTH PLAIN") for command in box.commands)


@pytest.mark.parametrize(
    ("word", "reply", "reason", "permanent"),
    [
        ("GREETING", "421 busy", "unavailable", False),
        ("GREETING", "554 go away", "rejected", True),
        ("GREETING", "drop", "connection", False),
        ("GREETING", "hang", "timeout", False),
        ("GREETING", "drip", "timeout", False),
        ("EHLO", "drop", "connection", False),
        ("AUTH", f"535 {PASSWORD} is wrong", "unauthorized", False),
        ("AUTH", "454 later", "unavailable", False),
        ("MAIL", "451 later", "unavailable", False),
        ("MAIL", "552 too large", "too-large", True),
        ("MAIL", "530 log in first", "unauthorized", False),
        ("RCPT", "550 nobody here", "refused", True),
        ("RCPT", "450 greylisted", "unavailable", False),
        ("DATA", "554 no", "rejected", True),
        ("DATA", "drop", "connection", False),
        ("BODY", "554 spam", "rejected", True),
        ("BODY", "452 full", "unavailable", False),
        ("BODY", "hang", "timeout", False),
        ("BODY", "drip", "timeout", False),
        ("BODY", "drop", "connection", False),
    ],
)
def test_every_answer_is_classified(word: str, reply: str, reason: str, permanent: bool) -> None:
    """4xx may pass and 5xx will not, at every step; silence and dripping end with the deadline."""
    with Mailbox({word: reply}) as box:
        start = time.monotonic()
        deadline = 0.4 if reply in {"hang", "drip"} else 5.0
        error = refused(box.port, deadline, user="u", password="secret:mail")
    assert (error.reason, error.permanent) == (reason, permanent)
    assert time.monotonic() - start < 5


def test_one_recipient_of_two_is_refused() -> None:
    """A mail that reached only some is parked, so that it is neither silent nor sent twice to the others."""
    with Mailbox({"RCPT TO:<B@": "550 nobody here"}) as box:
        error = refused(box.port, to=["a@news.example", "b@news.example"])
        assert len(box.mails) == 1
    assert (error.reason, error.permanent) == ("refused", True)
    assert "1 of 2" in str(error)


def test_a_server_that_is_not_there() -> None:
    """A closed port, and a name that does not exist, are connections that failed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert refused(free.getsockname()[1]).reason == "connection"
    assert refused(25, host="nowhere.invalid").reason == "connection"


def test_private_addresses_are_refused() -> None:
    """Without leave, no mail server of this machine or its network is connected."""
    with Mailbox() as box:
        error = refused(box.port, allow_private=False)
        assert not box.commands
    assert (error.reason, error.permanent) == ("private", True)


def test_no_password_without_encryption_where_it_was_asked_for() -> None:
    """A server that does not offer STARTTLS gets neither password nor mail."""
    with Mailbox() as box:
        assert refused(box.port, security="starttls", user="u", password="secret:mail").reason == "protocol"
        assert not [command for command in box.commands if command.startswith(("AUTH", "MAIL"))]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key, in one file."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    folder: Path = tmp_path_factory.mktemp("certificate")
    command = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(command, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "cert").read_text() + (folder / "key").read_text())
    return str(both)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted(security: str, certificate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With STARTTLS or TLS, a server that the system vouches for gets the mail, and another one nothing."""
    with Mailbox(certificate=certificate, tls=security == "tls") as box:
        assert refused(box.port, security=security).reason == "tls"
        assert not box.mails
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        make(box.port, security=security).send(alert(), thread=None, now=NOW, deadline=5)
        assert len(box.mails) == 1
