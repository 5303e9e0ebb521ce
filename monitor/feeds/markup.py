"""HTML to plain text in linear time; paragraphs stay apart, nothing stays markup. Pure; runs in the parser's worker."""

from __future__ import annotations

import html
import re
import unicodedata

MAX_HTML = 1_000_000
MAX_TEXT = 200_000

_BLOCKS_NAMES = (
    "address article aside blockquote center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 "
    "h3 h4 h5 h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr ul br title option"
)
_BLOCKS = frozenset(_BLOCKS_NAMES.split())

_SILENT_NAMES = (
    "script style head template noscript iframe object embed svg math audio video canvas select button textarea"
)
_SILENT = frozenset(_SILENT_NAMES.split())

# Possessive and stopped by the next `<`: no attempt reads further than that, so a megabyte of broken tags stays linear.
_TAG = re.compile(
    r"""<(?:(?P<comment>!--)|[!?][^<>]*+>?|(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:_-]{0,40}+)"""
    r"""(?:(?:[^"'<>]++|"[^"<]*+"|'[^'<]*+')*+>|[^<>]*+>?))"""
)
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9A-Fa-f]{7,}+);?")
_LOOKS_MARKED = re.compile(r"<[A-Za-z!/?]|&[A-Za-z#][A-Za-z0-9]{0,31};")
# What no reader sees: C0 and C1 controls, byte order marks, soft hyphens, and direction marks, which can make a text
# read otherwise than it is. Zero-width joiners stay: Persian spells with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200e\u200f\u061c"
    "\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_UNPAIRED = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("[\r\x85\u2028\u2029]")


def to_text(value: str | None, *, markup: bool = True) -> str:
    """Return the readable text of a field: without markup, controls and direction marks, blanks collapsed.

    Block elements and line breaks become one newline. With `markup` false only the cleaning is done.
    """
    if not value:
        return ""
    if markup and _LOOKS_MARKED.search(value):
        value = _strip(value[:MAX_HTML])
    return clean(value)


def clean(value: str) -> str:
    """Remove what no reader sees, collapse blanks, keep newlines as single ones; NFC."""
    text = value.replace("\u00a0", " ").replace("\r\n", "\n").replace("\t", " ")
    if not text.replace("\n", "").isprintable():  # a fast test that most texts pass
        text = _UNPAIRED.sub("\ufffd", _INVISIBLE.sub("", _BREAKS.sub("\n", text)))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line)[:MAX_TEXT])


def one_line(value: str) -> str:
    """Return the text as one line, for titles and names."""
    return " ".join(value.split())


def _strip(value: str) -> str:
    """Drop the markup in one pass, then resolve character references, so that an escaped tag stays text."""
    if "<![CDATA[" in value:  # escaped twice by somebody: the text is meant
        value = value.replace("<![CDATA[", "").replace("]]>", "")
    pieces: list[str] = []
    position = 0
    for _ in range(value.count("<") + 1):
        tag = _TAG.search(value, position)
        if tag is None:
            pieces.append(value[position:])
            break
        pieces.append(value[position : tag.start()])
        position = tag.end()
        name = (tag["name"] or "").lower()
        if name in _BLOCKS:
            pieces.append("\n")
        elif tag["comment"]:
            position = _after(value, "-->", position)
        elif name in _SILENT and not tag["close"] and not tag[0].endswith("/>"):
            position = _after_element(value, name, position)
    return html.unescape(_LONG_NUMBER.sub("\ufffd", "".join(pieces)))


def _after(value: str, what: str, position: int) -> int:
    """Return the place after the next `what`; the end where there is none, as browsers read it."""
    found = value.find(what, position)
    return len(value) if found < 0 else found + len(what)


def _after_element(value: str, name: str, position: int) -> int:
    """Return the place of a silent element's end tag, or the end of the text."""
    end = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(value, position)
    return len(value) if end is None else end.start()
