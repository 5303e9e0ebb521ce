"""Long texts set aside while feedparser works: it looks at every letter many times over, and they need none of it.

    item -> the item with a mark for each long text -> feedparser -> the text again where the mark came out

Only what a CDATA section says of an entry's text is set aside, so that no parser could have read it otherwise. What
feedparser would have mended in it is mended here. Pure; runs in the parser's worker.
"""

from __future__ import annotations

import contextlib
import re

LONG = 200
MARK = "\ue000"

_OPENING = re.compile(
    r"<((?:[\w.-]{1,20}:)?(?:description|encoded|summary|content))(?=[\s>])([^<>]{0,300}+)>\s{0,20}<!\[CDATA\["
)
_PLAIN_TYPE = re.compile(r"""\stype\s{0,5}=\s{0,5}["'](?:text|html|text/plain|text/html)["']""")
_OTHER_FORM = re.compile(r"\s(?:type|mode)\s{0,5}=")
_C1 = re.compile("[\x80-\x9f]")
# What windows-1252 means by the places that Unicode keeps for controls: many publishers still write them.
_WINDOWS = {
    code: text for code in range(0x80, 0xA0) if (text := bytes((code,)).decode("cp1252", "replace")) != "\ufffd"
}
_MARKED = re.compile(f"{MARK}([0-9]{{1,7}}){MARK}")


class Aside:
    """The long texts of one document."""

    def __init__(self, document: str) -> None:
        """Take nothing aside from a document that uses the mark itself."""
        self._usable = MARK not in document
        self._texts: list[str] = []

    def take(self, item: str) -> str:
        """Return the item with a mark in the place of each long text."""
        if not self._usable or len(item) < LONG:
            return item
        pieces, kept, position = [], 0, 0
        while opening := _OPENING.search(item, position):
            end = item.find("]]>", opening.end())
            if end < 0:
                break
            position = end + 3
            if position - opening.end() > LONG and _is_text(opening[2]):
                pieces += [item[kept : opening.end()], f"{MARK}{len(self._texts)}{MARK}"]
                self._texts.append(item[opening.end() : end])
                kept = end
        return "".join((*pieces, item[kept:]))

    def back(self, value: str) -> str:
        """Return the value with the texts in the places of their marks."""
        return _MARKED.sub(self._text, value) if MARK in value else value

    def _text(self, found: re.Match[str]) -> str:
        number = int(found[1])
        return _mended(self._texts[number]) if number < len(self._texts) else found[0]


def _is_text(attributes: str) -> bool:
    """Tell whether the element holds text as it stands: not packed, not elements, not of an unknown kind."""
    return not _OTHER_FORM.search(_PLAIN_TYPE.sub(" ", attributes))


def _mended(text: str) -> str:
    """Undo UTF-8 that somebody took for Latin and encoded once more, and windows-1252 among the controls."""
    text = text.strip()
    if not text.isascii():
        with contextlib.suppress(UnicodeError):  # nearly always: it is what it says
            text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_WINDOWS) if _C1.search(text) else text
