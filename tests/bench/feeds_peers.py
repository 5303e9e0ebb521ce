"""The peers' side of the polling bench, run by an interpreter that has them: nothing of ours is imported here.

    PYTHON tests/bench/feeds_peers.py reader|rss2email DIRECTORY

Standard input: one line of JSON with the feeds' addresses, then `go` for each round. Standard output: one line of JSON
for the program's version, then one for each round: its wall and CPU seconds, and how many entries are stored.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

WORKERS = 20


def cpu() -> float:
    """Return the CPU seconds of this process and of those that it has waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def with_reader(urls: list[str], directory: Path) -> Callable[[], int]:
    """Prepare lemon24/reader on a database file; a round asks every feed."""
    from reader import make_reader  # noqa: PLC0415  # only where this peer was asked for

    reader = make_reader(str(directory / "reader.db"))
    for url in urls:
        reader.add_feed(url)

    def go() -> int:
        reader.update_feeds(scheduled=False, workers=WORKERS)
        return reader.get_entry_counts().total or 0

    return go


def with_rss2email(urls: list[str], directory: Path) -> Callable[[], int]:
    """Prepare rss2email's files; a round is its `run` command, which mails nothing."""
    config, data = directory / "rss2email.cfg", directory / "rss2email.json"
    sections = "".join(f"[feed.f{number}]\nurl = {url}\n\n" for number, url in enumerate(urls))
    config.write_text(f"[DEFAULT]\nto = desk@example.org\nsame-server-fetch-interval = 0\n\n{sections}")
    command = [str(Path(sys.executable).with_name("r2e")), "-c", str(config), "-d", str(data), "run", "--no-send"]

    def go() -> int:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return sum(len(feed["seen"]) for feed in json.loads(data.read_text())["feeds"])

    return go


def main() -> None:
    """Prepare the peer that was asked for, and run rounds until the input ends."""
    name, directory = sys.argv[1], Path(sys.argv[2])
    urls = json.loads(sys.stdin.readline())
    go = {"reader": with_reader, "rss2email": with_rss2email}[name](urls, directory)
    print(json.dumps(version(name)), flush=True)
    for _ in sys.stdin:
        started, before = time.perf_counter(), cpu()
        entries = go()
        row = {"seconds": time.perf_counter() - started, "cpu": cpu() - before, "entries": entries}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
