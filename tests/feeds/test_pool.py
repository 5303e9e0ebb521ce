"""The pool of parser processes: what each is started with, how its end is told, and that nobody waits for it."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.feeds import parse
from monitor.feeds.parse import PIPE, ParserPool
from tests.feeds.builders import item, rss

URL = "https://news.example.org/rss"


def test_stuck_worker_is_replaced_and_others_go_on() -> None:
    """A worker that does not answer is killed at its deadline; the next feed is read by another."""
    with ParserPool(1, seconds=60) as own:
        own.parse(rss(item(1)).encode(), None, URL)
        own.seconds = 0.2
        (stuck,) = own.pids()
        os.kill(stuck, signal.SIGSTOP)
        with pytest.raises(ParseError) as caught:
            own.parse(rss(item(1)).encode(), None, URL)
        assert caught.value.reason == "limits"
        assert str(caught.value) == "reading it took too long; that document is left alone for a while"
        own.seconds = 60
        assert len(own.parse(rss(item(1)).encode(), None, URL).entries) == 1
        assert stuck not in own.pids()
        assert own.replaced == 1


def test_killed_worker_is_replaced_unseen(pool: ParserPool) -> None:
    """A worker that died between two jobs costs nothing."""
    with ParserPool(1) as own:
        (first,) = own.pids()
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        assert len(own.parse(rss(item(1)).encode(), None, URL).entries) == 1


def test_workers_die_with_their_parent() -> None:
    """A daemon that is killed leaves no worker behind."""
    code = (
        "import sys, time\nfrom monitor.feeds.parse import ParserPool\n"
        "pool = ParserPool(2)\nprint(*pool.pids(), flush=True)\ntime.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    handles = [os.pidfd_open(pid) for pid in pids]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for handle in handles:
        assert select.select([handle], [], [], 10)[0], "a worker outlived its parent"
        os.close(handle)
    assert len(pids) == 2


def test_workers_hold_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a worker holds nothing of the daemon's."""
    monkeypatch.setenv("MONITOR_SECRET_DESK", "s3cret")
    with ParserPool(1) as own:
        own.parse(rss(item(1)).encode(), None, URL)
        (pid,) = own.pids()
        assert b"s3cret" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_worker_is_started_with_what_it_needs() -> None:
    """Its environment, directory, command and error stream are what we chose; its pipes hold a usual document."""
    with ParserPool(1) as own:
        own.parse(rss(item(1)).encode(), None, URL)
        (pid,) = own.pids()
        here = Path(f"/proc/{pid}")
        environment = dict(pair.split(b"=", 1) for pair in (here / "environ").read_bytes().split(b"\0") if pair)
        root = str(Path(__file__).parents[2]).encode()
        paths = {b"PATH": os.defpath.encode(), b"PYTHONPATH": root}
        assert environment == paths | {b"PYTHONHASHSEED": b"0", b"LC_ALL": b"C.UTF-8"}
        command = (here / "cmdline").read_bytes().split(b"\0")[1:-1]
        assert command == [b"-B", b"-m", b"monitor.feeds.worker"]
        assert (here / "cwd").readlink() == Path("/")
        assert (here / "fd/2").readlink() == Path("/dev/null")
        for number in (0, 1):
            handle = os.open(here / f"fd/{number}", os.O_RDONLY | os.O_NONBLOCK)
            assert fcntl.fcntl(handle, fcntl.F_GETPIPE_SZ) == PIPE
            os.close(handle)


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (1, 1), (3, 3)])
def test_a_pool_has_its_workers(asked: int, given: int) -> None:
    """As many as asked for, and one at least."""
    with ParserPool(asked) as own:
        assert len(own.pids()) == given


def test_a_pool_has_two_workers_unless_told() -> None:
    """One may be stuck and the other reads on."""
    with ParserPool() as own:
        assert len(own.pids()) == 2


def test_a_worker_is_retired_after_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker serves so often and no oftener; that is no failure."""
    monkeypatch.setattr(parse, "JOBS_PER_WORKER", 2)
    with ParserPool(1) as own:
        pids = []
        for _ in range(5):
            own.parse(rss(item(1)).encode(), None, URL)
            pids.append(own.pids())
        assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]
        assert own.replaced == 0


@pytest.mark.parametrize(
    ("number", "how"),
    [(signal.SIGKILL, "killed"), (signal.SIGPROF, "out of CPU time"), (signal.SIGSEGV, "exit code -11")],
)
def test_a_worker_that_dies_is_told_how(monkeypatch: pytest.MonkeyPatch, number: signal.Signals, how: str) -> None:
    """What ended a worker in the middle of a document is said."""
    receive = parse._Worker._receive

    def ending(worker: parse._Worker, size: int, until: float) -> bytes:
        os.kill(worker.pid, number)
        os.kill(worker.pid, signal.SIGCONT)
        return receive(worker, size, until)

    with ParserPool(1) as own:
        own.parse(rss(item(1)).encode(), None, URL)
        (pid,) = own.pids()
        os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(parse._Worker, "_receive", ending)
        for count in (1, 2):
            with pytest.raises(ParseError) as caught:
                own.parse(rss(item(1)).encode(), None, URL)
            assert own.replaced == count
    assert caught.value.reason == "limits"
    assert str(caught.value) == f"reading it ended its worker ({how}); that document is left alone for a while"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("put(struct.pack('!I', 96 * 2**20 + 1))", "gave an answer without end"),
        ("put(struct.pack('!I', 2) + b'[]')", "gave an answer of no known form"),
        ("put(struct.pack('!I', 2) + b'[}'); sys.exit(3)", "ended its worker (exit code 3)"),
        ("put(b'xx'); sys.exit(0)", "ended its worker (exit code 0)"),
        ("os.close(1); os.close(2); time.sleep(60)", "ended its worker (it closed its pipe)"),
    ],
)
def test_a_worker_that_talks_nonsense_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    """Whatever a process answers, it is data with limits; the pool says what was wrong and goes on."""
    program = tmp_path / "worker"
    start = f"#!{sys.executable}\nimport os, struct, sys, time\nsys.stdin.buffer.read(8)\n"
    put = "def put(data):\n    sys.stdout.buffer.write(data)\n    sys.stdout.flush()\n"
    program.write_text(f"{start}{put}{script}\nsys.stdin.buffer.read()\n")
    program.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(program))
        own = ParserPool(1)
    with own:
        with pytest.raises(ParseError) as caught:
            own.parse(rss(item(1)).encode(), None, URL)
        assert caught.value.reason == "limits"
        assert str(caught.value) == f"reading it {message}; that document is left alone for a while"
        assert own.replaced == 1
        assert len(own.parse(rss(item(1)).encode(), None, URL).entries) == 1


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        ({"reason": "hostile", "message": "deep"}, "hostile", "deep"),
        ({"reason": "odd", "message": "m" * 501}, "crash", "m" * 500),
        ({"ok": {}}, "crash", "a parser gave no sensible answer: KeyError('entries')"),
    ],
)
def test_a_workers_reason_is_checked(
    monkeypatch: pytest.MonkeyPatch, pool: ParserPool, answer: dict[str, object], reason: str, message: str
) -> None:
    """A reason of the closed set is passed on, any other is a crash; so is an answer that lacks a part."""
    monkeypatch.setattr(parse._Worker, "ask", lambda *_: answer)
    with pytest.raises(ParseError) as caught:
        pool.parse(b"<rss/>", None, URL)
    assert (caught.value.reason, str(caught.value)) == (reason, message)


def test_closed_pool_refuses_and_leaves_no_process() -> None:
    """After close nothing runs, and asking says so."""
    own = ParserPool(2)
    pids = own.pids()
    own.close()
    own.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    for _ in range(2):  # whoever comes, and not the first alone
        with pytest.raises(ParseError, match=r"^the parser pool is closed$") as caught:
            own.parse(b"<rss/>", None, URL)
        assert caught.value.reason == "limits"


def test_close_ends_a_parse_under_way() -> None:
    """Closing does not wait for a document."""
    own = ParserPool(1)
    own.parse(rss(item(1)).encode(), None, URL)
    (pid,) = own.pids()
    os.kill(pid, signal.SIGSTOP)
    failures: list[str] = []
    began = threading.Event()

    def work() -> None:
        began.set()
        try:
            own.parse(b"x" * 1_000_000, None, URL)
        except ParseError as error:
            failures.append(error.reason)

    thread = threading.Thread(target=work)
    thread.start()
    began.wait()
    own.close()
    thread.join(10)
    assert failures == ["limits"]


def test_worker_outlives_the_thread_that_started_it() -> None:
    """A worker that a passing thread had to start serves the others when that thread is gone."""
    with ParserPool(1) as own:
        (first,) = own.pids()
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        thread = threading.Thread(target=lambda: own.parse(rss(item(1)).encode(), None, URL))
        thread.start()
        thread.join()
        (second,) = own.pids()
        assert len(own.parse(rss(item(1)).encode(), None, URL).entries) == 1
        assert own.pids() == (second,)
