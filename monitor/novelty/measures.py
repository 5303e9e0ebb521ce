"""All measures of one article for one entity, as one flat record: what the heads in `heads.py` weigh.

Names: `a_` the article alone, `m_` the article against the memory, `w_` the entity's window against the memory,
`l_` the voices of `lexical.py`; the rest gathers the lines: `x_` the most, `mu_` the mean, `mi_` the least, and for
newness `xs_` the most where the entity is a subject, `xl_` in title or lead, `xh_` where the name is not only part of
another one's title or forces, `xnamed_` where it is named, `mass_` the most in words, `t_` the title's.
"""

from __future__ import annotations

from math import log1p

import numpy as np

from monitor.novelty.archive import GENERATION, Archive
from monitor.novelty.redundancy import Beside, Floats, Overlaps, Places
from monitor.novelty.salience import LINE_FEATURES, Line
from monitor.text.content import Keys

_AT = {name: place for place, name in enumerate(LINE_FEATURES)}
_MOST = (
    "subject", "verb_before", "verb_after", "say_near", "act_near", "event_near", "day", "future", "number", "quote",
    "first_verb", "colon", "named", "says", "acts", "head_after", "listed", "joined", "opens", "object",
)  # fmt: skip
_LEAST = ("head", "deputy", "past", "opinion", "title_form", "head_after", "listed", "joined")

NEWNESS = ("art", "ent", "sent", "about", "word", "pair")
_MOST_AT = [_AT[name] for name in _MOST]
_LEAST_AT = [_AT[name] for name in _LEAST]


def _most(values: Floats) -> float:
    return float(values.max()) if values.size else 0.0


def against_memory(beside: Beside, archive: Archive) -> dict[str, float]:
    """Measure the article as a whole against what is remembered."""
    own, information, held = beside.own, beside.information, beside.held
    shingles = own.trace.shingles
    theirs = np.array([max(len(trace.shingles), 1) for trace in beside.traces], np.float32)
    common = beside.common.astype(np.float32)
    total = float(information.sum()) or 1.0
    title = information * own.title
    headline = float(title.sum()) or 1.0
    share = held @ information / np.float32(total)
    return {
        "m_cont": _most(share),
        "m_copy": _most(common / np.float32(max(len(shingles), 1))),
        "m_copied": _most(common / theirs),
        "m_wording": float(archive.seen(shingles).mean()) if len(shingles) else 0.0,
        "m_pairs": float(archive.seen(own.pairs).mean()) if len(own.pairs) else 0.0,
        "m_words": float((information * archive.seen_words(own.keys)).sum()) / total,
        "m_title_title": _most(beside.titles @ title) / headline,
        "m_title": _most(held @ title) / headline,
        "m_count": log1p(min(len(archive), GENERATION)),
        "m_near": log1p(int((share > 0.3).sum())),
        "m_nearer": log1p(int((share > 0.5).sum())),
    }


def window(entity: str, beside: Beside, overlaps: Overlaps, archive: Archive) -> dict[str, float]:
    """Measure what is said about the entity, all of it together, against what is remembered."""
    inside = beside.own.said[entity] * beside.information
    seen = archive.seen_about(entity, beside.own.keys)
    return {
        "w_art": _most(overlaps.window),
        "w_ent": _most(overlaps.window_said),
        "w_back": _most(overlaps.window_back),
        "w_union": float((inside * seen).sum()) / (float(inside.sum()) or 1.0),
        "w_count": log1p(min(archive.count_about(entity), GENERATION)),
        "w_near": log1p(int((overlaps.window_said > 0.3).sum())),
        "w_nearer": log1p(int((overlaps.window_said > 0.5).sum())),
    }


def newness(
    entity: str, beside: Beside, overlaps: Overlaps, wordings: tuple[Keys, Places], archive: Archive
) -> dict[str, Floats]:
    """Return for each line how new it is (0..1), in six ways; `wordings` are the lines' pairs of words."""
    own, information = beside.own, beside.information
    pairs, owner = wordings
    safe = np.maximum(overlaps.mass, np.float32(1e-6))

    def most(shares: Floats) -> Floats:
        held: Floats = shares.max(1) if shares.size else np.zeros(len(safe), np.float32)
        return held

    unseen = ~archive.seen(pairs)
    count = np.bincount(owner, minlength=len(safe))
    pair = np.bincount(owner, unseen, minlength=len(safe)) / np.maximum(count, 1)
    about = overlaps.lines @ (information * archive.seen_about(entity, own.keys)) / safe
    known = overlaps.lines @ (information * archive.seen_words(own.keys)) / safe
    return {
        "art": 1 - most(overlaps.by_article),
        "ent": 1 - most(overlaps.by_window),
        "sent": 1 - most(overlaps.by_sentence),
        "about": (1 - about).astype(np.float32),
        "word": (1 - known).astype(np.float32),
        "pair": pair.astype(np.float32),
    }


def rarest(overlaps: Overlaps, information: Floats) -> tuple[Floats, Floats]:
    """Return for each line the information of its most telling new word, and of the next two together."""
    if not overlaps.by_article.size:
        unseen = overlaps.lines * information
    else:
        unseen = overlaps.lines * information * (1 - overlaps.held[overlaps.by_article.argmax(1)])
    padded = np.concatenate([unseen, np.zeros((len(unseen), 3), np.float32)], axis=1)
    padded.sort(axis=1)
    return padded[:, -1], padded[:, -2] + padded[:, -3]


def gather(
    lines: tuple[Line, ...], new: dict[str, Floats], mass: Floats, rare: tuple[Floats, Floats]
) -> dict[str, float]:
    """Gather the lines' measures into the article's."""
    table = np.array([line.values for line in lines], np.float32).reshape(len(lines), len(LINE_FEATURES))
    if not len(lines):
        table, mass = np.zeros((1, len(LINE_FEATURES)), np.float32), np.zeros(1, np.float32)
        new, rare = {name: np.ones(1, np.float32) for name in new}, (mass, mass)

    def column(name: str) -> Floats:
        return table[:, _AT[name]]

    most, least = table[:, _MOST_AT], table[:, _LEAST_AT]
    subject = np.maximum.reduce([column("subject"), column("verb_after"), column("colon")])
    result = {"lines": float(len(lines)), "min_place": float(column("place").min())}
    result |= _named("x_", _MOST, most.max(0))
    result |= _named("mu_", _MOST, most.mean(0))
    result |= _named("xn_", _MOST, (np.minimum(most, 1) * new["art"][:, None]).max(0))
    result |= _named("mu_", _LEAST, least.mean(0))
    result |= _named("mi_", _LEAST, least.min(0))
    for name, values in zip(("rare", "rarer"), rare, strict=True):
        result |= {f"x_{name}": float(values.max()), f"xs_{name}": float((values * subject).max())}
    return result | _newest(np.array([new[name] for name in NEWNESS]), mass, subject, table)


def _newest(new: Floats, mass: Floats, subject: Floats, table: Floats) -> dict[str, float]:
    """Gather the lines' newness (a row a way of measuring it) by where the line stands and what it does."""

    def column(name: str) -> Floats:
        return table[:, _AT[name]]

    none = np.zeros(len(new), np.float32)
    named, titled = column("named") > 0, column("title") > 0
    leading = np.minimum(1, column("title") + column("lead") + column("second"))
    own_act = 1 - column("head") * (1 - column("say_near"))
    return (
        _named("x_", NEWNESS, new.max(1))
        | _named("mu_", NEWNESS, new.mean(1))
        | _named("xnamed_", NEWNESS, new[:, named].max(1) if named.any() else none)
        | _named("xs_", NEWNESS, (new * subject).max(1))
        | _named("xl_", NEWNESS, (new * leading).max(1))
        | _named("xh_", NEWNESS, (new * own_act).max(1))
        | _named("mass_", NEWNESS, (new * mass).max(1) / 10)
        | _named("masses_", NEWNESS, (new * mass).sum(1) / 10)
        | _named("t_", NEWNESS, new[:, titled].max(1) if titled.any() else none - 1)
    )


def _named(prefix: str, names: tuple[str, ...], values: Floats) -> dict[str, float]:
    return dict(zip([prefix + name for name in names], values.tolist(), strict=True))
