"""Thousands of slow and hostile connections against the HTTP side of a process, while somebody asks for its health.

    python -m tests.campaign.http --connections 5000 --seconds 30

The server runs in a process of its own, so that its memory, handles and threads can be read. Slow clients open a
connection and drip a request that never ends; as soon as one is dropped, it connects anew. In between come requests
with oversized lines and headers, long bodies, wrong methods and paths. Judged: the 99th percentile of `/healthz`, the
memory's growth from the first second under load to the last, and that hostile requests get nothing but 4xx.

All besiegers have processes of their own. What the machine itself costs is printed beside it: a second server that
nobody besieges is asked in turn with the first (`calm_p99`), `waited` is the part of the time for which the besieged
one could have run and had no core, `load` the machine's load average. With `--busy` a thread of the server's process
computes all the time, as a judge with a backlog does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SLOWEST = 0.1
"""Seconds within which ninety-nine of a hundred questions for health are answered."""
MOST_GROWN = 16_000_000
"""Bytes that the server's memory may grow under siege."""
SERVER = """
import sys, threading
from monitor.metrics import Metrics
from monitor.web.server import Server
def compute():
    while True:
        sum(range(1000))
if sys.argv[1:]:
    threading.Thread(target=compute, daemon=True).start()
server = Server("127.0.0.1:0", Metrics().render, dict, lambda: ({}, {}))
server.start()
print(server.address, flush=True)
sys.stdin.read()
server.close()
"""
HOSTILE = (
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"b" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(5_000)) + b"\r\n",
    b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"c" * 2_000_000,
    b"DELETE /readyz HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
)


@dataclass(slots=True)
class Outcome:
    """What a campaign came to: seconds, bytes, the server's share of a core, and counts of answers by status.

    `open` is the mean number of connections that stood open at the server.
    """

    connections: int = 0
    asked: int = 0
    failed: int = 0
    p50: float = 0.0
    p99: float = 0.0
    calm_p99: float = 0.0
    waited: float = 0.0
    load: float = 0.0
    open: int = 0
    grown: int = 0
    resident: int = 0
    cpu: float = 0.0
    threads: int = 0
    handles: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def wrong(self) -> int:
        """Answers to hostile requests that were not 4xx. No answer at all is a connection that was dropped."""
        return sum(count for status, count in self.answers.items() if status[:1] not in {"4", "-"})


def run(connections: int, seconds: float, *, busy: bool = False) -> Outcome:
    """Start a server and besiege it."""
    _handles(16_384)
    with _server(busy=busy) as (pid, host, port), _server() as (_, *calm):
        return asyncio.run(_siege(host, port, pid, connections, seconds, (calm[0], calm[1])))


@contextlib.contextmanager
def _server(*, busy: bool = False) -> Iterator[tuple[int, str, int]]:
    """Run a server in a process of its own; yield its process id, host and port."""
    command = [sys.executable, "-c", SERVER, *(["busy"] if busy else [])]
    limited = ["sh", "-c", 'ulimit -n 16384; exec "$@"', "sh", *command]
    with subprocess.Popen(limited, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        host, _, port = server.stdout.readline().strip().rpartition(":")
        try:
            yield server.pid, host, int(port)
        finally:
            server.kill()


async def _siege(host: str, port: int, pid: int, connections: int, seconds: float, calm: tuple[str, int]) -> Outcome:
    """Ask for health here, of the besieged and of the calm one in turn."""
    outcome = Outcome(connections=connections)
    besieger = [sys.executable, "-m", "tests.campaign.http"]
    drip = [*besieger, "--drip", host, str(port), str(connections)]
    shout = [*besieger, "--hostile", host, str(port), str(seconds)]
    with subprocess.Popen(drip, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as slow:
        assert slow.stdout is not None
        try:
            slow.stdout.readline()  # all have been connected once
            with subprocess.Popen(shout, stdout=subprocess.PIPE, text=True) as hostile:
                assert hostile.stdout is not None
                hostile.stdout.readline()
                before, used, began = _resident(pid), _used(pid), time.monotonic()
                times, calm_times = await _healths((host, port), calm, pid, time.monotonic() + seconds, outcome)
                outcome.answers = Counter(json.loads(hostile.stdout.readline()))
            outcome.resident = _resident(pid)
            outcome.cpu, outcome.waited = (
                (now - then) / (time.monotonic() - began) for now, then in zip(_used(pid), used, strict=True)
            )
            outcome.load = os.getloadavg()[0]
            outcome.handles = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        finally:
            slow.kill()
    outcome.grown = outcome.resident - before
    outcome.threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    outcome.p50, outcome.p99, outcome.calm_p99 = _part(times, 0.5), _part(times, 0.99), _part(calm_times, 0.99)
    return outcome


def _part(times: list[float], part: float) -> float:
    return sorted(times)[int(len(times) * part)]


def _handles(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, wanted), hard))


async def _drips(host: str, port: int, connections: int) -> None:
    """Be that many slow clients until killed; say a line when all have been connected once."""
    opened = asyncio.Semaphore(0)
    until = time.monotonic() + 3600
    tasks = [asyncio.create_task(_drip(host, port, until, opened)) for _ in range(connections)]
    for _ in range(connections):
        await opened.acquire()
    print("connected", flush=True)
    await asyncio.gather(*tasks)


async def _drip(host: str, port: int, until: float, opened: asyncio.Semaphore) -> None:
    """Send a request that never ends, a byte every two seconds, on one connection after another."""
    chance, first = random.Random(), True
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(host, port)
            if first:
                first = False
                opened.release()
            writer.write(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
            with contextlib.suppress(OSError):
                while not reader.at_eof() and not writer.is_closing() and time.monotonic() < until:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(2)
            writer.transport.abort()
        await asyncio.sleep(chance.uniform(0.5, 1.5))


async def _hostile(host: str, port: int, seconds: float) -> None:
    """Send hostile requests, one after the other; print a line at the beginning, and what came back at the end."""
    print("ready", flush=True)
    answers: Counter[str] = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for request in HOSTILE:
            answers[await _status(host, port, request)] += 1
            await asyncio.sleep(0.02)
    print(json.dumps(answers), flush=True)


async def _status(host: str, port: int, request: bytes) -> str:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return "-refused"
    try:
        writer.write(request)
        line = await asyncio.wait_for(reader.readline(), 10)
        return line.split(b" ")[1].decode() if line else "-dropped"
    except (OSError, TimeoutError):
        return "-dropped"
    finally:
        writer.transport.abort()


async def _healths(
    besieged: tuple[str, int], calm: tuple[str, int], pid: int, until: float, outcome: Outcome
) -> tuple[list[float], list[float]]:
    """Ask for `/healthz`, one time after the other; return how long each answer took, of the one and of the other."""
    times: list[float] = []
    calm_times: list[float] = []
    opened = []
    while time.monotonic() < until or not times:
        for place, found in ((besieged, times), (calm, calm_times)):
            began = time.monotonic()
            status = await _status(*place, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            found.append(time.monotonic() - began)
            outcome.asked += 1
            outcome.failed += status != "200"
        if len(times) % 50 == 1:
            opened.append(len(list(Path(f"/proc/{pid}/fd").iterdir())))
        await asyncio.sleep(0.02)
    outcome.open = sum(opened) // len(opened)
    return times, calm_times


def _used(pid: int) -> tuple[float, float]:
    """Return the seconds for which the process's threads ran, and for which they could have and had no core."""
    read = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(int(one[0]) for one in read) / 1e9, sum(int(one[1]) for one in read) / 1e9


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def main() -> int:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--busy", action="store_true", help="let the server's process compute meanwhile")
    parser.add_argument("--drip", nargs=3, metavar=("HOST", "PORT", "NUMBER"), help="be the slow clients only")
    parser.add_argument("--hostile", nargs=3, metavar=("HOST", "PORT", "SECONDS"), help="be the hostile one only")
    options = parser.parse_args()
    if options.hostile:
        host, port, seconds = options.hostile
        asyncio.run(_hostile(host, int(port), float(seconds)))
        return 0
    if options.drip:
        host, port, number = options.drip
        _handles(int(number) + 100)
        asyncio.run(_drips(host, int(port), int(number)))
    outcome = run(options.connections, options.seconds, busy=options.busy)
    print(outcome)
    shown = {"wrong": outcome.wrong, "p99_ms": round(outcome.p99 * 1000, 1)}
    print(json.dumps({**shown, "calm_p99_ms": round(outcome.calm_p99 * 1000, 1), "load": outcome.load}))
    kept = outcome.p99 < SLOWEST and outcome.grown < MOST_GROWN
    return 0 if kept and not (outcome.wrong or outcome.failed) else 1


if __name__ == "__main__":
    sys.exit(main())
