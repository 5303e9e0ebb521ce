"""Which letters the bytes are: our own decision, because one bad byte must never recode the rest. Pure.

    byte order mark -> valid UTF-8 -> plainly Arabic (or Cyrillic) in one byte -> declared (header, document) -> U+FFFD

UTF-8 with a few damaged bytes stays UTF-8: each damaged sequence becomes U+FFFD, and the loss is counted.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

_DECLARED = re.compile(rb"""encoding\s{0,20}=\s{0,20}["']([A-Za-z0-9._:-]{1,40})["']""")
_HTML_DECLARED = re.compile(rb"""charset\s{0,20}=\s{0,20}["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s{0,20}=\s{0,20}["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Labels that mean something else than they say: servers' defaults and the supersets that browsers read them as.
_SUPERSETS = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "windows-31j": "cp932",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-mac-cyrillic": "mac_cyrillic",
}
# Only text encodings that a feed may name; anything else Python knows (zip, rot13, punycode) is no charset.
_KNOWN = re.compile(
    r"(utf[_-]?(8|16|32)([_-]?[bl]e)?|utf[_-]?7|cp\d{3,5}|windows-\d{3,4}|iso-?8859-\d{1,2}|iso-2022-jp|koi8-[ru]|"
    r"gb18030|big5(-hkscs)?|euc-jp|mac_cyrillic|tis-620|johab|hz|ptcp154)$"
)
_MOSTLY = 0.6


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the charset it was read as, and how many damaged places it has; `overruled` names a false declaration.

    `guessed`: nothing declares the charset, or the few letters there are would look as well in another one.
    """

    text: str
    charset: str
    damaged: int = 0
    overruled: str | None = None
    guessed: bool = False


def decode(body: bytes, content_type: str | None) -> Decoded:
    """Read a feed's bytes as text. Never fails; what could not be read is U+FFFD and counted."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _lossy(body[len(mark) :], name)
    wide = _wide(body)
    if wide is not None:
        return _lossy(body, wide)
    declared = _declared(body, content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _not_utf8(body, declared)
    first = declared[0] if declared else "utf-8"
    if first in {"iso2022_jp", "hz", "utf-7"} and body.isascii():
        return _lossy(body, first)
    return Decoded(text, "utf-8", 0, None if first == "utf-8" or body.isascii() else first)


def _not_utf8(body: bytes, declared: tuple[str, ...]) -> Decoded:
    """Decide for bytes that are not valid UTF-8: nearly UTF-8, as declared, Arabic in one byte, or damaged."""
    candidate = body.decode("utf-8", "replace")
    damaged = candidate.count("\ufffd")
    multibyte = len(candidate) - damaged - len(body.translate(None, _HIGH))
    if multibyte >= damaged:  # another charset's bytes make a whole character of UTF-8 only here and there
        return Decoded(candidate, "utf-8", damaged, _other(declared, "utf-8"))
    named = [name for name in declared if name != "utf-8"]
    guess = _guess(body, named)
    if guess is not None:
        return _chosen(body, _lossy(body, guess), declared)
    for name in named:
        read = _lossy(body, name)
        if read.damaged * 50 <= len(read.text):
            return _chosen(body, read, declared)
    return Decoded(candidate, "utf-8", damaged, _other(declared, "utf-8"))


def _chosen(body: bytes, read: Decoded, declared: tuple[str, ...]) -> Decoded:
    """Say of a reading what it overruled, and whether it was a guess."""
    guessed = read.charset not in declared or _doubtful(body[:400_000], read.charset)
    return replace(read, overruled=_other(declared, read.charset), guessed=guessed)


def _other(declared: tuple[str, ...], used: str) -> str | None:
    """Return the declaration that was not followed, if there was one."""
    return declared[0] if declared and declared[0] != used else None


def _guess(body: bytes, named: list[str]) -> str | None:
    """Return the one-byte charset of Arabic or Cyrillic that these bytes are in, if they plainly are in one.

    Arabic declared as Latin, or as the other Arabic charset, shows in its letters: read rightly it is made of common
    letters in their usual shares, read wrongly of accents, capitals and symbols.
    """
    high = body[:400_000].translate(None, _ASCII)
    runs = sum(len(run) for run in _RUN.findall(body[:400_000]))
    if len(high) < 8 or runs < 0.6 * len(high) or any(name in _WIDE for name in named):
        return None  # Latin letters with accents stand alone among plain ones; whole words of high bytes do not
    scores = {name: _share(high, name) for name in _LETTERS}
    best = max(scores, key=lambda name: (scores[name], name in named, _frequent(high, name)))
    if scores[best] < _MOSTLY:
        return None
    rivals = [name for name in named if name not in _LETTERS]
    return None if any(_reads_as_words(high, body, name) for name in rivals) else best


def _doubtful(body: bytes, name: str) -> bool:
    """Tell whether the bytes, read as that charset, would be words as well in another: too few letters to tell."""
    high = body.translate(None, _ASCII)
    runs = sum(len(run) for run in _LETTER_RUN.findall(body))
    if not high or runs < 0.6 * len(high) or name in _WIDE:
        return False
    own = _share(high, name) if name in _LETTERS else _MOSTLY
    if not any(_share(high, other) >= own for other in _LETTERS if other != name):
        return False
    return name in _LETTERS or not _reads_as_words(high, body, name)


_ASCII, _HIGH = bytes(range(0x80)), bytes(range(0x80, 0x100))
_RUN = re.compile(rb"[\x80-\xff]{3,}")
_LETTER_RUN = re.compile(rb"[\xc0-\xff]{3,}")  # a French quotation mark with its blank and an accent is no word
_WIDE = frozenset(("utf-16-le", "utf-16-be", "gb18030", "big5", "big5hkscs", "cp932", "cp949", "euc_jp", "johab"))
# What makes up nine tenths of the text, and the letters of half of it; a wrong one-byte reading spreads over the rest.
_ARABIC = (
    frozenset("اأإآةىؤئبتجحخدذرزسشصضطظعغفقكلمنهوي،؛؟ءـًٌٍَُِّْ\u00a0«»–—“”’‘…"),
    frozenset("االيمنورتبعدسهة"),
)
_CYRILLIC = (frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїє\u00a0«»–—“”…№"), frozenset("оеаинтсрвлкмд"))
_LETTERS = {"cp1256": _ARABIC, "iso8859-6": _ARABIC, "cp1251": _CYRILLIC, "koi8-r": _CYRILLIC}


def _share(high: bytes, name: str) -> float:
    """Return how usual the letters are (0..1) when the bytes are read as that charset; 0 where many can't be."""
    text = high.decode(name, "replace")
    if text.count("\ufffd") * 20 > len(text):
        return 0.0
    usual = sum(letter in _LETTERS[name][0] for letter in text) / len(text)
    return 0.5 * usual + 0.5 * min(1.0, _frequent(high, name) / 0.55)


def _frequent(high: bytes, name: str) -> float:
    """Return the share of the letters that make up half of all text in that charset's languages."""
    text = high.decode(name, "replace")
    return sum(letter in _LETTERS[name][1] for letter in text) / len(text)


def _reads_as_words(high: bytes, body: bytes, name: str) -> bool:
    """Tell whether a declared charset that is not Arabic explains the bytes: Cyrillic, Greek or Latin words.

    Latin languages have accents among plain letters; Arabic read as Latin has hardly a plain letter beside one.
    """
    text = body[:400_000].decode(name, "replace")
    if re.search(r"[\u0370-\u03ff\u0400-\u04ff\u0590-\u05ff\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af]", text):
        letters = sum(1 for letter in high.decode(name, "replace") if letter.isalpha())
        return letters > 0.9 * len(high) and _word_like(text)
    accents = re.findall(r"[\u00c0-\u024f]", text)
    beside = re.findall(r"[A-Za-z][\u00c0-\u024f]|[\u00c0-\u024f][A-Za-z]", text)
    return len(beside) > 0.5 * len(accents)


def _word_like(text: str) -> bool:
    """Tell whether capitals begin words, as in Cyrillic and Greek; in Arabic misread they stand anywhere."""
    inner = len(re.findall(r"[\u0370-\u04ff][\u0391-\u03a9\u0410-\u042f]", text))
    words = len(re.findall(r"[\u0370-\u04ff]{2,40}", text)) or 1
    return inner < 0.5 * words


def _wide(body: bytes) -> str | None:
    """Recognise UTF-16 and UTF-32 without a byte order mark by the zeros around the first `<`."""
    start = body[:4]
    table = {b"<\0\0\0": "utf-32-le", b"\0\0\0<": "utf-32-be"}
    if start in table:
        return table[start]
    if start[:2] == b"<\0" and start[3:4] == b"\0":
        return "utf-16-le"
    if start[:2] == b"\0<" and start[2:3] == b"\0":
        return "utf-16-be"
    return None


def _declared(body: bytes, content_type: str | None) -> tuple[str, ...]:
    """Return the charsets named by the header and the document, header first, by Python's names."""
    found = []
    header = _HEADER.search((content_type or "")[:400])
    if header:
        found.append(header[1])
    start = body[:1024].lstrip()
    document = _DECLARED.search(start[:400]) if start.startswith(b"<?xml") else _HTML_DECLARED.search(start)
    if document:
        found.append(document[1].decode("ascii"))
    names = [_python_name(name) for name in found]
    return tuple(dict.fromkeys(name for name in names if name))


def _python_name(label: str) -> str | None:
    """Return Python's name of a charset, or None for what is no charset of documents."""
    name = label.strip().lower()
    name = _SUPERSETS.get(name, name)
    if not _KNOWN.match(name):
        return None
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _lossy(body: bytes, name: str) -> Decoded:
    """Decode, with U+FFFD for what can't be."""
    text = body.decode(name, "replace")
    return Decoded(text, name, text.count("\ufffd"))
