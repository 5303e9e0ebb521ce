"""Russian declension and spelling."""

from __future__ import annotations

import pytest

from monitor.text.languages import language
from monitor.text.languages.ru_declension import (
    declined_given,
    declined_surname,
    gender_of,
    relative_forms,
    shown_gender,
)
from monitor.text.languages.ru_names import variants

RUSSIAN = language("ru")


@pytest.mark.parametrize(
    ("given", "forms"),
    [
        ("Сергей", {"Сергея", "Сергею", "Сергеем", "Сергее"}),
        ("Павел", {"Павла", "Павлу", "Павлом", "Павле"}),
        ("Мария", {"Марии", "Марию", "Марией"}),
        ("Хавьер", {"Хавьера", "Хавьеру", "Хавьером", "Хавьере"}),
        ("Ольга", {"Ольги", "Ольге", "Ольгу", "Ольгой"}),
    ],
)
def test_given_names(given: str, forms: set[str]) -> None:
    """A given name has the cases that grammar asks for, a foreign one too."""
    assert forms <= declined_given(given)


@pytest.mark.parametrize(
    ("surname", "gender", "forms"),
    [
        ("Лавров", "masc", {"Лаврова", "Лаврову", "Лавровым", "Лаврове"}),
        ("Захарова", "femn", {"Захаровой", "Захарову"}),
        ("Толстой", "masc", {"Толстого", "Толстому", "Толстым", "Толстом"}),
        ("Островский", "masc", {"Островского", "Островскому", "Островским"}),
        ("Шварц", "masc", {"Шварца", "Шварцу", "Шварцем"}),
        ("Кравец", "masc", {"Кравца", "Кравцу", "Кравцом"}),
        ("Обама", "masc", {"Обамы", "Обаме", "Обаму", "Обамой"}),
        ("Барклай", "masc", {"Барклая", "Барклаю", "Барклаем"}),
    ],
)
def test_surnames(surname: str, gender: str, forms: set[str]) -> None:
    """A surname declines by its ending."""
    assert forms <= declined_surname(surname, gender)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("surname", "gender"),
    [
        ("Шойгу", "masc"),
        ("Саркози", "masc"),
        ("Черных", "masc"),
        ("Шевченко", "masc"),
        ("Харрис", "femn"),
        ("Грей", "femn"),
    ],
)
def test_indeclinable(surname: str, gender: str) -> None:
    """Some surnames have one form: those in a vowel, in -ых, and a woman's in a consonant."""
    assert not declined_surname(surname, gender)  # type: ignore[arg-type]


def test_gender() -> None:
    """A given name shows its gender by the dictionary, else by its ending; an unclear one is left open."""
    assert gender_of("Никита") == "masc"
    assert gender_of("Камала") == "femn"
    assert gender_of("Маргрете") == "both"
    assert shown_gender("Людмилы") == "femn"
    assert shown_gender("Брексит") is None


def test_relatives_differ_by_their_forms() -> None:
    """A woman of the family cannot be meant by a man's case, nor a man by a woman's."""
    assert RUSSIAN.agrees("Людмилы", "Путин", "Путиной")
    assert not RUSSIAN.agrees("Людмилы", "Путин", "Путиным")
    assert not RUSSIAN.agrees("Игоря", "Путин", "Путиной")
    assert "островской" in relative_forms("Островский", "femn")
    assert "захаров" in relative_forms("Захарова", "masc")


def test_transliterations() -> None:
    """A foreign word has its usual other spellings, an ordinary Russian surname none."""
    assert "Денвер" in variants("Дэнвер")
    assert "Саливан" in variants("Салливан")
    assert not variants("Лавров")


def test_a_given_name_is_told_by_its_capital() -> None:
    """Another given name counts, a title, a country, a small letter and one's own name do not."""
    own = frozenset({"джо", "байден"})
    assert RUSSIAN.names_another("Хантера", own)
    assert RUSSIAN.names_another("М.", own)
    assert not RUSSIAN.names_another("Дж.", own)
    assert not RUSSIAN.names_another("Джозеф", own)
    assert not RUSSIAN.names_another("России", own)
    assert not RUSSIAN.names_another("США", own)
    assert not RUSSIAN.names_another("президент", own)


def test_which_surnames_are_clear_alone() -> None:
    """A rare surname is clear, one of thousands never, a common word only by a capital inside a sentence."""
    assert RUSSIAN.stands_alone("Лавров", inside=False)
    assert not RUSSIAN.stands_alone("Иванов", inside=True)
    assert not RUSSIAN.stands_alone("Волк", inside=False)
    assert RUSSIAN.stands_alone("Волк", inside=True)
    assert not RUSSIAN.stands_alone("Карл", inside=True)


def test_titles_agree() -> None:
    """A title declines with its adjective, takes a country's adjective inside, and has a plural for lists."""
    titles = {(title.text, title.number, title.country) for title in RUSSIAN.office_titles("foreign minister")}
    assert ("министром иностранных дел", "one", None) in titles
    assert ("главой турецкого МИД", "one", "Türkiye") in titles
    assert ("министров иностранных дел", "many", None) in titles
    leaders = {title.text for title in RUSSIAN.office_titles("supreme leader")}
    assert "верховного лидера" in leaders
    assert "верховного лидер" not in leaders


def test_countries_decline() -> None:
    """A country of several words declines as a whole, an abbreviation not at all."""
    names = {form.text for form in RUSSIAN.country_words("United States").names}
    assert {"США", "Соединенных Штатов", "Соединенными Штатами"} <= names
    assert "Саудовскую Аравию" in {form.text for form in RUSSIAN.country_words("Saudi Arabia").names}
    assert "турецкого" in {form.text for form in RUSSIAN.country_words("Türkiye").adjectives}
