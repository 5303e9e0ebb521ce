"""What the words around a name say about whether something is reported: four small linear models over words.

    context    the words before and after the name, and on which side they stand
    sentence   the words of the sentences that name it
    opening    the words of the title and of the first sentences
    page       the words of the whole text, function words included: a column is not written like a report

The weights stand in `data/words.json` per language and are found by `python -m tests.evaluation.novelty_train`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum

import numpy as np
import numpy.typing as npt

from monitor.novelty.reading import Reading
from monitor.novelty.redundancy import distinct
from monitor.novelty.vocabulary import AFTER, AROUND, FAR, LEAD, NEAR, PAGE, SENTENCE, TITLE, Model

REACH = 6  # words on each side of a name
CLOSE = 2  # of those before it, the ones that count as near


def _value(model: Model, places: Iterable[int]) -> float:
    """Return a linear model's value: above 0 speaks for a report. Each different word counts once."""
    weights = model.weights
    return fsum([model.constant, *[weights[place] for place in set(places)]])


def _whole(model: Model, places: npt.NDArray[np.uint16]) -> float:
    """Return the same of many words: in an array it is quicker."""
    return model.constant + float(np.add.reduce(model.table.take(distinct(places))))


def page_voices(reading: Reading) -> dict[str, float]:
    """Return what the two models of the page say; 0 for a language that has no weights."""
    known, voices = reading.vocabulary, reading.words.voices
    if not known.speaks:
        return {"l_page": 0.0, "l_opening": 0.0}
    opening: list[int] = []
    for one in reading.sentences[:3]:
        opening += voices[one.lo : one.hi, TITLE if one.field == "title" else LEAD].tolist()
    return {"l_page": _whole(known.page, voices[:, PAGE]), "l_opening": _value(known.opening, opening)}


def entity_voices(reading: Reading, entity: str) -> dict[str, float]:
    """Return what the two models of the entity's surroundings say; 0 for a language that has no weights."""
    known, voices = reading.vocabulary, reading.words.voices
    if not known.speaks:
        return {"l_context": 0.0, "l_sentence": 0.0}
    context: list[int] = []
    sentence: list[int] = []
    for spot in reading.spots.get(entity, ()):
        span = reading.sentences[spot.sentence]
        before, near = max(span.lo, spot.lo - REACH), max(span.lo, spot.lo - CLOSE)
        after = min(span.hi, spot.hi + REACH)
        context += voices[before:near, FAR].tolist()
        context += voices[near : spot.lo, NEAR].tolist()
        context += voices[spot.hi : after, AFTER].tolist()
        context += voices[before : spot.lo, AROUND].tolist()
        context += voices[spot.hi : after, AROUND].tolist()
        sentence += voices[span.lo : span.hi, SENTENCE].tolist()
    return {"l_context": _value(known.context, context), "l_sentence": _value(known.sentence, sentence)}
