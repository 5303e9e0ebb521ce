"""All measures of one article for one entity, as one flat record: what the heads in `heads.py` weigh.

Names: `a_` the article alone, `m_` the article against the memory, `w_` the entity's window against the memory,
`l_` the voices of `lexical.py`; the rest gathers the lines: `x_` the most, `mu_` the mean, `mi_` the least, and for
newness `xs_` the most where the entity is a subject, `xl_` in title or lead, `xh_` where the name is not only part of
another one's title or forces, `xnamed_` where it is named, `mass_` the most in words, `t_` the title's.
"""

from __future__ import annotations

from math import log1p

import numpy as np
import numpy.typing as npt

from monitor.novelty.archive import Archive, Kept
from monitor.novelty.redundancy import Floats, Keys, Overlaps, Trace, compare, within
from monitor.novelty.salience import LINE_FEATURES, Line

Places = npt.NDArray[np.intp]
_AT = {name: place for place, name in enumerate(LINE_FEATURES)}
_MOST = (
    "subject", "verb_before", "verb_after", "say_near", "act_near", "event_near", "day", "future", "number", "quote",
    "first_verb", "colon", "named", "says", "acts", "head_after", "listed", "joined", "opens", "object",
)  # fmt: skip
_LEAST = ("head", "deputy", "past", "opinion", "title_form", "head_after", "listed", "joined")


def _most(values: Floats) -> float:
    return float(values.max()) if values.size else 0.0


def against_memory(
    own: Trace, information: Floats, overlaps: Overlaps, kept: list[Kept], archive: Archive
) -> dict[str, float]:
    """Measure the article as a whole against what is remembered."""
    size = max(len(own.shingles), 1)
    common = np.array([np.count_nonzero(within(own.shingles, k.trace.shingles)) for k in kept], np.float32)
    theirs = np.array([max(len(k.trace.shingles), 1) for k in kept], np.float32)
    total = float(information.sum()) or 1.0
    return {
        "m_cont": _most(overlaps.article),
        "m_copy": _most(common / np.float32(size)),
        "m_copied": _most(common / theirs),
        "m_wording": float(archive.seen(own.shingles).mean()) if len(own.shingles) else 0.0,
        "m_pairs": float(archive.seen(own.pairs).mean()) if len(own.pairs) else 0.0,
        "m_words": float((information * archive.seen_words(own.keys)).sum()) / total,
        "m_title_title": _most(overlaps.title_title),
        "m_title": _most(overlaps.title),
        "m_count": log1p(len(archive)),
        "m_near": log1p(int((overlaps.article > 0.3).sum())),
        "m_nearer": log1p(int((overlaps.article > 0.5).sum())),
    }


def window(entity: str, own: Trace, information: Floats, overlaps: Overlaps, archive: Archive) -> dict[str, float]:
    """Measure what is said about the entity, all of it together, against what is remembered."""
    inside = within(own.keys, own.said[entity]) * information
    seen = archive.seen_about(entity, own.keys)
    return {
        "w_art": _most(overlaps.window),
        "w_ent": _most(overlaps.window_said),
        "w_back": _most(overlaps.window_back),
        "w_union": float((inside * seen).sum()) / (float(inside.sum()) or 1.0),
        "w_count": log1p(archive.count_about(entity)),
        "w_near": log1p(int((overlaps.window_said > 0.3).sum())),
        "w_nearer": log1p(int((overlaps.window_said > 0.5).sum())),
    }


def newness(
    entity: str, own: Trace, information: Floats, overlaps: Overlaps, wordings: tuple[Keys, Places], archive: Archive
) -> dict[str, Floats]:
    """Return for each line how new it is (0..1), in six ways; `wordings` are the lines' pairs of words."""
    pairs, owner = wordings
    safe = np.maximum(overlaps.mass, 1e-6)

    def most(shares: Floats) -> Floats:
        held: Floats = shares.max(1) if shares.size else np.zeros(len(safe), np.float32)
        return held

    unseen = ~archive.seen(pairs)
    count = np.bincount(owner, minlength=len(safe))
    pair = np.bincount(owner, unseen, minlength=len(safe)) / np.maximum(count, 1)
    about: Floats = overlaps.lines @ (information * archive.seen_about(entity, own.keys)) / safe
    known: Floats = overlaps.lines @ (information * archive.seen_words(own.keys)) / safe
    return {
        "art": 1 - most(overlaps.by_article),
        "ent": 1 - most(overlaps.by_window),
        "sent": 1 - most(overlaps.by_sentence),
        "about": 1 - about,
        "word": 1 - known,
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

    result: dict[str, float] = {"lines": float(len(lines)), "min_place": float(column("place").min())}
    for name in _MOST:
        values = column(name)
        result |= {f"x_{name}": float(values.max()), f"mu_{name}": float(values.mean())}
        result[f"xn_{name}"] = float((np.minimum(values, 1) * new["art"]).max())
    for name in _LEAST:
        result |= {f"mu_{name}": float(column(name).mean()), f"mi_{name}": float(column(name).min())}
    named, titled = column("named") > 0, column("title") > 0
    subject = np.maximum.reduce([column("subject"), column("verb_after"), column("colon")])
    leading = np.minimum(1, column("title") + column("lead") + column("second"))
    own_act = 1 - column("head") * (1 - column("say_near"))
    for name, values in zip(("rare", "rarer"), rare, strict=True):
        result |= {f"x_{name}": float(values.max()), f"xs_{name}": float((values * subject).max())}
    for name, values in new.items():
        result |= {
            f"x_{name}": float(values.max()),
            f"mu_{name}": float(values.mean()),
            f"xnamed_{name}": float(values[named].max()) if named.any() else 0.0,
            f"xs_{name}": float((values * subject).max()),
            f"xl_{name}": float((values * leading).max()),
            f"xh_{name}": float((values * own_act).max()),
            f"mass_{name}": float((values * mass).max()) / 10,
            f"masses_{name}": float((values * mass).sum()) / 10,
            f"t_{name}": float(values[titled].max()) if titled.any() else -1.0,
        }
    return result
