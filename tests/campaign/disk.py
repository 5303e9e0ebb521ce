"""A real daemon on a database that can't be written: a full disk, a lock, no right to write, damage.

    python -m tests.campaign.disk --offsets 50 --seed 1

Needs root: the database lies on a small file system of its own (tmpfs), which is filled until so many pages of room are
left, 0, 1, 2 and so on, so that another write is the one that fails. Then articles are published until the daemon
is not ready. While there is no room: readiness says why, polling stops, and nothing arrives that is not recorded, but
for the message in hand. Afterwards room is made, and every article must have arrived (0 lost), under one id (0 twice);
messages that were repeated under their id are counted. A lock, a file that may not be written and a file with
overwritten pages are tried the same way.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from monitor.config import load_config
from monitor.daemon import Daemon
from monitor.demo.receiver import Receiver
from tests.newsroom import WATCHLIST, Item, Newsroom, configure

DISK = 48 << 20
PAGE = 4096
FEEDS = ("north", "south")
IN_HAND = 20.0
"""Seconds after which no poll may be in hand any more that began before the fault."""
WATCHED = 3.0
"""Seconds for which the daemon is looked at while it can't write."""


@dataclass(slots=True)
class Outcome:
    """What a campaign came to. All but the counts of what was done, and `repeats`, must be 0 or empty."""

    faults: int = 0
    published: int = 0
    lost: int = 0
    twice: int = 0
    repeats: int = 0
    most_repeats: int = 0
    polls: int = 0
    seconds: float = 0.0
    said: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.twice or self.wrong)


@contextmanager
def small_disk(size: int = DISK) -> Iterator[Path]:
    """A file system of that many bytes. Raises OSError where mounting is not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="monitor-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        if subprocess.run(command, check=False, capture_output=True).returncode:
            raise OSError("mounting a file system is not allowed here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    finally:
        folder.rmdir()


class Trial:
    """A daemon on the small disk, a newsroom before it and a receiver behind it."""

    def __init__(
        self,
        outcome: Outcome,
        disk: Path,
        room: Newsroom,
        receiver: Receiver,
        folder: Path,
        chance: random.Random,
        watched: float,
    ) -> None:
        self.outcome, self.disk, self.room, self.receiver = outcome, disk, room, receiver
        self.chance, self.watched, self.published = chance, watched, 0
        for name in FEEDS:
            room.publish(name)
        urls = [room.url(name) for name in FEEDS]
        self.settings = configure(folder, WATCHLIST, urls, receiver.url, "{workers: 2, parsers: 1, per_host: 2}")
        text = self.settings.read_text("utf-8").replace(f"sqlite:///{folder}/", f"sqlite:///{disk}/")
        self.settings.write_text(text + "alerts: {flood: 10000}\n", encoding="utf-8")
        self.file = disk / "monitor.db"
        self.daemon = self.start()

    def start(self) -> Daemon:
        """Start a daemon on the disk as it is."""
        daemon = Daemon(load_config(self.settings))
        daemon.start()
        return daemon

    def publish(self) -> None:
        """Publish one article of some kilobytes."""
        self.published += 1
        number = self.published
        title = f"سيرغي لافروف يعلن البند رقم {number * 7919}"
        text = f"{title} في موسكو. " + " ".join(f"{self.chance.getrandbits(64):x}" for _ in range(300))
        self.room.publish(self.chance.choice(FEEDS), Item(f"article-{number}", title, text, datetime.now(UTC)))

    def arrived(self) -> int:
        return len({message.json["article"]["url"] for message in self.receiver.accepted})

    def suffer(self, name: str, begin: Callable[[], None], end: Callable[[], None], patience: float = 60.0) -> None:
        """Let a fault begin, look at the daemon while it lasts, end it, and wait until everything has arrived."""
        began = time.monotonic()
        for _ in range(3):  # so that the fault finds work in hand
            self.publish()
        begin()
        ready = True
        while ready and time.monotonic() < began + patience:
            self.publish()
            _pause(0.2)
            ready = not self.daemon.ready()[0]
        if ready:
            self.outcome.wrong.append(f"{name}: the daemon was ready all the time")
        self._look(name)
        end()
        if not _until(lambda: self.arrived() >= self.published, patience):
            self.outcome.wrong.append(f"{name}: {self.published - self.arrived()} articles do not arrive")
        if not _until(lambda: not self.daemon.ready()[0], patience):
            self.outcome.wrong.append(f"{name}: the daemon does not become ready again")
        if self.daemon.crash:
            self.outcome.wrong.append(f"{name}: the daemon stopped with {self.daemon.crash!r}")
        self.outcome.faults += 1
        print(f"  {name}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)

    def _look(self, name: str) -> None:
        """Watch for some seconds: not ready with the reason, no further polls, no message again and again."""
        polls = self._settled()
        before = Counter(message.id for message in self.receiver.received)
        until = time.monotonic() + self.watched
        while time.monotonic() < until:
            wrong = self.daemon.ready()[0]
            if "store" not in wrong:
                self.outcome.wrong.append(f"{name}: ready while nothing can be written")
                break
            self.outcome.said[f"{name}: {wrong['store'].partition('Fix:')[2].strip()}"] += 1
            _pause(0.2)
        further = self._polls() - polls
        self.outcome.polls += further
        if further:
            self.outcome.wrong.append(f"{name}: {further} polls while nothing can be stored")
        again = Counter(message.id for message in self.receiver.received) - before
        for number in (again & before).values():
            self.outcome.most_repeats = max(self.outcome.most_repeats, number)
        if self.outcome.most_repeats > 1:
            self.outcome.wrong.append(f"{name}: one message {self.outcome.most_repeats} times again")

    def _polls(self) -> int:
        return sum(self.room.polls(feed) for feed in FEEDS)

    def _settled(self) -> int:
        """Wait until the polls that were in hand are over; return how many there were by then."""
        until = time.monotonic() + IN_HAND
        polls = -1
        while polls != (polls := self._polls()) and time.monotonic() < until:
            _pause(1.5)
        return polls

    def judge(self) -> None:
        """Count what arrived, after everything."""
        ids: dict[str, set[str]] = defaultdict(set)
        for message in self.receiver.accepted:
            ids[message.json["article"]["url"]].add(message.id or "")
        self.outcome.published += self.published
        self.outcome.lost += self.published - len(ids)
        self.outcome.twice += sum(len(found) - 1 for found in ids.values())
        self.outcome.repeats += len(self.receiver.accepted) - sum(len(found) for found in ids.values())
        with closing(sqlite3.connect(self.file)) as database:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            self.outcome.wrong.append(f"integrity check of {self.file}: {found}")


def full(trial: Trial, pages: int) -> None:
    """Fill the disk until that many pages are left."""
    ballast = trial.disk / "ballast"

    def fill() -> None:
        # Without its old journal, which would be written over, every write needs new room.
        with closing(sqlite3.connect(trial.file, timeout=30)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with ballast.open("wb") as file:
            while (room := _room(trial.disk) - pages * PAGE) > 0:
                with suppress(OSError):  # the daemon was quicker
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), room)

    trial.suffer(f"full but for {pages} pages", fill, ballast.unlink)


def locked(trial: Trial) -> None:
    """Another program holds the write lock."""
    other = sqlite3.connect(trial.file, isolation_level=None, check_same_thread=False)
    with closing(other):
        trial.suffer("locked", lambda: _execute(other, "BEGIN IMMEDIATE"), lambda: _execute(other, "ROLLBACK"))


def unwritable(trial: Trial) -> None:
    """Nobody may write the files any more, not even whom they are open to."""
    files = [str(trial.file), f"{trial.file}-wal"]

    def change(how: str) -> None:
        subprocess.run(["chattr", how, *files], check=True)

    trial.suffer("read-only", lambda: change("+i"), lambda: change("-i"))


def damaged(trial: Trial) -> None:
    """Pages of the file are overwritten under the running daemon; then the backup of before is put in its place."""
    backup = trial.disk / "backup.db"
    backup.unlink(missing_ok=True)
    trial.daemon.store.backup(backup)
    known = trial.published

    def damage() -> None:
        size = trial.file.stat().st_size
        with trial.file.open("r+b") as file:
            file.seek(PAGE)
            file.write(random.Random(known).randbytes(size - PAGE))
        os.truncate(f"{trial.file}-wal", 0)

    def restore() -> None:
        trial.daemon.stop()
        for name in ("monitor.db", "monitor.db-wal", "monitor.db-shm"):
            trial.file.with_name(name).unlink(missing_ok=True)
        shutil.move(backup, trial.file)
        trial.daemon = trial.start()

    trial.suffer("damaged", damage, restore)


FAULTS = (locked, unwritable, damaged)


def run(
    folder: Path, offsets: int, seed: int, faults: Sequence[Callable[[Trial], None]], watched: float = WATCHED
) -> Outcome:
    """Run the full disk at that many offsets, then the other faults, each on a file system of its own."""
    began, outcome = time.monotonic(), Outcome()
    with small_disk() as disk:
        _run(outcome, disk, [partial(full, pages=pages) for pages in range(offsets)], folder / "full", seed, watched)
    for fault in faults:
        place = folder / fault.__name__ / "database"
        place.mkdir(parents=True)
        _run(outcome, place, [fault], place.parent, seed, watched)
    outcome.seconds = time.monotonic() - began
    return outcome


def _run(
    outcome: Outcome, disk: Path, faults: Sequence[Callable[[Trial], None]], folder: Path, seed: int, watched: float
) -> None:
    folder.mkdir(exist_ok=True)
    with Newsroom() as room, Receiver() as receiver:
        trial = Trial(outcome, disk, room, receiver, folder, random.Random(seed), watched)
        try:
            for fault in faults:
                fault(trial)
        finally:
            trial.daemon.stop()
        trial.judge()


def _room(folder: Path) -> int:
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


def _execute(connection: sqlite3.Connection, statement: str) -> None:
    connection.execute(statement)


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _until(holds: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        _pause(0.1)
    return holds()


def main() -> int:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offsets", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="monitor-disk-") as folder:
        found = run(Path(folder), wanted.offsets, wanted.seed, FAULTS)
    print(
        f"{found.faults} faults, {found.published} articles, lost {found.lost}, created twice {found.twice}, "
        f"raw repeats {found.repeats} (one message {found.most_repeats} times at most), "
        f"polls while nothing can be stored {found.polls}, {found.seconds:.0f} s"
    )
    for name, count in sorted(found.said.items()):
        print(f"  {name} ({count} times)")
    for wrong in found.wrong:
        print(f"WRONG {wrong}")
    return 0 if found.clean else 1


if __name__ == "__main__":
    sys.exit(main())
