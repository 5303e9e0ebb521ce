"""Which language a text is in: by its letters first, by declaration where letters can't tell. Pure.

A declaration is often a template's default (`en-us` over Arabic); the script overrules it. Within one script the
declaration decides, unless letters or small words of another language are plain to see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SAMPLE = 3_000
ENOUGH = 4

_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "arabic": re.compile(r"[\u0620-\u064a\u066e-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f]"),
    "hebrew": re.compile(r"[\u05d0-\u05ea]"),
    "greek": re.compile(r"[\u0370-\u03ff]"),
    "han": re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]"),
    "hangul": re.compile(r"[\uac00-\ud7a3]"),
    "armenian": re.compile(r"[\u0531-\u0587]"),
    "georgian": re.compile(r"[\u10d0-\u10ff]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
}
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
# Letters and small words that give a language away, with the share of words that they make up at least.
_TELLING: Mapping[str, tuple[tuple[str, re.Pattern[str], float], ...]] = {
    "arabic": (
        ("ckb", re.compile(r"[ێۆڕڵە](?=\w)"), 0.25),
        ("ur", re.compile(r"[ٹڈڑںےہ]"), 0.2),
        ("ps", re.compile(r"[ټډړږښڼې]"), 0.1),
        ("fa", re.compile(r"(?<!\w)(?:که|است|این|از|به|را|با|می\u200c?\w*|های|شد|بود|گفت)(?!\w)"), 0.06),
        ("ar", re.compile(r"(?<!\w)(?:في|من|على|إلى|أن|عن|الى|ان|مع|هذا|التي|الذي|\w*ة|ال\w+)(?!\w)"), 0.1),
    ),
    "cyrillic": (
        ("uk", re.compile(r"[іїєґ]"), 0.1),
        ("kk", re.compile(r"[әғқңөұү]"), 0.1),
        ("ru", re.compile(r"(?<!\w)(?:и|в|на|что|с|по|не|из|для|о|об)(?!\w)"), 0.05),
    ),
    "latin": (
        ("tr", re.compile(r"[ığş]|(?<!\w)(?:ve|bir|bu|için|ile|de|da|olarak)(?!\w)"), 0.15),
        ("en", re.compile(r"(?<!\w)(?:the|and|of|to|in|for|on|with|is|that|at)(?!\w)"), 0.12),
        ("fr", re.compile(r"(?<!\w)(?:le|la|les|des|et|du|un|une|dans|pour|est|au|aux|sur)(?!\w)"), 0.15),
        ("de", re.compile(r"(?<!\w)(?:der|die|das|und|im|den|mit|von|für|ist|auf|nicht)(?!\w)"), 0.12),
        ("es", re.compile(r"(?<!\w)(?:el|la|los|las|de|que|en|y|del|por|con|una)(?!\w)"), 0.2),
    ),
}


def language(text: str, *declared: str | None) -> str | None:
    """Return a BCP 47 tag: the first declaration that the text bears out, else what the text shows, else None."""
    tags = [tag.lower() for tag in declared if tag]
    script, sample = _script(text)
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


def _script(text: str) -> tuple[str | None, str]:
    """Return the script of most letters, and the sample that was looked at."""
    sample = text[:SAMPLE]
    counts = {name: len(pattern.findall(sample)) for name, pattern in _SCRIPTS.items()}
    # A Latin brand or address inside another script's sentence weighs less than that script's own words.
    counts["latin"] = counts["latin"] // 2
    best = max(counts, key=lambda name: counts[name])
    return (best if counts[best] >= ENOUGH // 2 else None), sample


def _shown(script: str, sample: str) -> str | None:
    """Return the language that letters and small words give away, or None."""
    words = max(1, len(sample.split()))
    lowered = sample.lower()
    for tag, pattern, least in _TELLING.get(script, ()):
        if len(pattern.findall(lowered)) >= max(1, least * words):
            return tag
    return None
