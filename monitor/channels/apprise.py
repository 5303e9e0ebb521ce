"""Alerts to the hundred services that the Apprise library knows, by its addresses: Telegram, Matrix, Teams and so on.

An optional extra: `pip install entity-monitor[apprise]`. Apprise says of a message only that it failed, not why, so
that every failure is tried again. It makes its own connections: a host that its address names is looked up and checked
before each message, not within the connection as in the other channels.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import warnings
from datetime import datetime
from importlib import import_module
from typing import Any

from pydantic import Field, SecretStr

from monitor.alerts.text import cut, describe
from monitor.channels.base import AllowPrivate, Secret, SecretName, Worded, words
from monitor.channels.net import addresses
from monitor.errors import InputError, SendError
from monitor.model import Alert

_TITLE = 200


class AppriseOptions(Worded):
    """An Apprise address by secret name (its parts are tokens), and whether its host may be private."""

    url: SecretName = Field(description="secret:NAME of an Apprise address, such as tgram://…")
    allow_private: AllowPrivate = False


class Apprise:
    """Hands alerts to Apprise."""

    interval = 1.0

    def __init__(self, name: str, options: AppriseOptions, url: SecretStr) -> None:
        """Raise InputError without the library, for an address that it does not know, or for an unusable template."""
        self.name = name
        self._options = options
        self._words = words(options.template)
        library = _library()
        self._service = library.Apprise()
        if not self._service.add(url.get_secret_value()):
            raise InputError("Apprise does not know this address")

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        """Send the alert. After the deadline the message counts as failed, whatever Apprise still does with it."""
        ends = time.monotonic() + deadline
        for plugin in self._service:
            host = getattr(plugin, "host", None)
            if host and not self._options.allow_private:
                addresses(str(host), 0, ends=ends, allow_private=False)
        title, body = payload(alert), self._words(alert)
        done: queue.SimpleQueue[bool] = queue.SimpleQueue()

        def notify() -> None:
            done.put(bool(self._service.notify(body=body, title=title, body_format="text")))

        threading.Thread(target=notify, name="apprise", daemon=True).start()
        try:
            accepted = done.get(timeout=max(ends - time.monotonic(), 0.0))
        except queue.Empty:
            raise SendError("timeout", "no answer within the deadline") from None
        if not accepted:
            raise SendError("unavailable", "Apprise could not deliver the message")
        return None

    def close(self) -> None:
        """Nothing is kept open between messages."""


def payload(alert: Alert) -> str:
    """Return the message's title; its body is the alert in words."""
    return cut(describe(alert).headline, _TITLE)


def preview(alert: Alert) -> str:
    """Return title and body."""
    return f"{payload(alert)}\n\n{words(None)(alert)}"


def build(name: str, options: AppriseOptions, secret: Secret) -> Apprise:
    """Make the channel. Raises InputError; see there."""
    return Apprise(name, options, secret(options.url))


def _library() -> Any:
    """Import Apprise, which is an optional extra, logs addresses, and warns of its own imports."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            library = import_module("apprise")
            library.Apprise().add("json://localhost")  # its plugins are imported by the first use
    except ImportError:
        raise InputError("Apprise is not installed; pip install 'entity-monitor[apprise]' adds it") from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return library
