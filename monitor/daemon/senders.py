"""The channels at work: one thread each, replaced while everything else goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import structlog

from monitor.channels.base import Channel
from monitor.config import Config
from monitor.daemon.loop import Loop
from monitor.pipeline import BATCH, Pipeline

log = structlog.get_logger(__name__)

EVERY = 2.0
"""Seconds between looks at a channel's outbox when nobody says that there is something new."""
TURN = 10.0
"""Seconds after which a turn begins no further message, so that the loop is seen to turn."""
IN_HAND = 25.0
"""Seconds that a message in hand may take until its channel is replaced; longer than any send's deadline."""


def shape(config: Config, name: str) -> str:
    """Return what a channel is made of: its block in the settings and its template, as a hash."""
    options: Mapping[str, Any] = config.settings.channels.get(name, {})
    template = options.get("template")
    words = Path(template).read_bytes() if isinstance(template, str) and Path(template).is_file() else b""
    return hashlib.sha256(repr(sorted(options.items())).encode() + b"\0" + words).hexdigest()


class Senders:
    """One loop a channel. All methods are for one thread at a time, except `wake` and `loops`."""

    def __init__(self, pipeline: Pipeline, config: Config, failed: Callable[[str, Exception], bool]) -> None:
        """Make the loops of the configured channels; they start with `start`."""
        self._pipeline, self._failed = pipeline, failed
        self._shapes = {name: shape(config, name) for name in config.channels}
        self.loops: dict[str, Loop] = {
            name: self._loop(name, channel.interval) for name, channel in config.channels.items()
        }

    def _loop(self, name: str, interval: float) -> Loop:
        """Make a channel's loop: one message a turn where there is a pace to keep, else many, until told to stop.

        To find what is due costs a look at the whole outbox, which many messages share.
        """

        def turn() -> int:
            ends = monotonic() + TURN
            return self._pipeline.send(
                name, 1 if interval else BATCH, lambda: not loop.stopped.is_set() and monotonic() < ends
            )

        loop = Loop(f"send-{name}", turn, EVERY, self._failed, pace=interval)
        return loop

    def start(self) -> None:
        """Start every loop."""
        for loop in self.loops.values():
            loop.start()

    def wake(self) -> None:
        """Look for something to send now."""
        for loop in tuple(self.loops.values()):
            loop.wake()

    def take(self, config: Config) -> list[str]:
        """Go on with the channels of a new configuration; return the names of those that were replaced.

        What did not change stays as it is. A replaced channel first finishes the message in hand.
        """
        shapes = {name: shape(config, name) for name in config.channels}
        old: Mapping[str, Channel] = self._pipeline.channels
        kept = {name for name in old if shapes.get(name) == self._shapes[name]}
        new = {name: channel for name, channel in config.channels.items() if name not in kept}
        gone = [old[name] for name in old if name not in kept]
        for name, channel in config.channels.items():
            if name in kept and channel is not old[name]:
                channel.close()  # built anew to be checked, and no different
        stopped = [loop for name, loop in self.loops.items() if name not in kept]
        for loop in stopped:
            loop.stop()
        until = monotonic() + IN_HAND
        for loop in stopped:
            if loop.is_alive():
                loop.join(max(0.0, until - monotonic()))
        self._pipeline.channels = {name: old[name] if name in kept else config.channels[name] for name in shapes}
        for channel in gone:
            channel.close()
        started = {name: self._loop(name, channel.interval) for name, channel in new.items()}
        for loop in started.values():
            loop.start()
        self.loops = {name: self.loops[name] if name in kept else started[name] for name in shapes}
        self._shapes = shapes
        return sorted({*new, *(channel.name for channel in gone)})

    def stop(self) -> None:
        """Tell every loop to end after the message in hand."""
        for loop in self.loops.values():
            loop.stop()

    def join(self, until: float) -> bool:
        """Wait for all loops, until that monotonic time; tell whether all ended."""
        for loop in self.loops.values():
            if loop.is_alive():
                loop.join(max(0.0, until - monotonic()))
        return not any(loop.is_alive() for loop in self.loops.values())
