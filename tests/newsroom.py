"""A newsroom on loopback: feeds that grow while they are polled, for timelines and campaigns."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any
from xml.sax.saxutils import escape

from monitor.demo.site import QuietServer

HEAD = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{name}</title>'
ITEM = (
    "<item><guid isPermaLink='false'>{guid}</guid><link>{url}</link><title>{title}</title>"
    "<description>{text}</description>{date}</item>"
)
WATCHLIST = """
watchlist: Desk
entities:
  lavrov: {name: Sergey Lavrov, aliases: {ar: سيرغي لافروف}}
rules:
  - {name: everything, when: lavrov, novelty: {at_least: 0}, send_to: archive}
"""
"""One person, of whom everything rings at once."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed, as RSS."""

    guid: str
    title: str
    text: str = ""
    published: datetime | None = None

    def rss(self, base: str) -> str:
        date = f"<pubDate>{format_datetime(self.published)}</pubDate>" if self.published else ""
        return ITEM.format(
            guid=escape(self.guid),
            url=f"{base}/a/{self.guid}",
            title=escape(self.title),
            text=escape(self.text),
            date=date,
        )


@dataclass(slots=True)
class _Feed:
    items: list[Item] = field(default_factory=list)
    status: int = 200
    raw: bytes | None = None
    polls: int = 0
    conditional: int = 0


def configure(folder: Path, watchlist: str, feeds: Sequence[str], receiver: str, polling: str) -> Path:
    """Write settings for a daemon that polls these feeds each second and sends to `archive` on the receiver."""
    (folder / "lists").mkdir()
    (folder / "lists" / "desk.yml").write_text(watchlist, encoding="utf-8")
    rows = [
        {
            "url": url,
            "name": url.rpartition("/")[2].removesuffix(".xml"),
            "lang": "ar",
            "every": "1s",
            "backfill": "all",
            "allow_private": True,
        }
        for url in feeds
    ]
    (folder / "feeds.yml").write_text(json.dumps({"feeds": rows}), encoding="utf-8")
    path = folder / "monitor.yml"
    path.write_text(
        f"database: sqlite:///{folder}/monitor.db\n"
        'http: {listen: "127.0.0.1:0"}\nfeeds: [feeds.yml]\nwatchlists: [lists]\n'
        f"polling: {polling}\n"
        f'channels: {{archive: {{type: webhook, url: "{receiver}/a", allow_private: true}}}}\n',
        encoding="utf-8",
    )
    return path


class Newsroom:
    """Serves `/NAME.xml` for every feed that was published to; `polled` waits for polls instead of sleeping."""

    def __init__(self, window: int = 300) -> None:
        """A feed shows its newest `window` items."""
        self._window = window
        self._feeds: dict[str, _Feed] = defaultdict(_Feed)
        self._changed = threading.Condition()
        handler = type("Bound", (_Handler,), {"room": self})
        self._server = QuietServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Newsroom:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, name: str) -> str:
        return f"{self.base}/{name}.xml"

    def publish(self, name: str, *items: Item) -> None:
        with self._changed:
            self._feeds[name].items.extend(items)

    def answer(self, name: str, *, status: int = 200, raw: bytes | None = None) -> None:
        with self._changed:
            self._feeds[name].status, self._feeds[name].raw = status, raw

    def polled(self, name: str, times: int, seconds: float = 30.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._feeds[name].polls >= times, seconds)

    def polls(self, name: str) -> int:
        with self._changed:
            return self._feeds[name].polls

    def serve(self, name: str, tag: str | None) -> tuple[int, bytes, str]:
        with self._changed:
            feed = self._feeds[name]
            feed.polls += 1
            self._changed.notify_all()
            current = f'"{len(feed.items)}"'
            if feed.status == 200 and feed.raw is None and tag == current:
                feed.conditional += 1
                return 304, b"", current
            if feed.raw is not None:
                return feed.status, feed.raw, ""
            body = (
                HEAD.format(name=name)
                + "".join(item.rss(self.base) for item in reversed(feed.items[-self._window :]))
                + "</channel></rss>"
            )
            return feed.status, body.encode(), current


class _Handler(BaseHTTPRequestHandler):
    room: Newsroom
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, body, tag = self.room.serve(
            self.path.strip("/").removesuffix(".xml"), self.headers.get("If-None-Match")
        )
        self.send_response(status)
        self.send_header("Content-Type", "application/rss+xml")
        if tag:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Stay silent."""
