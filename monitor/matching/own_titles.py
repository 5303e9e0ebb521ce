"""Titles in an author's own words, for what the program's data has no office for.

    roles' titles -> every form that their language gives them -> rows of an article's offices, beside the data's own

The office of such a row is the title itself, its country the empty string: date, qualifiers and names beside it are
then judged as for any other office.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.matching.roles import Office, connected, meanings_after, meanings_before
from monitor.matching.scan import View
from monitor.matching.titles import Phrases, Titles
from monitor.model import Entity
from monitor.text.languages import language

OWN = ""
"""The country of an office that is a title in an author's own words."""


class OwnTitles:
    """The titles that a watchlist's author wrote, compiled per language."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        """Compile every role that is a title."""
        rows: dict[str, list[tuple[str, str]]] = {}
        for entity in entities:
            for role in entity.roles:
                for lang, texts in role.titles.items():
                    forms = ((form, text) for text in texts for form in (text, *language(lang).phrase_forms(text)))
                    rows.setdefault(lang.split("-")[0].lower(), []).extend(forms)
        self._phrases = {lang: Phrases(pairs) for lang, pairs in rows.items()}

    def may_stand_in(self, view: View, titles: Titles, lang: str) -> bool:
        """Tell whether some word of a text may begin a title."""
        phrases = self._phrases.get(lang)
        if phrases is None:
            return False
        return not titles.begins(phrases).isdisjoint(view.words)

    def read(self, view: View, titles: Titles, lang: str) -> Iterator[Office]:
        """Yield every place where a title stands: the longest at each word."""
        phrases = self._phrases.get(lang)
        if phrases is None:
            return
        begins = titles.begins(phrases)
        for at, word in enumerate(view.words):
            if word not in begins:
                continue
            for skip, bare in titles.strip(word):
                match = next(
                    (row for row in phrases.starting(view.words, at, bare) if connected(view, at, row[0])), None
                )
                if match is not None:
                    length, text = match
                    last = at + length - 1
                    meanings = {*meanings_before(view, titles, at), *meanings_after(view, titles, last, 1)}
                    yield Office(text, OWN, at, last, skip, "one", False, frozenset(meanings))
                    break
