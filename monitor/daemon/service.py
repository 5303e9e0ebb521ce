"""What the daemon asks of its surroundings: the time, the net, the service manager, and whether it is alone."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from monitor.config import proxy_of, secret_of
from monitor.errors import StoreBusy
from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.settings import Settings
from monitor.text.languages import rest

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # the numbers of malloc.h


def utc_now() -> datetime:
    """Return the time; the one place where the program reads the clock."""
    return datetime.now(UTC)


def settle_allocator() -> None:
    """Have glibc give large blocks back to the system whenever they are freed, and share two heaps among all threads.

    Left alone it learns from the first large block that was freed to keep all later ones, and gives every thread a
    heap of its own: a tenth of the daemon's memory. Where the C library has no such switch, nothing happens.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        for option, value in ((_MMAP_THRESHOLD, 131_072), (_TRIM_THRESHOLD, 131_072), (_ARENA_MAX, 2)):
            tune(option, value)


def settle_memory() -> None:
    """Let go of what only compiling needed, and of what was compiled before; what is left is not looked through again.

    A matcher freezes what there is when it is made, which keeps what hangs in cycles for ever: dictionaries, and
    matchers of earlier versions. It takes a tenth of a second, and a second where ten thousand people are watched.
    """
    rest()
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def only_daemon(database: str) -> IO[str] | None:
    """Take the lock beside an SQLite file; raise StoreBusy where another daemon has it. Other stores use leases."""
    prefix = "sqlite:///"
    if not database.startswith(prefix):
        return None
    path = Path(database.removeprefix(prefix).partition("?")[0]).with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StoreBusy(
            f"another daemon uses {database}. Fix: stop it, or give several daemons one PostgreSQL database"
        ) from error
    return lock


def fetcher_of(settings: Settings) -> Fetcher:
    """Return a fetcher that asks as the settings say: who we are, how often a host, how long, with which secrets."""
    polling = settings.polling
    return Fetcher(
        contact=polling.contact,
        secret=secret_of(settings),
        pace=Pace(polling.per_host),
        seconds=polling.timeout,
        proxy=proxy_of(settings),
    )


def probe_every() -> float:
    """Return the seconds after which an idle daemon writes, to know that it can: ten, or a third of the watchdog's."""
    return min(10.0, int(os.environ.get("WATCHDOG_USEC") or 60_000_000) / 3_000_000)


def notify(state: str) -> None:
    """Tell systemd (sd_notify's datagram protocol); without a service manager, do nothing."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.connect("\0" + address[1:] if address.startswith("@") else address)
        out.sendall(state.encode())
