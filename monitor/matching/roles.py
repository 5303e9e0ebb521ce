"""Roles: who is meant by a title, on the day of the article.

    title phrase -> qualifiers around it -> its country or countries -> (office, country, day) -> entity

A counterpart (نظيره التركي) and a bare "minister" take the office that was named or held nearest before them. A title
that is followed by somebody else's name is that person's. A title without a country means nobody, unless the article's
source is of that country.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.matching.scan import View
from monitor.matching.titles import Heading, Place, Titles
from monitor.model import Entity, Role
from monitor.text.languages import Meaning, world

_LIST_GAP = re.compile(r"(?:[^\S\x1e]|[\u200b-\u200f\"“”„«»'‘’()\[\]_ـ\-–،,])*")
_NEAR = re.compile(r"(?:[^\S\x1e]|[\u200b-\u200f\"“”„«»'‘’()\[\]_ـ\-–])*")
_FOR_OTHERS = frozenset(
    ["spokesman", "presidential spokesman", "government spokesman", "foreign ministry spokesman", "special envoy"]
)
_LONGEST_LIST = 14  # words from a plural title to the last country of its list
_YEAR = re.compile(rb"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Office:
    """One office of one country as the text names it, with the words that do so."""

    office: str
    country: str | None
    first: int
    last: int
    skip: int
    number: str
    short: bool
    meanings: frozenset[Meaning]
    counterpart: bool = False
    feminine: bool = False
    never: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Say the office with its country; a title in an author's own words has none."""
        return f"{self.office} of {self.country}" if self.country else self.office


@dataclass(frozen=True, slots=True)
class Holder:
    """An entity that holds an office from a day to a day."""

    entity: int
    role: Role


class Offices:
    """Who on a watchlist holds which office when."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        """Index every role that is an office; unknown offices or countries were refused by the loader."""
        self.holders: dict[tuple[str, str], list[Holder]] = {}
        self.of_entity: dict[int, list[tuple[str, str, Role]]] = {}
        for number, entity in enumerate(entities):
            for role in entity.roles:
                office, country = world.office(role.office or ""), world.country(role.of or "")
                if office and country:
                    self.holders.setdefault((office.key, country.key), []).append(Holder(number, role))
                    self.of_entity.setdefault(number, []).append((office.key, country.key, role))
                for text in (text for texts in role.titles.values() for text in texts):
                    self.holders.setdefault((text, ""), []).append(Holder(number, role))
                    self.of_entity.setdefault(number, []).append((text, "", role))

    def holder(self, office: str, country: str, day: date | None) -> Holder | None:
        """Return who holds an office on a day; without a day only an office that was never given up counts."""
        for holder in self.holders.get((office, country), ()):
            if holder.role.held_on(day) if day else holder.role.until is None:
                return holder
        return None

    def last_holder(self, office: str, country: str, day: date) -> Holder | None:
        """Return who held an office until shortly before a day, if nobody on the watchlist holds it now."""
        past = [
            holder
            for holder in self.holders.get((office, country), ())
            if holder.role.until and holder.role.until <= day and (day - holder.role.until).days < _RECENT
        ]
        return max(past, key=lambda holder: holder.role.until or day) if past else None

    def held(self, entity: int, day: date | None) -> Iterator[tuple[str, str]]:
        """Yield the offices (office, country) that an entity holds on a day."""
        for office, country, role in self.of_entity.get(entity, ()):
            if role.held_on(day) if day else role.until is None:
                yield office, country


_RECENT = 3 * 365  # days for which "the former minister" means the one who held the office last


def read_offices(view: View, titles: Titles, begin: frozenset[bytes]) -> list[Office]:
    """Return the offices that a text names, in order, with their countries; only titles that `begin` with a word."""
    found: list[Office] = []
    for at in [at for at, word in enumerate(view.words) if word in begin]:
        found.extend(row for row in _read_title(view, titles, at) if not _repeats(row, found))
    return found


def _repeats(row: Office, found: Sequence[Office]) -> bool:
    """Tell whether a title is only the end of a longer one ("leader" in "supreme leader of").

    The principal at the end of a spokesman's or envoy's title is somebody of his own.
    """
    if not found or found[-1].last != row.last or found[-1].first >= row.first:
        return False
    outer = found[-1]
    return outer.office == row.office or (outer.office not in _FOR_OTHERS and outer.country == row.country)


def _read_title(view: View, titles: Titles, at: int) -> list[Office]:
    """Read the title that starts at a word: its longest phrase, what qualifies it, and its countries."""
    rows: list[Office] = []
    longest = 0
    for skip, word in titles.strip(view.words[at]):
        for length, heading in titles.headings.starting(view.words, at, word):
            if length < longest or not connected(view, at, length):
                continue
            longest = length
            rows.extend(_with_countries(view, titles, at, length, skip, heading))
    return [row for row in rows if row.last - row.first + 1 >= longest]


def connected(view: View, at: int, length: int) -> bool:
    """Tell whether nothing but space and quotation marks parts the words of a phrase."""
    return all(beside(view, place) for place in range(at, at + length - 1))


def beside(view: View, before: int) -> bool:
    """Tell whether nothing but space, quotation marks and brackets stands between a word and the next one."""
    gap = view.gap(before)
    return gap == " " or bool(_NEAR.fullmatch(gap))


def _with_countries(view: View, titles: Titles, at: int, length: int, skip: int, heading: Heading) -> Iterator[Office]:
    """Yield a title once for each country beside it; once without a country if there is none."""
    end = at + length - 1
    meanings = set(meanings_before(view, titles, at))
    countries: list[str] = [heading.country] if heading.country else []
    last, first = end, at
    if not countries and titles.grammar.country_after:
        countries, last = _countries_after(view, titles, end, heading)
    if not countries and titles.grammar.country_before:
        countries, first = _countries_before(view, titles, at, heading)
        meanings |= set(meanings_before(view, titles, first))
    meanings |= set(meanings_after(view, titles, last, titles.grammar.reach))
    if {
        "deputy",
        "speaks-for",
    } <= meanings:  # a minister's assistant holds another office, a ruler's speaks
        meanings.discard("speaks-for" if "minister" in (heading.office or "") else "deputy")
    if heading.number != "one" and len(countries) < 2:
        return
    if countries and heading.never.issuperset(countries):
        return
    named: list[str | None] = [*countries] or [None]
    for country in named:
        yield Office(
            heading.office or "", country, first, last, skip, heading.number, heading.short,
            frozenset(meanings), heading.office is None, heading.feminine, heading.never,
        )  # fmt: skip


def _countries_after(view: View, titles: Titles, end: int, heading: Heading) -> tuple[list[str], int]:
    """Collect the country, or for a title of several people the countries, that follow a title."""
    single = heading.number == "one"
    found: list[str] = []
    at, last, idle = end + 1, end, 0
    limit = min(len(view.words), end + 1 + (titles.grammar.reach if single else _LONGEST_LIST))
    while at < limit and (_NEAR if single else _LIST_GAP).fullmatch(view.gap(at - 1)):
        length, place = _place_at(view, titles, at, heading, bool(found))
        if place is not None and (found or idle or not titles.grammar.after_link):
            if place.country not in found:
                found.append(place.country)
            last, at, idle = at + length - 1, at + length, 0
            if single:
                break
            continue
        idle += 1
        if idle > 3 or not _links(view.words[at], titles, single):
            break
        at += 1
    return found, last


def _links(word: bytes, titles: Titles, single: bool) -> bool:
    """Tell whether a country may still follow; only the title of several people goes on after a conjunction."""
    return any(bare in titles.linkers or (bare in titles.conjunctions and not single) for _, bare in titles.strip(word))


def _place_at(view: View, titles: Titles, at: int, heading: Heading, listed: bool) -> tuple[int, Place | None]:
    """Return the country phrase at a word. A glued particle is allowed in a list and after a title of several words."""
    best: tuple[int, Place | None] = (0, None)
    for skip, word in titles.strip(view.words[at]):
        if skip and not listed and (best[1] is not None or heading.words == 1):
            break
        for length, place in titles.places.starting(view.words, at, word):
            allowed = place.part == "name" or (place.part == "adjective" and titles.grammar.adjective_after)
            if allowed and length > best[0] and _definite(word, place, titles):
                best = (length, place)
                break
    return best if best[1] is None or not _a_body(view, titles, at, best[0]) else (0, None)


def _definite(word: bytes, place: Place, titles: Titles) -> bool:
    """Tell whether an adjective makes a title somebody's: without the article it speaks of just any holder."""
    return place.part != "adjective" or not titles.grammar.article or word.startswith(titles.article)


def _a_body(view: View, titles: Titles, at: int, length: int) -> bool:
    """Tell a sports or trade union (the Russian federation of athletics) from the country of the same name."""
    end = at + length
    if view.words[at] not in titles.bodies or end >= len(view.words):
        return False
    return view.words[end].startswith(titles.of) and beside(view, end - 1)


def _countries_before(view: View, titles: Titles, at: int, heading: Heading) -> tuple[list[str], int]:
    """Collect the country, or the countries of a list, that stand before a title."""
    single = heading.number == "one"
    found: list[str] = []
    place_at, first = at - 1, at
    steps = titles.grammar.reach if single else _LONGEST_LIST
    while place_at >= 0 and steps > 0 and (_NEAR if single else _LIST_GAP).fullmatch(view.gap(place_at)):
        steps -= 1
        names = titles.grammar.name_before and (single or titles.grammar.names_in_list)
        parts = ("name", "adjective") if names else ("adjective",)
        ending = titles.places.ending(view.words, place_at)
        match = next(((length, place) for length, place in ending if place.part in parts), None)
        if match is not None:
            if match[1].country not in found:
                found.append(match[1].country)
            first = place_at - match[0] + 1
            place_at = first - 1
            if single:
                break
            continue
        if not _links(view.words[place_at], titles, single):
            break
        place_at -= 1
    return found, first


def meanings_before(view: View, titles: Titles, at: int) -> Iterator[Meaning]:
    """Yield what qualifies a title from before it; a glued particle on the qualifier is allowed."""
    if at == 0 or not beside(view, at - 1):
        return
    for _, qualifier in titles.qualifiers.ending(view.words, at - 1):
        if qualifier.before:
            yield qualifier.meaning
    for _, bare in titles.strip(view.words[at - 1]):
        for length, qualifier in titles.qualifiers.starting(view.words, at - 1, bare):
            if length == 1 and qualifier.before:
                yield qualifier.meaning


def meanings_after(view: View, titles: Titles, last: int, reach: int) -> Iterator[Meaning]:
    """Yield what qualifies a title from behind it, at most `reach` words away."""
    for at in range(last + 1, min(len(view.words), last + 1 + reach)):
        if not beside(view, at - 1):
            return
        for _, qualifier in titles.qualifiers.starting(view.words, at):
            if qualifier.after and at - last <= max(1, qualifier.reach):
                yield qualifier.meaning


def years_after(view: View, last: int, end: int) -> tuple[int, ...]:
    """Return the years written between a title's last word and another one: the title may speak of that time."""
    return tuple(int(word) for word in view.words[last + 1 : end] if len(word) == 4 and _YEAR.fullmatch(word))
