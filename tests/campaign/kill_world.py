"""What the killed daemon watches: feeds that grow by news of three people, a rule for each, and settings."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from tests.campaign.warm import Clock
from tests.newsroom import Item, Newsroom

FEEDS = ("north", "south", "east")
SHARE = 0.08
"""The share of articles that each rule wants."""
KEY = "whsec_" + base64.b64encode(b"a key for the campaign only, yes").decode()
RULES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "at once": ("سيرغي لافروف", ("archive",)),
    "gathered": ("هاكان فيدان", ("archive", "ledger")),
    "over night": ("فلاديمير بوتين", ("ledger",)),
}
"""Whom each rule watches, and where it sends to."""
WATCHLIST = """
watchlist: Campaign
entities:
  lavrov: {{name: Sergey Lavrov, aliases: {{ar: سيرغي لافروف}}}}
  fidan: {{name: Hakan Fidan, aliases: {{ar: هاكان فيدان}}}}
  putin: {{name: Vladimir Putin, aliases: {{ar: فلاديمير بوتين}}}}
  extra: {{name: Extra Person, aliases: {{en: Extra Person {entities}}}}}
rules:
  - {{name: spare, when: extra, novelty: {{at_least: 0.{rules}}}, send_to: archive}}
  - {{name: at once, when: lavrov, novelty: {{at_least: 0}}, send_to: archive}}
  - {{name: gathered, when: fidan, novelty: {{at_least: 0}}, digest: {{at: {hours}}}, send_to: [archive, ledger]}}
  - {{name: over night, when: putin, novelty: {{at_least: 0}}, quiet: {{from: "00:00", to: "12:00"}}, send_to: ledger}}
"""
SETTINGS = """
database: sqlite:///{folder}/monitor.db
http: {{listen: "127.0.0.1:0"}}
feeds: [{folder}/feeds.yml]
watchlists: [{folder}/watchlists]
channels:
  archive: {{type: webhook, url: "{receiver}/archive", key: "secret:archive", allow_private: true}}
  ledger: {{type: webhook, url: "{receiver}/ledger", key: "secret:archive", allow_private: true}}
polling: {{workers: 4, parsers: 1, per_host: 4}}
retention: {{days: {days}}}
"""
PLACES = ["موسكو", "أنقرة", "بيروت", "القاهرة", "بغداد", "الرياض", "الدوحة", "تونس", "عمان", "دمشق"]
MATTERS = ["الاتفاق", "المشروع", "القرار", "البيان", "الاقتراح", "الجدول", "التقرير", "المؤتمر"]


class World:
    """Feeds, watchlist and settings in a folder. `wanted` are the articles of each rule, `articles` is their number."""

    def __init__(
        self, folder: Path, room: Newsroom, receiver: str, clock: Clock, days: int, chance: random.Random
    ) -> None:
        """`days` is how long articles are kept."""
        self.folder, self.room, self.clock, self.chance = folder, room, clock, chance
        self.wanted: dict[str, set[str]] = {rule: set() for rule in RULES}
        self.articles = 0
        self._version = 0
        self._said = {"entities": 0, "rules": 0}
        self.settings = folder / "monitor.yml"
        (folder / "watchlists").mkdir()
        for path, text in self.edited():
            path.write_text(text, encoding="utf-8")
        self.settings.write_text(SETTINGS.format(folder=folder, receiver=receiver, days=days), encoding="utf-8")

    def edited(self, part: Literal["entities", "rules"] = "entities") -> tuple[tuple[Path, str], ...]:
        """Return a new version of that part of the watchlist, and of the feeds: none differs in what is wanted."""
        self._version += 1
        self._said[part] = self._version % 10
        hours = json.dumps([f"{hour:02}:00" for hour in range(24)])
        every = max(1, round(self.clock.speed / 3))  # three times in a second as we know it
        feeds = [
            {"url": self.room.url(name), "name": name, "lang": "ar", "every": f"{every}s", "backfill": "all",
             "allow_private": True, "tags": [f"v{self._version}"]}
            for name in FEEDS
        ]  # fmt: skip
        return (
            (self.folder / "watchlists" / "campaign.yml", WATCHLIST.format(hours=hours, **self._said)),
            (self.folder / "feeds.yml", json.dumps({"feeds": feeds})),
        )

    def publish(self, count: int) -> None:
        """Let one feed grow by that many articles."""
        feed = self.chance.choice(FEEDS)
        for _ in range(count):
            self.articles += 1
            guid = f"article-{self.articles}"
            watched = [rule for rule in RULES if self.chance.random() < SHARE]
            for rule in watched:
                self.wanted[rule].add(guid)
            who = " و".join(RULES[rule][0] for rule in watched) or "مسؤول محلي"
            place, matter = self.chance.choice(PLACES), self.chance.choice(MATTERS)
            title = f"{who}: {matter} رقم {self.articles} في {place}"
            text = f"قال {who} في {place} إن {matter} {self.chance.randint(1, 10**9)} سيوقع غدا."
            self.room.publish(feed, Item(guid, title, text, self.clock()))

    def due(self) -> set[tuple[str, str, str]]:
        """Return what must arrive: path, rule and article."""
        return {
            (f"/{channel}", rule, article)
            for rule, articles in self.wanted.items()
            for channel in RULES[rule][1]
            for article in articles
        }
