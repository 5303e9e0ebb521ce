"""Writes small databases in the form that camel-tools' analyser reads."""

from __future__ import annotations

from pathlib import Path

_HEAD = """###DEFINES###
DEFINE diac diac:*open*
DEFINE lex lex:*open*
DEFINE pos pos:noun pos:noun_prop
###DEFAULTS###
DEFAULT pos:noun diac:* lex:*
DEFAULT pos:noun_prop diac:* lex:*
###ORDER###
ORDER pos
###TOKENIZATIONS###
TOKENIZATION diac
###STEMBACKOFF###
STEMBACKOFF PROP Noun
###PREFIXES###
\tPref-0\tdiac:
و\tPref-wa\tdiac:و
###SUFFIXES###
\tSuff-0\tdiac:
###STEMS###
"""
_TABLES = """###TABLE AB###
Pref-0 Noun
Pref-wa Noun
###TABLE BC###
Noun Suff-0
###TABLE AC###
Pref-0 Suff-0
Pref-wa Suff-0
"""


def install(
    root: Path, *, name: str = "calima-msa-r13", words: tuple[str, ...] = (), names: tuple[str, ...] = ()
) -> Path:
    """Write a database that knows these common words and proper nouns, where camel-tools keeps it; return its file."""
    file = root / "data" / "morphology_db" / name / "morphology.db"
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [(word, "noun") for word in words] + [(word, "noun_prop") for word in names]
    stems = "".join(f"{word}\tNoun\tdiac:{word} lex:{word} pos:{pos}\n" for word, pos in rows)
    file.write_text(f"{_HEAD}{stems}{_TABLES}", "utf-8")
    return file
