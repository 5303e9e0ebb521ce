"""Alerts by e-mail through an SMTP server. A story is a conversation: its first mail is what the others reply to."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from monitor.alerts.text import clean, cut, describe
from monitor.channels.base import AllowPrivate, Secret, SecretName, Worded, several, words
from monitor.channels.net import addresses
from monitor.errors import SendError
from monitor.model import Alert

_SUBJECT = 180
#: What a server's refusal is about, by its code; any other 5xx refuses the message.
_REFUSALS: Final = {
    **dict.fromkeys((530, 534, 535, 538), "unauthorized"),
    **dict.fromkeys((550, 551, 553), "refused"),
    552: "too-large",
}
#: What can be mended there, so that everything still arrives.
_PASSING: Final = frozenset({"unavailable", "unauthorized"})


def _address(value: str) -> str:
    try:
        Address(addr_spec=value)
    except (ValueError, IndexError):  # IndexError is what the standard library's parser raises for an empty one
        raise ValueError("an e-mail address looks like desk@example.org") from None
    return value


MailAddress = Annotated[str, AfterValidator(_address)]


class EmailOptions(Worded):
    """The server, who sends, and who gets the mail. `security` none is for servers on this machine."""

    host: str = Field(min_length=1, description="The mail server")
    port: int = Field(default=587, gt=0, lt=65536, description="Its port; 465 is usual for tls")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection is encrypted"
    )
    user: str | None = Field(default=None, description="Who logs in, where the server asks for it")
    password: SecretName | None = Field(default=None, description="secret:NAME of the user's password")
    sender: MailAddress = Field(description="The address that the mail is from")
    to: Annotated[tuple[MailAddress, ...], BeforeValidator(several)] = Field(min_length=1, description="Who gets it")
    allow_private: AllowPrivate = False

    @model_validator(mode="after")
    def _log_in(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together")
        return self


class Email:
    """Sends one mail an alert, to all recipients at once."""

    interval = 0.0

    def __init__(self, name: str, options: EmailOptions, password: SecretStr | None) -> None:
        """Raise InputError for an unusable template."""
        self.name = name
        self._options = options
        self._password = password
        self._words = words(options.template)

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        """Send the mail and return its Message-ID, which the story's later mails refer to."""
        message = payload(alert, self._options, self._words, thread=thread, now=now)
        ends = time.monotonic() + deadline
        try:
            with _Session(self._options, ends) as session:
                self._log_in(session)
                refused = session.send_message(message)
        except SendError:
            raise
        except smtplib.SMTPException as error:
            raise _classified(error, ends) from None
        except ssl.SSLCertVerificationError:
            raise SendError("tls", "the mail server's certificate could not be verified") from None
        except TimeoutError:
            raise SendError("timeout", "no full answer within the deadline") from None
        except OSError:
            raise _broken(ends) from None
        if refused:
            raise SendError(
                "refused", f"{len(refused)} of {len(self._options.to)} recipients are refused", permanent=True
            )
        return str(message["Message-ID"])

    def close(self) -> None:
        """Nothing is kept open between messages."""

    def _log_in(self, session: _Session) -> None:
        if self._options.security == "starttls":
            session.starttls(context=ssl.create_default_context())
        if self._options.user is not None and self._password is not None:
            session.login(self._options.user, self._password.get_secret_value())


def payload(
    alert: Alert,
    options: EmailOptions,
    say: Callable[[Alert], str],
    *,
    thread: str | None,
    now: datetime,
) -> EmailMessage:
    """Return the mail. Its Message-ID is the alert's key, so that a repeated mail is recognised as one."""
    said = describe(alert)
    message = EmailMessage()
    message["Subject"] = cut(clean(f"[{said.severity}] {said.rule}: {said.title}"), _SUBJECT)
    message["From"] = options.sender
    message["To"] = ", ".join(options.to)
    message["Date"] = now
    message["Message-ID"] = f"<{alert.key}@{options.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if thread:
        message["In-Reply-To"] = thread
        message["References"] = thread
    message.set_content(say(alert) + "\n", cte="base64")
    return message


def preview(alert: Alert) -> str:
    """Return the mail's subject and text."""
    options = EmailOptions(host="localhost", sender="monitor@example.org", to=("desk@example.org",))
    message = payload(alert, options, words(None), thread=None, now=alert.created)
    return f"Subject: {message['Subject']}\n\n{message.get_content()}"


def build(name: str, options: EmailOptions, secret: Secret) -> Email:
    """Make the channel. Raises InputError for an unusable template."""
    return Email(name, options, secret(options.password) if options.password else None)


class _Session(smtplib.SMTP):
    """A connection to a checked address that is cut when the deadline is over, whatever the server drips."""

    def __init__(self, options: EmailOptions, ends: float) -> None:
        self._mail = options
        self._ends = ends
        self._cutter = threading.Timer(max(ends - time.monotonic(), 0.0), self._cut)
        self._cutter.daemon = True
        try:
            super().__init__(options.host, options.port, "localhost", timeout=max(ends - time.monotonic(), 0.001))
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        failure: OSError = ConnectionError("no address")
        found = addresses(host, port, ends=self._ends, allow_private=self._mail.allow_private)
        for number, address in enumerate(found):
            left = max(self._ends - time.monotonic(), 0.001)
            try:
                made = socket.create_connection((address, port), left / (len(found) - number))
                made.settimeout(left)
            except OSError as error:
                failure = error
                continue
            self._raw = made
            self._cutter.start()
            if self._mail.security == "tls":
                return ssl.create_default_context().wrap_socket(made, server_hostname=host)
            return made
        raise failure

    def close(self) -> None:
        self._cutter.cancel()
        super().close()

    def _cut(self) -> None:
        with suppress(OSError):  # it may just have been closed
            self._raw.shutdown(socket.SHUT_RDWR)


def _broken(ends: float) -> SendError:
    if time.monotonic() >= ends:
        return SendError("timeout", "no full answer within the deadline")
    return SendError("connection", "the connection to the mail server failed or was broken off")


def _classified(error: smtplib.SMTPException, ends: float) -> SendError:
    """Name a failure by its code: 4xx may pass, 5xx won't. No text of the server's is repeated."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = min(code for code, _ in error.recipients.values())  # one that may pass later lets all be tried again
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        return SendError("protocol", "the mail server does not offer what the settings ask for")
    else:
        return _broken(ends)
    if code < 400:  # half a reply, read until the connection ended
        return _broken(ends)
    reason = "unavailable" if code < 500 else _REFUSALS.get(code, "rejected")
    return SendError(reason, f"the mail server answered {code}", permanent=reason not in _PASSING)
