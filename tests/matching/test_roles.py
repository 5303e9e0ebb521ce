"""How far a title reaches: to its country, over a list of them, and to a name behind it."""

from __future__ import annotations

import pytest

from tests.matching.helpers import LAVROV, person, read

ENGLISH = person("lavrov", "Sergei Lavrov", lang="en", roles=LAVROV.roles)


@pytest.mark.parametrize(("others", "reached"), [(1, True), (11, True), (12, False)])
def test_a_list_before_a_title_is_read_fourteen_words_back(others: int, reached: bool) -> None:
    """A title of several people takes the countries before it, as far as a list may be long."""
    text = f"The Russian, {'Turkish, ' * others}and Syrian foreign ministers met."
    assert bool(read(text, ENGLISH, lang="en")) is reached


@pytest.mark.parametrize(("others", "reached"), [(1, True), (12, True), (13, False)])
def test_a_list_behind_a_title_is_read_fourteen_words_on(others: int, reached: bool) -> None:
    """The same for the countries that follow it."""
    text = f"اجتمع وزراء خارجية تركيا{' وتركيا' * others} وروسيا أمس"
    assert bool(read(text, LAVROV)) is reached


@pytest.mark.parametrize(("words", "reached"), [(0, True), (3, True), (4, False)])
def test_three_words_may_stand_before_a_country(words: int, reached: bool) -> None:
    """Words like "each of" may part a title and its country, up to three of them."""
    assert bool(read(f"اجتمع وزراء خارجية {'كل ' * words}روسيا وتركيا أمس", LAVROV)) is reached
    assert bool(read(f"قال وزير خارجية {'كل ' * words}روسيا أمس", LAVROV)) is reached


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("قال وزير الخارجية الروسي كلمة", True),
        ("قال وزير الخارجية «الروسي» كلمة", True),
        ("قال وزير الخارجية. الروسي الأول كان هنا", False),
        ("قال وزير الخارجية، الروسي الأول، كلمة", False),
        ("قال وزير. الخارجية الروسية بعيدة", False),
        ("اجتمع وزراء خارجية تركيا، روسيا وإيران أمس", True),
        ("اجتمع وزراء خارجية تركيا وإيران. روسيا لم تحضر", False),
    ],
)
def test_a_sentence_ends_a_title(text: str, meant: bool) -> None:
    """A title's country follows it with nothing but space and quotation marks between; in a list also a comma."""
    assert bool(read(text, LAVROV)) is meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("The Russian foreign minister spoke.", True),
        ("It was Russian. Foreign minister posts are rare.", False),
        ("It was Russian, foreign minister posts are rare.", False),
        ("The Turkish, Russian and Syrian foreign ministers met.", True),
        ("They met Russian. Turkish and Syrian foreign ministers left.", False),
    ],
)
def test_a_sentence_ends_before_a_title_too(text: str, meant: bool) -> None:
    """The same for the country that stands before it."""
    assert bool(read(text, ENGLISH, lang="en")) is meant


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("ماكرون", False),
        ("السيد ماكرون", False),
        ("معالي ماكرون", False),
        ("سلجوق ماكرون", False),
        ("زيد", False),
        ("سيرغي", True),
        ("إلى دمشق", True),
        ("لافروف", True),
    ],
)
def test_a_leaders_name_behind_a_title_is_somebody_elses(name: str, theirs: bool) -> None:
    """A well-known surname takes a title, alone or behind a given name that no list holds; the holder's does not."""
    surfaces = read(f"وصل وزير الخارجية الروسي {name} أمس", LAVROV).get("lavrov", [])
    assert ("وزير الخارجية الروسي" in surfaces) is theirs


def test_a_misspelled_given_name_takes_no_surname_away() -> None:
    """What is nearly the given name is the person's, where the surname is strong; another one is somebody's."""
    kerry = person("kerry", "جون كيري", "كيري")
    assert read("قال جوان كيري نعم", kerry) == {"kerry": ["كيري"]}
    assert read("قال روبرت كيري نعم", kerry) == {}
    assert read("قال جوان كيري نعم", person("kerry", "جون كيري")) == {}


@pytest.mark.parametrize(("words", "reached"), [(0, True), (2, True), (3, False)])
def test_two_words_may_stand_between_a_country_and_its_title(words: int, reached: bool) -> None:
    """The country of one title stands no more than three words before it, over words of its state."""
    assert bool(read(f"The Russian {'federal ' * words}foreign minister spoke.", ENGLISH, lang="en")) is reached


def test_a_title_makes_the_surname_its_holders() -> None:
    """Whose office the article names is meant by the bare surname, too."""
    short = person("lavrov", "سيرغي لافروف", roles=LAVROV.roles)
    said = "قال وزير الخارجية الروسي كلمة. ثم عاد لافروف أمس."
    assert read(said, short) == {"lavrov": ["وزير الخارجية الروسي", "لافروف"]}
    assert read(said.replace("الروسي", "التركي"), short) == {}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("The Russian foreign minister candidate spoke.", False),
        ("The Russian foreign minister saw candidate lists.", True),
    ],
)
def test_a_word_behind_a_title_qualifies_it_where_it_follows(text: str, meant: bool) -> None:
    """A candidate for an office is not its holder; one whom the holder met is somebody else."""
    assert bool(read(text, ENGLISH, lang="en")) is meant


@pytest.mark.parametrize(("between", "former"), [(0, True), (2, True), (3, False)])
def test_in_arabic_a_title_is_qualified_from_three_words_away(between: int, former: bool) -> None:
    """Arabic sets the former behind the country, and a name may stand between."""
    text = f"قال وزير الخارجية الروسي {'أمس ' * between}السابق نعم"
    assert bool(read(text, LAVROV)) is not former
