"""A loopback server of many feeds in one asyncio process: latency, 304, and one new entry a round, as asked.

    python -m tests.bench.feeds_site FEEDS ENTRIES LATENCY_MS      prints its port; the round is set by GET /round/N

Every feed has a loopback address of its own, as feeds have hosts of their own; its entries are made of our own Arabic
sentences. Documents are made before the clock runs, so that the server takes little of the machine.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import UTC, datetime, timedelta
from functools import lru_cache

SENTENCES = (
    "قال الوزير إن المحادثات بين الوفدين ستستمر خلال الأسبوع المقبل في العاصمة بعد اتفاق الجانبين على جدول أعمال جديد "
    "وأضاف المتحدث أن الحكومة تتابع تنفيذ القرار مع الدول المجاورة وأن اللجنة المشتركة ستعقد اجتماعها قبل نهاية الشهر "
    "وأكد المسؤول أن التعاون في مجال الطاقة والنقل يخدم مصالح الشعبين ويعزز الاستقرار في المنطقة كلها"
)
WORDS = SENTENCES.split()
START = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@lru_cache(maxsize=100_000)
def item(feed: int, number: int) -> str:
    """Return one entry with a title, a summary and a body of some 1,500 letters in markup."""
    chance = random.Random(feed * 1000 + number)
    title = " ".join(chance.choices(WORDS, k=9))
    body = "".join(f"<p>{' '.join(chance.choices(WORDS, k=60))}</p>" for _ in range(4))
    when = (START + timedelta(minutes=number)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    link = f"https://feed{feed}.example.org/news/{number}.html?utm_source=rss"
    return (
        f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{feed}-{number}</guid>"
        f"<pubDate>{when}</pubDate><description><![CDATA[{body[:300]}]]></description>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded><category>سياسة</category></item>"
    )


def document(feed: int, entries: int, newest: int) -> bytes:
    """Return a feed whose newest entry has that number."""
    items = "".join(item(feed, number) for number in range(newest, newest - entries, -1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>موقع {feed}</title><link>https://feed{feed}.example.org/</link><language>ar</language>"
        f"{items}</channel></rss>"
    ).encode()


def url(port: int, feed: int) -> str:
    """Return where a feed stands."""
    return f"http://127.{1 + (feed >> 16)}.{feed >> 8 & 255}.{feed & 255}:{port}/feed/{feed}"


class Site:
    """The server's state: the round, and whether it knows validators."""

    def __init__(self, feeds: int, entries: int, latency: float) -> None:
        self.latency = latency
        self.round = 0
        self.documents = [[document(feed, entries, entries + more) for feed in range(feeds)] for more in (0, 1)]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests on one connection until it ends."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                writer.write(await self.answer(path, head.lower()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, path: str, head: str) -> bytes:
        """Return one answer, after the latency."""
        if path.startswith("/round/"):
            self.round = int(path.rsplit("/", 1)[1])
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        await asyncio.sleep(self.latency)
        tag = f'"r{self.round}"'
        if f"if-none-match: {tag}" in head:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
        body = self.documents[self.round][int(path.rsplit("/", 1)[1])]
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {tag}\r\nContent-Length: {len(body)}"
        return head.encode() + b"\r\n\r\n" + body


async def main() -> None:
    """Serve until stdin ends."""
    feeds, entries, latency = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000
    site = Site(feeds, entries, latency)
    server = await asyncio.start_server(site.handle, "0.0.0.0", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
