"""The Arabic charset table, and the other charsets that a declaration may rightly name."""

from __future__ import annotations

import codecs
import itertools

import pytest

from monitor.feeds.charset import decode
from monitor.feeds.parse import ParserPool

LONG = (
    "قال وزير الخارجية إن المحادثات بشأن التسوية ستستأنف الأسبوع المقبل في العاصمة، وأضاف أن الوفود اتفقت على جدول "
    "الأعمال. وأكد المتحدث أن بلاده تدعم كل الجهود الرامية إلى وقف إطلاق النار."
)
SHORT = "عاجل: وصول الوفد الروسي"
CHARSETS = ("utf-8", "windows-1256", "iso-8859-6")
DECLARED = (None, *CHARSETS, "iso-8859-1", "iso-8859-2", "windows-1252", "windows-1251", "nonsense")
BAD = {"utf-8": b"\xff", "windows-1256": b"\x81", "iso-8859-6": b"\xff"}


def feed(text: str, charset: str | None) -> str:
    """Return a feed of one item, with a declaration."""
    declaration = f' encoding="{charset}"' if charset else ""
    return (
        f'<?xml version="1.0"{declaration}?><rss version="2.0"><channel><title>Example news</title><item>'
        f"<title>{text}</title><link>http://example.org/1.html</link><description>{text}</description></item>"
        "</channel></rss>"
    )


@pytest.mark.parametrize("text", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("damage", ["none", "one bad byte", "one byte lost"])
def test_arabic_is_read_right_whatever_is_declared(text: str, charset: str, damage: str) -> None:
    """Rightly, wrongly or not declared, in the document or the header, with or without one bad byte."""
    for document, header in itertools.product(DECLARED, DECLARED):
        body = feed(text, document).encode(charset)
        start = body.index(b"<item><title>") + len(b"<item><title>")
        if damage == "one bad byte":
            body = body[: start + 4] + BAD[charset] + body[start + 4 :]
        elif damage == "one byte lost":
            body = body[: start + 7] + body[start + 8 :]
        found = decode(body, f"text/xml; charset={header}" if header else "text/xml")
        assert f"<description>{text}</description>" in found.text, (document, header, found.charset)
        if charset == "utf-8" and damage != "none":
            assert found.damaged >= 1


@pytest.mark.parametrize("text", ["قال", "“yes”", "café"])
@pytest.mark.parametrize("document", [None, "utf-8", "iso-8859-1"])
def test_one_bad_byte_does_not_recode_a_feed_of_few_letters(text: str, document: str | None) -> None:
    """UTF-8 that is nearly all ASCII stays UTF-8 beside a server's default charset, and the loss is counted."""
    body = feed(text, document).encode().replace(b"<item><title>", b"<item><title>\xff")
    found = decode(body, "text/xml; charset=iso-8859-1")
    assert f"<title>\ufffd{text}</title>" in found.text
    assert (found.charset, found.damaged) == ("utf-8", 1)


def test_arabic_that_says_utf8_is_still_known_by_its_letters() -> None:
    """Letters and commas of windows-1256 that happen to be whole characters of UTF-8 do not make the rest UTF-8."""
    text = "لا، ما، هنا، قال؛ لماذا؟"
    assert text in decode(feed(text, "utf-8").encode("windows-1256"), None).text


@pytest.mark.parametrize("text", ["مصر", "قال", "خبر عاجل", "عاجل مصر", "قمة في عمان", SHORT])
@pytest.mark.parametrize("charset", CHARSETS)
def test_few_letters_are_read_right_or_the_doubt_is_told(text: str, charset: str) -> None:
    """Where a headline is too short to show its charset, whatever is declared, a wrong reading does not go unsaid."""
    for document, header in itertools.product(DECLARED, DECLARED):
        body = feed(text, document).encode(charset)
        found = decode(body, f"text/xml; charset={header}" if header else None)
        right = f"<description>{text}</description>" in found.text
        assert right or found.damaged or found.overruled or found.guessed, (document, header, found.charset)


def test_doubt_about_the_charset_is_noted(pool: ParserPool) -> None:
    """Headlines that may be misread are told to the operator."""
    for declared in (None, "iso-8859-1"):
        body = feed("خبر" if declared else LONG, declared).encode("windows-1256")
        parsed = pool.parse(body, None, "http://example.org/f")
        assert any("not surely" in note for note in parsed.notes)


def test_loss_and_false_declarations_are_reported(pool: ParserPool) -> None:
    """What could not be read, and who was wrong, stands in the notes."""
    body = feed(LONG, "iso-8859-1").encode()
    parsed = pool.parse(body.replace("المقبل".encode(), b"\xff\xfe"), None, "http://example.org/f")
    assert parsed.damaged >= 1
    assert parsed.charset == "utf-8"
    assert any("could not be read" in note for note in parsed.notes)
    assert any("declared as" in note for note in parsed.notes)


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("windows-1251", "Министр иностранных дел заявил, что переговоры продолжатся на следующей неделе"),
        ("koi8-r", "Министр иностранных дел заявил, что переговоры продолжатся"),
        ("iso-8859-5", "Министр иностранных дел заявил, что переговоры продолжатся"),
        ("windows-1254", "Dışişleri Bakanı görüşmelerin gelecek hafta süreceğini söyledi"),
        ("iso-8859-9", "Dışişleri Bakanı görüşmelerin gelecek hafta süreceğini söyledi"),
        ("windows-1252", "Le ministre a déclaré que l’été prochain, à Genève, les délégués se réuniront – où ça ?"),
        ("iso-8859-1", "Größe für die Außenminister: Gespräche über Flüchtlinge"),
        ("iso-8859-1", "Été à Genève : « où\u00a0? »"),
        ("iso-8859-1", "ça, c'est l'été\u00a0»"),
        ("windows-1254", "Gün"),
        ("windows-1251", "Да"),
        ("iso-8859-2", "Minister oświadczył, że rozmowy będą trwały w przyszłym tygodniu"),
        ("gb2312", "外交部长表示谈判将于下周继续进行"),
        ("shift_jis", "外務大臣は来週も交渉が続くと述べた"),
        ("euc-jp", "外務大臣は来週も交渉が続くと述べた"),
        ("euc-kr", "외무장관은 협상이 다음 주에도 계속될 것이라고 말했다"),
        ("big5", "外交部長表示談判將於下週繼續進行"),
        ("iso-8859-7", "Ο υπουργός εξωτερικών δήλωσε ότι οι συνομιλίες"),
        ("windows-1255", "שר החוץ אמר כי השיחות יימשכו בשבוע הבא"),
        ("utf-16", "قال وزير الخارجية إن المحادثات مستمرة"),
        ("utf-32", "قال وزير الخارجية إن المحادثات مستمرة"),
    ],
)
def test_rightly_declared_charsets_are_followed(charset: str, text: str) -> None:
    """Knowing Arabic well must not make everything Arabic."""
    body = feed(text, charset).encode(charset)
    for header in (None, f"text/xml; charset={charset}"):
        found = decode(body, header)
        assert text in found.text
        assert (found.overruled, found.guessed) == (None, False)


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r"])
def test_russian_without_declaration_is_read(charset: str) -> None:
    """Cyrillic in one byte is as plain to see as Arabic."""
    text = "Министр иностранных дел заявил, что переговоры продолжатся на следующей неделе"
    assert text in decode(feed(text, None).encode(charset), None).text


@pytest.mark.parametrize("start", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_byte_order_mark_wins(start: bytes) -> None:
    """Whatever is declared, a mark says what follows."""
    name = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}[start]
    assert LONG in decode(start + feed(LONG, "iso-8859-1").encode(name), "text/xml; charset=koi8-r").text


@pytest.mark.parametrize(
    "label", ["zip", "rot13", "base64", "punycode", "idna", "unicode_escape", "mbcs", "../x", "🙂"]
)
def test_what_is_no_charset_is_ignored(label: str) -> None:
    """Python's other codecs are no charsets, and are never run on a feed."""
    assert decode(feed(SHORT, None).encode(), f"text/xml; charset={label}").text == feed(SHORT, None)


def test_any_bytes_become_text() -> None:
    """Every byte string is read as something."""
    for body in (b"", b"\xff", bytes(range(256)), b"\xff\xfe", b"<\x00", b"\x00" * 9):
        assert isinstance(decode(body, None).text, str)
