"""Whose a bare surname is, in scripts with capitals."""

from __future__ import annotations

from monitor.matching import Matcher
from monitor.model import Alias, Article, Entity, Watchlist

FAMILY = {"jack": "Джек Рэмсден", "joan": "Джоан Рэмсден", "eric": "Эрик Рэмсден", "nina": "Нина Орловская"}


def _watch(*ids: str) -> Matcher:
    return Matcher(Watchlist("w", "w", {key: Entity(key, key, aliases=(Alias(FAMILY[key], "ru"),)) for key in ids}))


def _found(matcher: Matcher, body: str, title: str = "") -> dict[str, tuple[str, ...]]:
    findings = matcher.match(Article("a", "s", None, None, "ru", title, None, body))
    return {match.entity: tuple(mention.surface for mention in match.mentions) for match in findings.matches}


def test_a_bare_surname_is_clear_where_nobody_else_bears_it() -> None:
    """A rare surname means the watched person in an article that names no relative and no namesake."""
    assert _found(_watch("jack"), "Вчера Рэмсден прибыл в порт.") == {"jack": ("Рэмсден",)}


def test_a_bare_surname_is_not_clear_beside_a_namesake() -> None:
    """The surname of somebody whom the article named before is theirs."""
    assert _found(_watch("jack"), "Хоккеист Олег Рэмсден упал. Рэмсден встал сам.") == {}


def test_a_case_that_no_namesake_can_have_is_clear() -> None:
    """A man's case is not a woman's, so her full name does not take his surname away."""
    text = "Писательница Мария Рэмсден выступила. Позже к Рэмсдену подошли дети."
    assert _found(_watch("jack"), text) == {"jack": ("Рэмсдену",)}


def test_who_is_introduced_later_takes_nothing_away() -> None:
    """Writers give the full name first: a surname before the relative's introduction is not the relative's."""
    text = "Суд вынес решение.\nВ городе ждали, что Рэмсден ответит.\nЭрик Рэмсден промолчал."
    assert _found(_watch("jack"), text) == {"jack": ("Рэмсден",)}


def test_a_headline_may_name_the_one_who_is_introduced_below_it() -> None:
    """In a headline the surname stands before the full name, whoever it is."""
    assert _found(_watch("jack"), "Хоккеист Олег Рэмсден упал на льду.", "Известный всем Рэмсден упал") == {}


def test_of_two_watched_people_the_forms_decide_and_then_the_order() -> None:
    """Where nothing tells two watched people apart, the one whose forms fit most often is meant, else the first."""
    assert _found(_watch("joan", "jack"), "Вчера Рэмсден прибыл. С Рэмсденом говорили.") == {
        "jack": ("Рэмсден", "Рэмсденом")
    }
    assert _found(_watch("jack", "eric"), "Вчера Рэмсден прибыл.") == {"jack": ("Рэмсден",)}


def test_a_relative_needs_the_family_in_the_sentence() -> None:
    """A given name after a word for a relative counts beside the family's surname, and only there."""
    beside = _found(_watch("jack", "eric"), "Джек Рэмсден приехал с сыном Эриком.")
    assert beside == {"jack": ("Джек Рэмсден",), "eric": ("сыном Эриком",)}
    assert _found(_watch("eric"), "Сосед приехал с сыном Эриком.") == {}
    assert "eric" not in _found(_watch("jack", "eric"), "Рэмсден приехал с сыном Эриком Петровым.")


def test_one_surname_for_two_given_names() -> None:
    """Both of two people who share one written surname are found, each by the whole or by their own part."""
    found = _found(_watch("jack", "joan"), "Джек и Джоан Рэмсден уехали.")
    assert found == {"jack": ("Джек и Джоан Рэмсден",), "joan": ("Джоан Рэмсден",)}
    assert _found(_watch("jack"), "Джек Попов и Джоан Рэмсден уехали.") == {}


def test_a_son_of_the_same_name_is_somebody_else() -> None:
    """A word for the generation behind a name makes it another person's."""
    assert _found(_watch("jack"), "Джек Рэмсден-младший уехал.") == {}
    assert _found(_watch("jack"), "Младший брат уехал, Джек Рэмсден остался.") == {"jack": ("Джек Рэмсден",)}


def test_initials() -> None:
    """The first of several initials is the given name's, and needs its full stop."""
    assert _found(_watch("nina"), "Доклад Н.П. Орловской похвалили.") == {"nina": ("Н.П. Орловской",)}
    assert _found(_watch("nina"), "Доклад П.Н. Орловской похвалили.") == {}


def test_an_adjectival_surname_before_a_noun_is_an_adjective() -> None:
    """A street or a region is named by the same form as a woman."""
    assert _found(_watch("nina"), "На Орловской улице темно.") == {}
    assert _found(_watch("nina"), "Вчера Орловской вручили приз.") == {"nina": ("Орловской",)}


def test_what_an_author_calls_unmistakable_is_his() -> None:
    """A surname that is a strong alias of one person is not the bare surname of a relative."""
    aliases = (Alias(FAMILY["eric"], "ru"), Alias("Рэмсден", "ru"))
    people = {
        "jack": Entity("jack", "jack", aliases=(Alias(FAMILY["jack"], "ru"),)),
        "eric": Entity("eric", "eric", aliases=aliases),
    }
    assert _found(Matcher(Watchlist("w", "w", people)), "Вчера Рэмсден прибыл в порт.") == {"eric": ("Рэмсден",)}


def test_a_spelling_is_weak_where_its_language_says_so() -> None:
    """One spelling may be unmistakable in one language and a word in another: the article's language decides."""
    band = Entity("band", "Lumen", "organisation", (Alias("Lumen", "en"), Alias("Lumen", "tr", weak=True)))
    watching = Matcher(Watchlist("w", "w", {"band": band}))
    articles = [Article("a", "s", None, None, lang, "", None, "Lumen dün çaldı.") for lang in ("en", "tr")]
    assert [bool(watching.match(article).matches) for article in articles] == [True, False]
