"""What every channel is, and how failures are named: a closed set, because each reason is a metric's label.

A channel is one file: a config type, a pure `payload`, and `send`. It classifies a failure and never repeats a
message by itself; the outbox alone decides when to try again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Final, Protocol, runtime_checkable
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from monitor.alerts.text import describe, plain
from monitor.errors import InputError, SendError
from monitor.model import Alert

#: Why a message did not arrive. Every SendError carries one of these.
REASONS: Final[Mapping[str, str]] = {
    "timeout": "no full answer within the deadline",
    "connection": "the receiver could not be reached, or broke off",
    "tls": "the receiver's certificate could not be verified",
    "protocol": "the answer is not what this kind of receiver answers",
    "private": "the address is private and not allowed",
    "address": "the address can't be connected",
    "redirect": "the receiver points elsewhere; redirects are not followed",
    "rate-limited": "the receiver asks for fewer messages",
    "unavailable": "the receiver has a fault of its own (5xx)",
    "unauthorized": "the receiver does not accept our key or token",
    "not-found": "nobody listens at this address",
    "gone": "the receiver says that it is gone for good",
    "too-large": "the message is too large for the receiver",
    "rejected": "the receiver will never accept this message",
    "invalid-payload": "Slack can't read the message",
    "action-prohibited": "Slack's administrators don't allow this",
    "channel-not-found": "the Slack channel does not exist, or we may not post there",
    "channel-is-archived": "the Slack channel is archived",
    "no-service": "the Slack webhook was disabled or deleted",
    "refused": "the mail server refuses somebody who shall get the mail",
    "output": "the console's output is closed",
}


_TEMPLATE_LIMIT = 64 * 1024


class Channel(Protocol):
    """A way out for alerts. `interval` is the least number of seconds between two messages."""

    @property
    def name(self) -> str:
        """The name that `send_to` uses."""
        ...

    @property
    def interval(self) -> float:
        """The least number of seconds from one message to the next."""
        ...

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        """Send within `deadline` seconds and return the receiver's receipt, if it gives one.

        `thread` is the receipt of the story's first alert. Raises SendError, and nothing else that a receiver causes.
        """
        ...

    def close(self) -> None:
        """Let go of what the channel holds; it sends nothing afterwards."""
        ...


@runtime_checkable
class Updates(Protocol):
    """A channel that can change a message that it sent, so that it shows how many outlets tell the story by now.

    The others show the count of the moment at which the message left: a mail, a webhook's message and a line on a
    console are what they were, and a second one for a number would be an alert too many.
    """

    def update(self, alert: Alert, *, receipt: str, now: datetime, deadline: float) -> None:
        """Replace the message with that receipt. Raises SendError."""
        ...


Secret = Callable[[str], SecretStr]


class Options(BaseModel):
    """What a channel's block in the settings may say. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Worded(Options):
    """Options of a channel that says alerts in words. `template` is a file that says them in the operator's."""

    template: str | None = Field(default=None, description="A Jinja2 file that says alerts in your own words")


def words(template: str | None) -> Callable[[Alert], str]:
    """Return what puts an alert into words: the template in that file, or the built-in words.

    Raises InputError for a file that can't be read, ConfigError for a template that fails.
    """
    if template is None:
        return lambda alert: plain(describe(alert))
    from monitor.alerts.template import Template  # noqa: PLC0415 - Jinja's 4 MB are for whom wrote a template

    try:
        with Path(template).open(encoding="utf-8") as file:
            source = file.read(_TEMPLATE_LIMIT + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"the template {template} can't be read: {why}") from None
    if len(source) > _TEMPLATE_LIMIT:
        raise InputError(f"the template {template} is longer than {_TEMPLATE_LIMIT} characters")
    return Template(source, template).render


def _reference(value: str) -> str:
    if not value.startswith("secret:") or len(value) == len("secret:"):
        raise ValueError("a secret is given by name, as secret:NAME, and kept in the environment or credentials")
    return value


#: Whether the receiver may be on this machine or its network.
AllowPrivate = Annotated[bool, Field(description="Permit a receiver whose address is not public")]

#: The name of a secret in the settings; the secret itself never stands there.
SecretName = Annotated[str, AfterValidator(_reference)]


def several(value: object) -> object:
    """Let a list that has one member be given without being a list."""
    return (value,) if isinstance(value, str) else value


#: One name or several.
SecretNames = Annotated[tuple[SecretName, ...], BeforeValidator(several)]


def is_web(url: str) -> bool:
    """Tell whether an address begins as a web address does, with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def encoded(body: object) -> bytes:
    """Return a body as JSON. A lone surrogate, which UTF-8 can't hold, becomes a question mark."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def check_status(status: int, after: float | None) -> None:
    """Raise the SendError for an HTTP status; return for 2xx.

    Permanent is what is said about the message (400, 413, 422 and their like) and 410, which says so itself. What is
    said about the receiver (401, 403, 404, 3xx, 5xx) can be mended there, and then everything still arrives in order.
    """
    if 200 <= status < 300:
        return
    text = f"the receiver answered {status}"
    if 300 <= status < 400:
        raise SendError("redirect", f"{text}, a redirect, which is not followed", retry_after=after)
    if status >= 500 or status in {408, 409, 421, 423, 424, 425}:
        raise SendError("unavailable", text, retry_after=after)
    if status == 429:
        raise SendError("rate-limited", text, retry_after=after)
    if status in {401, 403, 407}:
        raise SendError("unauthorized", text, retry_after=after)
    if status == 404:
        raise SendError("not-found", text, retry_after=after)
    if status == 410:
        raise SendError("gone", text, permanent=True)
    raise SendError("too-large" if status in {413, 431, 414} else "rejected", text, permanent=True)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date; None for none or nonsense."""
    if not value or len(value) > 64:
        return None
    value = value.strip()
    if value.replace(".", "", 1).isdecimal() and value.isascii():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
