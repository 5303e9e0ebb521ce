"""OPML, the feed readers' exchange format: folders become tags, and our own keys travel as attributes."""

from __future__ import annotations

import io
import xml.sax.saxutils
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

from monitor.errors import Problem
from monitor.feeds import address
from monitor.records import Feed

if TYPE_CHECKING:
    from lxml import etree

MAX_DEPTH = 30
MAX_OUTLINES = 100_000


def read_opml(data: bytes, file: str, problems: list[Problem]) -> list[tuple[Feed, Problem]]:
    """Read the feeds of an OPML file, each with its place; what is wrong is added to `problems`."""
    from lxml import etree  # noqa: PLC0415 - 4 MB that a daemon without OPML has no use for

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        message = f"not well-formed XML: {error.msg}"
        problems.append(Problem(file, max(line, 1), max(column, 1), message, "export the list again"))
        return []
    body = root.find("body")
    if root.tag != "opml" or body is None:
        problems.append(Problem(file, 1, 1, "this XML is no OPML list", "give an OPML export, or a YAML list"))
        return []
    found: list[tuple[Feed, Problem]] = []
    seen: set[str] = set()
    for outline, folders in _walk(body):
        feed, place = _feed(outline, folders, file, problems)
        if feed is not None and feed.url not in seen:  # readers list a feed once in each folder
            seen.add(feed.url)
            found.append((feed, place))
    return found


def write_opml(feeds: Iterable[Feed], title: str = "Feeds") -> str:
    """Return an OPML document; a feed stands in the folder of its first tag, and keeps all of them."""
    folders: dict[str, list[Feed]] = {}
    for feed in feeds:
        folders.setdefault(feed.tags[0] if feed.tags else "", []).append(feed)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines.append(f"  <head><title>{xml.sax.saxutils.escape(_legal(title))}</title></head>")
    lines.append("  <body>")
    for tag, members in folders.items():
        inside = [_outline(feed) for feed in members]
        if tag:
            lines.append(f"    <outline text={_quoted(tag)}>")
            lines.extend(f"      {line}" for line in inside)
            lines.append("    </outline>")
        else:
            lines.extend(f"    {line}" for line in inside)
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def write_yaml(feeds: Iterable[Feed]) -> str:
    """Return the feeds as a YAML list that `config.load` reads back."""
    rows = [_row(feed) for feed in feeds]
    out = io.StringIO()
    writer = YAML()
    writer.allow_unicode = True
    writer.width = 200
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump({"feeds": rows}, out)
    return out.getvalue()


def duration(value: timedelta) -> str:
    """Return a duration as `config.parse_duration` reads it."""
    seconds = int(value.total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % length == 0 and seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def _walk(body: etree._Element) -> list[tuple[etree._Element, tuple[str, ...]]]:
    """Return every outline that names a feed, with the folders above it."""
    found: list[tuple[etree._Element, tuple[str, ...]]] = []
    stack = [(child, ()) for child in reversed(body)]  # type: list[tuple[etree._Element, tuple[str, ...]]]
    while stack and len(found) < MAX_OUTLINES:
        outline, folders = stack.pop()
        if outline.tag != "outline":
            continue
        if outline.get("xmlUrl"):
            found.append((outline, folders))
        name = _one_line(outline.get("text") or outline.get("title") or "")
        inner = (*folders, name) if name and not outline.get("xmlUrl") and len(folders) < MAX_DEPTH else folders
        stack.extend((child, inner) for child in reversed(outline))
    return found


def _feed(
    outline: etree._Element, folders: Sequence[str], file: str, problems: list[Problem]
) -> tuple[Feed | None, Problem]:
    """Make one feed of an outline."""
    url = (outline.get("xmlUrl") or "").strip()
    if url.startswith("feed:"):
        url = url.removeprefix("feed:").removeprefix("//")
        url = url if url.startswith("http") else f"https://{url}"
    line = int(getattr(outline, "sourceline", None) or 1)
    wrong = address.problem(url)
    if wrong is not None:
        problem = Problem(file, line, 1, f"this address can't be polled: {wrong[1]}", "correct or remove the outline")
        problems.append(problem)
        return None, problem
    categories = [part.strip().strip("/") for part in (outline.get("category") or "").split(",")]
    tags = tuple(dict.fromkeys(tag for tag in (*folders, *categories) if tag))
    name = _one_line(outline.get("title") or outline.get("text") or url)[:200]
    lang = (outline.get("language") or "").strip().lower() or None
    return Feed(url=url, name=name, tags=tags, lang=lang), Problem(file, line, 1, url)


def _outline(feed: Feed) -> str:
    """Return one feed's outline."""
    name = _quoted(feed.name)
    parts = [f'<outline type="rss" text={name} title={name} xmlUrl={_quoted(feed.url)}']
    if feed.tags:
        parts.append(f"category={_quoted(','.join(tag.replace(',', ' ') for tag in feed.tags))}")
    if feed.lang:
        parts.append(f"language={_quoted(feed.lang)}")
    return " ".join(parts) + "/>"


def _row(feed: Feed) -> dict[str, object]:
    """Return the keys of a feed that differ from their defaults; a secret stays a name."""
    row: dict[str, object] = {"url": feed.url, "name": feed.name}
    for key in ("lang", "country", "kind", "ca", "state_owned"):
        if getattr(feed, key) is not None:
            row[key] = getattr(feed, key)
    for key in ("fulltext", "paused", "allow_private"):
        if getattr(feed, key):
            row[key] = True
    if feed.tags:
        row["tags"] = list(feed.tags)
    if feed.every is not None:
        row["every"] = duration(feed.every)
    if feed.backfill != "none":
        row["backfill"] = feed.backfill
    if feed.headers:
        row["headers"] = dict(feed.headers)
    return row


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _legal(text: str) -> str:
    """Return the text without characters that XML can't hold."""
    return "".join(letter for letter in _one_line(text) if letter >= " " and not 0xD800 <= ord(letter) <= 0xDFFF)


def _quoted(text: str) -> str:
    return xml.sax.saxutils.quoteattr(_legal(text))
