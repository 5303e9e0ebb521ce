"""A feed's text, taken apart before any parser sees it: a linear guard against what hangs parsers, and its items.

    text -> head | items | gaps | tail -> (only the items that are wanted) -> a document that is whole again

The scan knows four things: comments, CDATA, tags and the elements named `item` or `entry`. It looks at every
character a bounded number of times. What is truncated keeps its complete items; what is hostile raises ParseError.
Pure; runs in the parser's worker.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from html.entities import html5

from monitor.errors import ParseError

MAX_DEPTH = 200
MAX_TAG = 16_384
MAX_ATTRIBUTES = 200
MAX_TAGS_OUTSIDE = 20_000
MAX_TAGS_ITEM = 10_000
MAX_TAGS = 400_000
MAX_ITEM = 1_000_000
MAX_OUTSIDE = 1_000_000
MAX_ITEMS = 2_000
MAX_REPEATED = 100
MAX_PERSON = 400

_TOKEN = re.compile(
    r"<(?:(?P<cdata>!\[CDATA\[)|(?P<comment>!--)|(?P<pi>\?)|(?P<end>/?)(?P<name>[A-Za-z_][\w.:-]{0,80}+)(?P<rest>[^<>]*+)>?)"
)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_BARE = re.compile(r"&(?!(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});)")
_ENTITY = re.compile(r"""<!ENTITY\s{1,20}([A-Za-z][\w.-]{0,40})\s{1,20}["']([^"'<>&%]{0,200})["']\s{0,20}>""")
_REPEATED = re.compile(r"<(?:[\w.-]{1,20}:)?(?:category|tags|keywords|subject)[\s/>]", re.IGNORECASE)
_PERSON = re.compile(
    r"(<(?:[\w.-]{1,20}:)?(?:author|creator|contributor|publisher|managingEditor|webMaster|owner|name|email)\b[^<>]{0,200}>)"
    rf"((?:<!\[CDATA\[)?)([^<]{{{MAX_PERSON}}})[^<\]]*+",
    re.IGNORECASE,
)
_UNREAD = re.compile(
    r"<((?:[\w.-]{1,20}:)?(?:category|tags|keywords|subject|enclosure|comments|commentRss|thumbnail))(?:\s[^<>]*+|/)?"
    r"(?:(?<=/)>|>(?:<!\[CDATA\[[^<\]]*+\]\]>|[^<]*+)</\1>)"
)
_XML_OWN = frozenset(("lt;", "gt;", "amp;", "quot;", "apos;", "LT;", "GT;", "AMP;", "QUOT;"))
_ITEM_NAMES = frozenset(("item", "entry"))


@dataclass(slots=True)
class Document:
    """A feed's parts, in its own letters. `open` are the names of the elements that enclose its items."""

    head: str = ""
    items: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    tail: str = ""
    open: list[str] = field(default_factory=list)
    root: str = ""
    partial: bool = False
    notes: list[str] = field(default_factory=list)

    def with_items(self, items: list[str]) -> str:
        """Return a whole document that holds these items only."""
        return "".join((_prolog(self.head), self._body_head(), *self.gaps, *items, self.tail))

    def bare(self) -> Document:
        """Return a document with only the tags that enclose the items."""
        tags = {token["name"]: token[0] for token in _TOKEN.finditer(self.head) if token["name"] and not token["end"]}
        tail = "".join(f"</{name}>" for name in reversed(self.open))
        return Document(head="".join(tags.get(name, f"<{name}>") for name in self.open), tail=tail, open=self.open)

    def _body_head(self) -> str:
        """Return the head from its root element on."""
        start = re.search(r"<[A-Za-z_]", self.head)
        return self.head[start.start() :] if start else self.head


def mark(item: str) -> str:
    """Return a short hash of one item's text: the same text need not be parsed twice."""
    return hashlib.blake2b(item.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def split(text: str) -> Document:
    """Take a feed apart. Raises ParseError (empty, html, not-feed, hostile)."""
    text = _ILLEGAL.sub("", text).strip()
    if not text:
        raise ParseError("empty", "the answer is empty")
    scan = _Scan(text)
    scan.run()
    document = scan.document
    _judge_root(document, text)
    if not document.items and scan.outside > MAX_OUTSIDE:
        raise ParseError("hostile", f"more than {MAX_OUTSIDE} characters without a complete item")
    return document


def _judge_root(document: Document, text: str) -> None:
    """Refuse what is plainly something else than a feed."""
    root = document.root.rpartition(":")[2].lower()
    if root in {"html", "head", "body", "script"} or text[:200].lower().startswith("<!doctype html"):
        raise ParseError(
            "html", "this is a web page, not a feed; `monitor feeds discover` finds the feeds that it names"
        )
    if not root:
        raise ParseError("not-feed", "this is no XML and no JSON feed")


class _Scan:
    """One pass over the text. Positions only grow, so that no input makes it look back."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.document = Document()
        self.outside = 0
        self._depth = 0
        self._stack: list[str] = []
        self._tags_here = 0
        self._tags = 0
        self._item: tuple[str, int] | None = None
        self._nested = 0
        self._copied = 0
        self._size = 0

    def run(self) -> None:
        """Walk over all tokens and settle what is left."""
        position = 0
        while position >= 0:
            token = _TOKEN.search(self.text, position)
            if token is None or len(self.document.items) > MAX_ITEMS:
                break
            position = self._step(token)
            if self._item is not None and self._item[1] == token.start() and (end := self._short_item(token.end())):
                self._close_item(end)
                position = end
        self._finish(cut=position < 0)

    def _short_item(self, start: int) -> int:
        """Return the end of an item that no token needs to be looked at for, or 0.

        It is short, holds no other, and too few tags and attributes to trip any guard; nothing hides its end tag.
        """
        assert self._item is not None
        close = f"</{self._item[0]}>"
        end = self.text.find(close, start, start + MAX_TAG)
        inner = self.text[start:end]
        if (
            end < 0
            or inner.count("<") >= MAX_DEPTH
            or inner.count("=") > MAX_ATTRIBUTES
            or inner.rfind("<![CDATA[") > inner.rfind("]]>")
            or any(hiding in inner for hiding in ("<!--", "<?", f"<{self._item[0]}"))
        ):
            return 0
        return end + len(close)

    def _step(self, token: re.Match[str]) -> int:
        """Deal with one token; return where to go on, or -1 where something never ends."""
        if token["name"]:
            self._tag(token)
            return token.end()
        close = "]]>" if token["cdata"] else "-->" if token["comment"] else "?>"
        found = self.text.find(close, token.end())
        return -1 if found < 0 else found + len(close)

    def _tag(self, token: re.Match[str]) -> None:
        """Count, guard, and notice items."""
        self._guard(token)
        name = token["name"]
        is_item = name.rpartition(":")[2].lower() in _ITEM_NAMES
        if token["end"]:
            self._depth = max(0, self._depth - 1)
            self._end(name, token, is_item)
        elif not token["rest"].endswith("/"):
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise ParseError("hostile", f"elements are nested more than {MAX_DEPTH} deep")
            self._start(name, token, is_item)

    def _guard(self, token: re.Match[str]) -> None:
        """Refuse tags of monstrous size or number."""
        self._tags += 1
        self._tags_here += 1
        rest = token["rest"]
        if len(rest) > MAX_TAG or (len(rest) > 2 * MAX_ATTRIBUTES and rest.count("=") > MAX_ATTRIBUTES):
            raise ParseError("hostile", f"a tag <{token['name'][:40]}> of {len(rest)} characters")
        if self._tags > MAX_TAGS or (self._item is None and self._tags_here > MAX_TAGS_OUTSIDE):
            raise ParseError("hostile", "more elements than any feed has")

    def _start(self, name: str, token: re.Match[str], is_item: bool) -> None:
        if not self.document.root:
            self.document.root = name
        if self._item is None:
            if is_item and self._stack:
                self._open_item(name, token)
            elif not self.document.open:
                self._stack.append(name)
        elif name == self._item[0]:
            self._nested += 1

    def _end(self, name: str, token: re.Match[str], is_item: bool) -> None:
        if self._item is None:
            if not self.document.open and name in self._stack[-MAX_DEPTH:]:
                while self._stack.pop() != name:
                    pass
        elif is_item and name == self._item[0]:
            if self._nested:
                self._nested -= 1
            else:
                self._close_item(token.end())

    def _open_item(self, name: str, token: re.Match[str]) -> None:
        """Begin an item; what stands before it belongs to the head, or between items."""
        if not self.document.open:
            self.document.open = list(self._stack)
            self.document.head = self.text[: token.start()]
            self.outside += token.start()
        elif self._copied < token.start():
            gap = self.text[self._copied : token.start()]
            self.outside += len(gap)
            if gap.strip():
                self.document.gaps.append(gap)
        self._copied = token.start()
        self._item = (name, token.start())
        self._nested = 0
        self._depth = 0
        self._tags_here = 0
        if self.outside > MAX_OUTSIDE:
            raise ParseError("hostile", f"more than {MAX_OUTSIDE} characters outside its items")

    def _close_item(self, end: int) -> None:
        """Keep a complete item, unless it is too large to be read."""
        assert self._item is not None
        start = self._item[1]
        if end - start > MAX_ITEM or self._tags_here > MAX_TAGS_ITEM:
            self.document.notes.append(f"an item of {end - start} characters was left out")
            self.document.partial = True
        else:
            self.document.items.append(self.text[start:end])
        self._item = None
        self._copied = end
        self._depth = 0
        self._tags_here = 0

    def _finish(self, *, cut: bool) -> None:
        """Settle the end: a whole tail, or one made from the names that are open."""
        document = self.document
        if len(document.items) > MAX_ITEMS:
            document.items = document.items[:MAX_ITEMS]
            document.notes.append(f"more than {MAX_ITEMS} items: the first ones were taken")
            document.partial = True
        rest = self.text[self._copied :]
        if not document.open:
            document.head = self.text
            self.outside = len(self.text)
            return
        closed = rest.rfind("</") >= 0 and self._item is None and not cut
        if closed and not document.partial and len(rest) < 65_536:
            document.tail = rest
        else:
            document.tail = "".join(f"</{name}>" for name in reversed(document.open))
        if not document.items and self._item is not None:
            document.head, document.tail, document.open = self.text, "", []
            self.outside = len(self.text)
        if self._item is not None or cut or not closed:
            document.partial = True
            document.notes.append("the feed breaks off: its complete items were taken")


def _prolog(head: str) -> str:
    """Return a prolog of our own: UTF-8, and of a document type only its harmless entities."""
    start = re.search(r"<[A-Za-z_]", head)
    old = head[: start.start()] if start else ""
    entities = _ENTITY.findall(old[:20_000])[:100]
    netscape = ' PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "x"' if "netscape" in old[:2000].lower() else ""
    inner = "".join(f'<!ENTITY {name} "{value}">\n' for name, value in entities)
    doctype = f"<!DOCTYPE rss [\n{inner}]>\n" if inner else f"<!DOCTYPE rss{netscape}>\n" if netscape else ""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{doctype}'


def mend(item: str) -> str:
    """Make one item (or head) bearable for a strict parser, without changing what it says.

    HTML's named characters become characters, a bare ampersand is escaped; overlong persons and heaps of categories,
    which feedparser handles in quadratic time, are cut. Plain elements that nothing here reads are left out.
    """
    item = _REFERENCE.sub(_named, _UNREAD.sub("", item))
    if "&" in item:
        item = "<![CDATA[".join(_outside_cdata(piece, index > 0) for index, piece in enumerate(item.split("<![CDATA[")))
    if len(_REPEATED.findall(item)) > MAX_REPEATED or _has_long_list(item):
        item = _without_lists(item)
    return _PERSON.sub(r"\1\2\3", item)


def _named(match: re.Match[str]) -> str:
    """Return the character of an HTML name, unless XML knows the name itself."""
    name = match[1]
    return match[0] if name in _XML_OWN else html5.get(name, match[0])


def _outside_cdata(piece: str, begins_inside: bool) -> str:
    """Escape bare ampersands in the part of a piece that is not CDATA."""
    if not begins_inside:
        return _BARE.sub("&amp;", piece)
    inside, end, after = piece.partition("]]>")
    return inside + end + _BARE.sub("&amp;", after)


_LIST = re.compile(
    r"<((?:[\w.-]{1,20}:)?(?:category|tags|keywords|subject))\b[^<>]*+>(?:<!\[CDATA\[)?([^<]*+)(?:</\1>)?",
    re.IGNORECASE,
)


def _has_long_list(item: str) -> bool:
    """Tell whether one list of keywords is too long to be one."""
    return any(len(match[2]) > 2_000 for match in _LIST.finditer(item))


def _without_lists(item: str) -> str:
    """Drop all categories and keywords: nothing here reads them."""
    return _LIST.sub("", item)
