"""The watchdog and the heartbeat: fed while everything works, and by nothing else."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from time import monotonic

import pytest

from monitor.daemon import Daemon, utc_now
from monitor.daemon import daemon as module
from monitor.errors import StoreCorrupt
from tests.daemon.test_daemon import eventually, running, settings

__all__ = ["settings"]


@pytest.fixture
def daemon(settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A daemon whose ticks and turns of upkeep only the test makes; locks are waited for a moment only."""
    settings.write_text(settings.read_text("utf-8") + "operator: {heartbeat: archive}\n", "utf-8")
    monkeypatch.setattr(module, "LOCK_WAIT", 0.2)
    monkeypatch.setattr(module, "UPKEEP_EVERY", 3600.0)
    with running(settings) as one:
        one._scheduler.pause()
        assert eventually(lambda: one._polling.idle and one._upkeep._purged is not None)
        yield one


@pytest.fixture
def fed(daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], bool]]:
    """Tick once, as the scheduler does, and tell whether the watchdog was fed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(str(tmp_path / "manager"))
        inbox.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "manager"))

        def tick() -> bool:
            daemon._wrote = 0.0  # long ago: this tick must write
            daemon._guarded(daemon._tick)()
            with suppress(BlockingIOError):
                return inbox.recv(4096) == b"WATCHDOG=1"
            return False

        yield tick
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)


@pytest.fixture
def beats(daemon: Daemon) -> Callable[[], int]:
    """Make a turn of upkeep in an hour of its own; return how many signs of life there were until now."""
    hours = count(1)

    def turn() -> int:
        hour = timedelta(hours=next(hours))
        daemon._upkeep._clock = lambda: utc_now() - hour
        daemon._care()
        assert eventually(lambda: not any(stats.waiting for stats in daemon.store.outbox_stats().values()))
        return daemon.store.status().alerts

    return turn


def test_a_store_that_refuses_writes_starves_the_watchdog(
    daemon: Daemon, fed: Callable[[], bool], settings: Path
) -> None:
    """While nothing can be written, a tick does not feed the watchdog; as soon as it can, it does."""
    assert fed()
    blocker = sqlite3.connect(settings.parent / "monitor.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert not fed()
    blocker.execute("ROLLBACK")
    blocker.close()
    assert fed()
    assert daemon.crash is None


def test_a_stuck_loop_stops_every_sign_of_life(
    daemon: Daemon, fed: Callable[[], bool], beats: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A judge that has not turned for long: no watchdog is fed and no heartbeat sent until it turns again."""
    entered, gate = threading.Event(), threading.Event()

    def stuck(name: str) -> int:
        entered.set()
        gate.wait(30)
        return 0

    before = beats()
    monkeypatch.setattr(daemon.pipeline, "judge", stuck)
    daemon._judging.wake()
    assert entered.wait(30)
    daemon._judging.turned = monotonic() - module.STUCK - 1
    assert daemon.alive() == {"judge": "stuck"}
    assert not fed()
    assert beats() == before
    monkeypatch.undo()
    gate.set()
    daemon._judging.wake()
    assert eventually(lambda: not daemon.alive())
    assert beats() == before + 1


def test_a_dead_sender_or_a_failing_store_stops_the_heartbeat(daemon: Daemon, beats: Callable[[], int]) -> None:
    """What /healthz and /readyz would say keeps the sign of life from being sent too."""
    before = beats()
    daemon._failed("poll", StoreCorrupt("a page of the articles is damaged"))
    assert beats() == before
    daemon._trouble = None
    assert beats() == before + 1
    console = daemon._senders.loops["console"]
    console._failed = lambda name, error: False
    console._work = lambda: 1 // 0
    console.wake()
    console.join(30)
    assert daemon.alive() == {"send-console": "dead"}
    assert beats() == before + 1


def test_a_scheduler_that_no_longer_ticks_is_stuck(daemon: Daemon) -> None:
    """A tick that hangs shows in health like any other loop."""
    assert daemon.alive() == {}
    daemon._ticked = monotonic() - module.STUCK - 1
    assert daemon.alive() == {"scheduler": "stuck"}
