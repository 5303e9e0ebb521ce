"""Arabic: glued particles, compound names, patronymics, short forms and what stands around a name.

The knowledge stands in `data/ar.yml`; this module turns it into forms. Titles and countries are inflected in
`arabic_titles.py`. See the package's docstring for the interface.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any

from monitor.text.fold import fold
from monitor.text.languages import GIVEN_ALONE, CountryWords, Cues, Form, Grammar, Title
from monitor.text.languages import arabic_titles as titles
from monitor.text.languages.world import load_data

_ARTICLE = "ال"


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    return fold(word).text


class Arabic:
    """The Arabic language; one value of it stands at the module's end."""

    code = "ar"

    @cached_property
    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = load_data("ar.yml")
        return data

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """Conjunction, preposition and both; `لل>ال` says that the article stands merged behind it."""
        data = self._data
        found: dict[str, str] = {}
        joined = {"": "", **data["conjunctions"]}
        for first, meaning in joined.items():
            if first:
                found[first] = meaning
            for second, relation in data["prepositions"].items():
                found[first + second] = f"{meaning} {relation}".strip()
            found[f"{first}لل>ال"] = f"{meaning} to the".strip()
        found.update(data["vocative"])
        return found

    @cached_property
    def titles(self) -> frozenset[str]:
        """Honorifics and titles that stand directly before a person's name."""
        return self._folded("honorifics")

    @cached_property
    def given_names(self) -> frozenset[str]:
        """Given names in use in Arabic texts, Arabic and foreign ones."""
        return self._folded("given_names") | self._folded("given_or_word")

    @cached_property
    def particles(self) -> frozenset[str]:
        """Parts of compound names and of patronymics."""
        return self._folded("compound_first") | self._folded("compound_last") | self._folded("patronymic")

    @property
    def grammar(self) -> Grammar:
        """Where countries, qualifiers and counterparts stand around an Arabic title."""
        return titles.grammar()

    @cached_property
    def cues(self) -> Cues:
        """Words beside a name that tell a person from a common word, a place or somebody else."""
        data = self._data["cues"]
        sets = {key: frozenset(_plain(word) for word in words) for key, words in data.items() if key != "idioms"}
        return Cues(idioms=tuple(data["idioms"]), **sets)

    def spellings(self, words: Sequence[str], kind: str) -> Iterable[Form]:
        """Compounds written together or apart; for people also a middle or first name left out."""
        units = self.units(words)
        yield from self._glued(units)
        if kind != "person" or len(units) < 3:
            return
        for place in range(len(units) - 1):
            glued = "".join((*units[place], *units[place + 1]))
            yield Form(_join(*units[:place], (glued,), *units[place + 2 :]), "a space left out")
        yield from (Form(f.text, f"{f.rule}, a space left out") for f in self._without_last_space(units))
        yield Form(_join(units[0], units[-1]), "middle names left out")
        if len(units) > 3:
            yield Form(_join(units[0], units[1], units[-1]), "a middle name left out")
        yield Form(_join(*units[1:]), "the first name left out")

    def inflect(self, words: Sequence[str], index: int, kind: str) -> Iterable[Form]:
        """Arabic names do not inflect, but some of their parts change with the case: أبو, أبي, أبا."""
        word = words[index]
        for group in self._data["case_forms"]:
            if word in group:
                for other in group:
                    if other != word:
                        yield Form(other, "case form of a compound name")
        if index and kind == "person" and word.startswith(_ARTICLE) and len(word) > 5:
            yield Form(word[len(_ARTICLE) :], "written without the article")

    def short_forms(self, words: Sequence[str], kind: str) -> Iterable[Form]:
        """Give the surname; where it is a compound its distinctive part; of three names also the first two."""
        if kind != "person":
            return
        units = self.units(words)
        if len(units) < 2:
            return
        last = units[-1]
        yield Form(_join(last), "surname alone")
        yield from (Form(form.text, f"surname alone, {form.rule}") for form in self._glued((last,)))
        bound, alone = self._folded("bound_last"), self._folded("family_endings")
        tail = _plain(last[-1])
        if len(last) > 1 and (tail not in bound or tail in alone):
            yield Form(last[-1], "last part of the surname")
        yield Form(_join(units[0]), GIVEN_ALONE)
        if len(units) > 2:
            yield Form(_join(*units[:-1]), "the surname left out")
            yield from (Form(form.text, f"the surname left out, {form.rule}") for form in self._glued(units[:-1]))

    def names_another(self, word: str, own: frozenset[str]) -> bool:
        """Tell whether a word is a known given name that is none of the entity's own."""
        folded = _plain(word)
        if folded in own:
            return False
        return folded in self.given_names or (folded[:1] == "و" and folded[1:] in self.given_names - own)

    def stands_alone(self, surname: str, inside: bool, following: str = "") -> bool:
        """Trust no surname alone: Arabic has no capitals, and most surnames are words too."""
        return False

    def phrase_forms(self, phrase: str) -> Iterable[str]:
        """Offer a title with its country under another of its names, and with the preposition glued to it."""
        yield from titles.phrase_forms(phrase)

    def agrees(self, given: str, surname: str, form: str) -> bool:
        """Leave the question open: surnames have neither cases nor genders here."""
        return True

    def office_titles(self, office: str) -> Iterable[Title]:
        """Every form of an office's title: definite, construct, feminine, dual and plural."""
        return titles.office_titles(office)

    def country_words(self, country: str) -> CountryWords:
        """Names and adjectives of a country, all forms included."""
        return titles.country_words(country)

    def units(self, words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Group a name's words: عبد ربه, دي ميستورا and جاويش أوغلو are one name each."""
        first, last = self._compound
        units: list[list[str]] = []
        join = False
        for word in words:
            plain = _plain(word)
            if units and (join or plain in last):
                units[-1].append(word)
            else:
                units.append([word])
            join = plain in first
        return tuple(tuple(unit) for unit in units)

    @cached_property
    def _compound(self) -> tuple[frozenset[str], frozenset[str]]:
        return self._folded("compound_first"), self._folded("compound_last")

    def _without_last_space(self, units: Sequence[Sequence[str]]) -> Iterator[Form]:
        """Yield compounds at a name's beginning in their other writing, with the last two parts run together."""
        last = ("".join((*units[-2], *units[-1])),)
        for form in self._glued(units[:-2]):
            yield Form(_join((form.text,), last), form.rule)

    def _glued(self, units: Sequence[Sequence[str]]) -> Iterator[Form]:
        """Compounds written as one word, and one word that is a compound written as two."""
        for place, unit in enumerate(units):
            before, after = units[:place], units[place + 1 :]
            if len(unit) > 1:
                yield Form(_join(*before, ("".join(unit),), *after), "compound written as one word")
                broken = unit[-1]
                if len(broken) > 5 and not broken.startswith(_ARTICLE):
                    yield Form(_join(*before, (*unit[:-1], broken[:2], broken[2:]), *after), "broken by a space")
                continue
            word = unit[0]
            for part in self._data["split_first"]:
                if word.startswith(part) and len(word) > len(part) + 1:
                    yield Form(_join(*before, (part, word[len(part) :]), *after), "compound written as two words")
            for part in self._data["split_last"]:
                if word.endswith(part) and len(word) > len(part) + 1:
                    yield Form(_join(*before, (word[: -len(part)], part), *after), "compound written as two words")

    @cache  # noqa: B019 - the language is a module's one value
    def _folded(self, key: str) -> frozenset[str]:
        return frozenset(_plain(word) for word in self._data[key])


def _join(*units: Sequence[str]) -> str:
    return " ".join(word for unit in units for word in unit)


LANGUAGE = Arabic()
