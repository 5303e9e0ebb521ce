"""The real daemon against a newsroom and a receiver on loopback."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.daemon import Daemon, Loop, notify
from monitor.demo.receiver import Plan, Receiver
from monitor.errors import MonitorError, StoreBusy, StoreCorrupt
from tests.newsroom import Item, Newsroom, configure

WATCHLIST = """
watchlist: Desk
entities:
  lavrov: {name: Sergey Lavrov, aliases: {ar: سيرغي لافروف}}
rules:
  - {name: everything, when: lavrov, send_to: archive}
"""
FACT = "وصل سيرغي لافروف إلى القاهرة مساء الأحد وبحث مع الجامعة العربية ملف الغاز"
OTHER_FACT = "أعلن سيرغي لافروف أن موسكو سترسل ثلاثين طنا من القمح إلى السودان الشهر المقبل"


@pytest.fixture
def settings(tmp_path: Path, receiver: Receiver, room: Newsroom) -> Path:
    feeds = [room.url(name) for name in ("north", "broken")]
    return configure(tmp_path, WATCHLIST, feeds, receiver.url, "{workers: 2, parsers: 1, per_host: 2}")


@contextmanager
def running(settings: Path) -> Iterator[Daemon]:
    daemon = Daemon(load_config(settings), reload=lambda: load_config(settings))
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.stop()


def ask(daemon: Daemon, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{daemon.server.address}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def eventually(holds: Callable[[], object], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        threading.Event().wait(0.05)
    return bool(holds())


def now() -> datetime:
    return datetime.now(UTC)


def test_feed_bytes_become_one_message(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """An article in a polled feed arrives once, over several polls, and whatever another feed does."""
    room.publish("north", Item("a1", FACT, FACT, now()))
    room.answer("broken", status=500)
    with running(settings) as daemon:
        (message,) = receiver.wait(1)
        assert message.json["article"]["title"] == FACT
        assert room.polled("north", 2)
        room.publish("north", Item("a2", OTHER_FACT, OTHER_FACT, now()))
        receiver.wait(2)
        status, text = ask(daemon, "/metrics")
        assert status == 200
        assert 'monitor_polls_total{result="server"}' in text
        assert ask(daemon, "/healthz")[0] == 200
        assert ask(daemon, "/readyz")[0] == 200
    assert len(receiver.received) == 2


def test_a_late_tick_is_run_late_and_once(settings: Path) -> None:
    """The scheduler forgets no job that is late (its own second of grace would), nor makes up for each turn missed."""
    with running(settings) as daemon:
        jobs = {
            job.id: (job.misfire_grace_time, job.coalesce, job.max_instances) for job in daemon._scheduler.get_jobs()
        }
    assert jobs == dict.fromkeys(("tick", "held", "gauge"), (None, True, 1))


def test_a_restart_sends_nothing_twice_and_loses_nothing(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """What was sent before a restart is not sent again; what comes after it is sent."""
    room.publish("north", Item("a1", FACT, FACT, now()))
    with running(settings):
        receiver.wait(1)
    room.publish("north", Item("a2", OTHER_FACT, OTHER_FACT, now()))
    with running(settings):
        receiver.wait(2)
    assert len({message.id for message in receiver.received}) == 2


def test_a_bad_reload_keeps_the_last_good_version(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """An invalid watchlist is named in readiness and counted; the old one goes on; a mended one is taken."""
    file = settings.parent / "lists" / "desk.yml"
    with running(settings) as daemon:
        file.write_text(WATCHLIST.replace("when: lavrov", "when: lavrof"), encoding="utf-8")
        assert not daemon.reload()
        status, text = ask(daemon, "/readyz")
        assert status == 200  # the last good version is at work
        assert "desk.yml:6" in json.loads(text)["notes"]["reload"]
        room.publish("north", Item("a1", FACT, FACT, now()))
        receiver.wait(1)
        file.write_text(WATCHLIST, encoding="utf-8")
        assert daemon.reload()
        assert json.loads(ask(daemon, "/readyz")[1]) == {"ok": True}
        assert daemon.metrics.registry.get_sample_value("monitor_reloads_total", {"result": "rejected"}) == 1


def test_a_second_daemon_on_the_same_file_is_refused(settings: Path) -> None:
    """Two daemons never share an SQLite file; the error says what to do."""
    with running(settings), pytest.raises(StoreBusy, match="another daemon uses"):
        Daemon(load_config(settings))


def test_a_locked_database_is_waited_for(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """While somebody else locks the database the daemon goes on trying, and nothing is lost."""
    with running(settings) as daemon:
        assert room.polled("north", 1)
        with sqlite3.connect(settings.parent / "monitor.db", isolation_level=None) as blocker:
            blocker.execute("BEGIN IMMEDIATE")
            room.publish("north", Item("a1", FACT, FACT, now()))
            failed = daemon.metrics.registry.get_sample_value
            # Whether a claim or a poll in hand meets the lock first is chance.
            assert eventually(
                lambda: any(failed("monitor_errors_total", {"part": part}) for part in ("poll", "scheduler"))
            )
            assert ask(daemon, "/readyz")[0] == 503  # after three seconds, not after the store's patience
            blocker.execute("ROLLBACK")
        blocker.close()
        receiver.wait(1, 60)
        assert daemon.crash is None


@contextmanager
def process(settings: Path) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[str], str]]]:
    """`monitor run` with a service manager's socket; the function waits for a notification that begins so."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(str(settings.parent / "notify"))
        inbox.settimeout(60)

        def told(beginning: str) -> str:
            while not (message := inbox.recv(4096).decode()).startswith(beginning):
                pass
            return message

        command = [sys.executable, "-m", "monitor.cli", "run", "--config", str(settings)]
        environment = {**os.environ, "NOTIFY_SOCKET": str(settings.parent / "notify")}
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as started:
            try:
                yield started, told
            finally:
                started.kill()


def test_the_command_runs_until_it_is_told_to_stop(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """`monitor run` as a process: SIGHUP reloads, SIGTERM ends it with exit code 0, and all of it is notified."""
    with process(settings) as (started, told):
        assert "1 watchlists" in told("READY=1")
        told("WATCHDOG=1")
        room.publish("north", Item("a1", FACT, FACT, now()))
        receiver.wait(1, 30)
        started.send_signal(signal.SIGHUP)
        told("RELOADING=1")
        told("READY=1")
        started.send_signal(signal.SIGTERM)
        told("STOPPING=1")
        assert started.wait(20) == 0


def test_a_signal_is_heard_whichever_thread_it_reaches(settings: Path) -> None:
    """The system may give SIGTERM to any thread of the process; the one that waits for it hears of it all the same."""
    with process(settings) as (started, told):
        told("WATCHDOG=1")
        other = next(
            int(task.name) for task in Path(f"/proc/{started.pid}/task").iterdir() if task.name != str(started.pid)
        )
        assert ctypes.CDLL(None).tgkill(started.pid, other, int(signal.SIGTERM)) == 0
        assert started.wait(20) == 0


def test_a_stop_lets_go_what_hangs(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """SIGTERM ends the daemon within ten seconds though a receiver accepted a message and never answers; the message
    is sent by the next daemon, under the same id.
    """
    receiver.then(Plan(manner="hang"))
    with process(settings) as (started, told):
        told("READY=1")
        room.publish("north", Item("a1", FACT, FACT, now()))
        (first,) = receiver.wait(1, 30)
        asked = time.monotonic()
        started.send_signal(signal.SIGTERM)
        assert started.wait(30) == 0
        assert time.monotonic() - asked < 10
    (settings.parent / "notify").unlink()
    with process(settings):
        receiver.wait(2, 60)
    assert {message.id for message in receiver.received} == {first.id}


def test_an_unexpected_error_stops_the_daemon(settings: Path) -> None:
    """A bug in a loop is not hidden: the daemon stops with it."""
    daemon = Daemon(load_config(settings))
    try:
        daemon.start()
        assert daemon._failed("judge", StoreBusy("locked"))
        assert daemon.crash is None
        assert not daemon._failed("judge", KeyError("bug"))
        assert isinstance(daemon.crash, KeyError)
    finally:
        daemon.stop()


def test_a_stop_waits_for_no_lock(settings: Path, room: Newsroom) -> None:
    """SIGTERM ends the daemon within ten seconds though somebody else keeps the database locked all the while."""
    with process(settings) as (started, told):
        address = told("READY=1").rpartition("http ")[2]
        blocker = sqlite3.connect(settings.parent / "monitor.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        room.publish("north", Item("a1", FACT, FACT, now()))

        def locked() -> bool:
            try:
                urllib.request.urlopen(f"http://{address}/readyz", timeout=30).close()
            except urllib.error.HTTPError as error:
                error.close()
                return error.code == 503
            return False

        assert eventually(locked)
        asked = time.monotonic()
        started.send_signal(signal.SIGTERM)
        assert started.wait(30) == 0
        assert time.monotonic() - asked < 10
        blocker.close()


def test_a_crash_is_told_in_words_and_an_exit_code(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `run` raises after a bug is one line, without what the bug says: that may be any feed's words."""
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    daemon = Daemon(load_config(settings))
    daemon._failed("judge", ValueError("words\nof a feed"))
    with pytest.raises(MonitorError, match=r"unexpected ValueError, which is in the log$"):
        daemon.run()


def test_a_store_that_fails_where_the_probe_does_not_is_not_ready(settings: Path, room: Newsroom) -> None:
    """Damage that only an article meets fails readiness with its reason and stops polling; a passing lock does not."""
    with running(settings) as daemon:
        assert room.polled("north", 1)
        daemon._failed("poll", StoreBusy("locked for a moment"))
        assert daemon.ready()[0] == {}
        daemon._failed("poll", StoreCorrupt("a page of the articles is damaged"))
        assert daemon.ready()[0] == {"store": "a page of the articles is damaged"}
        daemon._scheduler.pause()
        assert eventually(lambda: daemon._polling.idle)
        with daemon.store._db.write() as connection:
            connection.exec_driver_sql("UPDATE feeds SET next_poll = 0, claimed_until = NULL")
        polls = room.polls("north")
        daemon._tick()
        assert room.polls("north") == polls
        daemon._trouble = None
        daemon._tick()
        assert room.polled("north", polls + 1)


def test_a_loop_wakes_when_told_and_ends_on_refusal() -> None:
    """A loop works again when woken, and ends when an error is not to be survived."""
    turns, seen = threading.Semaphore(0), []

    def work() -> int:
        turns.release()
        if seen:
            raise ValueError("bug")
        return 0

    def failed(name: str, error: Exception) -> bool:
        seen.append((name, error))
        return False

    loop = Loop("one", work, 3600, failed)
    loop.start()
    assert turns.acquire(timeout=5)
    seen.append("now")
    loop.wake()
    loop.join(5)
    assert not loop.is_alive()
    assert len(seen) == 2


def test_without_a_service_manager_nothing_is_notified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside systemd `notify` does nothing."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    told: Callable[[str], None] = notify
    told("READY=1")
