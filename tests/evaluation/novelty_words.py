"""The words that the models of `monitor/novelty/lexical.py` are about, as sets: what their weights are learned from."""

from __future__ import annotations

from monitor.novelty.lexical import CLOSE, REACH
from monitor.novelty.reading import Reading
from monitor.text.content import Term, term

MODELS = ("context", "sentence", "opening", "page")


def _terms(reading: Reading) -> list[Term]:
    return [term(reading.spelled(word)) for word in range(len(reading.words.keys))]


def page_words(reading: Reading) -> tuple[set[str], set[str]]:
    """Return the page's words and the opening's (marked T in the title, L in the lead)."""
    said = ["#" if one.number else one.form for one in _terms(reading)]
    opening = {
        ("T" if sentence.field == "title" else "L") + word
        for sentence in reading.sentences[:3]
        for word in said[sentence.lo : sentence.hi]
    }
    return set(said), opening


def entity_words(reading: Reading, entity: str) -> tuple[set[str], set[str]]:
    """Return the words around the entity's mentions (marked by side and distance), and its sentences' words."""
    terms = _terms(reading)
    context: set[str] = set()
    sentence: set[str] = set()
    for spot in reading.spots.get(entity, ()):
        span = reading.sentences[spot.sentence]
        for place in range(max(span.lo, spot.lo - REACH), spot.lo):
            side = "b" if spot.lo - place <= CLOSE else "d"
            context |= {side + terms[place].form, "c" + terms[place].stem}
        for place in range(spot.hi, min(span.hi, spot.hi + REACH)):
            context |= {"a" + terms[place].form, "c" + terms[place].stem}
        sentence.update(one.stem for one in terms[span.lo : span.hi])
    return context, sentence
