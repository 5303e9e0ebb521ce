"""Which news agency an article credits: ten copies of one agency's story are one source, not ten.

A credit stands at the beginning or the end of a text: `(Reuters)`, `/TASS/`, `CAIRO (AP) -`, "Source: AA", "according
to the Anadolu agency", "AFP - Cairo". A name of several words, or of letters set apart, is a credit wherever it stands
there. One that is also a word or somebody's name (Fars, Petra, "aa") counts only where its place makes it a credit: in
brackets, after a word like "agency" or "source", or before the dash of a dateline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.novelty.lexicon import AGENCIES, AMBIGUOUS_AGENCIES
from monitor.text.content import fold_word

REACH = 200  # characters at each end of a text in which a credit is looked for
_LONGER = {
    "فرانس برس": "afp", "أ ف ب": "afp", "أسوشيتد برس": "ap", "أسوشييتد برس": "ap", "أ ب": "ap", "د ب أ": "dpa",
    "الأنباء السعودية": "spa", "الأنباء الألمانية": "dpa", "الأنباء الكويتية": "kuna", "أنباء الإمارات": "wam",
    "الأنباء الأردنية": "petra", "الأنباء الإيرانية": "irna", "ريا نوفوستي": "ria", "أنباء الأناضول": "anadolu",
    "أنباء فارس": "fars", "agence france presse": "afp", "france presse": "afp", "associated press": "ap",
    "saudi press agency": "spa", "anadolu agency": "anadolu", "anadolu ajansı": "anadolu", "риа новости": "ria",
    "франс пресс": "afp", "ассошиэйтед пресс": "ap",
}  # fmt: skip
_MARKERS = (
    "نقلا عن", "المصدر", "مصدر", "بحسب", "حسب", "وفقا", "وكاله", "agency", "source", "агентство",
    "агентства", "по данным", "со ссылкой на", "kaynak", "ajansi",
)  # fmt: skip


def _folded(text: str) -> str:
    """Fold a stretch of text as its words would be; each hyphen is a dash, which a fold keeps."""
    return fold_word(text.replace("-", "–"))


def _names() -> dict[str, str]:
    """Return the agencies by their folded names, the words of a name joined."""
    return {fold_word(name).replace(" ", ""): agency for name, agency in (AGENCIES | _LONGER).items()}


def _any_of(names: Iterator[str]) -> str:
    """Return a pattern of names, the longest first; a name's words may be set apart by full stops."""
    longest = sorted(names, key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"\ ", r"[\s.–]{1,2}") for name in longest)


_AGENCIES = _names()
_SURE = [fold_word(name) for name in (*AGENCIES.keys() - set(AMBIGUOUS_AGENCIES), *_LONGER)]
_ALL = [*_SURE, *map(fold_word, AMBIGUOUS_AGENCIES)]
_CREDIT = re.compile(
    rf"[(\[/«–—]\s{{0,2}}(?P<bracketed>{_any_of(iter(_ALL))})\s{{0,2}}[)\]/»–—]"
    rf"|(?<!\w)[ولب]?(?:{_any_of(iter(_MARKERS))})[\s:]{{1,3}}(?:ال|ل)?(?:وكاله\s)?(?P<marked>{_any_of(iter(_ALL))})(?!\w)"
    rf"|(?<!\w)[ولب]?(?P<sure>{_any_of(iter(_SURE))})(?!\w)"
)
_HINTS = (
    "برس", "أنباء", "انباء", "نوفوستي", "أ ف ب", "ا ف ب", "أ ب", "ا ب", "د ب أ", "د ب ا",
    "ress", "RESS", "nadolu", "NADOLU", "пресс", "новости", "Новости", "НОВОСТИ",
)  # fmt: skip
_DATELINE = re.compile(rf"\s*(?P<name>{_any_of(iter(_ALL))})[\s.]{{0,2}}[–—:/]")
_PLAIN = re.compile(r"[^\w]")
_APART = re.compile(r"[.–—-]\s?")  # what may stand between single letters


def credited(text: str, *, named: bool) -> str | None:
    """Return the agency that a text credits in its first or last lines, if it credits one.

    Where none is `named` by a word of its own, only a name of several words can be one.
    """
    for start, end in ((0, REACH), (max(REACH, len(text) - REACH), len(text))):
        if not named and not _may_credit(text[start:end]):
            continue
        folded = _folded(text[start:end])
        found = (None if start else _DATELINE.match(folded)) or _CREDIT.search(folded)
        if found:
            return _AGENCIES[_PLAIN.sub("", next(filter(None, found.groupdict().values())))]
    return None


def _may_credit(text: str) -> bool:
    """Tell, much faster, whether a name of several words may stand in a text; a hint is a part of each."""
    plain = _APART.sub(" ", text)
    return any(hint in plain for hint in _HINTS)
