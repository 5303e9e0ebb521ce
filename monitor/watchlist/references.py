"""What a watchlist names that stands elsewhere: the channels of its rules."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Watchlist


@dataclass(frozen=True, slots=True)
class Reference:
    """A channel's name where a rule sends to it; line and column start at 1."""

    channel: str
    rule: str
    file: str
    line: int
    column: int


def references(watchlist: Watchlist) -> tuple[Reference, ...]:
    """Return every channel that the rules send to, in the order of the rules."""
    return tuple(
        Reference(channel, rule.name, watchlist.file, *rule.places.get(channel, (1, 1)))
        for rule in watchlist.rules
        for channel in rule.send_to
    )
