"""All measures of one article for one entity, as one flat record: what the heads in `heads.py` weigh.

Names: `a_` the article alone, `m_` the article against the memory, `w_` the entity's window against the memory,
`l_` the voices of `lexical.py`; the rest gathers the lines: `x_` the most, `mu_` the mean, `mi_` the least, and for
newness `xs_` the most where the entity is a subject, `xl_` in title or lead, `xh_` where the name is not only part of
another one's title or forces, `xnamed_` where it is named, `mass_` the most in words, `t_` the title's.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log1p

import numpy as np

from monitor.novelty.archive import GENERATION, Archive, Bits, Recall
from monitor.novelty.redundancy import Beside, Floats, Overlaps
from monitor.novelty.salience import LINE_FEATURES, Line

_AT = {name: place for place, name in enumerate(LINE_FEATURES)}
_MOST = (
    "subject", "verb_before", "verb_after", "say_near", "act_near", "event_near", "day", "future", "number", "quote",
    "first_verb", "colon", "named", "says", "acts", "head_after", "listed", "joined", "opens", "object",
)  # fmt: skip
_LEAST = ("head", "deputy", "past", "opinion", "title_form", "head_after", "listed", "joined")

NEWNESS = ("art", "ent", "sent", "about", "word", "pair")
ART = NEWNESS.index("art")
_MOST_AT = [_AT[name] for name in _MOST]
_LEAST_AT = [_AT[name] for name in _LEAST]
_RARE = ("x_rare", "x_rarer", "xs_rare", "xs_rarer")


def _named(prefixes: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(prefix + name for prefix in prefixes for name in names)


_GATHERED = (
    _named(("x_", "mu_", "xn_"), _MOST)
    + _named(("mu_", "mi_"), _LEAST)
    + _RARE
    + _named(("x_", "xs_", "xl_", "xh_", "mass_", "xnamed_", "t_", "mu_", "masses_"), NEWNESS)
)


def _most(values: Floats) -> float:
    return max(values.tolist(), default=0.0)  # of a few dozen: quicker than numpy


def against_memory(beside: Beside, recall: Recall, archive: Archive) -> dict[str, float]:
    """Measure the article as a whole against what is remembered."""
    own, information, held = beside.own, beside.information, beside.held
    theirs = np.array([max(len(trace.shingles), 1) for trace in beside.traces], np.float32)
    common = beside.common.astype(np.float32)
    total = float(information.sum()) or 1.0
    title = information * own.title
    headline = float(title.sum()) or 1.0
    share = beside.article if information.any() else np.zeros(len(held), np.float32)
    return {
        "m_cont": _most(share),
        "m_copy": _most(common / np.float32(max(len(own.trace.shingles), 1))),
        "m_copied": _most(common / theirs),
        "m_wording": _share(recall.shingles),
        "m_pairs": _share(recall.pairs),
        "m_words": float(information @ recall.words) / total,
        "m_title_title": _most(beside.titles @ title) / headline,
        "m_title": _most(held @ title) / headline,
        "m_count": log1p(min(len(archive), GENERATION)),
        "m_near": log1p(np.count_nonzero(share > 0.3)),
        "m_nearer": log1p(np.count_nonzero(share > 0.5)),
    }


def _share(found: Bits) -> float:
    return np.count_nonzero(found) / len(found) if len(found) else 0.0


def window(entity: str, beside: Beside, overlaps: Overlaps, recall: Recall, archive: Archive) -> dict[str, float]:
    """Measure what is said about the entity, all of it together, against what is remembered."""
    inside = beside.own.said[entity] * beside.information
    return {
        "w_art": _most(overlaps.window),
        "w_ent": _most(overlaps.window_said),
        "w_back": _most(overlaps.window_back),
        "w_union": float(inside @ recall.about[entity]) / (float(inside.sum()) or 1.0),
        "w_count": log1p(min(archive.count_about(entity), GENERATION)),
        "w_near": log1p(np.count_nonzero(overlaps.window_said > 0.3)),
        "w_nearer": log1p(np.count_nonzero(overlaps.window_said > 0.5)),
    }


def newness(entity: str, numbers: Sequence[int], beside: Beside, overlaps: Overlaps, recall: Recall) -> Floats:
    """Return how new (0..1) each line is (a column each), in the ways of NEWNESS (a row each)."""
    own, information = beside.own, beside.information
    safe = np.maximum(overlaps.mass, np.float32(1e-6))
    result = np.zeros((len(NEWNESS), len(safe)), np.float32)
    if len(beside.traces):
        result[0] = overlaps.by_article.max(1)
        result[1] = overlaps.by_window.max(1)
        result[2] = overlaps.by_sentence.max(1)
    result[3] = overlaps.lines @ (information * recall.about[entity]) / safe
    result[4] = overlaps.lines @ (information * recall.words) / safe
    count = np.bincount(own.within, minlength=own.trace.count)
    known = np.bincount(own.within, recall.inner, minlength=own.trace.count) + (count == 0)
    result[5] = (known / np.maximum(count, 1))[list(numbers)]
    return np.float32(1) - result


def rarest(overlaps: Overlaps, information: Floats) -> tuple[Floats, Floats]:
    """Return for each line the information of its most telling new word, and of the next two together."""
    if not overlaps.by_article.size:
        unseen = overlaps.lines * information
    else:
        unseen = overlaps.lines * information * (1 - overlaps.held[overlaps.by_article.argmax(1)])
    padded = np.concatenate([unseen, np.zeros((len(unseen), 3), np.float32)], axis=1)
    padded.sort(axis=1)
    return padded[:, -1], padded[:, -2] + padded[:, -3]


def gather(lines: tuple[Line, ...], new: Floats, mass: Floats, rare: tuple[Floats, Floats]) -> dict[str, float]:
    """Gather the lines' measures into the article's."""
    table = np.array([line.values for line in lines], np.float32).reshape(len(lines), len(LINE_FEATURES))
    if not len(lines):
        table, mass = np.zeros((1, len(LINE_FEATURES)), np.float32), np.zeros(1, np.float32)
        new, rare = np.ones((len(NEWNESS), 1), np.float32), (mass, mass)
    chosen, column = table.take(_MOST_AT + _LEAST_AT, 1), table.T
    means, most, least = np.add.reduce(chosen) / len(table), chosen[:, : len(_MOST)], chosen[:, len(_MOST) :]
    subject = np.maximum(np.maximum(column[_AT["subject"]], column[_AT["verb_after"]]), column[_AT["colon"]])
    rarities = np.array(rare)
    values = np.concatenate(
        [
            np.maximum.reduce(most), means[: len(_MOST)],
            np.maximum.reduce(np.minimum(most, 1) * new[ART][:, None]),
            means[len(_MOST) :], np.minimum.reduce(least),
            np.maximum.reduce(rarities, 1), np.maximum.reduce(rarities * subject, 1),
            _newest(new, mass, subject, column),
        ]
    )  # fmt: skip
    result = {"lines": float(len(lines)), "min_place": float(column[_AT["place"]].min())}
    return result | dict(zip(_GATHERED, values.tolist(), strict=True))


def _newest(new: Floats, mass: Floats, subject: Floats, column: Floats) -> Floats:
    """Gather the lines' newness by where the line stands and what it does; 0, in the title -1, where none stands."""
    leading = np.minimum(1, column[_AT["title"]] + column[_AT["lead"]] + column[_AT["second"]])
    own_act = 1 - column[_AT["head"]] * (1 - column[_AT["say_near"]])
    factors = np.array([np.ones(len(mass), np.float32), subject, leading, own_act, mass / 10])
    most = np.maximum.reduce(factors[:, None] * new, 2)
    only = [_only(new, column[_AT["named"]] > 0, 0.0), _only(new, column[_AT["title"]] > 0, -1.0)]
    mean, masses = np.add.reduce(new, 1) / len(mass), np.add.reduce(new * mass, 1) / 10
    return np.concatenate([most.ravel(), *only, mean, masses])


def _only(new: Floats, chosen: Bits, otherwise: float) -> Floats:
    """Return the most of each way of measuring among the chosen lines."""
    if not chosen.any():
        return np.full(len(new), otherwise, np.float32)
    most: Floats = np.maximum.reduce(new[:, chosen], 1)
    return most
