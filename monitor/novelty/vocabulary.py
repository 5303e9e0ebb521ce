"""The words of a language as the novelty judge needs them: looked up once, with what they do and what they weigh.

A table is bounded: when it is full, the words that the last articles asked for are kept and the others forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from monitor.novelty.lexicon import TAGS
from monitor.text.content import new_term

LIMIT = 30_000  # spellings in each of two generations
Weights = Mapping[str, Mapping[str, Mapping[str, float]]]


class Word(NamedTuple):
    """A term with what it does, and what the models of a page (see `lexical.py`) call it and give it."""

    form: str
    stem: str
    key: int
    number: bool
    tags: int
    said: str
    page: float
    title: float
    lead: float


class Vocabulary(dict[str, Word]):
    """Words by spelling, made when they are first asked for."""

    def __init__(self, models: Mapping[str, Mapping[str, float]]) -> None:
        """Begin empty, with the models of a language; without any, all weights are 0."""
        super().__init__()
        self._page, self._opening = models.get("page", {}), models.get("opening", {})
        self._older: dict[str, Word] = {}

    def __missing__(self, spelled: str) -> Word:
        if len(self) >= LIMIT:
            self._older = dict(self)
            self.clear()
        found = self[spelled] = self._older.get(spelled) or self._make(spelled)
        return found

    def _make(self, spelled: str) -> Word:
        found = new_term(spelled)
        said = "#" if found.number else found.form
        return Word(
            *found, TAGS.get(found.form, 0), said,
            self._page.get(said, 0.0), self._opening.get("T" + said, 0.0), self._opening.get("L" + said, 0.0),
        )  # fmt: skip


@cache
def weights() -> Weights:
    """Return the weights that the program comes with: language -> model -> word -> weight (`""` is the constant)."""
    loaded: Weights = json.loads((files("monitor.novelty") / "data" / "words.json").read_text(encoding="utf-8"))
    return loaded


@cache
def vocabulary(language: str) -> Vocabulary:
    """Return the one table of a language, which all memories of the process share."""
    return Vocabulary(weights().get(language, {}))
