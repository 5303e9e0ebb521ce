"""Long texts set aside: the same entries come out, and feedparser had less to read."""

from __future__ import annotations

import pytest

from monitor.feeds import aside
from monitor.feeds.aside import LONG, MARK, Aside
from monitor.feeds.extract import read
from monitor.records import Entry
from tests.feeds.builders import item, rss

WORDS = "قال المتحدث باسم الوزارة إن المحادثات ستستمر في العاصمة خلال الأسبوع المقبل. " * 5
MOJIBAKE = ("Réunion à Genève, où l'on négocie. " * 10).encode().decode("iso-8859-1")
DAMAGED = "It\x92s a \x93quoted\x94 word in windows-1252, somewhere. " * 8


def entries(document: str, url: str = "https://news.example.org/rss") -> list[Entry]:
    return read(document.encode("utf-8", "surrogatepass"), None, url).entries


def of_text(element: str, text: str) -> str:
    long = f"<{element}><![CDATA[{text}]]></{element}>"
    return rss(item(1, description=None).replace("</item>", f"{long}</item>"), item(2))


TEXTS = {
    "paragraphs": f"<p>{WORDS}</p><p>{WORDS}</p>",
    "plain words": WORDS,
    "a comparison": f"{WORDS} 3 < 4 and 5 > 4",
    "a comparison and a reference": f"{WORDS} 3 < 4 &amp; so on",
    "references": f"{WORDS}&eacute;&#1605;&nbsp;&amp;lt;b&gt;",
    "an element of its own": f"<odd>{WORDS}</odd>",
    "double UTF-8": MOJIBAKE,
    "windows-1252 controls": DAMAGED,
    "line ends": WORDS.replace(" ", "\r\n"),
    "controls": f"{WORDS}\x08\u202e\u0085",
    "a link": f'<a href="/relative?a=1&b=2">{WORDS}</a>',
    "an opening within": f"{WORDS}<description><![CDATA[{WORDS}",
    "a script": f"<script>{WORDS}</script>seen",
    "letters as base64 has them": "QUJD" * 100,
}


@pytest.mark.parametrize("element", ["description", "content:encoded", "summary"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_set_aside_or_not_the_entries_are_the_same(element: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes back is what feedparser would have given for the whole text."""
    document = of_text(element, text)
    found = entries(document)
    monkeypatch.setattr(aside, "LONG", 10**9)
    assert found == entries(document)
    assert len(found) == 2


@pytest.mark.parametrize(
    "attributes",
    [' type="html"', ' type="text"', " type='xhtml'", ' mode="base64"', ' type="image/png"', ' xml:lang="ar"'],
)
def test_atom_contents_are_the_same(attributes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An Atom content is set aside only where it is text as it stands; whatever it is, it reads the same."""
    content = f"<content{attributes}><![CDATA[{TEXTS['paragraphs']}]]></content>"
    entry = f"<entry><id>urn:1</id><title>A title of this entry</title>{content}</entry>"
    document = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{entry}</feed>'
    found = entries(document)
    monkeypatch.setattr(aside, "LONG", 10**9)
    assert found == entries(document)


def test_feedparser_does_not_see_a_long_text() -> None:
    """An item is as short as its other fields, and the text comes back whole."""
    whole = of_text("description", WORDS)
    kept = Aside(whole)
    assert len(kept.take(whole)) < len(whole) - LONG
    assert kept.back(kept.take(whole)) == whole.replace(WORDS, WORDS.strip())


def test_a_document_that_uses_the_mark_is_left_alone() -> None:
    """Nobody can make a feed read another text by writing marks."""
    document = of_text("description", f"{MARK}0{MARK}{WORDS}")
    assert Aside(document).take(document) == document
    (first, _) = entries(document)
    assert "المحادثات" in (first.body or first.summary or "")


def test_a_text_set_aside_is_never_an_identity() -> None:
    """Where a broken feed nests its text in its guid, no mark comes out as a guid, title or address."""
    nested = f"<guid><description><![CDATA[{WORDS}]]></description></guid><link>{WORDS}</link>"
    for entry in entries(rss(f"<item><title>A title that is long enough</title>{nested}</item>")):
        assert MARK not in repr(entry)
