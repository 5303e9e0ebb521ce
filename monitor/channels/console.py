"""Alerts on the terminal: the channel that always exists."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TextIO

from monitor.channels.base import Secret, Worded, words
from monitor.errors import SendError
from monitor.model import Alert


class ConsoleOptions(Worded):
    """The console needs nothing."""


class Console:
    """Prints alerts, one block each."""

    interval = 0.0

    def __init__(self, name: str, stream: TextIO | None = None, template: str | None = None) -> None:
        """Print to `stream`, standard output by default. Raises InputError for an unusable template."""
        self.name = name
        self._stream = stream
        self._words = words(template)

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        """Print the alert. Raises SendError where the output is closed."""
        stream = self._stream or sys.stdout
        try:
            encoding = getattr(stream, "encoding", None) or "utf-8"
            stream.write((self._words(alert) + "\n\n").encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (OSError, ValueError):  # ValueError is what a closed file raises
            raise SendError("output", "the console's output is closed or full") from None
        return None

    def close(self) -> None:
        """Leave the output open: it isn't ours."""


def preview(alert: Alert) -> str:
    """Return what is printed for an alert."""
    return words(None)(alert)


def build(name: str, options: ConsoleOptions, secret: Secret) -> Console:
    """Make the channel. Raises InputError for an unusable template."""
    return Console(name, template=options.template)
