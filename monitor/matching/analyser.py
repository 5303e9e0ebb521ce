"""A witness that may be absent: what camel-tools' morphological analyser knows about an Arabic word.

    CAMELTOOLS_DATA, else ~/.camel_tools -> data/morphology_db/*/morphology.db -> name, word, both, or nothing known

The program ships no database. Where an operator installed one it is read when the first word is asked for; nothing is
ever downloaded or written. Without one nothing is imported, and every word is unknown.
"""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

_WORDS = 20_000  # answers kept: the weak names of long lists, in all their forms
_CATALOGUE = "camel_tools.data"
_PROPER = "noun_prop"
_NO_WORDS = frozenset({"digit", "punc", "latin", "foreign"})


class Known(Enum):
    """What an analyser knows a word as."""

    NOTHING = "nothing"
    NAME = "only a proper noun"
    WORD = "only a common word"
    BOTH = "a proper noun and a common word"


@dataclass(frozen=True, slots=True)
class Analyser:
    """An installed database: its name and, if it can't be used, why not."""

    name: str
    error: str = ""
    works: Any = None  # camel-tools' analyser, which is untyped


@cache
def analyser() -> Analyser | None:
    """Open the installed database, once; None where there is none. A damaged one is told in `error`, never raised."""
    file = _installed()
    if file is None:
        return None
    name = file.parent.name
    try:
        return Analyser(name, works=_opened(file))
    except Exception as error:  # noqa: BLE001 - its reader raises anything over a damaged file, and it is only a witness
        return Analyser(name, f"{file}: {type(error).__name__}: {error}")


@lru_cache(maxsize=_WORDS)
def known_as(word: str) -> Known:
    """Tell as what the installed analyser knows an Arabic word, glued particles included, by all of its readings."""
    found = analyser()
    if found is None or found.works is None:
        return Known.NOTHING
    try:
        kinds = {reading["pos"] for reading in found.works.analyze(word)} - _NO_WORDS
    except (LookupError, TypeError, ValueError):  # tables that don't fit together: this word is not known
        return Known.NOTHING
    if _PROPER in kinds:
        return Known.BOTH if len(kinds) > 1 else Known.NAME
    return Known.WORD if kinds else Known.NOTHING


def _installed() -> Path | None:
    """Return the database file; of several the first for the standard language, which is that of news."""
    given = os.environ.get("CAMELTOOLS_DATA")
    try:
        root = Path(given).expanduser() if given else Path.home() / ".camel_tools"
        files = [file for file in root.glob("data/morphology_db/*/morphology.db") if file.is_file()]
    except (OSError, RuntimeError):  # no home, or one that a service may not see
        return None
    return min(files, key=lambda file: ("msa" not in file.parent.name, file.parent.name), default=None)


def _opened(file: Path) -> Any:
    """Read a database with camel-tools.

    Its reader imports a catalogue that makes a directory in the user's home and downloads itself; the file is known
    already, so the reader gets an empty stand-in, which goes once the import is done.
    """
    stand_in = ModuleType(_CATALOGUE)
    vars(stand_in)["CATALOGUE"] = None
    ours = sys.modules.setdefault(_CATALOGUE, stand_in) is stand_in
    try:
        database = importlib.import_module("camel_tools.morphology.database")
        reader = importlib.import_module("camel_tools.morphology.analyzer")
    finally:
        if ours:
            del sys.modules[_CATALOGUE]
    return reader.Analyzer(database.MorphologyDB(str(file), "a"))
