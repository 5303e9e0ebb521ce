"""Find the tables that the novelty judge comes with, from the labelled streams.

    python -m tests.evaluation.novelty_train common    count how common words are -> monitor/novelty/data/common.tsv
    python -m tests.evaluation.novelty_train measure   lay every stream beside its memory -> cache
    python -m tests.evaluation.novelty_train words     nested leave-one-stream-out voices -> cache
    python -m tests.evaluation.novelty_train validate  leave-one-stream-out chances -> held_out.tsv, and a summary
    python -m tests.evaluation.novelty_train ship      write monitor/novelty/data/words.json and heads.json

The trees and words learn from the labelled streams and from those of `labels/`, which count for half; the figures are
those of the labelled streams alone. Needs scikit-learn and lightgbm (development only). Each step reads what the one
before left in the cache folder.
"""

# ruff: noqa: PLC0415 - what only one step needs (and only development installs) is imported there
from __future__ import annotations

import gzip
import json
import os
import pickle
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from monitor.novelty.heads import Chances
from monitor.text import content
from tests.evaluation.novelty import TARGET, held_out_lines, overall
from tests.evaluation.novelty_data import ALL_WATCHED, NEW, ROOT, WATCHED, alike, matched_streams, more_streams, twins
from tests.evaluation.novelty_scores import Row, held_out, write

CACHE = Path(os.environ.get("NOVELTY_CACHE", "/tmp/novelty-cache"))
DATA = Path(__file__).resolve().parents[2] / "monitor" / "novelty" / "data"
LEAST = {"context": 4, "sentence": 4, "opening": 4, "page": 8}
STRENGTH = {"context": 0.03, "sentence": 0.03, "opening": 0.03, "page": 0.01}
TREES = {
    "objective": "binary", "num_leaves": 8, "max_depth": 6, "min_data_in_leaf": 8, "learning_rate": 0.04,
    "feature_fraction": 0.1, "bagging_fraction": 0.6, "bagging_freq": 1, "lambda_l2": 2.0, "num_threads": 1,
    "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip
GROWN = {"reported": (150, 1), "new": (150, 1), "both": (400, 1)}  # rounds and seeds of each head
OTHERS = 0.5  # what a row of a stream that was read only once counts for
FOLDS = 6


def _cached(name: str, step: str) -> Any:
    """Read what a step left in the cache."""
    if not (CACHE / name).exists():
        raise SystemExit(f"{CACHE / name} is not there: run `python -m tests.evaluation.novelty_train {step}` first")
    return pickle.loads((CACHE / name).read_bytes())


def measure() -> None:
    """Run every stream through a memory and keep the measures and word sets of each watched entity."""
    from monitor.model import EntityNovelty, Kind, Novelty
    from monitor.novelty import Memory
    from tests.evaluation.novelty_words import MODELS, entity_words, page_words

    rows = []
    for name, (watchlist, labelled) in (matched_streams() | more_streams()).items():
        memory = Memory(watchlist)
        for one in labelled:
            if not any(m.entity in ALL_WATCHED[name] for m in one.findings.matches):
                continue
            seen = memory.examine(one.article, one.findings)
            page, opening = page_words(seen.reading)
            for entity in ALL_WATCHED[name]:
                if entity not in seen.entities:
                    continue
                context, sentence = entity_words(seen.reading, entity)
                record = {k: v for k, v in seen.entities[entity].measures.items() if not k.startswith("l_")}
                rows.append({
                    "stream": name, "id": one.article.id, "kind": one.kind, "lang": one.article.lang, "entity": entity,
                    "measures": record, "words": dict(zip(MODELS, (context, sentence, opening, page), strict=True)),
                })  # fmt: skip
            plain = Novelty(
                1.0,
                Kind.FIRST,
                one.article.id,
                entities={m.entity: EntityNovelty(1.0, Kind.FIRST) for m in one.findings.matches},
            )
            memory.remember(one.article, one.findings, plain, one.article.published)
    CACHE.mkdir(exist_ok=True)
    (CACHE / "rows.pkl").write_bytes(pickle.dumps(rows))
    print(len(rows), "entity rows", len(rows[0]["measures"]), "measures")


class Table:
    """The measured rows as arrays."""

    def __init__(self) -> None:
        self.rows = [r for r in _cached("rows.pkl", "measure") if r["kind"] != "not"]
        self.names = sorted(self.rows[0]["measures"])
        self.x = np.array([[r["measures"][n] for n in self.names] for r in self.rows])
        self.stream = np.array([r["stream"] for r in self.rows])
        self.lang = np.array([r["lang"][:2] for r in self.rows])
        self.kind = np.array([r["kind"] for r in self.rows])
        self.ids = np.array([r["id"] for r in self.rows])
        self.new = np.isin(self.kind, NEW).astype(int)
        self.news = (self.kind != "background").astype(int)
        self.streams = list(dict.fromkeys(self.stream))
        self.measured = [s for s in self.streams if s in WATCHED]
        self.fold = np.array([self.streams.index(s) % FOLDS for s in self.stream])

    def without(self, held: str) -> np.ndarray:
        """Select the rows that a judge of the held-out stream may learn from: of no stream on the same entity in the
        same year, of no article that stands in this one too, and of none that shares half its wording with one.
        """
        inside = self.stream == held
        if not inside.any():
            return ~inside
        ids = set(self.ids[inside])
        seen = ids.union(*(alike()[name] for name in ids))
        return ~inside & ~np.isin(self.stream, list(twins(held))) & ~np.isin(self.ids, list(seen))


def _matrix(table: Table, model: str, lang: str):
    from sklearn.feature_extraction import DictVectorizer

    counts = Counter(w for r, own in zip(table.rows, table.lang == lang, strict=True) if own for w in r["words"][model])
    vectorizer = DictVectorizer()
    kept = [{w: 1 for w in r["words"][model] if counts[w] >= LEAST[model]} for r in table.rows]
    return vectorizer.fit_transform(kept).tocsr(), vectorizer.get_feature_names_out()


def _voice(matrix, target, rows, model):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=STRENGTH[model], max_iter=150, class_weight="balanced").fit(matrix[rows], target[rows])


def words() -> None:
    """For each held-out stream, give every row a voice that has heard neither that stream nor the row's own."""
    table = Table()
    result: dict[str, dict[str, np.ndarray]] = {s: {} for s in [*table.measured, ""]}
    usable = table.kind != "copy"
    for model in LEAST:
        for lang in ("ar", "en"):
            matrix, _ = _matrix(table, model, lang)
            own = table.lang == lang
            for held, found in result.items():
                voice = found.setdefault(model, np.zeros(len(table.rows)))
                kept = table.without(held)
                parts = [own & kept & (table.fold == fold) for fold in range(FOLDS)] + [own & ~kept]
                for target in parts:
                    apart = ~target & ~np.isin(table.ids, table.ids[target])
                    fit = own & usable & kept & apart
                    if target.any() and len(set(table.news[fit])) == 2:
                        voice[target] = _voice(matrix, table.news, fit, model).decision_function(matrix[target])
        print(model, flush=True)
    (CACHE / "voices.pkl").write_bytes(pickle.dumps(result))


def _with_voices(table: Table, voices: dict[str, np.ndarray]) -> np.ndarray:
    return np.column_stack([table.x, *(voices[m] for m in LEAST)])


def _grow(table: Table, head: str, x, rows):
    """Grow a head's trees on the selected rows: what is new is learned where something is reported."""
    import lightgbm

    rows = rows & (table.kind != "background") if head == "new" else rows
    target = table.news if head == "reported" else table.new
    weight = np.where(np.isin(table.stream, table.measured), 1.0, OTHERS)
    rounds, seeds = GROWN[head]
    return [
        lightgbm.train({**TREES, "seed": seed}, lightgbm.Dataset(x[rows], target[rows], weight=weight[rows]), rounds)
        for seed in range(seeds)
    ]


def _probability(boosters, x):
    return 1 / (1 + np.exp(-np.mean([b.predict(x, raw_score=True) for b in boosters], 0)))


def validate() -> None:
    """Score every stream by heads that have not seen it."""
    table = Table()
    voices = _cached("voices.pkl", "words")
    chances = {head: np.zeros(len(table.rows)) for head in GROWN}
    for held in table.measured:
        x = _with_voices(table, voices[held])
        test, fit = table.stream == held, table.without(held)
        for head, found in chances.items():
            found[test] = _probability(_grow(table, head, x, fit), x[test])
    write(
        Row(row["stream"], row["id"], row["entity"], row["kind"], Chances(*(float(chances[h][place]) for h in GROWN)))
        for place, row in enumerate(table.rows)
        if row["stream"] in WATCHED
    )
    print(overall("held out", held_out_lines(held_out())))


def _columns(boosters, names) -> dict:
    table = {"names": names, "roots": [], "measure": [], "threshold": [], "left": [], "right": [], "value": []}
    deepest = 0

    def walk(node: dict, depth: int) -> int:
        nonlocal deepest
        deepest = max(deepest, depth)
        place = len(table["value"])
        for column in ("measure", "threshold", "left", "right", "value"):
            table[column].append(0)
        if "leaf_value" in node and "split_feature" not in node:
            table["left"][place] = table["right"][place] = place
            table["value"][place] = round(node["leaf_value"], 6)
        else:
            table["measure"][place], table["threshold"][place] = (
                node["split_feature"],
                float(f"{node['threshold']:.6g}"),
            )
            table["left"][place] = walk(node["left_child"], depth + 1)
            table["right"][place] = walk(node["right_child"], depth + 1)
        return place

    for booster in boosters:
        for tree in booster.dump_model()["tree_info"]:
            table["roots"].append(walk(tree["tree_structure"], 0))
    return {**table, "depth": deepest, "scale": 1 / len(boosters)}


def ship() -> None:
    """Write the tables, grown on all streams; the constants come from the held-out scores."""
    table = Table()
    voices = _cached("voices.pkl", "words")
    spoken: dict[str, dict[str, dict[str, float]]] = {}
    for lang in ("ar", "en"):
        own = (table.lang == lang) & (table.kind != "copy")
        for model in LEAST:
            matrix, names = _matrix(table, model, lang)
            fitted = _voice(matrix, table.news, own, model)
            weights = {
                w: round(float(v), 3) for w, v in sorted(zip(names, fitted.coef_[0], strict=True)) if abs(v) >= 0.01
            }
            spoken.setdefault(lang, {})[model] = {"": round(float(fitted.intercept_[0]), 3), **weights}
    (DATA / "words.json").write_text(json.dumps(spoken, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    x = _with_voices(table, voices[""])
    names = [*table.names, *(f"l_{m}" for m in LEAST)]
    everything = np.ones(len(table.rows), bool)
    heads = {"center": round(_center(), 4), "slope": 0.5}
    heads |= {head: _columns(_grow(table, head, x, everything), names) for head in GROWN}
    (DATA / "heads.json").write_text(json.dumps(heads, separators=(",", ":")), encoding="utf-8")
    print("center", heads["center"], "words", {k: {m: len(w) for m, w in v.items()} for k, v in spoken.items()})


def _center() -> float:
    """Return the odds at which alerts begin: midway between the last new article that TARGET asks for and the next."""
    pooled = held_out(lambda chances: chances.odds)
    last = pooled.threshold(TARGET)
    new = [score for score, kind in zip(pooled.score, pooled.kind, strict=True) if kind in NEW]
    return (last + max((score for score in new if score < last), default=last)) / 2


def common() -> None:
    """Write the shares (in 10,000 articles) of the stems that at least one article in a thousand of a corpus holds."""
    shares: dict[str, int] = {}
    for name in ("articles-2015", "rss-items-2023-01"):
        found: Counter[str] = Counter()
        with gzip.open(ROOT / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            articles = [json.loads(line) for line in lines]
        for article in articles:
            text = " ".join(article[field] for field in ("title", "summary", "body") if article.get(field))
            _, starts, ends = content.split(text)
            terms = map(content.term, {text[start:end] for start, end in zip(starts, ends, strict=True)})
            found.update({one.stem for one in terms if one.key})
        for stem, count in found.items():
            shares[stem] = max(shares.get(stem, 0), round(count * 10_000 / len(articles)))
    rows = sorted(((stem, share) for stem, share in shares.items() if share >= 10), key=lambda row: (-row[1], row[0]))
    (DATA / "common.tsv").write_text("".join(f"{stem}\t{share}\n" for stem, share in rows), encoding="utf-8")


if __name__ == "__main__":
    {"common": common, "measure": measure, "words": words, "validate": validate, "ship": ship}[sys.argv[1]]()
