"""What the words around a name say about whether something is reported: four small linear models over words.

    context    the words before and after the name, and on which side they stand
    sentence   the words of the sentences that name it
    opening    the words of the title and of the first sentences
    page       the words of the whole text, function words included: a column is not written like a report

The weights stand in `data/words.json` per language and are found by `python -m tests.evaluation.novelty_train`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from monitor.novelty.reading import Reading
from monitor.text.content import Term

MODELS = ("context", "sentence", "opening", "page")
REACH = 6
Weights = Mapping[str, Mapping[str, Mapping[str, float]]]


def _word(term: Term) -> str:
    return "#" if term.number else term.form


def page_words(reading: Reading) -> tuple[set[str], set[str]]:
    """Return the page's words and the opening's (marked T in the title, L in the lead)."""
    page = {_word(t) for words in reading.words.values() for t in words.terms}
    opening = {
        ("T" if s.field == "title" else "L") + _word(t)
        for s in reading.sentences[:3]
        for t in reading.words[s.field].terms[s.lo : s.hi]
    }
    return page, opening


def entity_words(reading: Reading, entity: str) -> tuple[set[str], set[str]]:
    """Return the words around the entity's mentions (marked by side and distance), and its sentences' words."""
    context: set[str] = set()
    sentence: set[str] = set()
    for spot in reading.spots.get(entity, ()):
        span = reading.sentences[spot.sentence]
        terms = reading.words[span.field].terms
        for place in range(max(span.lo, spot.lo - REACH), spot.lo):
            side = "b" if spot.lo - place <= 2 else "d"
            context.add(side + terms[place].form)
            context.add("c" + terms[place].stem)
        for place in range(spot.hi, min(span.hi, spot.hi + REACH)):
            context.add("a" + terms[place].form)
            context.add("c" + terms[place].stem)
        sentence.update(t.stem for t in terms[span.lo : span.hi])
    return context, sentence


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """Return the weights that the program comes with: language -> model -> word -> weight (`""` is the constant)."""
    loaded: Weights = json.loads((files("monitor.novelty") / "data" / "words.json").read_text(encoding="utf-8"))
    return loaded


def score(words: set[str], weights: Mapping[str, float]) -> float:
    """Return the linear model's value: above 0 speaks for a report."""
    return weights.get("", 0.0) + sum(sorted(weights[w] for w in words if w in weights))


def page_voices(reading: Reading, table: Weights) -> dict[str, float]:
    """Return what the two models of the page say; 0 for a language that has no table."""
    models = table.get((reading.article.lang or "")[:2], {})
    page, opening = page_words(reading) if models else (set(), set())
    return {"l_page": score(page, models.get("page", {})), "l_opening": score(opening, models.get("opening", {}))}


def entity_voices(reading: Reading, entity: str, table: Weights) -> dict[str, float]:
    """Return what the two models of the entity's surroundings say; 0 for a language that has no table."""
    models = table.get((reading.article.lang or "")[:2], {})
    context, sentence = entity_words(reading, entity) if models else (set(), set())
    return {
        "l_context": score(context, models.get("context", {})),
        "l_sentence": score(sentence, models.get("sentence", {})),
    }
