"""The supervised parser: worker processes that may hang, crash or be killed, and a pool that never does.

Workers are started as fresh interpreters (never forked from a process with threads), with an environment that holds
no secrets. Each parse has a deadline of its own; a worker that misses it, or dies, is replaced, and the document that
did it is reported.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from monitor.errors import ParseError
from monitor.feeds.parsed import Parsed
from monitor.feeds.standing import Standing
from monitor.feeds.worker import ANSWER, HEADER

__all__ = ["REASONS", "Parsed", "ParserPool"]

REASONS = {
    "empty": "nothing was sent",
    "html": "a web page instead of a feed",
    "not-feed": "no feed format that is known",
    "hostile": "built to hang a parser: refused before it was parsed",
    "limits": "took more time or memory than a feed may; its worker was replaced",
    "crash": "the parser failed on it",
}
SECONDS = 30.0  # of wall time: CPU has its own limit, and a busy machine is not the document's fault
MAX_ANSWER = 96 * 1024 * 1024
JOBS_PER_WORKER = 5_000
PIPE = 1_048_576  # bytes that fit into a pipe, so that a usual document and its answer each take one turn


class ParserPool:
    """A fixed number of long-lived parser processes; use from any thread. Close it, or use it as a context.

    Start it before other threads and in the main program only once: a worker costs some 40 MB.
    """

    def __init__(self, workers: int = 2, *, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False
        self.replaced = 0
        self.standing = Standing()
        for _ in range(max(1, workers)):
            self._idle.put(self._start())

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every worker and reap it; a parse under way fails with `limits`, and its thread closes the pipes."""
        with self._lock:
            self._closed = True
            workers, self._all = list(self._all), set()
        for worker in workers:
            worker.kill()
        while True:
            try:
                worker_or_none = self._idle.get_nowait()
            except queue.Empty:
                break
            if worker_or_none is not None:
                worker_or_none.end()
        self._idle.put(None)  # wakes whoever waits for a worker, one after another

    def pids(self) -> tuple[int, ...]:
        """Return the workers' process ids, for memory accounting."""
        with self._lock:
            return tuple(worker.pid for worker in self._all)

    def parse(self, body: bytes, content_type: str | None, url: str, known: Collection[str] = ()) -> Parsed:
        """Read a feed in a worker, leaving out items whose marks are `known`. Raises ParseError."""
        head = {"job": "feed", "content_type": content_type, "url": url, "known": list(known)}
        try:
            return Parsed.from_json(self.run(head, body))
        except (KeyError, TypeError, ValueError) as error:
            raise ParseError("crash", f"a parser gave no sensible answer: {error!r}") from error

    def run(self, head: Mapping[str, Any], body: bytes) -> Any:
        """Do one job in a worker. Raises ParseError with the worker's reason, or with `limits` if it had to die."""
        worker = self._idle.get()
        if self._closed:
            self._idle.put(None)
            raise ParseError("limits", "the parser pool is closed")
        try:
            if worker is None or not worker.fresh():
                worker = self._replace(worker)
            answer = worker.ask(head, body, self.seconds)
        except _Overrun as error:
            self.replaced += 1
            self._retire(worker)
            worker = None
            raise ParseError("limits", f"reading it {error}; that document is left alone for a while") from error
        finally:
            self._give_back(worker)
        if "reason" in answer:
            reason = answer["reason"] if answer["reason"] in REASONS else "crash"
            raise ParseError(reason, str(answer.get("message"))[:500])
        return answer["ok"]

    def _give_back(self, worker: _Worker | None) -> None:
        """Make the worker free for the next job; a closed pool's is ended by the thread that used it."""
        with self._lock:
            if not self._closed:
                self._idle.put(worker)
                return
        self._retire(worker)
        self._idle.put(None)

    def _retire(self, worker: _Worker | None) -> None:
        """End a worker; the next job starts another."""
        if worker is not None:
            with self._lock:
                self._all.discard(worker)
            worker.end()

    def _replace(self, worker: _Worker | None) -> _Worker:
        self._retire(worker)
        return self._start()

    def _start(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise ParseError("limits", "the parser pool is closed")
            worker = _Worker()
            self._all.add(worker)
            return worker


class _Overrun(Exception):
    """A worker took too long, or died."""


class _Worker:
    """One process and its two pipes; used by one thread at a time."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parents[2])
        environment = {"PATH": os.defpath, "PYTHONPATH": root, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-B", "-m", "monitor.feeds.worker"]
        self._process = subprocess.Popen(  # noqa: S603  # our own module, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        for handle in (self._in, self._out):
            os.set_blocking(handle, False)
            with contextlib.suppress(OSError):  # a system that allows less has smaller pipes, and more turns
                fcntl.fcntl(handle, fcntl.F_SETPIPE_SZ, PIPE)
        self._jobs = 0
        self._ending = threading.Lock()

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    def fresh(self) -> bool:
        """Tell whether the worker lives and has not worked so long that its memory should be given back."""
        return self._jobs < JOBS_PER_WORKER and self._process.poll() is None

    def kill(self) -> None:
        """End the process and reap it; its user sees the pipes end. Harmless when repeated."""
        with self._ending:
            self._process.kill()
            self._process.wait()

    def end(self) -> None:
        """Kill, and close the pipes; only for the thread that uses the worker, or when none does."""
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def ask(self, head: Mapping[str, Any], body: bytes, seconds: float) -> dict[str, Any]:
        """Send one job and wait for its answer. Raises _Overrun."""
        self._jobs += 1
        until = time.monotonic() + seconds
        packed = json.dumps(head).encode()
        try:
            for part in (HEADER.pack(len(packed), len(body)) + packed, body):
                self._send(part, until)
            size = ANSWER.unpack(self._receive(ANSWER.size, until))[0]
            if size > MAX_ANSWER:
                raise _Overrun("gave an answer without end")
            answer = json.loads(self._receive(size, until))
        except (OSError, ValueError) as error:
            raise _Overrun(f"ended its worker ({self._how()})") from error
        if not isinstance(answer, dict):
            raise _Overrun("gave an answer of no known form")
        return answer

    def _how(self) -> str:
        """Say how the process ended: a signal by number is CPU (27), memory or a crash."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "it closed its pipe"
        return {-27: "out of CPU time", -9: "killed"}.get(code, f"exit code {code}")

    def _wait(self, handle: int, event: int, until: float) -> None:
        """Wait until the pipe is ready. Raises _Overrun at the deadline."""
        with selectors.PollSelector() as selector:
            selector.register(handle, event)
            if not selector.select(max(0.0, until - time.monotonic())):
                raise _Overrun("took too long")

    def _send(self, data: bytes, until: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._in, selectors.EVENT_WRITE, until)
            view = view[os.write(self._in, view[:PIPE]) :]

    def _receive(self, size: int, until: float) -> bytes:
        gathered = bytearray()
        while len(gathered) < size:
            self._wait(self._out, selectors.EVENT_READ, until)
            piece = os.read(self._out, min(size - len(gathered), PIPE))
            if not piece:
                raise OSError("the worker's pipe ended")
            gathered += piece
        return bytes(gathered)
