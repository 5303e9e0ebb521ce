"""The daemon: a scheduler, threads and parser processes around the path, signals, reload and readiness.

daemon.py   what starts, stops and hangs together       loop.py     threads that turn until stopped
polling.py  due feeds to threads to the store           senders.py  one loop a channel
reload.py   files changed or SIGHUP -> a new version    upkeep.py   retention, and alerts about the daemon itself
service.py  clock, service manager, one daemon a file
"""

from __future__ import annotations

from monitor.daemon.daemon import Daemon
from monitor.daemon.loop import Loop
from monitor.daemon.service import fetcher_of, notify, settle_allocator, utc_now

__all__ = ["Daemon", "Loop", "fetcher_of", "notify", "settle_allocator", "utc_now"]
