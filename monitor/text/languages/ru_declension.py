"""Russian declension of people's names, by the endings that grammar gives them.

The morphological dictionary knows the common given names and surnames, and is asked first (Павел, Лев, Пётр lose a
vowel that no rule foresees). Most names in the news are foreign and stand in no dictionary: the rules decide them.
Where usage wavers (Шварцем, Шварцом, a woman's surname that ends like a man's) both forms are given: a form too many
costs little, because a full name must fit as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Literal

from monitor.text.languages import RESTS
from monitor.text.languages.common import data

Gender = Literal["masc", "femn", "both"]

_VOWELS = "аеёиоуыэюя"
_HUSHING = "жшчщц"
_VELAR = "кгх"
_INDECLINABLE = ("о", "е", "э", "и", "у", "ю", "ы", "их", "ых")
_POSSESSIVE = ("ов", "ев", "ёв", "ин", "ын")
_WORDS = 20_000  # words of texts that are remembered with their readings
_DECLINING = ("NOUN", "ADJF", "PRTF")
_CASES = ("gent", "datv", "accs", "ablt", "loct")


@cache
def analyser() -> Any:
    """Load the dictionary when it is asked for, and again after a rest: it takes a tenth of a second and 18 MB."""
    from pymorphy3 import MorphAnalyzer  # noqa: PLC0415 - see the docstring

    return MorphAnalyzer(lang="ru")


def known_as(word: str, *grammemes: str) -> bool:
    """Tell whether the dictionary itself (no guess from the ending) reads the word as one of these."""
    return in_dictionary(word) and any(grammeme in parse.tag for parse in parses(word) for grammeme in grammemes)


@lru_cache(_WORDS)
def in_dictionary(word: str) -> bool:
    """Tell whether the dictionary lists a word in any reading; the others are guesses from its ending."""
    return bool(analyser().word_is_known(word))


@lru_cache(_WORDS)
def parses(word: str) -> tuple[Any, ...]:
    """Return the dictionary's readings of a word as written, the likeliest first."""
    return tuple(analyser().parse(word))


RESTS.extend((parses.cache_clear, analyser.cache_clear))  # a reading holds the dictionary


@lru_cache(_WORDS)
def gender_of(given: str) -> Gender:
    """Guess a person's gender from the given name: the dictionary first, then the ending."""
    if given in data("ru")["women"]:
        return "femn"
    genders = {
        gender
        for parse in (parses(given) if in_dictionary(given) else ())
        if "Name" in parse.tag and "nomn" in parse.tag
        for gender in ("masc", "femn")
        if gender in parse.tag
    }
    if len(genders) == 1:
        return "masc" if "masc" in genders else "femn"
    lowered = given.lower()
    if lowered.endswith(("а", "я")):
        return "femn"
    if lowered[-1:] in _VOWELS or lowered.endswith("ь"):
        return "both"
    return "masc"


@lru_cache(_WORDS)
def declined_given(name: str) -> frozenset[str]:
    """Return the cases of a given name in the singular, without the base form."""
    forms = set(_dictionary(name, "Name", None))
    if not forms:
        gender = gender_of(name)
        forms = set(_masculine(name)) if gender != "femn" else set(_noun_a(name))
        if gender == "both" and name.endswith("ь"):
            forms |= {name[:-1] + "и", name + "ю"}
    return frozenset(forms - {name})


@lru_cache(_WORDS)
def declined_surname(name: str, gender: Gender) -> frozenset[str]:
    """Return the cases of a surname in the singular, for a man, a woman or either, without the base form."""
    forms: set[str] = set()
    if gender != "femn":
        forms |= _irregular(name) or set(_masculine(name)) | _dictionary(name, "Surn", "masc") | _dictionary(
            name, "Name", "masc"
        )
    if gender != "masc":
        forms |= set(_feminine(name))
    return frozenset(forms - {name})


def shown_gender(given: str) -> Gender | None:
    """Return the gender of a given name in any case, if the dictionary knows it as one of a single gender."""
    if given in data("ru")["women"]:
        return "femn"
    named = [parse for parse in parses(given) if "Name" in parse.tag] if in_dictionary(given) else []
    found = {gender for gender in ("masc", "femn") if any(gender in parse.tag for parse in named)}
    if len(found) != 1:
        return None
    return "masc" if "masc" in found else "femn"


@cache
def relative_forms(surname: str, gender: Gender) -> frozenset[str]:
    """Return every case of a surname as a relative of that gender bears it, in small letters."""
    lowered, base = surname.lower(), surname
    if gender == "femn" and lowered.endswith(_POSSESSIVE):
        base = surname + "а"
    elif gender == "femn" and lowered.endswith(("ский", "цкий", "ый", "ной", "хой", "кий")):
        base = surname[:-2] + "ая"
    elif gender == "masc" and lowered.endswith(("ова", "ева", "ёва", "ина", "ына")):
        base = surname[:-1]
    elif gender == "masc" and lowered.endswith("ая"):
        base = surname[:-2] + ("ий" if lowered[-3:-2] in _VELAR else "ый")
    return frozenset(form.lower() for form in (base, *declined_surname(base, gender)))


def _irregular(name: str) -> set[str]:
    """Return the cases of a name that loses its ending, which neither rule nor dictionary knows."""
    return {name[:-2] + ending for ending in ("а", "у", "ом", "е")} if name == "Христос" else set()


def _dictionary(name: str, kind: str, gender: str | None) -> set[str]:
    """Return the singular cases that the dictionary lists, for a word it knows as such a name."""
    found: set[str] = set()
    for parse in parses(name) if in_dictionary(name) else ():
        tag = parse.tag
        if kind not in tag or "nomn" not in tag or "sing" not in tag:
            continue
        if gender is not None and gender not in tag:
            continue
        for form in parse.lexeme:
            if "sing" in form.tag and "voct" not in form.tag and form.tag.gender == tag.gender:
                found.add(_like(name, form.word))
    return found


def _like(model: str, word: str) -> str:
    """Give a word the capital of its model, and its ё where the model writes е."""
    plain = word if "ё" in model.lower() else word.replace("ё", "е")
    return plain.capitalize() if model[:1].isupper() else plain


def _masculine(name: str) -> Iterator[str]:
    """Yield the cases of a man's surname, or of a given name, by its ending."""
    lowered = name.lower()
    if lowered.endswith(_POSSESSIVE):
        yield from (name + ending for ending in ("а", "у", "ым", "ом", "е"))
    elif lowered.endswith(("ый", "ой")) or (lowered.endswith("ий") and lowered[-3:-2] in _VELAR + _HUSHING + "н"):
        yield from _adjective(name)
    elif lowered.endswith("ий"):
        yield from (name[:-1] + ending for ending in ("я", "ю", "ем", "и"))
    elif lowered.endswith(("ь", "й")):
        yield from (name[:-1] + ending for ending in ("я", "ю", "ем", "ём", "е"))
    elif lowered.endswith(("а", "я")):
        yield from _noun_a(name)
    elif not lowered.endswith(_INDECLINABLE):
        yield from (name + ending for ending in ("а", "у", "ом", "е"))
        if lowered[-1:] in _HUSHING:
            yield name + "ем"
        if lowered.endswith(("ец", "ек", "ок", "ёк")) and len(name) > 4:
            stem = name[:-2] + ("ь" if name[-3].lower() == "л" else "") + name[-1]
            yield from (stem + ending for ending in ("а", "у", "ом", "ем", "е"))


def _feminine(name: str) -> Iterator[str]:
    """Yield the cases of a woman's surname; one that ends in a consonant does not decline."""
    lowered = name.lower()
    if lowered.endswith("ая"):
        yield from (name[:-2] + ending for ending in ("ой", "ую", "ою"))
        if lowered[-3:-2] in _HUSHING:
            yield name[:-2] + "ей"
    elif lowered.endswith("яя"):
        yield from (name[:-2] + ending for ending in ("ей", "юю"))
    elif lowered.endswith(("ова", "ева", "ёва", "ина", "ына")):
        yield from (name[:-1] + ending for ending in ("ой", "у", "ою"))
        yield from _noun_a(name)
    elif lowered.endswith(("а", "я")):
        yield from _noun_a(name)


def _noun_a(name: str) -> Iterator[str]:
    """Yield the cases of a name in -а or -я."""
    lowered, stem = name.lower(), name[:-1]
    before = lowered[-2:-1]
    if lowered.endswith("ия"):
        yield from (stem + ending for ending in ("и", "ю", "ей", "е"))
    elif lowered.endswith("я"):
        yield from (stem + ending for ending in ("и", "е", "ю", "ей"))
    elif lowered.endswith("а") and before not in _VOWELS:
        yield stem + ("и" if before in _HUSHING + _VELAR else "ы")
        yield from (stem + ending for ending in ("е", "у", "ой"))
        if before in _HUSHING:
            yield stem + "ей"


def _adjective(name: str) -> Iterator[str]:
    """Yield the cases of a surname that is an adjective: -ский, -ый, -ой."""
    stem, soft = name[:-2], name[-3:-2].lower() in _HUSHING + "н" and name.lower().endswith("ий")
    velar = name[-3:-2].lower() in _VELAR
    yield from (stem + ending for ending in (("его", "ему", "ем") if soft else ("ого", "ому", "ом")))
    yield stem + ("им" if soft or velar else "ым")


def declined_words(words: tuple[str, ...], heads: frozenset[int], number: str) -> frozenset[str]:
    """Decline the words at `heads` of a common phrase, adjectives with their noun, in one number; the rest stays.

    Source of the forms: the dictionary. The base form is among the result.
    """
    found = {" ".join(words)} if number == "sing" else set()
    gender = _phrase_gender(words, heads)
    for case in ("nomn", *_CASES):
        parts = [_in_case(word, case, number, gender) if at in heads else word for at, word in enumerate(words)]
        if all(parts):
            found.add(" ".join(part for part in parts if part))
    return frozenset(found)


def _phrase_gender(words: tuple[str, ...], heads: frozenset[int]) -> str | None:
    """Return the gender of the phrase's noun, with which its adjectives agree."""
    for at in sorted(heads, reverse=True):
        for parse in parses(words[at]):
            if "NOUN" in parse.tag and "nomn" in parse.tag and parse.tag.gender:
                return str(parse.tag.gender)
    return None


@cache
def _in_case(word: str, case: str, number: str, gender: str | None) -> str | None:
    """Put one word of a phrase into a case; an adjective takes the noun's gender, an animate accusative for people."""
    head, hyphen, tail = word.rpartition("-")
    if hyphen and not in_dictionary(word):
        declined = _in_case(tail, case, number, gender)
        return f"{head}-{declined}" if declined else None
    for parse in parses(word):
        if "nomn" not in parse.tag or not any(part in parse.tag for part in _DECLINING):
            continue
        wanted = {case, number}
        if "NOUN" not in parse.tag and number == "sing" and gender:
            wanted.add(gender)
        if "NOUN" not in parse.tag and case == "accs" and (number == "plur" or gender == "masc"):
            wanted = {"gent", *(wanted - {"accs"})}  # people: their accusative is the genitive
        form = parse.inflect(wanted)
        if form is not None:
            return _like(word, str(form.word)) if not word.isupper() else word
    return word if word.isupper() or not known_as(word, "NOUN", "ADJF") else None
