"""Edits files at random under load, a third of them wrong, and looks for mixtures and for versions never taken.

    python -m tests.campaign.reload --edits 1000 --seed 1

Version N of the files stands in four places: an alias in the shared catalogue, a rule's name in the watchlist, a feed's
name and a channel's template, saved one after the other, at once, in pieces, or replaced as editors do; a wrong edit
breaks one of the four. Meanwhile articles come in that name every version. A judgement is a mixture if its alias and
its rule are of different versions; a good version that stood is missed if the daemon never came to all four of it. A
wrong one must be said with its file's name, and never used.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.channels.console import Console
from monitor.config import load_config
from monitor.daemon import Daemon
from monitor.daemon.upkeep import message
from monitor.demo.receiver import Receiver
from tests.newsroom import Item, Newsroom

WORDS = ("Alder", "Birch", "Cedar", "Damson", "Elm", "Fir", "Gorse", "Hazel")
"""One for each version; they go round, and each article holds all of them."""
CATALOGUE = "entities:\n  someone: {{name: Someone, aliases: {{en: Person {word}}}}}\n"
WATCHLIST = """
watchlist: Desk
use: [someone]
rules:
  - {{name: rule {number}, when: someone, novelty: {{at_least: 0}}, send_to: archive}}
"""
FEEDS = 'feeds: [{{url: "{url}", name: feed {number}, lang: en, every: 1s, backfill: all, allow_private: true}}]\n'
TEMPLATE = "version {number} of {{{{ title }}}}\n"
WRONG = {
    "desk.yml": (
        "{{",
        "watchlist: Desk\nuse: [nobody]\nrules: []\n",
        "watchlist: Desk\nuse: [someone]\nrules:\n  - {name: x, when: nobody, send_to: archive}\n",
        "watchlist: Desk\nuse: [someone]\nrules:\n  - {name: x, when: someone, send_to: nowhere}\n",
        "watchlist: Desk\nuse: [some",
    ),
    "people.yml": (
        "entities:\n  someone: {name: Someone, aliases: {en: Person",
        "entities:\n  someone: {name: Someone, aliases: {ar: Person Alder، Person Birch}}\n",
        "entities:\n  someone: {name: Someone, alias: {en: Person Alder}}\n",
    ),
    "feeds.yml": ("feeds: [{url: 'http", "feeds: [{url: nowhere}]\n", "feeds: [{address: 'https://north.example'}]\n"),
    "words.j2": ("{{ title", "{% if %}{{ title }}\n", "{{ nothing.of.that.name }}\n"),
}
SETTINGS = """
database: sqlite:///{folder}/monitor.db
http: {{listen: "127.0.0.1:0"}}
feeds: [feeds.yml]
watchlists: [lists]
polling: {{workers: 2, parsers: 1, per_host: 4}}
channels:
  archive: {{type: webhook, url: "{receiver}/a", allow_private: true}}
  paper: {{type: console, template: words.j2}}
"""


SAMPLE = message("test", "a sample", (), datetime(2025, 1, 1, tzinfo=UTC), timedelta(days=1))
"""What the template is tried on."""


@dataclass(slots=True)
class Outcome:
    """What a campaign came to; all but `edits`, `taken`, `rejected` and `judged` must be 0."""

    edits: int = 0
    wrong: int = 0
    taken: int = 0
    rejected: int = 0
    judged: int = 0
    mixtures: int = 0
    missed: int = 0
    unsaid: int = 0
    used: int = 0
    failed: int = 0
    slowest: float = 0.0

    @property
    def clean(self) -> bool:
        return not (self.mixtures or self.missed or self.unsaid or self.used or self.failed)


class Campaign:
    """One run over one daemon in this process."""

    def __init__(self, folder: Path, seed: int, feed: str) -> None:
        self.chance, self.outcome, self.feed, self.stands = random.Random(seed), Outcome(), feed, 0
        places = ("lists/desk.yml", "lists/entities/people.yml", "feeds.yml", "words.j2")
        self.files = {path.name: path for path in (folder / place for place in places)}
        self.files["people.yml"].parent.mkdir(parents=True)
        self.save(0)

    def save(self, number: int) -> None:
        """Write one version, file after file."""
        texts = {
            "people.yml": CATALOGUE.format(word=WORDS[number]),
            "desk.yml": WATCHLIST.format(number=number),
            "feeds.yml": FEEDS.format(url=self.feed, number=number),
            "words.j2": TEMPLATE.format(number=number),
        }
        for name in self.chance.sample(sorted(texts), len(texts)):
            self.write(self.files[name], texts[name])

    def write(self, path: Path, text: str) -> None:
        """Write as one of several editors does: at once, in two pieces, or a new file in the old one's place."""
        manner = self.chance.choice(("whole", "pieces", "replaced"))
        if manner == "replaced":
            new = path.with_suffix(".new")
            new.write_text(text, "utf-8")
            new.replace(path)
            return
        with path.open("w", encoding="utf-8") as stream:
            cut = self.chance.randrange(len(text)) if manner == "pieces" else 0
            stream.write(text[:cut])
            stream.flush()
            threading.Event().wait(0.02 if cut else 0)
            stream.write(text[cut:])

    def edit(self, daemon: Daemon, number: int) -> None:
        """Make one edit, good or wrong, and wait until the daemon has said what it makes of it."""
        began = time.monotonic()
        self.outcome.edits += 1
        if self.chance.random() < 1 / 3:
            self.outcome.wrong += 1
            name = self.chance.choice(sorted(WRONG))
            self.write(self.files[name], self.chance.choice(WRONG[name]) + f"# {number}\n")
            self.outcome.unsaid += not self.until(lambda: name in daemon.ready()[1].get("reload", ""))
            self.outcome.used += self.at_work(daemon) != {self.stands}
        else:
            self.save(number)
            self.outcome.missed += not self.until(lambda: self.at_work(daemon) == {number})
            self.stands = number
        self.outcome.slowest = max(self.outcome.slowest, time.monotonic() - began)

    @staticmethod
    def at_work(daemon: Daemon) -> set[int]:
        """Return the versions of catalogue, watchlist, feeds and template that the daemon works with now."""
        watchlist, paper = daemon.pipeline.judges["desk"].watchlist, daemon.pipeline.channels["paper"]
        assert isinstance(paper, Console)
        (alias,) = watchlist.entities["someone"].aliases
        said = (watchlist.rules[0].name, daemon.config.feeds[0].name, paper._words(SAMPLE))
        return {WORDS.index(alias.text.removeprefix("Person ")), *(int(text.split()[1]) for text in said)}

    @staticmethod
    def until(holds: object, seconds: float = 30.0) -> bool:
        assert callable(holds)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if holds():
                return True
            threading.Event().wait(0.02)
        return False


def run(edits: int, seed: int) -> Outcome:
    """Run a campaign."""
    with tempfile.TemporaryDirectory(prefix="monitor-reload-") as name, Newsroom() as room, Receiver() as receiver:
        folder = Path(name)
        campaign = Campaign(folder, seed, room.url("north"))
        (folder / "monitor.yml").write_text(SETTINGS.format(folder=folder, receiver=receiver.url), "utf-8")
        daemon = Daemon(load_config(folder / "monitor.yml"), reload=lambda: load_config(folder / "monitor.yml"))
        done = threading.Event()
        load = threading.Thread(target=_publish, args=(room, done))
        try:
            daemon.start()
            load.start()
            number = 0
            for _ in range(edits):
                number = (number + 1) % len(WORDS)
                campaign.edit(daemon, number)
            campaign.until(lambda: not sum(daemon.store.pending_counts().values()))
        finally:
            done.set()
            load.join()
            _judge(daemon, campaign.outcome)
            daemon.stop()
    return campaign.outcome


def _publish(room: Newsroom, done: threading.Event) -> None:
    number = 0
    everyone = ", ".join(f"Person {word}" for word in WORDS)
    while not done.wait(0.3):
        number += 1
        room.publish("north", Item(f"a{number}", f"Meeting {number}", f"{everyone} met.", datetime.now(UTC)))


def _judge(daemon: Daemon, outcome: Outcome) -> None:
    """Count mixtures over everything that was judged."""
    for judgement in daemon.store.judgements("desk"):
        rules = {WORDS[int(decision.rule.removeprefix("rule "))] for decision in judgement.decisions}
        found = {
            mention.surface.removeprefix("Person ")
            for match in judgement.findings.matches
            for mention in match.mentions
        }
        outcome.judged += 1
        outcome.mixtures += len(rules | found) > 1 or not rules
    values = daemon.metrics.registry.get_sample_value
    outcome.taken = int(values("monitor_reloads_total", {"result": "taken"}) or 0)
    outcome.rejected = int(values("monitor_reloads_total", {"result": "rejected"}) or 0)
    outcome.failed = sum(daemon.store.status().failed.values()) + (daemon.crash is not None)


def main() -> int:
    """Run it from the command line and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    outcome = run(options.edits, options.seed)
    print(f"{outcome}, {time.monotonic() - began:.0f} s, {'clean' if outcome.clean else 'NOT CLEAN'}")
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
