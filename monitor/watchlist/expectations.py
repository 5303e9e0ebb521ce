"""Tests that stand beside a watchlist: a text, and who must be found in it."""

from __future__ import annotations

from collections.abc import Collection

from monitor.model import Article, Expectation
from monitor.watchlist.reader import MAX_TEST_TEXT, Reader
from monitor.watchlist.rules import Known
from monitor.yamlfile import Listing, Mapping, Node, Scalar, nearest

TEST_KEYS = ("text", "title", "lang", "published", "source", "expect", "alerts", "why")


def expectations(reader: Reader, node: Node, known: Known, rules: Collection[str]) -> tuple[Expectation, ...]:
    """Read the list of tests."""
    if not isinstance(node, Listing):
        if not (isinstance(node, Scalar) and node.empty):
            reader.wrong(node.place, "tests must be a list", "begin each test with `- text: …`")
        return ()
    found = [_expectation(reader, item, known, rules) for item in node.items]
    return tuple(test for test in found if test is not None)


def _expectation(reader: Reader, node: Node, known: Known, rules: Collection[str]) -> Expectation | None:
    """Read one test; None where it is no mapping."""
    body = reader.mapping(node, "test", TEST_KEYS)
    if not isinstance(node, Mapping):
        return None
    values = {child.key: child.value for child in body}
    for key, fix in (("text", "add `text: …`"), ("expect", "add `expect: [lavrov]`, or `expect: []` for nobody")):
        if key not in values and not (key == "text" and "title" in values):
            reader.wrong(node.place, f"test has no {key}", fix)
    entities = [known.entity(reader, item) for item in _items(values["expect"])] if "expect" in values else []
    return Expectation(
        article=_article(reader, node, values),
        expect=tuple(dict.fromkeys(entity for entity in entities if entity is not None)),
        why=reader.text(values["why"], "why", 1_000) if "why" in values else "",
        alerts=_alerts(reader, values["alerts"], rules) if "alerts" in values else None,
        line=node.place.line,
    )


def _article(reader: Reader, node: Node, values: dict[str, Node]) -> Article:
    """Build the article that the test speaks of; its text is the body."""
    language = reader.text(values["lang"], "lang") if "lang" in values else ""
    if language and not reader.language(language, values["lang"].place):
        language = ""
    return Article(
        id=f"test-{node.place.line}",
        source=reader.text(values["source"], "source") if "source" in values else "test",
        url=None,
        published=reader.moment(values["published"], "published") if "published" in values else None,
        lang=language or None,
        title=reader.text(values["title"], "title", 1_000) if "title" in values else "",
        body=reader.text(values["text"], "text", MAX_TEST_TEXT, lines=True) if "text" in values else None,
    )


def _alerts(reader: Reader, node: Node, rules: Collection[str]) -> tuple[str, ...]:
    """Read the names of the rules that must be satisfied."""
    found = []
    for item in _items(node):
        name = reader.text(item, "rule")
        if name and name not in rules:
            reader.wrong(item.place, f"unknown rule {name!r}", nearest(name, rules, "rules here"))
        elif name:
            found.append(name)
    return tuple(dict.fromkeys(found))


def _items(node: Node) -> tuple[Node, ...]:
    """Return a list's items; a single value is a list of one."""
    return node.items if isinstance(node, Listing) else (node,)
