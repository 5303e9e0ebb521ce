"""What can go wrong that somebody other than a programmer can mend.

    MonitorError                    every error of ours; its text names the thing and the fix
    ├── InputError                  what a person wrote is wrong                     (exit code 2)
    │   └── ConfigError             problems in files, each with file:line:column
    ├── FetchError                  a feed or page could not be fetched
    ├── ParseError                  bytes arrived that are no feed
    ├── SendError                   a channel did not accept an alert
    └── StoreError                  the database failed                              (exit code 3)
        ├── StoreBusy               locked by somebody else; trying again helps
        ├── StoreFull               no room on the disk
        ├── StoreCorrupt            the file is damaged or not a database
        ├── StoreReadOnly           it can be read, not written
        ├── StoreNewer              its schema is newer than this program
        └── LeaseLost               another daemon does this work now

Only what an operator can mend is wrapped here; anything else is a bug and may crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MonitorError(Exception):
    """Base of every error that this program raises on purpose."""


class InputError(MonitorError):
    """Something that a person wrote is wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file: where it stands, what is wrong, how to mend it. Lines and columns start at 1."""

    file: str
    line: int
    column: int
    message: str
    fix: str = ""

    def __str__(self) -> str:
        """Render as `file:line:column: message. Fix: …`, the form that editors can jump to."""
        text = f"{self.file}:{self.line}:{self.column}: {self.message}"
        return f"{text}. Fix: {self.fix}" if self.fix else text


class ConfigError(InputError):
    """Settings, watchlists or feed lists that do not hold together; carries all problems at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems in file order."""
        self.problems: tuple[Problem, ...] = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FetchError(MonitorError):
    """A fetch that gave no usable answer; `reason` is one of a closed set (see `feeds.fetch.REASONS`)."""

    def __init__(self, reason: str, message: str, *, retry_after: float | None = None) -> None:
        """Keep the reason (a metric label) and the seconds that the server asked us to wait, if it did."""
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(message)


class ParseError(MonitorError):
    """Bytes that gave no feed; `reason` is one of a closed set (see `feeds.parse.REASONS`)."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the reason, which is a metric label."""
        self.reason = reason
        super().__init__(message)


class SendError(MonitorError):
    """A channel's refusal, classified; the outbox alone decides what follows from it."""

    def __init__(self, reason: str, message: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        """Keep the reason (a metric label, from `channels.base.REASONS`) and whether trying again can help."""
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        super().__init__(message)


class StoreError(MonitorError):
    """The database failed; nothing was acknowledged that is not stored."""


class StoreBusy(StoreError):
    """The database is locked by another process."""


class StoreFull(StoreError):
    """The disk or the database's quota is full."""


class StoreCorrupt(StoreError):
    """The file is damaged, or is not a database at all."""


class StoreReadOnly(StoreError):
    """The database can't be written."""


class StoreNewer(StoreError):
    """The schema was written by a newer version of this program."""


class LeaseLost(StoreError):
    """The lease ran out or went to another daemon; what was under way is rolled back."""
