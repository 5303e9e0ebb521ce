"""Surnames in scripts with capitals: whose a surname is that stands without its given name.

small letter -> a word · another initial before it -> somebody else's · nobody else's in the article -> clear alone
a relative's given name beside the family's surname -> the relative
"""

from __future__ import annotations

from collections.abc import Iterable

from monitor.matching.lexicon import Grade, Lexicon
from monitor.matching.names import Found
from monitor.matching.scan import encode
from monitor.matching.scene import Scene, signs
from monitor.text.languages import INFLECTED, KIN, language

_AFTER_INITIAL = (".", ". ", ".\u00a0")
_STEM = 3  # letters that a surname keeps at least, and that an ending may add, where relatives share it


class Surnames:
    """What one article says about who bears which surname."""

    def __init__(self, lexicon: Lexicon, scene: Scene) -> None:
        """Start with an article in which nobody is known to bear a watched surname."""
        self._lexicon = lexicon
        self._scene = scene
        self._others: dict[int, list[tuple[str, int]]] = {}

    def give(self, entity: int, given: str, at: int) -> None:
        """Note that the article gives an entity's surname to somebody else: their given name, and at which word."""
        self._others.setdefault(entity, []).append((given, at))

    def shared(self, entity: int) -> bool:
        """Tell whether the article gives an entity's surname to somebody else too."""
        return entity in self._others

    def written_small(self, one: Found) -> bool:
        """Tell a common word from a name by its small letter, in a script that has capitals."""
        first = self._scene.surface(one.first)[:1]
        return one.first == one.last and one.pattern.person and first.islower() and one.pattern.alias[:1].isupper()

    def initial(self, one: Found) -> str | None:
        """Return the initial before a name, with its full stop; of several the first, which is the given name's."""
        scene, at = self._scene, one.first
        while at > 0 and len(scene.words[at - 1]) <= 2 and scene.view.gap(at - 1) in _AFTER_INITIAL:
            at -= 1
        return f"{scene.surface(at)}." if at < one.first else None

    def clear(self, waiting: Iterable[Found]) -> set[int]:
        """Return the entities whose bare surname is clear in this article.

        Of several watched people of one surname whom nothing else tells apart, the one whose forms fit most often is
        meant, and of equals the one that the watchlist names first.
        """
        counted: dict[int, int] = {}
        places: dict[int, set[int]] = {}
        for one in waiting:
            if one.pattern.grade is Grade.SHORT and self._clear_alone(one):
                counted[one.pattern.entity] = counted.get(one.pattern.entity, 0) + 1
                places.setdefault(one.first, set()).add(one.pattern.entity)
        beaten: set[int] = set()
        for rivals in places.values():
            best = max(rivals, key=lambda entity: (counted[entity], -entity))
            beaten |= rivals - {best}
        return set(counted) - beaten

    def _clear_alone(self, one: Found) -> bool:
        """Tell whether a surname is as its author wrote it up to its case, no mere word, and nobody else's here."""
        pattern, scene = one.pattern, self._scene
        if one.first != one.last or not pattern.person or any(rule != INFLECTED for rule in one.rules):
            return False
        knows = language(pattern.lang)
        if self._may_be_another(one):
            return False
        inside = scene.sentence(one.first)[0] < one.first
        following = scene.surface(one.last + 1) if scene.after(one.last) else ""
        return knows.stands_alone(pattern.alias, inside, following)

    def _may_be_another(self, one: Found) -> bool:
        """Tell whether a bare surname may be that of somebody else whom the article names.

        It is not where its case is not theirs, where it follows a word for a relative, and where they are only
        introduced after it: writers give the full name first, headlines apart.
        """
        scene, pattern = self._scene, one.pattern
        if scene.before(one.first) in signs(pattern.lang).relatives:
            return False
        knows, surface, headline = language(pattern.lang), scene.surface(one.first), self._in_headline(one)
        return any(
            (headline or at < one.first) and knows.agrees(given, pattern.alias, surface)
            for given, at in self._others.get(pattern.entity, ())
        )

    def _in_headline(self, one: Found) -> bool:
        """Tell whether a name stands in a title, or in a text's first line, which often repeats it."""
        field, start, _ = self._scene.place(one.first, one.last)
        return field == "title" or "\n" not in self._scene.article.text(field)[:start].strip()

    def others_relative(self, one: Found) -> bool:
        """Tell whether a relative's given name is followed by a surname of their own, another one than the entity's."""
        if one.pattern.rule != KIN or not self._scene.after(one.last):
            return False
        following = self._scene.surface(one.last + 1)
        return following[:1].isupper() and not self._scene.words[one.last + 1].startswith(self._stems(one))

    def _stems(self, one: Found) -> tuple[bytes, ...]:
        """Return what every form of an entity's surnames begins with."""
        aliases = self._lexicon.entities[one.pattern.entity].aliases
        names = [alias.text.split()[-1] for alias in aliases if alias.lang == one.pattern.lang and " " in alias.text]
        return tuple(encode(name)[:-1] for name in names if len(name) > _STEM)

    def with_family(self, one: Found) -> bool:
        """Tell whether a relative's given name stands in one sentence with the surname that they share."""
        if one.pattern.rule != KIN:
            return False
        first, last = self._scene.sentence(one.first)
        stems = self._stems(one)
        return any(
            word.startswith(stems) and any(len(word) - len(stem) <= _STEM for stem in stems)
            for word in self._scene.words[first:last]
        )
