"""camel-tools' morphological analyser as a witness about weak names: used where installed, never missed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.matching import Matcher
from monitor.matching.analyser import Known, analyser, known_as
from monitor.model import Entity, Findings, Role
from tests.matching.helpers import article, found, person, watchlist
from tests.matching.morphology import install

MINISTER = (Role(office="interior minister", of="Jordan"),)
SPARROW = person("sparrow", "زاهر عصفور", weak=("عصفور",), roles=MINISTER)  # also a bird, and on no list of ours
VICTORY = person("victory", "زاهر نصر", weak=("نصر",), roles=MINISTER)  # also a victory, and on our list of words
FAR = "شاهد الناس عصفور البرية قرب النهر.\nثم انتهى اليوم في الأردن."  # the country, but in another sentence
NEAR = "شاهد الناس عصفور قرب نهر الأردن."
PLACED = "قال الناس إن الأردن ينتظر نصر غدا.\nعاد الأردن إلى عمان."
ABSENT = ("camel_tools.morphology", "camel_tools.data")


def reset() -> None:
    analyser.cache_clear()
    known_as.cache_clear()


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data directory, an empty home, and camel-tools as in a fresh process."""
    home, data = tmp_path / "home", tmp_path / "data"
    home.mkdir()
    data.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CAMELTOOLS_DATA", str(data))
    for name in [name for name in sys.modules if name.startswith(ABSENT)]:
        monkeypatch.delitem(sys.modules, name)
    reset()
    yield data
    reset()


def findings(text: str, entity: Entity) -> Findings:
    return Matcher(watchlist(entity)).match(article(text))


def imported() -> list[str]:
    return [name for name in sys.modules if name.startswith(ABSENT)]


def test_without_a_database_nothing_is_imported_and_nothing_changes(data: Path) -> None:
    """A weak name that our lists don't call a word counts by its country, and the analyser is not even loaded."""
    said = findings(FAR, SPARROW)
    assert found(said) == {"sparrow": ["عصفور"]}
    assert found(findings(PLACED, VICTORY)) == {}
    assert imported() == []
    install(data, words=("نهر",))
    reset()
    assert findings(FAR, SPARROW) == said, "a word that the database lacks is judged as without one"
    assert imported() != []


def test_a_word_that_is_no_name_is_rejected(data: Path) -> None:
    """What the analyser knows only as a common word is not taken for a person on the country's word alone."""
    install(data, words=("عصفور",))
    said = findings(FAR, SPARROW)
    assert found(said) == {}
    assert [one.surface for one in said.rejected] == ["عصفور"]
    assert "only as a common word" in said.rejected[0].why


def test_a_word_that_is_also_a_name_stays_as_it_was(data: Path) -> None:
    """An analyser that knows both readings speaks neither for nor against."""
    before = findings(FAR, SPARROW)
    install(data, words=("عصفور", "نصر"), names=("عصفور", "نصر"))
    reset()
    assert known_as("عصفور") is Known.BOTH
    assert findings(FAR, SPARROW) == before
    assert found(findings(PLACED, VICTORY)) == {}


def test_a_name_that_is_no_word_is_supported(data: Path) -> None:
    """What our lists call a word and the analyser only a name counts where the sentence speaks of its country."""
    assert found(findings(PLACED, VICTORY)) == {}
    install(data, names=("نصر",))
    reset()
    said = findings(PLACED, VICTORY)
    assert found(said) == {"victory": ["نصر"]}
    assert "only as a proper noun" in said.matches[0].evidence[0]
    assert found(findings("عم نصر على الناس.", VICTORY)) == {}, "nothing else speaks of the person"
    assert found(findings("انتظر الناس نصر غدا.\nثم انتهى اليوم في الأردن.", VICTORY)) == {}, "the country is far"


def test_stronger_evidence_is_not_overruled(data: Path) -> None:
    """The full name, the title or the country in the same sentence weigh more than the analyser's word against."""
    install(data, words=("عصفور",))
    for text in (f"وصل زاهر عصفور.\n{FAR}", f"قال وزير الداخلية الأردني عصفور نعم.\n{FAR}", NEAR):
        assert "عصفور" in found(findings(text, SPARROW))["sparrow"]


def test_of_a_given_name_it_says_nothing(data: Path) -> None:
    """That محمد is a name does not tell whose: a given name is judged as without the analyser."""
    entity = person("m", "محمد عصفور", weak=("محمد",), roles=MINISTER)
    install(data, names=("محمد",))
    assert known_as("محمد") is Known.NAME
    assert found(findings("شاهد الناس محمد قرب نهر الأردن.\nعاد الأردن.", entity)) == {}


def test_glued_particles_are_read(data: Path) -> None:
    """A word is known with the particles that the analyser takes off, and with those that the matcher took off."""
    install(data, words=("عصفور",))
    assert (known_as("وعصفور"), known_as("عُصفور"), known_as("عصافير")) == (Known.WORD, Known.WORD, Known.NOTHING)
    assert (known_as("x2!"), known_as("لعصفور")) == (Known.NOTHING, Known.NOTHING)
    for glued in ("وعصفور", "لعصفور"):
        assert found(findings(FAR.replace("عصفور", glued), SPARROW)) == {}


def test_nothing_is_downloaded_or_written(data: Path, tmp_path: Path) -> None:
    """Reading a database makes no directory in the home, no catalogue, and leaves camel-tools' own one to others."""
    install(data, words=("عصفور",))
    assert known_as("عصفور") is Known.WORD
    assert list((tmp_path / "home").iterdir()) == []
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["morphology.db"]
    assert "camel_tools.data" not in sys.modules


def test_the_default_place_and_the_standard_language(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable the home is looked at, and of several databases the standard language's is taken."""
    monkeypatch.delenv("CAMELTOOLS_DATA")
    assert analyser() is None
    install(tmp_path / "home" / ".camel_tools", name="calima-egy-r13", words=("عصفور",))
    install(tmp_path / "home" / ".camel_tools", name="calima-msa-r13", names=("عصفور",))
    reset()
    opened = analyser()
    assert opened is not None
    assert opened.name == "calima-msa-r13"
    assert known_as("عصفور") is Known.NAME


@pytest.mark.parametrize("content", [b"", b"no database\n", b"\xff\xfe"])
def test_a_damaged_database_changes_nothing(data: Path, content: bytes) -> None:
    """What can't be read is said, never raised, and every word is judged as without it."""
    before = findings(FAR, SPARROW)
    install(data, words=("عصفور",)).write_bytes(content)
    reset()
    assert findings(FAR, SPARROW) == before
    opened = analyser()
    if content:
        assert opened is not None
        assert "morphology.db" in opened.error


def test_tables_that_do_not_fit_are_no_witness(data: Path) -> None:
    """A database whose tables contradict each other knows nothing."""
    file = install(data, words=("عصفور",))
    file.write_text(file.read_text("utf-8").replace("Pref-0 Noun\n", ""), "utf-8")
    assert known_as("عصفور") is Known.NOTHING
