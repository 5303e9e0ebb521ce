"""The tables of a memory: what they tell of words, wordings and articles, what they forget, how large they are."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from monitor.model import EntityNovelty, Kind
from monitor.novelty import Memory, archive
from monitor.novelty.archive import SKETCH, Archive, Generations, Kept
from monitor.novelty.redundancy import Own
from tests.novelty.stories import DENIAL, MEETING, NOW, OTHER, PASSING, WATCHLIST, article, findings

TEXTS = {"meeting": MEETING, "denial": DENIAL, "other": OTHER, "passing": PASSING}


def laid(text: tuple[str, str]) -> Own:
    """Make a text ready to be compared."""
    one = article("x", text)
    return Memory(WATCHLIST).examine(one, findings(one)).own


OWN = {name: laid(text) for name, text in TEXTS.items()}


def add(tables: Archive, name: str, minutes: int = 0, **changes: object) -> None:
    """Remember one of the texts under its name, or another one."""
    values: dict[str, object] = {"id": name, "worth": {"lavrov": EntityNovelty(0.8, Kind.FIRST)}} | changes
    own = OWN[name]
    kept = Kept(at=NOW + timedelta(minutes=minutes), source="s", story="t", trace=own.trace, **values)  # type: ignore[arg-type]
    tables.add(kept, own)


def nearest(tables: Archive, name: str, top: int = 8) -> list[str]:
    """Name the remembered articles nearest to one of the texts."""
    keys = OWN[name].keys
    return [tables.ring[serial].id for serial in tables.nearest([(keys, tables.information(keys))], top)]


def test_the_tables_have_their_size() -> None:
    """However much is remembered, the tables take what they take when they are empty."""
    tables = Archive(100_000)
    arrays = [one for one in vars(tables).values() if isinstance(one, np.ndarray)]
    assert sum(one.nbytes for one in arrays) == (4 + 2) * 4096 + 16_384 * (32 * 4 + 1) + 524_288 * 2
    assert tables._seen._marks.nbytes == 2**21
    assert tables.finder._table.nbytes == 65_536 * 2


def test_a_generation_outlives_one_turn() -> None:
    """What was added in this generation or the last is there, however often, and hardly anything else."""
    keys = np.arange(1, 2_000, 2, np.uint32) * np.uint32(7_919)
    table = Generations(1 << 16)
    assert not table.has(keys).any()
    table.add(keys[:300])
    assert table.articles == 1
    table.turn()
    assert table.articles == 0
    table.add(keys[200:600])
    assert table.has(keys[:600]).all()
    assert table.has(keys[600:]).mean() < 0.05
    table.turn()
    assert table.has(keys[200:600]).all()
    assert table.has(keys[:200]).mean() < 0.05
    table.turn()
    assert not table.has(keys).any()


def test_a_word_tells_less_the_more_hold_it() -> None:
    """Each article that holds a word takes from its information; one that is forgotten gives it back."""
    tables, keys = Archive(100), OWN["meeting"].keys
    fresh = tables.information(keys)
    assert fresh.dtype == np.float32
    assert (fresh >= 0).all()
    assert fresh.max() > 5
    add(tables, "meeting")
    once = tables.information(keys)
    assert (once < fresh)[fresh > 0].all()
    assert (tables.information(OWN["passing"].keys) >= fresh.min()).all()
    add(tables, "other", 10)
    add(tables, "meeting", 20, id="again")
    assert (tables.information(keys) <= once).all()
    tables.forget(NOW + timedelta(hours=1))
    assert tables.information(keys) == pytest.approx(fresh)
    assert len(tables) == 0


def test_the_nearest_share_most() -> None:
    """Articles come in the order of what they share with the text, of equal ones the later first, and no others."""
    tables = Archive(100)
    assert nearest(tables, "meeting") == []
    for minutes, name in enumerate(("denial", "meeting", "other")):
        add(tables, name, minutes)
    assert nearest(tables, "meeting")[0] == "meeting"
    add(tables, "meeting", 5, id="again")
    assert nearest(tables, "meeting")[:2] == ["again", "meeting"]
    assert nearest(tables, "meeting", 1) == ["again"]
    assert set(nearest(tables, "meeting")) == {"again", "meeting", "denial", "other"}


def test_a_revision_stands_beside_the_earlier_one() -> None:
    """The newest revision is the article's; the earlier one is still compared, until it is forgotten."""
    tables = Archive(100)
    add(tables, "meeting")
    add(tables, "denial", 5, id="meeting")
    assert [kept.id for kept in tables.ring.values()] == ["meeting", "meeting"]
    assert [nearest(tables, text, 1) for text in ("meeting", "denial")] == [["meeting"], ["meeting"]]
    assert tables.ring[tables.serial_of["meeting"]].at == NOW + timedelta(minutes=5)
    assert (len(tables), tables.count_about("lavrov"), tables.count_about("fidan")) == (2, 2, 0)
    tables.forget(NOW + timedelta(minutes=1))
    assert tables.ring[tables.serial_of["meeting"]].at == NOW + timedelta(minutes=5)
    tables.forget(NOW + timedelta(minutes=6))
    assert (len(tables.ring), tables.serial_of) == (0, {})


def test_what_was_said_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words, pairs, wordings and words about somebody are seen for two generations, and not about somebody else."""
    monkeypatch.setattr(archive, "GENERATION", 2)
    tables, own = Archive(100), OWN["meeting"]
    add(tables, "meeting")
    for _ in range(3):
        recall = tables.recall(own)
        assert all(part.all() for part in (recall.words, recall.inner, recall.pairs, recall.shingles))
        about = own.keys[own.said["lavrov"] > 0]
        assert tables.seen_about("lavrov", about).all()
        assert (recall.about["lavrov"] == tables.seen_about("lavrov", own.keys)).all()
        assert tables.seen_about("fidan", about).mean() < 0.1
        assert (tables.seen(own.pairs) == recall.pairs).all()
        add(tables, "passing", id=f"{len(tables)}")
    add(tables, "passing", id="last")
    assert tables.recall(own).shingles.mean() < 0.1


@pytest.mark.parametrize(("score", "kind"), [(0.8, Kind.FIRST), (0.0, Kind.BACKGROUND), (1.0, Kind.DEVELOPMENT)])
def test_what_has_left_the_ring_is_known_by_its_sketch(
    monkeypatch: pytest.MonkeyPatch, score: float, kind: Kind
) -> None:
    """An article beyond the detailed ones is still named, with its score to a thirtieth and its kind."""
    monkeypatch.setattr(archive, "DETAIL", 2)
    tables, shingles = Archive(100), OWN["meeting"].trace.shingles
    assert tables.sketched(shingles) is None
    worth = {"fidan": EntityNovelty(score / 2, Kind.COPY), "lavrov": EntityNovelty(score, kind)} if score else {}
    add(tables, "meeting", worth=worth or {"lavrov": EntityNovelty(score, kind)})
    for minutes, name in enumerate(("denial", "other"), 1):
        assert tables.sketched(shingles) is None
        add(tables, name, minutes)
    found = tables.sketched(shingles)
    assert found is not None
    # One of its eight fingerprints is a later article's too.
    assert (found[0], found[1], found[3]) == ("meeting", 7 / 8, kind)
    assert found[2] == pytest.approx(score, abs=1 / 62)
    assert tables.sketched(OWN["passing"].trace.shingles) is None
    assert tables.sketched(shingles[:0]) is None
    half = tables.sketched(np.sort(np.concatenate([shingles[::2], OWN["passing"].trace.shingles])))
    assert half is None or half[1] < 1
    assert [kept.id for kept in tables.ring.values()] == ["denial", "other"]
    assert set(tables.serial_of) == {"denial", "other"}
    tables.forget(NOW + timedelta(minutes=1))
    assert tables.sketched(shingles) is None


def test_no_more_is_remembered_than_asked_and_the_lists_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first, by number and by time, and their places in the lists go with them."""
    monkeypatch.setattr(archive, "_TRIM", 3)
    tables = Archive(2)
    for minutes, name in enumerate((*TEXTS, *TEXTS)):
        add(tables, name, minutes, id=f"{minutes}")
        tables.forget(NOW - timedelta(days=1))
        assert len(tables) == min(minutes + 1, 2)
        assert len(tables._ids) == len(tables._at) == len(tables._worth) <= 2 + 3
    assert [kept.id for kept in tables.ring.values()] == ["6", "7"]
    tables.forget(NOW + timedelta(minutes=7))
    assert [kept.id for kept in tables.ring.values()] == ["7"]


def test_the_sketches_grow_and_stay_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that grows keeps what stands in it; it grows before a fourth is taken, and no further than asked."""
    monkeypatch.setattr(archive, "_LEAST", 64)
    monkeypatch.setattr(archive, "DETAIL", 1)
    tables = Archive(1_000)
    sizes = []
    for minutes, name in enumerate(TEXTS):
        add(tables, name, minutes)
        sizes.append(len(tables._sketch_serial))
        assert len(tables._sketch_check) == sizes[-1]
    assert sizes == [64, 64, 128, 128]
    assert all(len(tables) * SKETCH * 4 <= 2 * size for size in sizes[-1:])
    assert [tables.sketched(OWN[name].trace.shingles) is not None for name in TEXTS] == [True, True, True, False]
    tables._most = 128
    for number in range(20):
        add(tables, "passing", 9, id=f"p{number}")
    assert len(tables._sketch_serial) == 128


@pytest.mark.parametrize("capacity", [100, 1_000, 30_000])
def test_every_article_has_room_for_its_sketch(capacity: int) -> None:
    """The table of sketches may grow until each article that may be remembered has its places, and no further."""
    most, wanted = Archive(capacity)._most, capacity * SKETCH
    assert most >= wanted
    assert most == 1 << 12 or most < 2 * wanted
