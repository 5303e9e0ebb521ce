"""What heads that have not seen a stream make of it, as `held_out.tsv` has it: floors, and that the report says so.

Nothing here needs the streams' texts. The figures may get better, not worse.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from monitor.novelty.heads import Chances
from tests.evaluation import novelty_data, novelty_scores, novelty_train
from tests.evaluation.novelty import DEFAULT, TARGET, held_out_lines, overall
from tests.evaluation.novelty_baselines import BASELINES
from tests.evaluation.novelty_data import ALL_WATCHED, CORPUS, WATCHED, twins
from tests.evaluation.novelty_scores import Pooled, Row, check, held_out, read, write

SMALL = Pooled(
    ("a",) * 4 + ("b",) * 4,
    ("first", "development", "copy", "background") * 2,
    (0.9, 0.7, 0.2, 0.8, 0.5, 0.4, 0.1, 0.3),
)


@pytest.fixture(scope="module")
def pooled() -> Pooled:
    """The held-out scores."""
    return held_out()


def test_floor_at_the_default_threshold(pooled: Pooled) -> None:
    """Where rules alert if nothing else is said, what heads have not seen fares as well as when this was written."""
    found = pooled.at(DEFAULT)
    assert found.recall >= 0.97
    assert found.alerts_per_new <= 2.05
    assert found.stopped["copy"] >= 0.94
    assert found.stopped["retelling"] >= 0.15
    assert found.stopped["background"] >= 0.49


def test_floor_of_each_stream(pooled: Pooled) -> None:
    """No stream's new articles are given up for another's."""
    found = {name: pooled.only(name).at(DEFAULT).recall for name in pooled.streams}
    assert {name: recall for name, recall in found.items() if recall < 0.89} == {}


def test_floor_at_97_percent(pooled: Pooled) -> None:
    """The order of the scores is as good as when this was written."""
    found = pooled.at(pooled.threshold(0.97))
    assert found.alerts_per_new <= 1.88
    assert found.stopped["copy"] >= 0.96
    assert found.stopped["retelling"] >= 0.22
    assert found.stopped["background"] >= 0.59


def test_floor_with_the_threshold_of_other_streams(pooled: Pooled) -> None:
    """A threshold that was found on other streams gives the recall it was chosen for, at no greater price."""
    found = pooled.nested(TARGET).at(0.0)
    assert found.recall >= 0.97
    assert found.alerts_per_new <= 1.97
    assert found.stopped["copy"] >= 0.95


def test_every_stream_is_there(pooled: Pooled) -> None:
    """The table holds all fourteen streams, and of each more than a handful of articles."""
    assert pooled.streams == list(WATCHED)
    assert min(pooled.stream.count(name) for name in WATCHED) >= 30


def test_the_report_is_the_tables(pooled: Pooled) -> None:
    """What `novelty.md` says of us is what the held-out scores come to."""
    text = (Path(__file__).parent / "novelty.md").read_text(encoding="utf-8")
    assert overall("ours", held_out_lines(pooled)) in text


def test_a_nested_threshold_is_found_on_the_others() -> None:
    """A stream's own scores do not move its threshold: only what another stream's new articles got does."""
    assert SMALL.nested(1.0).score == pytest.approx((0.5, 0.3, -0.2, 0.4, -0.2, -0.3, -0.6, -0.4))


def test_an_article_scores_as_its_best_entity() -> None:
    """Two watched entities in an article are one article, as new as the newer of them."""
    found = Pooled.of([("a", "1", "copy", 0.1), ("a", "1", "copy", 0.6), ("b", "1", "first", 0.3)])
    assert found == Pooled(("a", "b"), ("copy", "first"), (0.6, 0.3))


def test_the_table_is_read_as_written(tmp_path: Path) -> None:
    """Rows survive a file; another file is refused by name."""
    rows = [Row("a", "1", "x", "first", Chances(0.1, 0.2, 0.654321))]
    write(rows, tmp_path / "held.tsv")
    assert read(tmp_path / "held.tsv") == rows
    (tmp_path / "old.tsv").write_text("a\t1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"old\.tsv: its columns are \('a', '1'\), not"):
        read(tmp_path / "old.tsv")


def test_a_table_that_contradicts_the_labels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the streams are, every labelled article stands in the table with its kind, and nothing else does."""
    chances = Chances(0.5, 0.5, 0.5)
    (tmp_path / "novelty").mkdir()
    monkeypatch.setattr(novelty_scores, "ROOT", tmp_path)
    monkeypatch.setattr(novelty_scores, "kinds_of", {name: {} for name in WATCHED}.__getitem__)
    check([])
    with pytest.raises(ValueError, match="article 7 of hadi is copy in the table and absent by the labels"):
        check([Row("hadi", "7", "hadi", "copy", chances)])
    monkeypatch.setattr(novelty_scores, "kinds_of", lambda name: {"7": "first" if name == "hadi" else "not"})
    with pytest.raises(ValueError, match="article 7 of hadi is copy in the table and first by the labels"):
        check([Row("hadi", "7", "hadi", "copy", chances)])
    check([Row("hadi", "7", "hadi", "first", chances)])


def test_twins_watch_the_same_in_the_same_year() -> None:
    """A second stream on an entity in the same corpus is a twin; the same name eight years later is none."""
    assert twins("hadi") == {"hadi-2"}
    assert twins("putin") == set()
    assert twins("putin-2") == {"putin-en"}
    assert all(name in twins(other) for name in ALL_WATCHED for other in twins(name))


def test_what_shares_half_its_wording_is_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cut article is alike the whole one in both directions; one of other words is alike nothing."""
    monkeypatch.setattr(novelty_data, "ROOT", tmp_path)
    (tmp_path / "novelty").mkdir()
    texts = {"whole": "a b c d e f g h", "cut": "a b c d x", "other": "c d e a b x"}
    rows = [{"id": name, "label": {}, "title": text[:1], "body": text[2:]} for name, text in texts.items()]
    for path in (*(f"novelty/{name}" for name in WATCHED), *CORPUS.values()):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{path}.jsonl.gz").write_bytes(gzip.compress(lines.encode() if path == "novelty/hadi" else b""))
    found = novelty_data.alike.__wrapped__()
    assert found == {"whole": {"cut"}, "cut": {"whole"}, "other": set()}


def test_held_out_is_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heads learn from no article of the stream, wherever it stands, no copy of one, and no twin stream."""
    monkeypatch.setattr(novelty_train, "alike", lambda: {"1": {"3"}, "2": set()})
    table = object.__new__(novelty_train.Table)
    table.stream = np.array(["hadi", "hadi", "hadi-2", "kerry", "kerry", "kerry"])
    table.ids = np.array(["1", "2", "9", "1", "3", "4"])
    assert table.without("hadi").tolist() == [False] * 5 + [True]
    assert table.without("").all()


ARTICLE = [f"word{number}" for number in range(20)]


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_knows_a_copy(name: str) -> None:
    """Each baseline finds the same words again whole, and nothing in the first article or in one of other words."""
    likeness, _ = BASELINES[name]
    first, copy, other = likeness([ARTICLE, ARTICLE, ["wheat", "prices", "fell"]])
    assert (first, other) == (0.0, 0.0)
    assert copy == pytest.approx(1.0)


def test_minhash_looks_only_at_candidates() -> None:
    """Two articles that share half of their words are no candidates at 0.8, so nothing is estimated for them."""
    likeness, _ = BASELINES["MinHash LSH 0.8"]
    assert list(likeness([ARTICLE, [*ARTICLE[:10], "quite", "another", "end"]])) == [0.0, 0.0]
