"""The sample articles as feeds on loopback, with what real feeds do: formats, charsets, change, failure, 304.

Site -> one HTTP server; /<feed>.xml for each of OUTLETS
"""

from __future__ import annotations

import hashlib
import sys
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

from monitor.demo import samples
from monitor.demo.samples import Sample
from monitor.errors import InputError
from monitor.model import Article
from monitor.records import Feed

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ET.register_namespace("content", _CONTENT)


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented outlet: how its feed is written, and whether it answers at all."""

    id: str
    name: str
    lang: str
    country: str
    kind: str
    format: Literal["rss", "atom"] = "rss"
    charset: str = "utf-8"
    fails: bool = False


OUTLETS = (
    Outlet("almadar", "Al-Madar agency (sample)", "ar", "JO", "agency"),
    Outlet("addifaf", "Ad-Difaf (sample)", "ar", "IQ", "paper", charset="windows-1256"),
    Outlet("almaydan", "Al-Maydan (sample)", "ar", "LB", "portal", format="atom"),
    Outlet("zapiska", "Zapiska (sample)", "ru", "RU", "paper"),
    Outlet("bogaz", "Boğaz (sample)", "tr", "TR", "broadcaster", format="atom"),
    Outlet("kargozar", "Kargozar (sample)", "fa", "IR", "agency"),
    Outlet("levant", "Levant Desk (sample)", "en", "GB", "agency"),
    Outlet("hadath", "Al-Hadath al-Yawm (sample)", "ar", "EG", "portal", fails=True),
)
"""Every feed of the site: one in windows-1256, two in Atom, one that always fails; one with
articles of a later poll changes between polls."""


class Site:
    """Serves the sample feeds on a free port of 127.0.0.1 while the context is open."""

    def __init__(self, articles: Sequence[Sample] | None = None, *, named: bool = False) -> None:
        """Bind the port; `articles` are the samples to serve, by default those in the box. Raises InputError.

        With `named` the feeds' addresses carry the outlets' names, and only `resolve` knows where those are.
        """
        self._named = named
        articles = samples.load() if articles is None else articles
        stray = sorted({each.feed for each in articles} - {outlet.id for outlet in OUTLETS})
        if stray:
            raise InputError(f"no sample feed is called {', '.join(stray)}; see OUTLETS in monitor/demo/site.py")
        self._articles = {outlet.id: [each for each in articles if each.feed == outlet.id] for outlet in OUTLETS}
        self._polls: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._server = QuietServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="demo-site", daemon=True)

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def feeds(self) -> tuple[Feed, ...]:
        """The feeds as an operator would list them, allowed on loopback and alerting from their first poll on."""
        return tuple(
            Feed(
                url=self.url(outlet.id),
                name=outlet.name,
                lang=outlet.lang,
                country=outlet.country,
                kind=outlet.kind,
                backfill="all",
                allow_private=True,
            )
            for outlet in OUTLETS
        )

    def url(self, outlet: str) -> str:
        """Return the address of an outlet's feed."""
        host = f"{outlet}.example" if self._named else "127.0.0.1"
        return f"http://{host}:{self._server.server_address[1]}/{outlet}.xml"

    @staticmethod
    def resolve(host: str, port: int) -> list[str]:
        """Return this machine's address for the outlets' names, and for none other. Raises OSError as resolvers do."""
        if host == "127.0.0.1" or any(host == f"{outlet.id}.example" for outlet in OUTLETS):
            return ["127.0.0.1"]
        raise OSError(f"{host}:{port}: the demo has no network")

    def polls(self, url: str) -> int:
        """Return how often that address was asked for."""
        with self._changed:
            return self._polls[url]

    def wait_polls(self, times: int, timeout: float) -> bool:
        """Wait until every feed was asked for that often; False if `timeout` seconds pass first."""
        with self._changed:
            return self._changed.wait_for(
                lambda: all(self._polls[self.url(outlet.id)] >= times for outlet in OUTLETS), timeout
            )

    def answer(self, path: str) -> tuple[Outlet, bytes] | None:
        """Return the feed at `path` as its next poll shows it; None where there is none."""
        outlet = next((each for each in OUTLETS if f"/{each.id}.xml" == path), None)
        if outlet is None:
            return None
        with self._changed:
            url = self.url(outlet.id)
            self._polls[url] += 1
            shown = [each.article for each in self._articles[outlet.id] if each.poll <= self._polls[url]]
            self._changed.notify_all()
        return outlet, render(outlet, shown)


class QuietServer(ThreadingHTTPServer):
    """A server for which a client that hangs up, as a killed daemon does, is no event."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over broken connections; show anything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def render(outlet: Outlet, articles: Sequence[Article]) -> bytes:
    """Return the outlet's feed with these articles (oldest first as given), newest first as feeds have them."""
    newest = list(reversed(articles))
    root = _atom(outlet, newest) if outlet.format == "atom" else _rss(outlet, newest)
    # What the charset can't hold becomes a character reference, as publishing software does it.
    written: bytes = ET.tostring(root, encoding=outlet.charset, xml_declaration=True)
    return written


def _rss(outlet: Outlet, articles: Sequence[Article]) -> ET.Element:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    for name, text in (("title", outlet.name), ("link", f"https://{outlet.id}.example/"), ("language", outlet.lang)):
        ET.SubElement(channel, name).text = text
    ET.SubElement(channel, "description").text = f"Invented outlet, sample articles: {outlet.kind}"
    for article in articles:
        assert article.published is not None
        item = ET.SubElement(channel, "item")
        ET.SubElement(item, "title").text = article.title
        ET.SubElement(item, "link").text = article.url
        ET.SubElement(item, "guid", isPermaLink="false").text = article.id
        ET.SubElement(item, "pubDate").text = format_datetime(article.published)
        if article.summary:
            ET.SubElement(item, "description").text = escape(article.summary)
        ET.SubElement(item, f"{{{_CONTENT}}}encoded").text = _html(article.body or "")
    return root


def _atom(outlet: Outlet, articles: Sequence[Article]) -> ET.Element:
    root = ET.Element(f"{{{_ATOM}}}feed", {_XML_LANG: outlet.lang})
    ET.SubElement(root, f"{{{_ATOM}}}title").text = outlet.name
    ET.SubElement(root, f"{{{_ATOM}}}id").text = f"https://{outlet.id}.example/"
    for article in articles:
        assert article.published is not None
        entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
        ET.SubElement(entry, f"{{{_ATOM}}}title").text = article.title
        ET.SubElement(entry, f"{{{_ATOM}}}id").text = article.id
        ET.SubElement(entry, f"{{{_ATOM}}}link", href=article.url or "")
        ET.SubElement(entry, f"{{{_ATOM}}}published").text = article.published.isoformat()
        if article.summary:
            ET.SubElement(entry, f"{{{_ATOM}}}summary").text = article.summary
        ET.SubElement(entry, f"{{{_ATOM}}}content", type="html").text = _html(article.body or "")
    return root


def _html(body: str) -> str:
    """Return the text's paragraphs as publishing software would mark them up."""
    return "\n".join(f"<p>{escape(paragraph.strip())}</p>" for paragraph in body.split("\n\n") if paragraph.strip())


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    """Return a request handler that answers from this site."""

    class Handler(BaseHTTPRequestHandler):
        """One conditional GET of one feed."""

        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            """Answer 200 with the feed, 304 if the client has it, 404 or 500."""
            found = site.answer(self.path)
            if found is None:
                self._reply(404, b"no such feed", "text/plain")
            elif found[0].fails:
                self._reply(500, b"the content management system is down", "text/plain")
            else:
                outlet, body = found
                etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                fresh = self.headers.get("If-None-Match") == etag
                kind = f"application/{outlet.format}+xml"
                self._reply(304 if fresh else 200, b"" if fresh else body, kind, etag)

        def _reply(self, status: int, body: bytes, kind: str, etag: str | None = None) -> None:
            self.send_response(status)
            if status != 304:  # it has no body, and a length would be that of the body left out
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
            if etag:
                self.send_header("ETag", etag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Keep quiet: the demo prints what matters."""

    return Handler
