"""What the program knows about languages, and the one interface through which the matcher asks for it.

To add a language: write `languages/<code>.py` with a module-level value `LANGUAGE` that keeps the `Language` protocol
below, its data as commented YAML in `languages/data/<code>.yml`, its cases in `tests/cases/<code>.yml`, its titles and
country words in `data/offices.yml` and `data/countries.yml` (see `world.py`), and its code in `CODES`. The matcher
itself never changes: it folds whatever a language returns (`text.fold`), so forms may be written with or without
accents, vowel marks or capitals.

How the matcher uses a language, for an alias of several words w0 … wn:

    spellings(words)      other ways to write the whole name           -> each is an alias of its own
    inflect(words, i)     forms that word i takes in running text      -> word i may appear in any of them
    prefixes              particles glued before the first word        -> stripped where a name's word remains
    short_forms(words)    parts that stand for the name once it was said in full (a surname)
    stands_alone, agrees  whose a bare surname is, where a script has capitals or a language cases
    titles, given_names   words before a name: the person's title, or somebody else's given name
    office_titles(office) how an office is called, with number         -> roles
    phrase_forms(title)   the cases of a title in an author's own words
    country_words(of)     names and adjectives of a country, all forms -> roles and evidence
    grammar               where countries, former, deputy, spokesman stand around a title
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, Protocol

CODES: tuple[str, ...] = ("ar", "ru", "tr", "en", "fa")

INFLECTED = "another case"
"""The rule of a form that only inflects the name as its author wrote it."""

KIN = "given name after a word for a relative"
"""The rule of a short form that counts where the family's surname stands in the same sentence."""

RESTS: list[Callable[[], object]] = []
"""What lets go of large data; the language that loads them adds it, and loads them again when it needs them."""

Number = Literal["one", "two", "many"]
Meaning = Literal["former", "deputy", "acting", "speaks-for", "next", "under"]


GIVEN_ALONE = "given name alone"
"""The rule of a short form that is only a given name: it counts at words of power (the regime of X) and titles."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way a word or phrase appears, and the rule that made it, in plain English, for `explain`.

    `text` is as written (words separated by single spaces); the matcher folds it. `within` is the whole name that a
    short form is part of, where its words inflect as they do there (a woman's surname).
    """

    text: str
    rule: str
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """One form of an office's title ("foreign minister", "министром иностранных дел", "وزيرا خارجية").

    `number` tells how many people it speaks of: a title of "two" or "many" is followed (or preceded) by as many
    countries. `country` is set where the title itself names the country ("US Secretary of State" is data of the
    office for the United States; "Kremlin chief"): then none is looked for. `lang` is filled in by the language.
    `short` marks a title that only counts after the full one has been said ("the minister", الوزير): it still needs
    its country or its person.
    """

    text: str
    lang: str
    number: Number = "one"
    country: str | None = None
    short: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class CountryWords:
    """How a language speaks of one country or organisation, all inflected forms included.

    `names` ("Russia", "Russia's", "России"), `adjectives` ("Russian", "российского", الروسي) and `places`, its capital
    and seats of power as writers use them for it ("Moscow", "Kremlin"). Adjectives carry their number: الروسيان speaks
    of two.
    """

    names: tuple[Form, ...] = ()
    adjectives: tuple[Form, ...] = ()
    places: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A word or phrase at a title that changes whom it means.

    `former`, `acting`, `next` (elected, designate): about time. `deputy`: another person's office. `speaks-for`
    (spokesman, envoy, adviser of): the principal inside it counts. `under` (first name of a lower rank, "assistant"):
    another person's office. `before`/`after`: where it stands; a word that only counts directly at the title has
    `reach` 1 (words).
    """

    text: str
    meaning: Meaning
    before: bool = True
    after: bool = False
    reach: int = 1


@dataclass(frozen=True, slots=True)
class Grammar:
    """Where things stand around a title.

    `country_before` and `country_after` say on which side of a title its country is looked for, at most `reach` words
    away, all of them from `linkers` ("of", "the", جمهورية), conjunctions or other countries. `counterparts` are words
    like "counterpart", نظيره, mevkidaşı: they take the office of a person named or titled earlier in the sentence, with
    their own country. `conjunctions` join the members of a list ("and", و where it stands alone, ve, и). Where an
    adjective needs an `article` to speak of one holder it is given here. `bodies` begin a country's name but, followed
    by the particle `of`, also a union or federation in it. `adjective_after` and `name_before` say whether a country's
    adjective may follow a title, and its bare name stand before one; `names_in_list` whether it may before the title of
    several people, `after_link` whether a country behind a title needs a linker ("of").
    """

    country_before: bool = False
    country_after: bool = False
    reach: int = 3
    linkers: frozenset[str] = frozenset()
    conjunctions: frozenset[str] = frozenset()
    article: str = ""
    bodies: frozenset[str] = frozenset()
    of: str = ""
    after_link: bool = False
    adjective_after: bool = True
    name_before: bool = True
    names_in_list: bool = True
    qualifiers: tuple[Qualifier, ...] = ()
    counterparts: tuple[Title, ...] = ()


@dataclass(frozen=True, slots=True)
class Cues:
    """Words beside a name that tell a person from a common word, a place or somebody else. All may be empty.

    `speech`: verbs and nouns of saying and acting that a person's name follows or precedes (said, met, statement
    of). `power`: nouns that govern a ruler's name (regime of, forces of, fall of). `places`: heads of the names of
    places and institutions (street, university, club of). `kin`: words that make the name after them a father's or
    a clan's (son of, family of). `regime`: nouns after which a ruler is called by the given name alone. `idioms`:
    phrases in which a word that may be a name is none. `common`: words of the language that are also names.
    `no_surname`: words that look like a surname but are none (الذي, اليوم). `meets`: verbs whose object follows
    their subject, so that a name after a title is not its holder's. `vague`: titles that say nothing about a name
    beside them without their country. `women`: given names of women, whom alone a feminine title means. `leaders`:
    surnames of holders of offices in other days: after a title they say that another holder is meant. `relatives`:
    words for a relative, after which a bare surname is the head of the family's. `generation`: words behind a name
    that make it the father's or the son's (Jr, младший).
    """

    speech: frozenset[str] = frozenset()
    power: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    kin: frozenset[str] = frozenset()
    idioms: tuple[str, ...] = ()
    common: frozenset[str] = frozenset()
    no_surname: frozenset[str] = frozenset()
    meets: frozenset[str] = frozenset()
    vague: frozenset[str] = frozenset()
    women: frozenset[str] = frozenset()
    leaders: frozenset[str] = frozenset()
    relatives: frozenset[str] = frozenset()
    generation: frozenset[str] = frozenset()
    regime: frozenset[str] = frozenset()


def cues(knows: Language) -> Cues:
    """Return a language's cues; a language may do without."""
    found = getattr(knows, "cues", None)
    return found if isinstance(found, Cues) else Cues()


class Language(Protocol):
    """What a language module offers. Every method is pure and deterministic; order of results does not matter."""

    @property
    def code(self) -> str:
        """BCP 47 primary subtag."""

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Particles glued before a name's first word -> what they mean, in plain English; combinations included."""

    @property
    def titles(self) -> frozenset[str]:
        """Words directly before a name that belong to the named person: president, Mr, السيد."""

    @property
    def given_names(self) -> frozenset[str]:
        """Common given names: before a surname they mean another person, unless they are the entity's own."""

    @property
    def particles(self) -> frozenset[str]:
        """Parts of names too common to be looked up first: عبد, الله, bin, de, van, oğlu; may be empty."""

    @property
    def grammar(self) -> Grammar:
        """Where countries, qualifiers and counterparts stand around a title."""

    def spellings(self, words: Sequence[str], kind: str) -> Iterable[Form]:
        """Other usual ways to write the whole name: transliterations, glued and spaced particles, patronymics."""

    def inflect(self, words: Sequence[str], index: int, kind: str) -> Iterable[Form]:
        """Forms that word `index` of the name takes in running text, its base form excluded (cases, suffixes)."""

    def short_forms(self, words: Sequence[str], kind: str) -> Iterable[Form]:
        """Parts of a name that stand for it once it has been written in full: mostly the surname."""

    def names_another(self, word: str, own: frozenset[str]) -> bool:
        """Tell whether `word`, as written directly before a surname, is another person's given name.

        `own` holds the folded words of the entity's own names in every alias. Scripts with capitals can decide by
        them; Arabic and Persian decide by `given_names`. A title, a verb or a common word is no given name.
        """

    def stands_alone(self, surname: str, inside: bool, following: str = "") -> bool:
        """Tell whether a surname (in its base form) is clear by itself in an article that gives it to nobody else.

        One that thousands bear is not, and one that is also a common word only `inside` a sentence, where its capital
        says that it is a name. Before a noun (`following`) an adjectival surname is an adjective. Only scripts with
        capitals can say yes.
        """

    def phrase_forms(self, phrase: str) -> Iterable[str]:
        """Every other form of a title in an author's own words: its cases; its base form may be among them."""

    def agrees(self, given: str, surname: str, form: str) -> bool:
        """Tell whether a form in the text can be the surname of a relative with that given name.

        `surname` is the watched person's, in its base form. A language without cases or genders always says yes.
        """

    def office_titles(self, office: str) -> Iterable[Title]:
        """Every form of an office's title in this language, from the program's data; empty for an unknown office."""

    def country_words(self, country: str) -> CountryWords:
        """How this language speaks of a country or organisation, from the program's data; empty for an unknown one."""


@dataclass(frozen=True)
class Plain:
    """A language of which the program knows nothing: names match as written, nothing is generated."""

    code: str
    prefixes: Mapping[str, str] = field(default_factory=dict)
    titles: frozenset[str] = frozenset()
    given_names: frozenset[str] = frozenset()
    particles: frozenset[str] = frozenset()
    grammar: Grammar = field(default_factory=Grammar)

    def spellings(self, words: Sequence[str], kind: str) -> Iterable[Form]:
        """Know no other spelling."""
        return ()

    def inflect(self, words: Sequence[str], index: int, kind: str) -> Iterable[Form]:
        """Know no inflection."""
        return ()

    def short_forms(self, words: Sequence[str], kind: str) -> Iterable[Form]:
        """Know no short form."""
        return ()

    def names_another(self, word: str, own: frozenset[str]) -> bool:
        """Know no given names."""
        return False

    def stands_alone(self, surname: str, inside: bool, following: str = "") -> bool:
        """Know no surname."""
        return False

    def phrase_forms(self, phrase: str) -> Iterable[str]:
        """Know no other form."""
        return ()

    def agrees(self, given: str, surname: str, form: str) -> bool:
        """Know no cases."""
        return True

    def office_titles(self, office: str) -> Iterable[Title]:
        """Know no titles."""
        return ()

    def country_words(self, country: str) -> CountryWords:
        """Know no countries."""
        return CountryWords()


def rest() -> None:
    """Let go of the dictionaries that languages hold; to call when watchlists are compiled, and now and then."""
    for let_go in RESTS:
        let_go()


def primary(code: str | None) -> str:
    """Return the language of a BCP 47 code without region or script ("ar-SA" is ar); empty where there is none."""
    return (code or "").split("-")[0].lower()


@cache
def language(code: str | None) -> Language:
    """Return the language of a BCP 47 code ("ar-SA" is Arabic), loaded when first asked for; else a `Plain` one."""
    name = primary(code)
    if name not in CODES:
        return Plain(name)
    module = importlib.import_module(f"{__name__}.{name}")
    found: Language = module.LANGUAGE
    return found


def guess(text: str) -> str:
    """Guess a text's language from its letters: good enough to choose abbreviations and titles by.

    Arabic script with Persian letters is Persian, other Arabic script Arabic; Cyrillic is Russian; Latin script with
    Turkish letters is Turkish, else English.
    """
    sample = text[:2000]
    arabic = sum("\u0600" <= character <= "\u06ff" for character in sample)
    cyrillic = sum("\u0400" <= character <= "\u04ff" for character in sample)
    latin = sum(character.isalpha() and character < "\u0250" for character in sample)
    if arabic >= max(cyrillic, latin):
        persian = sum(character in "پچژگکیۀ" for character in sample)
        return "fa" if persian * 20 > arabic else "ar"
    if cyrillic >= latin:
        return "ru"
    turkish = sum(character in "ğşıİĞŞ" for character in sample)
    return "tr" if turkish * 50 > latin else "en"
