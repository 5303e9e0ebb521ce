"""Which language a text is in: by its letters first, by declaration where letters can't tell. Pure.

A declaration is often a template's default (`en-us` over Arabic); the script overrules it. Within one script the
declaration decides, unless letters or small words of another language are plain to see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

SAMPLE = 400
ENOUGH = 4

_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x41, 0x24F, "latin"),
    (0x370, 0x3FF, "greek"),
    (0x400, 0x4FF, "cyrillic"),
    (0x531, 0x587, "armenian"),
    (0x5D0, 0x5EA, "hebrew"),
    (0x620, 0x6D3, "arabic"),
    (0x750, 0x77F, "arabic"),
    (0x900, 0x97F, "devanagari"),
    (0x10D0, 0x10FF, "georgian"),
    (0x3040, 0x30FF, "han"),
    (0x4E00, 0x9FFF, "han"),
    (0xAC00, 0xD7A3, "hangul"),
    (0xFB50, 0xFEFC, "arabic"),
)
# The languages written in each script, the likeliest first.
_WRITTEN: Mapping[str, tuple[str, ...]] = {
    "arabic": ("ar", "fa", "ur", "ps", "ckb", "ug", "sd", "arz", "ary", "apc"),
    "cyrillic": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn", "tt"),
    "latin": (),
    "hebrew": ("he", "yi"),
    "greek": ("el",),
    "han": ("zh", "ja"),
    "hangul": ("ko",),
    "armenian": ("hy",),
    "georgian": ("ka",),
    "devanagari": ("hi", "ne", "mr"),
}


@dataclass(frozen=True, slots=True)
class _Signs:
    """What gives a language away within its script: letters, small words, beginnings of words; and how often."""

    lang: str
    least: float
    letters: str = ""
    words: frozenset[str] = frozenset()
    start: str = ""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TELLING: Mapping[str, tuple[_Signs, ...]] = {
    "arabic": (
        _Signs("ckb", 0.25, letters="ێۆڕڵە"),
        _Signs("ur", 0.2, letters="ٹڈڑںےہ"),
        _Signs("ps", 0.1, letters="ټډړږښڼې"),
        _Signs("fa", 0.06, words=_words("که است این از به را با می های شد بود گفت برای")),
        _Signs("ar", 0.1, words=_words("في من على إلى أن عن الى ان مع هذا التي الذي"), start="ال"),
    ),
    "cyrillic": (
        _Signs("uk", 0.1, letters="іїєґ"),
        _Signs("kk", 0.1, letters="әғқңөұү"),
        _Signs("ru", 0.05, words=_words("и в на что с по не из для о об")),
    ),
    "latin": (
        _Signs("tr", 0.15, letters="ığş", words=_words("ve bir bu için ile de da olarak")),
        _Signs("en", 0.12, words=_words("the and of to in for on with is that at")),
        _Signs("fr", 0.15, words=_words("le la les des et du un une dans pour est au aux sur")),
        _Signs("de", 0.12, words=_words("der die das und im den mit von für ist auf nicht")),
        _Signs("es", 0.2, words=_words("el la los las de que en y del por con una")),
    ),
}


def language(text: str, *declared: str | None) -> str | None:
    """Return a BCP 47 tag: the first declaration that the text bears out, else what the text shows, else None."""
    tags = [tag.lower() for tag in declared if tag]
    sample = text[:SAMPLE].lower()
    script = _script(sample)
    if script is None:
        return tags[0] if tags else None
    shown = _shown(script, sample)
    written = _WRITTEN[script]
    fitting = [tag for tag in tags if _base(tag) in written or (script == "latin" and not _other_script(tag))]
    if fitting and (shown is None or shown == _base(fitting[0]) or len(sample) < 60):
        return _tidy(fitting[0])
    if shown is not None:
        return next((_tidy(tag) for tag in fitting if _base(tag) == shown), shown)
    return written[0] if written else None


def _base(tag: str) -> str:
    return tag.partition("-")[0]


def _tidy(tag: str) -> str:
    """Return a tag without the private regions that some publishing systems invent (`ar-aa`)."""
    return _base(tag) if tag.endswith(("-aa", "-zz")) else tag


def _other_script(tag: str) -> bool:
    """Tell whether a language is written in another script than Latin."""
    return any(_base(tag) in languages for languages in _WRITTEN.values())


def _script(sample: str) -> str | None:
    """Return the script of most letters."""
    # The upper bytes of the letters tell a text that is plainly in one block, which most are, at no cost.
    blocks = sample.encode("utf-16-le", "surrogatepass")[1::2]
    for block, script in ((b"\x06", "arabic"), (b"\x04", "cyrillic")):
        if 2 * blocks.count(block) > len(blocks):
            return script
    counts: Counter[str] = Counter()
    for letter, count in Counter(sample).items():
        counts[_script_of(letter)] += count
    del counts[""]
    # A Latin brand or address inside another script's sentence weighs less than that script's own words.
    counts["latin"] //= 2
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] >= ENOUGH // 2 else None


@lru_cache(maxsize=4096)
def _script_of(letter: str) -> str:
    """Return a letter's script; empty for those that no watched language is written in."""
    code = ord(letter)
    return next((name for first, last, name in _RANGES if first <= code <= last), "")


def _shown(script: str, sample: str) -> str | None:
    """Return the language that letters and small words give away, or None."""
    words = sample.split()
    for signs in _TELLING.get(script, ()):
        seen = sum(map(sample.count, signs.letters)) + sum(map(signs.words.__contains__, words))
        if signs.start:
            seen += " ".join(("", *words)).count(" " + signs.start)
        if seen >= max(1, signs.least * len(words)):
            return signs.lang
    return None
