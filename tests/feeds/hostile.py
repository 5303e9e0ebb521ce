# ruff: noqa: E501  # a table: one input a line
"""The hostile set: what strangers can send, each with what it must give.

A case gives either a reason of `parse.REASONS`, or the number of entries and whether the document is partial. Every
one of them took a parser, a regular expression or a stripper of markup down somewhere, or would if it could.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

from tests.feeds.builders import item, rss

GOOD = item(1)
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{}</feed>'
ENTRY = "<entry><id>urn:x:{0}</id><title>Entry number {0} of this feed</title>{1}</entry>"


@dataclass(frozen=True)
class Case:
    """One input; `gives` is a reason, or (entries, partial). `also` lists other reasons that are as good."""

    name: str
    body: Callable[[], bytes]
    gives: str | tuple[int, bool]
    content_type: str | None = None
    also: tuple[str, ...] = ()


def _case(
    name: str,
    body: bytes | str | Callable[[], bytes | str],
    gives: str | tuple[int, bool],
    content_type: str | None = None,
    also: tuple[str, ...] = (),
) -> Case:
    def make() -> bytes:
        value = body() if callable(body) else body
        return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")

    return Case(name, make, gives, content_type, also)


def _item(inner: str) -> str:
    return f"<item><title>A title that is long enough</title>{inner}</item>"


LOL = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))

# fmt: off
NOT_FEEDS = [
    _case("nothing", b"", "empty"),
    _case("blanks", b" \r\n\t" * 1000, "empty"),
    _case("zeros", bytes(1_000_000), "empty"),
    _case("a path", b"/etc/passwd", "not-feed"),
    _case("a device", b"/dev/zero", "not-feed"),
    _case("an address", b"http://127.0.0.1:9/feed", "not-feed"),
    _case("a file address", b"file:///etc/passwd", "not-feed"),
    _case("a web page", b"<!DOCTYPE html><html><head><title>x</title></head><body>x</body></html>", "html"),
    _case("a page without doctype", b"<html><body><p>x</p></body></html>", "html"),
    _case("a page in capitals", b"<HTML><BODY>x</BODY></HTML>", "html"),
    _case("a script", b"<script>alert(1)</script>", "html"),
    _case("plain words", b"The server is being repaired.", "not-feed"),
    _case("an image", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100, "not-feed"),
    _case("a gzip file", b"\x1f\x8b\x08\x00" + bytes(range(256)) * 10, "not-feed", also=("empty",)),
    _case("a sitemap", b"<urlset><url><loc>http://example.org/</loc></url></urlset>", "not-feed"),
    _case("an outline list", b'<opml version="1.0"><body/></opml>', "not-feed"),
    _case("a number", b"12345", "not-feed"),
    _case("JSON that is no feed", b'{"items": 5}', "not-feed"),
    _case("JSON that breaks off", b'{"version": "https://jsonfeed.org/version/1", "items": [', "not-feed"),
    _case("JSON list", b"[1, 2, 3]", "not-feed"),
    _case("only a less-than", b"<" * 100_000, "not-feed"),
]

DEEP = [
    _case("nested tags", lambda: rss("<a>" * 50_000 + "</a>" * 50_000), "hostile"),
    _case("4 MB of nested tags", lambda: rss("<a>" * 1_400_000), "hostile"),
    _case("nesting inside an item", lambda: rss(f"<item>{'<x>' * 1000}{'</x>' * 1000}</item>"), "hostile"),
    _case("nested items", lambda: rss("<item>" * 1000 + "</item>" * 1000), "hostile"),
    _case("nested entries", lambda: ATOM.format("<entry>" * 1000 + "</entry>" * 1000), "hostile"),
    _case("deep JSON", lambda: '{"items":' + "[" * 100_000 + "]" * 100_000 + "}", "hostile"),
    _case("deep JSON objects", lambda: '{"items":[' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "]}", "hostile"),
    _case("nested xhtml", lambda: ATOM.format(ENTRY.format(1, f'<content type="xhtml">{"<div>" * 900}x</content>')), "hostile", also=("not-feed",)),
]

WIDE = [
    _case("attributes on the root", lambda: "<rss " + " ".join(f'a{n}="1"' for n in range(30_000)) + f"><channel>{GOOD}</channel></rss>", "hostile"),
    _case("one long attribute", lambda: f'<rss x="{"a" * 500_000}"><channel>{GOOD}</channel></rss>', "hostile"),
    _case("namespaces in bulk", lambda: "<rss " + " ".join(f'xmlns:n{n}="u{n}"' for n in range(5_000)) + f"><channel>{GOOD}</channel></rss>", "hostile"),
    _case("a long tag name", lambda: f"<rss><channel><{'a' * 100_000}>{GOOD}</channel></rss>", "hostile"),
    _case("siblings without items", lambda: rss("<a/>" * 300_000), "hostile"),
    _case("siblings before an item", lambda: rss("<category>x</category>" * 50_000 + GOOD), "hostile"),
    _case("siblings in an item", lambda: rss(_item("<category>x</category>" * 20_000), GOOD), (1, True)),
    _case("an item of 2 MB", lambda: rss(_item(f"<description>{'word ' * 400_000}</description>"), GOOD), (1, True)),
    _case("text outside items", lambda: rss("x" * 1_500_000 + GOOD), "hostile"),
    _case("text without items", lambda: rss("word " * 300_000), "hostile"),
    _case("20,000 items", lambda: rss(*(item(n % 90) for n in range(20_000))), (2000, True)),
    _case("100,000 tiny items", lambda: rss("<item><title>t</title></item>" * 100_000), (2000, True)),
    _case("20,000 entries", lambda: ATOM.format("".join(ENTRY.format(n, "") for n in range(20_000))), (2000, True)),
    _case("20,000 JSON items", lambda: '{"version":"https://jsonfeed.org/version/1","items":[' + ",".join(f'{{"id":"{n}","title":"t"}}' for n in range(20_000)) + "]}", (2000, True)),
]

SLOW = [
    _case("encoding= repeated", lambda: '<?xml version="1.0" ' + 'encoding="' * 4000 + f"?>{rss(GOOD, xml='')}", (1, False), also=("not-feed",)),
    _case("newlines before the root", lambda: "\n" * 42_000 + rss(GOOD), (1, False)),
    _case("newlines after the prolog", lambda: rss(GOOD, xml='<?xml version="1.0"?>' + "\n" * 100_000), (1, False)),
    _case("spaces in the prolog", lambda: rss(GOOD, xml="<?xml" + " " * 100_000 + 'version="1.0"?>'), (1, False)),
    _case("a long style", lambda: rss(_item(f"<description>&lt;p style=\"{'a' * 66_000}\"&gt;text of it&lt;/p&gt;</description>")), (1, False)),
    _case("a style of rules", lambda: rss(_item("<description><![CDATA[<p style=\"" + "a:b;" * 20_000 + "!\">text</p>]]></description>")), (1, False)),
    _case("a long author", lambda: rss(_item(f"<author>{'a' * 66_000}</author>")), (1, False)),
    _case("a long creator", lambda: rss(_item(f"<dc:creator>{'a.' * 200_000}</dc:creator>")), (1, False)),
    _case("a long author in CDATA", lambda: rss(_item(f"<author><![CDATA[{'a' * 200_000}]]></author>")), (1, False)),
    _case("a long managing editor", lambda: rss(GOOD, head=f"<managingEditor>{'a-' * 100_000}</managingEditor>"), (1, False)),
    _case("1 MB of categories", lambda: rss(_item("".join(f"<category>c{n}</category>" for n in range(4_000)))), (1, False)),
    _case("tags in one list", lambda: rss(_item(f"<tags>{','.join(str(n) for n in range(100_000))}</tags>")), (1, False)),
    _case("itunes keywords", lambda: rss(_item(f"<itunes:keywords>{' '.join(f'k{n}' for n in range(100_000))}</itunes:keywords>")), (1, False)),
    _case("ampersands", lambda: rss(_item(f"<description>{'&' * 300_000}</description>")), (1, False)),
    _case("half references", lambda: rss(_item(f"<description>{'&#' * 300_000}</description>")), (1, False)),
    _case("a reference of a million digits", lambda: rss(_item(f"<description>&#{'9' * 900_000};</description>")), (1, False)),
    _case("escaped tags unclosed", lambda: rss(_item(f"<description>{'&lt;b' * 150_000}</description>")), (1, False)),
    _case("unclosed paragraphs", lambda: rss(_item(f"<description><![CDATA[{'<i></p>' * 120_000}]]></description>")), (1, False)),
    _case("unclosed comments in html", lambda: rss(_item(f"<description><![CDATA[{'<!--' * 200_000}]]></description>")), (1, False)),
    _case("unclosed quotes in html", lambda: rss(_item(f"<description><![CDATA[{'<a href=' + chr(34)}{'<' * 300_000}]]></description>")), (1, False)),
    _case("unclosed doctypes", lambda: rss(_item(f"<description><![CDATA[{'<!DOCTYPE ' * 90_000}]]></description>")), (1, False)),
    _case("comments that never close", lambda: rss(GOOD + "<!-- " * 200_000), (1, True)),
    _case("CDATA that never closes", lambda: rss(GOOD + "<![CDATA[" * 100_000), (1, True)),
    _case("instructions that never close", lambda: rss(GOOD + "<?x " * 200_000), (1, True)),
    _case("a date of 1 MB", lambda: rss(_item(f"<pubDate>{'1 ' * 200_000}</pubDate>")), (1, False)),
    _case("a title of 900 KB", lambda: rss(f"<item><title>{'word ' * 180_000}</title></item>"), (1, False)),
    _case("a guid of 900 KB", lambda: rss(_item(f"<guid>{'g' * 900_000}</guid>")), (1, False)),
    _case("a link of 900 KB", lambda: rss(_item(f"<link>http://example.org/{'l/' * 450_000}</link>")), (1, False)),
    _case("relative dots", lambda: rss(_item(f"<link>{'../' * 100_000}x</link>")), (1, False)),
    _case("base64 content", lambda: ATOM.format(ENTRY.format(1, f'<content mode="base64">{"QUFB" * 100_000}</content>')), (1, False)),
    _case("an image every word", lambda: rss(_item(f"<description><![CDATA[{'<img src=x> word ' * 50_000}]]></description>")), (1, False)),
    _case("JSON number of 900 KB", lambda: f'{{"items":[{{"id":{"9" * 900_000},"title":"A title long enough"}}]}}', (1, False)),
    _case("JSON strings of quotes", lambda: '{"items":[{"id":"1","title":"A title long enough","x":"' + '\\"' * 400_000 + '"}]}', (1, False)),
    _case("JSON quote left open", lambda: '{"items":["' + '\\"' * 400_000, "not-feed"),
]

ENTITIES = [
    _case("billion laughs", f"<!DOCTYPE rss [{LOL}]>" + rss(_item("<description>&l9;</description>"), xml=""), (1, False)),
    _case("quadratic blowup", lambda: f'<!DOCTYPE rss [<!ENTITY a "{"a" * 100_000}">]>' + rss(_item(f"<description>{'&a;' * 30_000}</description>"), xml=""), (1, False)),
    _case("external entity", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(_item("<description>&x;</description>"), xml=""), (1, False)),
    _case("parameter entity", '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]>' + rss(GOOD, xml=""), (1, False)),
    _case("external DTD", '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">' + rss(GOOD, xml=""), (1, False)),
    _case("entities in bulk", lambda: "<!DOCTYPE rss [" + "".join(f'<!ENTITY e{n} "v">' for n in range(50_000)) + "]>" + rss(GOOD, xml=""), (1, False), also=("hostile",)),
    _case("xinclude", rss(_item('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>')), (1, False)),
    _case("stylesheet", rss(GOOD, xml='<?xml version="1.0"?><?xml-stylesheet href="file:///etc/passwd"?>'), (1, False)),
]

BROKEN = [
    _case("cut in an item", rss(GOOD, item(2))[:-180], (1, True)),
    _case("cut in a tag", rss(GOOD, item(2)).partition("<item><title>Ministers agree on point number 2")[0] + "<ite", (1, True)),
    _case("cut after an item", '<?xml version="1.0"?><rss version="2.0"><channel>' + GOOD, (1, True)),
    _case("cut inside CDATA", rss(GOOD) .replace("</channel></rss>", "") + "<item><title><![CDATA[half of a", (1, True)),
    _case("control characters", rss(item(1, "Bell \x07 and null \x00 and escape \x1b here")), (1, False)),
    _case("lone surrogates", rss(item(1, "A half of a pair \ud800 stands here")), (1, False)),
    _case("no closing tags at all", "<rss><channel><item><title>A title that is long enough", (1, True), also=("not-feed",)),
    _case("crossed tags", rss("<item><title>A title that is long enough</item></title>", GOOD), (2, False)),
    _case("an item that closes the channel", rss("<item><title>A title that is long enough</title></channel></rss></item>", GOOD), (2, False), also=("partial",)),
    _case("undeclared prefixes", rss(_item("<media:x><foo:bar>1</foo:bar></media:x>")), (1, False)),
    _case("undefined references", rss(_item("<description>caf&eacute;&nbsp;&bogus; &amp; &</description>")), (1, False)),
    _case("doctype in the middle", rss(GOOD + "<!DOCTYPE x [<!ENTITY a 'b'>]>" + item(2)), (2, False)),
    _case("two documents", rss(GOOD) + rss(item(2)), (2, False), also=("partial",)),
    _case("junk before the document", "Warning: mysql_connect() failed on line 3\n" + rss(GOOD), (1, False)),
    _case("a byte order mark twice", codecs.BOM_UTF8 * 2 + rss(GOOD).encode(), (1, False)),
    _case("UTF-16 without mark", rss(GOOD, xml="").encode("utf-16-le"), (1, False)),
    _case("UTF-7 by declaration", rss(GOOD, xml='<?xml version="1.0" encoding="utf-7"?>'), (1, False)),
    _case("a codec that is no charset", rss(GOOD, xml='<?xml version="1.0" encoding="zip"?>'), (1, False), "text/xml; charset=rot13"),
    _case("a charset of 1 MB", rss(GOOD), (1, False), "text/xml; charset=" + "x" * 1_000_000),
    _case("base outside", rss(GOOD).replace("<rss ", '<rss xml:base="file:///etc/" '), (1, False)),
    _case("javascript links", rss(_item("<link>javascript:alert(1)</link>")), (1, False)),
    _case("items without anything", rss("<item></item>" * 3), (3, False)),
]

CASES = (*NOT_FEEDS, *DEEP, *WIDE, *SLOW, *ENTITIES, *BROKEN)
