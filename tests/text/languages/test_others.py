"""Turkish, English and Persian: endings, spellings and titles."""

from __future__ import annotations

import pytest

from monitor.text.fold import fold
from monitor.text.languages import Plain, guess, language
from monitor.text.languages.tr import cased, endings

TURKISH, ENGLISH, PERSIAN = language("tr"), language("en"), language("fa")


def _folded(forms: object) -> set[str]:
    return {fold(form).text for form in forms}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("Fidan", {"Fidana", "Fidanın", "Fidandan", "Fidanla", "Fidanlar"}),
        ("Lavrov", {"Lavrovun", "Lavrovu", "Lavrovdan", "Lavrovla"}),
        ("Merkel", {"Merkelin", "Merkele", "Merkelden", "Merkelle"}),
        ("Obama", {"Obamanın", "Obamaya", "Obamayla", "Obamadan"}),
        ("Çavuşoğlu", {"Çavuşoğlunun", "Çavuşoğluna", "Çavuşoğlundan", "Çavuşoğlunda"}),
    ],
)
def test_turkish_endings(word: str, forms: set[str]) -> None:
    """A name takes its endings in its harmony, with a buffer after a vowel and n after -oğlu."""
    assert _folded(forms) <= _folded(form for form, _ in endings(word))


def test_no_turkish_ending_makes_a_womans_surname() -> None:
    """A bare -a after -ov or -in would turn a man's name into a woman's, so it is not offered."""
    assert "lavrova" not in _folded(form for form, _ in endings("Lavrov"))


def test_turkish_titles_take_cases() -> None:
    """A title that ends in a possessive takes n before its case."""
    assert {"Dışişleri Bakanına", "Dışişleri Bakanının", "Dışişleri Bakanını"} <= set(cased("Dışişleri Bakanı"))
    plurals = {title.text for title in TURKISH.office_titles("foreign minister") if title.number == "many"}
    assert "Dışişleri Bakanları" in plurals


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Sergey Lavrov", {"S. Lavrov"}),
        ("Bashar al-Assad", {"Bashar Assad", "Bashar el Assad"}),
        ("Mohammad Javad Zarif", {"Javad Zarif", "Mohammad Zarif"}),
    ],
)
def test_english_spellings(name: str, other: set[str]) -> None:
    """Initials, Arabic articles and middle names are optional."""
    assert other <= {form.text for form in ENGLISH.spellings(name.split(), "person")}


@pytest.mark.parametrize(
    ("word", "other"), [("Lavrov", "Lawrow"), ("Zelensky", "Zelenskyy"), ("Rouhani", "Rohani"), ("Assad", "Asad")]
)
def test_english_transliterations(word: str, other: str) -> None:
    """A surname has its usual transliterations."""
    assert other in {form.text for form in ENGLISH.inflect((word,), 0, "person")}


def test_english_plurals_of_titles() -> None:
    """The word that carries the title takes the plural, wherever it stands."""
    titles = {title.text for title in ENGLISH.office_titles("foreign minister") if title.number == "many"}
    assert {"foreign ministers", "ministers of foreign affairs", "secretaries of state"} <= titles


def test_given_names_of_others() -> None:
    """A given name of the list is another person's, one's own in another spelling is not, a small word never."""
    own = frozenset({"sergey", "lavrov"})
    assert ENGLISH.names_another("Andrei", own)
    assert not ENGLISH.names_another("Sergei", own)
    assert not ENGLISH.names_another("andrei", own)
    assert not ENGLISH.names_another("Moscow", own)
    assert TURKISH.names_another("Ayşe", frozenset({"hakan", "fidan"}))
    assert PERSIAN.names_another("محمود", frozenset({"جواد", "ظریف"}))


def test_persian_compounds() -> None:
    """A compound given name may be written together, apart, or without its first part."""
    together = {form.text for form in PERSIAN.spellings(["محمد", "جواد", "ظریف"], "person")}
    assert {"محمدجواد ظریف", "جواد ظریف"} <= together
    apart = {form.text for form in PERSIAN.spellings(["محمدجواد", "ظریف"], "person")}
    assert {"محمد جواد ظریف", "جواد ظریف"} <= apart


def test_processes_have_no_person_forms() -> None:
    """What is no person gets no initials, surnames or relatives."""
    for code in ("ru", "tr", "en", "fa"):
        knows = language(code)
        assert not list(knows.spellings(["Astana", "format"], "process"))
        assert not list(knows.short_forms(["Astana", "format"], "process"))


def test_an_unknown_language_is_plain() -> None:
    """A language without a module matches names as they are written."""
    knows = language("xx")
    assert isinstance(knows, Plain)
    assert not list(knows.office_titles("president"))
    assert not knows.stands_alone("Name", inside=True)
    assert knows.agrees("Any", "Name", "Name")


def test_guess() -> None:
    """Letters tell the languages apart."""
    texts = ("وزیر خارجه ترکیه گفت", "Глава МИД", "Dışişleri Bakanı görüştü", "The minister")
    assert [guess(text) for text in texts] == ["fa", "ru", "tr", "en"]
