"""What three daemons watch together, and the receiver that notes who sent what from when to when."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.demo.receiver import Plan, Receiver
from tests.campaign.warm import Clock
from tests.newsroom import Item, Newsroom

FEEDS = ("north", "south", "east")
REFUSED = 0.1
WATCHLIST = """
watchlist: Shared
entities:
  orlova: {name: Anna Orlova, aliases: {en: Anna Orlova}}
rules:
  - {name: new, when: orlova, novelty: {at_least: 0.5}, send_to: archive}
  - {name: everything, when: orlova, novelty: {at_least: 0}, send_to: ledger}
"""
SETTINGS = """
database: {database}
http: {{listen: "127.0.0.1:0"}}
feeds: [../feeds.yml]
watchlists: [../watchlists]
channels:
  archive: {{type: webhook, url: "{receiver}/{number}/archive", allow_private: true}}
  ledger: {{type: webhook, url: "{receiver}/{number}/ledger", allow_private: true}}
polling: {{workers: 1, parsers: 1, per_host: 4}}
"""
DEEDS = [
    "opened",
    "sold",
    "won",
    "closed",
    "signed",
    "left",
    "bought",
    "visited",
    "founded",
    "painted",
    "lost",
    "praised",
    "blamed",
    "repaired",
]
SYLLABLES = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "dar", "fen", "gil", "hos", "jun"]


@dataclass(slots=True)
class Message:
    """One message as the receiver saw it: from its arrival to the end of the answer, in monotonic seconds."""

    daemon: int
    channel: str
    id: str
    begun: float
    ended: float
    accepted: bool
    body: dict[str, Any]


class Slow(Receiver):
    """Takes its time, refuses a share of the messages, and notes when each came and went."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self._chance, self._one = random.Random(seed), threading.Lock()

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Plan, str]:
        begun = time.monotonic()
        with self._one:
            wait, refused = self._chance.choice((0.0, 0.02, 0.1)), self._chance.random() < REFUSED
        self.closing.wait(wait)
        plan = Plan(500) if refused else Plan()
        _, number, channel = path.split("/")
        ended = time.monotonic()
        if len(body) < int(headers["content-length"]):
            return Plan(400), "cut"  # the sender died while it spoke
        message = Message(int(number), channel, headers["webhook-id"], begun, ended, plan.accepts, json.loads(body))
        with self._one:
            self.messages.append(message)
        return plan, "ok"


class World:
    """Feeds and watchlist in a folder, and one story after the other."""

    def __init__(self, folder: Path, room: Newsroom, clock: Clock, chance: random.Random) -> None:
        self.folder, self.room, self.clock, self.chance = folder, room, clock, chance
        self.stories = 0
        self.guids: set[str] = set()
        (folder / "watchlists").mkdir()
        (folder / "watchlists" / "shared.yml").write_text(WATCHLIST, encoding="utf-8")
        every = round(clock.speed / 2)  # twice in a second as we know it
        feeds = [
            {
                "url": room.url(name),
                "name": name,
                "lang": "en",
                "every": f"{every}s",
                "backfill": "all",
                "allow_private": True,
            }
            for name in FEEDS
        ]
        (folder / "feeds.yml").write_text(json.dumps({"feeds": feeds}), encoding="utf-8")

    @property
    def articles(self) -> int:
        return len(self.guids)

    def settings(self, number: int, database: str, receiver: str) -> Path:
        """Write the settings of one daemon: of its own are only the addresses that it sends to."""
        own = self.folder / f"daemon-{number}"
        own.mkdir()
        path = own / "monitor.yml"
        path.write_text(SETTINGS.format(database=database, receiver=receiver, number=number), encoding="utf-8")
        return path

    def publish(self) -> None:
        """Give one story to all outlets at once, word for word; now and then as one and the same article."""
        self.stories += 1
        words = [self._word() for _ in range(14)]
        deed = self.chance.choice(DEEDS)
        title = f"Anna Orlova {deed} {words[0]} {words[1]} in {words[2].title()}"
        first = f"Anna Orlova {deed} the {words[0]} {words[1]} of {words[2].title()}."
        text = f"{first} {words[3].title()} {' '.join(words[4:9])} {self.chance.randint(2, 900)} {' '.join(words[9:])}."
        same = self.chance.random() < 0.3
        for name in FEEDS:
            guid = f"story-{self.stories}-{'same' if same else name}"
            self.guids.add(guid)
            self.room.publish(name, Item(guid, title, text, self.clock()))

    def _word(self) -> str:
        return "".join(self.chance.choices(SYLLABLES, k=4))
