"""What a daemon costs that has nothing to do: 500 feeds that don't change and the starter watchlists.

    python -m tests.campaign.idle --minutes 5

A real daemon starts on an empty store, with the starter watchlists and feeds on a loopback server of their own, one
address each. Every feed brings entries once; from then on it answers 304. When the first round is over the daemon is
started anew, as after an upgrade, and left alone; CPU time and memory are taken from /proc. Polls are spread over a
quarter of an hour, as by default. Judged is the daemon's own process: under one hundredth of a core, under 150 MB
resident. `read_mb` is what it held after the first round, when articles in every language had been read and all that
reading needs was loaded. Parser processes are counted apart; `all_mb` is the sum of proportional shares (PSS).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path

from monitor.daemon import utc_now

ROOT = Path(__file__).parents[2]
MOST_CPU, MOST_MEGABYTES = 0.01, 150.0
ENTRIES = 6
SETTLED = 20.0
"""Seconds after the first round in which what it left behind is done."""
TEXTS = {
    "ar": ("قال وزير الخارجية الروسي سيرغي لافروف في موسكو", "أعلن الوزير أن المحادثات رقم {n} ستستمر الأسبوع المقبل."),
    "ru": ("Министр иностранных дел России Сергей Лавров заявил", "Переговоры номер {n} продолжатся на этой неделе."),
    "en": ("Foreign Minister Sergey Lavrov spoke in Moscow", "Round {n} of the talks will go on next week."),
    "tr": ("Dışişleri Bakanı Hakan Fidan Moskova'da konuştu", "Görüşmelerin {n}. turu gelecek hafta sürecek."),
    "fa": ("وزیر خارجه ایران عباس عراقچی گفت", "دور {n} گفتگوها هفته آینده ادامه خواهد یافت."),
}


@dataclass(slots=True)
class Outcome:
    """What an idle daemon costs. Shares are of one core; `polls` is how many were made while it was measured."""

    feeds: int
    seconds: float = 0.0
    polls: int = 0
    cpu: float = 0.0
    resident_mb: float = 0.0
    read_mb: float = 0.0
    workers: int = 0
    workers_cpu: float = 0.0
    all_mb: float = 0.0
    threads: int = 0
    load: float = 0.0

    @property
    def clean(self) -> bool:
        return self.cpu < MOST_CPU and self.resident_mb < MOST_MEGABYTES


def document(number: int) -> bytes:
    """Return a feed in one of the languages; one of its entries is about somebody who is watched."""
    watched, text = list(TEXTS.values())[number % len(TEXTS)]
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}-{item}</guid>"
        f"<title>{text.format(n=number * ENTRIES + item) if item else watched}</title>"
        f"<description>{' '.join(text.format(n=one) for one in range(number + item, number + item + 12))}</description>"
        f"<pubDate>{format_datetime(utc_now())}</pubDate></item>"
        for item in range(ENTRIES)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{number}</title>{items}</channel></rss>".encode()


async def serve() -> None:
    """Answer every feed on every loopback address, once whole and then with 304, until stdin ends."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b"if-none-match" in head.lower():
                    writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
                else:
                    body = document(int(head.split(b" ", 2)[1].rpartition(b"/")[2]))
                    kind = b"Content-Type: application/rss+xml\r\n"
                    size = b"Content-Length: %d\r\n\r\n" % len(body)
                    writer.write(b'HTTP/1.1 200 OK\r\nETag: "1"\r\n' + kind + size + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the daemon is done with this connection
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def configure(folder: Path, feeds: int, port: int) -> Path:
    """Write the settings of a daemon with the starter watchlists and that many feeds."""
    languages = list(TEXTS)
    rows = [
        {
            "url": f"http://127.0.{1 + number // 250}.{1 + number % 250}:{port}/{number}",
            "name": f"feed {number}",
            "lang": languages[number % len(languages)],
            "allow_private": True,
        }
        for number in range(feeds)
    ]
    (folder / "feeds.yml").write_text(json.dumps({"feeds": rows}), encoding="utf-8")
    path = folder / "monitor.yml"
    path.write_text(
        f"database: sqlite:///{folder}/monitor.db\nhttp: {{listen: '127.0.0.1:0'}}\n"
        f"feeds: [feeds.yml]\nwatchlists: ['{ROOT / 'watchlists'}']\n"
        "channels: {desk: {type: console}}\nlog: {format: json}\n",
        encoding="utf-8",
    )
    return path


@contextmanager
def _site() -> Iterator[int]:
    """Run the feeds in a process of their own; yield their port."""
    command = [sys.executable, "-m", "tests.campaign.idle", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


@contextmanager
def _daemon(settings: Path) -> Iterator[tuple[int, str]]:
    """Run the daemon; yield its process id and its address."""
    log = settings.with_suffix(".log")
    with log.open("wb") as out:
        command = [sys.executable, "-m", "monitor.cli", "run", "--config", str(settings)]
        daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=out, cwd=settings.parent)
    try:
        yield daemon.pid, _address(daemon, log)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)


def run(minutes: float, feeds: int) -> Outcome:
    """Let every feed be read once, start the daemon anew, and measure."""
    outcome = Outcome(feeds)
    with tempfile.TemporaryDirectory(prefix="monitor-idle-") as name, _site() as port:
        settings = configure(Path(name), feeds, port)
        with _daemon(settings) as (pid, address):
            while _counted(address, "monitor_polls_total") < feeds or _counted(address, "monitor_pending_judgements"):
                time.sleep(1.0)
            time.sleep(SETTLED)
            outcome.read_mb = _memory(pid, "Rss")
        with _daemon(settings) as (pid, address):
            time.sleep(SETTLED)
            _measure(pid, address, 60 * minutes, outcome)
    return outcome


def _measure(pid: int, address: str, seconds: float, outcome: Outcome) -> None:
    workers = _children(pid)
    began, polls = time.monotonic(), _counted(address, "monitor_polls_total")
    mine, theirs = _cpu(pid), sum(map(_cpu, workers))
    time.sleep(seconds)
    outcome.seconds = time.monotonic() - began
    outcome.cpu = (_cpu(pid) - mine) / outcome.seconds
    outcome.workers_cpu = (sum(map(_cpu, workers)) - theirs) / outcome.seconds
    outcome.workers = len(workers)
    outcome.resident_mb = _memory(pid, "Rss")
    outcome.all_mb = sum(_memory(one, "Pss") for one in (pid, *workers))
    outcome.threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    outcome.load = os.getloadavg()[0]
    outcome.polls = int(_counted(address, "monitor_polls_total") - polls)


def _address(daemon: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the daemon says where it listens."""
    while daemon.poll() is None:
        found = re.search(r'"http": "([^"]+)"', log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"the daemon ended with {daemon.returncode}: {log.read_text(encoding='utf-8')[-2000:]}")


def _counted(address: str, metric: str) -> float:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(rf"^{metric}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int, kind: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{kind}:")).split()[1]) / 1024


def _children(pid: int) -> tuple[int, ...]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return tuple(int(child) for task in tasks for child in (task / "children").read_text().split())


def main() -> int:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--serve", action="store_true", help="be the feeds only")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return 0
    outcome = run(options.minutes, options.feeds)
    print(outcome)
    print(
        f"the daemon: {outcome.cpu:.2%} of a core (bar {MOST_CPU:.0%}), {outcome.resident_mb:.0f} MB resident "
        f"(bar {MOST_MEGABYTES:.0f}); with its {outcome.workers} parsers: {outcome.cpu + outcome.workers_cpu:.2%}, "
        f"{outcome.all_mb:.0f} MB of proportional shares; {outcome.polls} polls, load {outcome.load:.1f}"
    )
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
