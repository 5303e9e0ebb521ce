"""Who is meant: whether a pattern that stands in the text means the entity, and the evidence for either answer.

    found -> inside a longer name? -> somebody else's name, a place, an idiom? -> trusted on its own? -> evidence

What an author calls strong needs no evidence, only the absence of signs for somebody else. A weak word or our own
shortening needs the full name, the role, a title beside it, or words that place the article in the entity's world.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitor.matching.analyser import Known
from monitor.matching.evidence import Evidence
from monitor.matching.known import INNER, State, Verdict, World
from monitor.matching.lexicon import Grade
from monitor.matching.names import Found
from monitor.matching.others import ANOTHER, GENERATION, NAMESAKE, Others
from monitor.matching.scene import Scene, signs
from monitor.matching.surnames import Surnames
from monitor.text.languages import KIN

NO_CUE = "also a common word, and nothing beside it says that a person is meant"
ONLY_A_WORD = "camel-tools' analyser knows it only as a common word, and nothing beside it says that a person is meant"
ONLY_A_NAME = "camel-tools' analyser knows it only as a proper noun"
NO_NAME = "a short form, and neither the full name nor the role stands in the article"


class Judge:
    """Decides about the found patterns of one article."""

    def __init__(self, world: World, scene: Scene, state: State) -> None:
        """Take what is known about the watchlist, the article, and what was decided so far."""
        self.scene = scene
        self.state = state
        self.surnames = Surnames(world.lexicon, scene)
        self._entities = world.lexicon.entities
        self._evidence = Evidence(world, scene)
        self._others = Others(self._evidence, self.surnames)

    def sure(self, found: Iterable[Found]) -> tuple[list[Verdict], list[Found]]:
        """Decide what needs no evidence, and return the rest; whoever is accepted here is named in the article."""
        decided: list[Verdict] = []
        open_: list[Found] = []
        for one in found:
            why = None if one.pattern.grade is Grade.GIVEN else self._others.sign(one)
            if why:
                decided.append(Verdict(one, False, why))
                if why.startswith((ANOTHER, GENERATION, NAMESAKE)):
                    self.surnames.give(one.pattern.entity, why.rpartition(": ")[2], one.first)
            elif self._stands_by_itself(one):
                decided.append(Verdict(one, True, f"named: {one.pattern.alias}"))
                self.state.named.setdefault(one.pattern.entity, f"{one.pattern.alias} stands in the article")
                self.state.places.setdefault(one.pattern.entity, []).append(one.first)
            else:
                open_.append(one)
        taken = {verdict.found.first for verdict in decided if verdict.accepted}
        free = (one for one in open_ if one.pattern.entity not in self.state.named and one.first not in taken)
        for entity in self.surnames.clear(free):
            self.state.named.setdefault(entity, "the article gives this surname to nobody else")
        return decided, open_

    def give_away(self, inner: Iterable[Verdict]) -> None:
        """Note whose surnames stand inside other people's full names."""
        for verdict in inner:
            given = verdict.why.removeprefix(INNER).split()[0]
            self.surnames.give(verdict.found.pattern.entity, given, verdict.found.first)

    def weigh(self, open_: Iterable[Found]) -> list[Verdict]:
        """Decide what needs evidence: first what has it beside it, then the rest by what that established."""
        decided: list[Verdict] = []
        waiting: list[Found] = []
        for one in open_:
            given = one.pattern.grade is Grade.GIVEN
            why = self._evidence.given_alone(one) if given else self._beside(one)
            if why:
                decided.append(Verdict(one, True, why))
                self.state.named.setdefault(one.pattern.entity, f"{one.pattern.alias} is titled in the article")
            elif not given and (not self._evidence.soft(one) or one.pattern.entity in self.state.named):
                waiting.append(one)  # the others are anybody's given names, or words that sound alike: nothing to tell
        decided.extend(self._elsewhere(one) for one in waiting)
        return self._shared(decided)

    def _stands_by_itself(self, one: Found) -> bool:
        """Tell whether a name is strong, as its author wrote it, and not introduced as somebody else's."""
        entity, pattern = one.pattern.entity, one.pattern
        if pattern.grade > Grade.STRONG or self._evidence.soft(one) or self._weak_here(one):
            return False
        if pattern.grade is Grade.FULL or pattern.lang != "ar" or entity in self.state.named:
            return True
        return not self.surnames.shared(entity) or bool(self._evidence.titled(one))

    def _weak_here(self, one: Found) -> bool:
        """Tell whether a spelling that is strong in its language is called weak in the article's."""
        lang, pattern = self.scene.lang, one.pattern
        if lang == pattern.lang:
            return False
        aliases = self._entities[pattern.entity].aliases
        return any(alias.weak and alias.lang == lang and alias.text == pattern.alias for alias in aliases)

    def _beside(self, one: Found) -> str | None:
        """Return evidence that stands directly at a name: its own title, or a cue together with the context."""
        evidence = self._evidence
        title = evidence.titled(one)
        if title or evidence.soft(one) or (one.pattern.grade is Grade.SHORT and one.first == one.last):
            return title
        amount, context = evidence.context(one.pattern.entity)
        cue = evidence.ruler(one) or (None if self.surnames.shared(one.pattern.entity) else evidence.speaking(one))
        if not amount or not cue or evidence.against(one):
            return None
        honoured = not one.skip and self.scene.before(one.first) in signs(one.pattern.lang).honorifics
        enough = amount > 1 or honoured or evidence.common(one.pattern) != "bare"
        return f"{cue}, and the article speaks of {context}" if enough else None

    def _elsewhere(self, one: Found) -> Verdict:
        """Decide by what the rest of the article says about the entity."""
        entity = one.pattern.entity
        known = self.state.named.get(entity) or self.state.roles.get(entity)
        if not known and self.surnames.with_family(one):
            known = "the family's surname stands in the same sentence"
        if known:
            return Verdict(one, True, known)
        why_not = self._nobody(one)
        if why_not:
            return Verdict(one, False, why_not)
        amount, context = self._evidence.context(entity)
        if not amount:
            return Verdict(one, False, "nothing else in the article speaks of it")
        return self._in_its_world(one, f"the article speaks of {context}")

    def _in_its_world(self, one: Found, context: str) -> Verdict:
        """Decide about a word of which only the article's subject tells whether it is the name or a common word."""
        common, witness = self._evidence.common(one.pattern), self._evidence.witness(one)
        if not common and witness is not Known.WORD:
            return Verdict(one, True, context)
        if common != "bare" and self._evidence.placed(one):
            return Verdict(one, True, context)
        if witness is Known.NAME and self._evidence.placed(one):
            return Verdict(one, True, f"{ONLY_A_NAME}, and {context}")
        return Verdict(one, False, NO_CUE if common else ONLY_A_WORD)

    def _nobody(self, one: Found) -> str | None:
        """Return why no amount of context makes a name that is not named in full the entity's."""
        evidence = self._evidence
        if one.pattern.rule == KIN:
            return "a relative's given name, and the family's surname is not in the sentence"
        if self.surnames.shared(one.pattern.entity) and one.pattern.person:
            return "the article gives this surname to somebody else"
        against = evidence.against(one)
        if against:
            return f"against it: {against} in the same sentence"
        short = one.pattern.grade is Grade.SHORT and one.first == one.last
        return NO_NAME if short or evidence.soft(one) or evidence.respelled(one) else None

    def _shared(self, decided: list[Verdict]) -> list[Verdict]:
        """Leave a span that several entities share to the one that was named last before it."""
        spans: dict[tuple[int, int], list[Verdict]] = {}
        for verdict in decided:
            if verdict.accepted:
                spans.setdefault((verdict.found.first, verdict.found.last), []).append(verdict)
        for rivals in spans.values():
            best = max(rivals, key=self._nearness)
            for verdict in rivals:
                if verdict is not best:
                    verdict.accepted = False
                    verdict.why = f"{best.found.pattern.alias} is meant, who was named last before it"
        return decided

    def _nearness(self, verdict: Verdict) -> int:
        entity, first = verdict.found.pattern.entity, verdict.found.first
        if self._evidence.titled(verdict.found):
            return first
        return max((at for at in self.state.places.get(entity, ()) if at < first), default=-1)
