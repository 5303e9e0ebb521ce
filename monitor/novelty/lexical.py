"""What the words around a name say about whether something is reported: four small linear models over words.

    context    the words before and after the name, and on which side they stand
    sentence   the words of the sentences that name it
    opening    the words of the title and of the first sentences
    page       the words of the whole text, function words included: a column is not written like a report

The weights stand in `data/words.json` per language and are found by `python -m tests.evaluation.novelty_train`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

from monitor.novelty.reading import Reading
from monitor.novelty.vocabulary import weights

MODELS = ("context", "sentence", "opening", "page")
REACH = 6


def page_words(reading: Reading) -> tuple[set[str], set[str]]:
    """Return the page's words and the opening's (marked T in the title, L in the lead)."""
    page = {t.said for words in reading.words.values() for t in words.terms}
    opening = {
        ("T" if s.field == "title" else "L") + t.said
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
        sentence.update([t.stem for t in terms[span.lo : span.hi]])
    return context, sentence


def score(words: set[str], weights: Mapping[str, float]) -> float:
    """Return the linear model's value: above 0 speaks for a report."""
    return fsum([weights[word] for word in ("", *words) if word in weights])


def page_voices(reading: Reading) -> dict[str, float]:
    """Return what the two models of the page say; 0 for a language that has no weights.

    The words carry their weights; each different word of the page, the title and the lead counts once.
    """
    models = _models(reading)
    if not models:
        return {"l_page": 0.0, "l_opening": 0.0}
    page = {word.said: word.page for words in reading.words.values() for word in words.terms}
    title, lead = {}, {}
    for sentence in reading.sentences[:3]:
        for word in reading.words[sentence.field].terms[sentence.lo : sentence.hi]:
            if sentence.field == "title":
                title[word.said] = word.title
            else:
                lead[word.said] = word.lead
    return {
        "l_page": fsum((models["page"][""], *page.values())),
        "l_opening": fsum((models["opening"][""], *title.values(), *lead.values())),
    }


def entity_voices(reading: Reading, entity: str) -> dict[str, float]:
    """Return what the two models of the entity's surroundings say; 0 for a language that has no weights."""
    models = _models(reading)
    context, sentence = entity_words(reading, entity) if models else (set(), set())
    return {
        "l_context": score(context, models.get("context", {})),
        "l_sentence": score(sentence, models.get("sentence", {})),
    }


def _models(reading: Reading) -> Mapping[str, Mapping[str, float]]:
    return weights().get((reading.article.lang or "")[:2], {})
