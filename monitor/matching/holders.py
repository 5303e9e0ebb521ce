"""Titles to people: which of an article's titles mean a watched entity on the day of the article, and why.

office with its country -> who held it that day -> another name beside it? another year? -> role mention
counterpart, dual, "the minister" -> the office named last before it -> the same
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitor.matching.known import BOILERPLATE, State, World
from monitor.matching.names import Found, all_capitals
from monitor.matching.roles import Holder, Office, years_after
from monitor.matching.scan import encode
from monitor.matching.scene import Scene, signs
from monitor.model import Role, Zone
from monitor.text.fold import fold
from monitor.text.languages import language, world

_NEAR_YEAR = 5  # words within which a year says when somebody held a title
_NAME = 4  # letters of a word that may be an unknown given name
_ADJECTIVES = 2  # honorifics and adjectives between a title and a name
_FAR = 40  # words back to which a counterpart's office is looked for
_NOT_THEIRS = frozenset({"deputy", "under", "next"})


@dataclass(frozen=True, slots=True)
class Meant:
    """One title and the entity that it means, or seemed to mean."""

    office: Office
    entity: int
    accepted: bool
    why: str


class Roles:
    """Decides about the titles of one article."""

    def __init__(self, about: World, scene: Scene, state: State, found: Sequence[Found]) -> None:
        """Take what is known, and every name found: names beside a title, and names that bring an office."""
        self.about = about
        self.scene = scene
        self.state = state
        self._found = found
        self._starts = {one.first: one for one in found}

    def decide(self) -> list[Meant]:
        """Return the decision about every title that could mean somebody on the watchlist."""
        decided: list[Meant] = []
        for row in self.scene.offices:
            decided.extend(self._title(row))
        for meant in decided:
            if meant.accepted:
                self.state.roles.setdefault(meant.entity, meant.why)
        return decided

    def _title(self, row: Office) -> Iterator[Meant]:
        if row.short and row.number == "one":
            return
        if row.counterpart or row.short:
            row = self._resolved(row)
        if not row.office or row.country is None:
            row = self._at_home(row)
        if not row.office or row.country is None:
            return
        holder, when = self._holder(row)
        if holder is None:
            yield from self._never(row)
            return
        why_not = self._not_meant(row, holder)
        if why_not:
            yield Meant(row, holder.entity, False, why_not)
            return
        name = self.about.lexicon.entities[holder.entity].name
        yield Meant(row, holder.entity, True, f"{row.name} {when} is {name}")

    def _holder(self, row: Office) -> tuple[Holder | None, str]:
        """Return who held the office on the article's day; of "the former" the one who held it until lately."""
        offices, day = self.about.offices, self.scene.day
        if "former" in row.meanings:
            last = offices.last_holder(row.office, row.country or "", day) if day else None
            return last, "who left it most recently"
        return offices.holder(row.office, row.country or "", day), f"on {day}" if day else "(undated)"

    def _never(self, row: Office) -> Iterator[Meant]:
        """Explain for a watched holder of another time why the title does not mean them."""
        for holder in self.about.offices.holders.get((row.office, row.country or ""), ()):
            former = "a former holder is meant" if "former" in row.meanings else f"not theirs on {self.scene.day}"
            yield Meant(row, holder.entity, False, f"{row.name}: {former}{_term(holder.role)}")

    def _not_meant(self, row: Office, holder: Holder) -> str | None:
        """Return why a title does not mean its holder here."""
        if self.scene.zone(row.first) is Zone.BOILERPLATE:
            return BOILERPLATE
        bad = row.meanings & _NOT_THEIRS
        if bad:
            return f"another person's office: {', '.join(sorted(bad))} stands beside it"
        if row.feminine and not self._woman(holder.entity):
            return "the title is a woman's"
        other = None if "speaks-for" in row.meanings else self._named_beside(row, holder.entity)
        if other:
            return f"the title goes with another name: {other}"
        return self._another_time(row, holder)

    def _named_beside(self, row: Office, entity: int) -> str | None:
        """Return the name of somebody else that follows a title."""
        scene = self.scene
        if row.number != "one":
            return None
        marks = signs(scene.lang)
        at, skipped = row.last, 0
        while skipped < _ADJECTIVES and scene.after(at, comma=True) and self._passes(scene.words[at + 1]):
            at, skipped = at + 1, skipped + 1
        if not scene.after(at, comma=True):
            return None
        one = self._starts.get(at + 1)
        if one is not None and not one.skip:
            return None if one.pattern.entity == entity else one.pattern.alias
        if skipped and any(bare in marks.meets for _, bare in scene.titles.strip(scene.before(row.first))):
            return None  # whom the holder met, not the holder
        word, own = scene.surface(at + 1), self.about.own[entity]
        for ahead in range(at + 1, min(at + 3, len(scene.words))):  # a surname, or an unknown given name before it
            if scene.words[ahead] in marks.leaders and fold(scene.surface(ahead)).text not in own:
                return scene.surface(ahead)
            if not scene.after(ahead) or len(scene.words[ahead]) < _NAME:
                break
        knows = language(scene.lang)
        joined = knows.prefixes.get(word[:1]) == "and" and fold(word).text not in knows.given_names
        another = knows.names_another(word, own) and not joined
        return word if another or self._capitalised(at + 1, own) else None

    def _capitalised(self, at: int, own: frozenset[str]) -> bool:
        """Tell a name that no list knows by two capitals in a row, where the words around are not all capitalised."""
        scene = self.scene
        if at + 1 >= len(scene.words) or scene.view.gap(at - 1) != " " or scene.view.gap(at) != " ":
            return False
        words = scene.surface(at), scene.surface(at + 1)
        if not all(word[:1].isupper() and not word.isupper() for word in words):
            return False
        return not any(fold(word).text in own for word in words) and not all_capitals(scene.view, at)

    def _passes(self, word: bytes) -> bool:
        """Tell whether a word may stand between a title and its holder's name: an honorific or another adjective."""
        titles = self.scene.titles
        if word in titles.honorifics or self._is_former(word):
            return True
        return (
            bool(titles.article) and word.startswith(titles.article) and word not in signs(self.scene.lang).no_surname
        )

    def _woman(self, entity: int) -> bool:
        """Tell whether an entity bears a woman's given name; of scripts whose titles know no gender nobody asks."""
        women = signs(self.scene.lang).women
        names = (alias.text.split()[0] for alias in self.about.lexicon.entities[entity].aliases)
        return any(encode(name) in women for name in names)

    def _is_former(self, word: bytes) -> bool:
        return (word,) in self.scene.titles.qualifiers.values

    def _another_time(self, row: Office, holder: Holder) -> str | None:
        """Return why a title speaks of another time: a year beside it in which somebody else held the office."""
        day = self.scene.day
        if day is None:
            return None
        _, end = self.scene.sentence(row.first)
        years = [
            year for year in years_after(self.scene.view, row.last, min(end, row.last + _NEAR_YEAR)) if year < day.year
        ]
        if not years or _held_in(holder.role, years[0]):
            return None
        return f"the sentence speaks of {years[0]}, when somebody else held the office"

    def _at_home(self, row: Office) -> Office:
        """Give a title without a country the country of the article's source, if somebody watched holds it there."""
        home = world.country(self.scene.article.country or "")
        if not row.office or home is None or row.number != "one" or home.key in row.never:
            return row
        return replace(row, country=home.key) if (row.office, home.key) in self.about.offices.holders else row

    def _resolved(self, row: Office) -> Office:
        """Give a counterpart or a dual the office that was named or held last before it."""
        for office in self._offices_before(row):
            return replace(row, office=office, short=False)
        return replace(row, office="")

    def _offices_before(self, row: Office) -> Iterable[str]:
        """Yield the offices named before a word, nearest first; a watched name brings the office it holds that day."""
        known: list[tuple[int, str]] = []
        for other in self.scene.every_office:
            if other.first < row.first and not other.counterpart and not other.short:
                deputy = bool(other.meanings & {"deputy", "under"})
                known.append((other.last, "" if deputy else other.office))
        for one in self._found:
            if one.first < row.first and one.pattern.entity in self.state.named:
                known.extend(
                    (one.last, office) for office, _ in self.about.offices.held(one.pattern.entity, self.scene.day)
                )
        near = [(at, office) for at, office in known if row.first - at <= _FAR]
        return [office for _, office in sorted(near, reverse=True) if office][:1] if near else []


def _term(role: Role) -> str:
    return f" (held {role.since or 'always'} to {role.until or 'now'})"


def _held_in(role: Role, year: int) -> bool:
    return role.held_on(date(year, 1, 1)) or role.held_on(date(year, 12, 31))
