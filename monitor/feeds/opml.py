"""OPML, the feed readers' exchange format: folders become tags, and our own keys travel as attributes of a namespace.

A header's value stays here unless it is the name of a secret. A list may come from anybody: what sends secrets, reads a
file or reaches a private host is taken only from one that is said to be our own.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import xml.sax.saxutils
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from monitor.errors import Problem
from monitor.records import Feed

if TYPE_CHECKING:
    from lxml import etree

MAX_DEPTH = 30
MAX_OUTLINES = 100_000
NAMESPACE = "urn:entity-monitor:feed"
_HARMLESS = ("country", "kind", "every", "backfill", "state_owned", "fulltext", "paused")
_TRUSTED = ("headers", "ca", "allow_private")
_TRUTH = {"true": True, "false": False}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$")
_ILLEGAL = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_opml(data: bytes, file: str, problems: list[Problem], *, own: bool) -> list[tuple[dict[str, Any], int]]:
    """Read an OPML file as rows of a feed list, each with its line; what is wrong is added to `problems`.

    `own` says that the file is our own export, whose feeds may use secrets, files and private hosts.
    """
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
    found: dict[str, tuple[dict[str, Any], int]] = {}
    for outline, folders in _walk(body):
        row, line = _read_row(outline, folders), int(getattr(outline, "sourceline", None) or 1)
        if not own and (wanted := [name for name in _TRUSTED if name in row]):
            message = f"{row['url']} wants {', '.join(wanted)}, which no stranger's list may have"
            fix = "`monitor feeds import --own` takes our own export; else write the feed in a YAML list"
            problems.append(Problem(file, line, 1, message, fix))
        else:
            found.setdefault(row["url"], (row, line))  # readers list a feed once in each folder
    return list(found.values())


def write_opml(feeds: Iterable[Feed], title: str = "Feeds") -> str:
    """Return an OPML document; a feed stands in the folder of its first tag, and keeps all of them."""
    folders: dict[str, list[Feed]] = {}
    for feed in feeds:
        folders.setdefault(_tags(feed)[0] if feed.tags else "", []).append(feed)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<opml version="2.0" xmlns:monitor="{NAMESPACE}">']
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


def _read_row(outline: etree._Element, folders: Sequence[str]) -> dict[str, Any]:
    """Return what an outline says, as a row of a YAML list would."""
    url = (outline.get("xmlUrl") or "").strip()
    if url.startswith("feed:"):
        url = url.removeprefix("feed:").removeprefix("//")
        url = url if url.startswith("http") else f"https://{url}"
    categories = [part.strip().strip("/") for part in (outline.get("category") or "").split(",")]
    row: dict[str, Any] = {"url": url, "tags": list(dict.fromkeys(tag for tag in (*folders, *categories) if tag))}
    if name := _one_line(outline.get("title") or outline.get("text") or "")[:200]:
        row["name"] = name
    lang = (outline.get("language") or "").strip().lower()
    if _LANGUAGE.match(lang):  # other readers write what they like there
        row["lang"] = lang
    given = {key: outline.get(f"{{{NAMESPACE}}}{key}") for key in (*_HARMLESS, *_TRUSTED)}
    return row | {key: _value(key, text) for key, text in given.items() if text is not None}


def _value(key: str, text: str) -> object:
    """Return an attribute as YAML would give it; what is none of its kind stays text, and is a mistake."""
    if key == "headers":
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(text)
    return _TRUTH.get(text, text) if key in {"state_owned", "fulltext", "paused", "allow_private"} else text


def _outline(feed: Feed) -> str:
    """Return one feed's outline."""
    name = _quoted(feed.name)
    parts = [f'<outline type="rss" text={name} title={name} xmlUrl={_quoted(feed.url)}']
    if feed.tags:
        parts.append(f"category={_quoted(','.join(_tags(feed)))}")
    if feed.lang:
        parts.append(f"language={_quoted(feed.lang)}")
    row = _row(feed) | {"headers": {name: text for name, text in feed.headers.items() if text.startswith("secret:")}}
    for key in (*_HARMLESS, *_TRUSTED):
        if row.get(key) not in (None, {}):
            value = row[key] if isinstance(row[key], str) else json.dumps(row[key])
            parts.append(f"monitor:{key}={_quoted(str(value))}")
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


def _tags(feed: Feed) -> list[str]:
    """Return the feed's tags as a list with commas can hold them."""
    return [tag.replace(",", " ") for tag in feed.tags]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _legal(text: str) -> str:
    """Return the text without characters that XML can't hold."""
    return _ILLEGAL.sub("", _one_line(text))


def _quoted(text: str) -> str:
    return xml.sax.saxutils.quoteattr(_legal(text))
