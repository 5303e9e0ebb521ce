"""What stands beside a short form or a common word: a title of theirs, somebody else's, a surname of its own."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.matching import Matcher
from monitor.model import Alias, Entity, Role
from tests.matching.helpers import LAVROV, article, found, person, read, watchlist

SHORT = person("lavrov", "سيرغي لافروف", roles=LAVROV.roles)
SALAM = person(
    "salam",
    "تمام سلام",
    weak=("سلام",),
    roles=(Role(office="prime minister", of="Lebanon", since=date(2014, 2, 15)),),
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("جاء وزير الخارجية لافروف أمس", True),
        ("جاء وزير الخارجية السيد لافروف أمس", True),
        ("جاء وزير الخارجية السيد السيد السيد لافروف أمس", True),
        ("جاء وزير الخارجية السيد السيد السيد السيد لافروف أمس", False),
        ("جاء وزير الخارجية، لافروف، أمس", True),
        ("جاء وزير الخارجية. لافروف أمس", False),
        ("جاء وزير الخارجية ولافروف أمس", False),
        ("جاء الوزير لافروف أمس", True),
        ("جاء لافروف وزير الخارجية أمس", False),
        ("جاء نائب وزير الخارجية لافروف أمس", False),
        ("جاء وكيل وزير الخارجية لافروف أمس", False),
        ("جاء مساعد وزير الخارجية لافروف أمس", False),
        ("جاء نجل وزير الخارجية لافروف أمس", False),
        ("جاء وزير الخارجية السابق لافروف أمس", False),
        ("جاء وزير الخارجية التركي لافروف أمس", False),
        ("جاء وزير الدفاع لافروف أمس", False),
        ("جاء رئيس الوزراء لافروف أمس", False),
        ("قال المتحدث باسم وزير الخارجية لافروف نعم", True),
    ],
)
def test_a_surname_beside_its_title_is_theirs(text: str, meant: bool) -> None:
    """Their own title before a surname says whose it is, over three honorifics; a deputy's or another one does not."""
    assert read(text, SHORT) == ({"lavrov": ["لافروف"]} if meant else {})


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("جاء لافروف، وزير الخارجية الروسي، أمس", ["لافروف", "وزير الخارجية الروسي"]),
        ("جاء المتحدث باسم وزير الخارجية سيرغي لافروف أمس", ["سيرغي لافروف"]),
        ("جاء المتحدث باسم الخارجية الروسية سيرغي لافروف أمس", []),
    ],
)
def test_a_spokesmans_title_at_a_full_name_is_a_namesakes(text: str, surfaces: list[str]) -> None:
    """Whom somebody speaks for is the holder; who speaks for an office is none of its holders."""
    assert read(text, SHORT) == ({"lavrov": surfaces} if surfaces else {})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("قال رئيس الوزراء اللبناني سلام البارحة إن", True),
        ("في لبنان قال سلام اللبناني إن", True),
        ("في لبنان قال سلام البارحة إن", False),
        ("في لبنان قال سلام فياض إن", False),
        ("في لبنان قال سلام بن علي إن", False),
    ],
)
def test_a_given_name_goes_on_with_a_surname(text: str, meant: bool) -> None:
    """A word with the article behind what may be a given name is a surname, but for a country's and after a title."""
    assert ("سلام" in read(text, SALAM).get("salam", [])) is meant


@pytest.mark.parametrize(
    ("strong", "written", "meant"),
    [("أردوغان", "أردوجان", True), ("بوغدان", "بوجدان", False), ("بوغدان", "بوغدان", True)],
)
def test_a_long_name_may_be_respelled_without_evidence(strong: str, written: str, meant: bool) -> None:
    """A strong word of seven letters is the name however a sound of it is rendered; a shorter one needs evidence."""
    assert bool(read(f"كان {written} هنا", person("one", f"سيمون {strong}", strong))) is meant


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_former_holders_the_last_is_meant(order: int) -> None:
    """The former president is who left the office most recently, in whatever order they are watched."""
    former = [
        person(name, spelled, roles=(Role(office="president", of="Iran", until=until),))
        for name, spelled, until in (
            ("first", "زيد عمرو", date(2021, 6, 1)),
            ("last", "خالد بكر", date(2023, 6, 1)),
            ("middle", "سعد زياد", date(2022, 6, 1)),
        )
    ]
    assert read("قال الرئيس الإيراني السابق نعم", *former[::order]) == {"last": ["الرئيس الإيراني"]}


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("قال وزير الخارجية لروسيا نعم", "وزير الخارجية لروسيا"),
        ("قال وزيرا الخارجية لروسيا وتركيا نعم", "وزيرا الخارجية لروسيا وتركيا"),
        ("قال الرئيس لإيران نعم", None),
        ("قال رئيس إيران نعم", "رئيس إيران"),
    ],
)
def test_a_country_may_be_glued_to_a_preposition(text: str, surface: str | None) -> None:
    """Behind a title of several words it is the title's country; behind one word it is whom the holder spoke to."""
    holder = person("iran", "زيد عمرو", roles=(Role(office="president", of="Iran", since=date(2020, 1, 1)),))
    found = [one for surfaces in read(text, LAVROV, holder).values() for one in surfaces]
    assert found == ([surface] if surface else [])


ASTANA = Entity(
    "astana",
    "Astana format",
    "process",
    (Alias("صيغة أستانا", "ar"), Alias("أستانا", "ar", weak=True)),
    support={"ar": ("سوريا", "الدول الضامنة")},
    against={"ar": ("مطار",)},
)
PEACE = Entity(
    "peace",
    "Peace initiative",
    "process",
    (Alias("مبادرة السلام", "ar"), Alias("السلام", "ar", weak=True)),
    support={"ar": ("دمشق", "حلب")},
)
SYRIAN = person(
    "syrian",
    "فلان الشرع",
    weak=("الشرع",),
    roles=(Role(office="president", of="Syria", since=date(2020, 7, 17)),),
)
BASHAR = person("bashar", "بشار الأسد", roles=(Role(office="president", of="Syria", since=date(2000, 7, 17)),))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("تبدأ أستانا غدا", None),
        ("قالت سوريا كلمة. تبدأ أستانا غدا", "the article speaks of سوريا"),
        ("تبدأ أستانا غدا. قالت الدول الضامنة وسوريا كلمة", "the article speaks of الدول الضامنة, سوريا"),
        ("مطار أستانا مغلق", None),
        ("فتح مطار آخر. تبدأ أستانا غدا. قرب مطار", None),
        ("سوريا في مطار أستانا", "the article speaks of سوريا"),
    ],
)
def test_an_authors_words_place_a_weak_name(text: str, why: str | None) -> None:
    """A word of support anywhere in the article makes a weak name theirs; it wins over one against it."""
    matches = Matcher(watchlist(ASTANA)).match(article(text)).matches
    assert [match.evidence for match in matches] == ([(why,)] if why else [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("مطار أستانا مغلق", "against it: مطار in the same sentence"),
        ("فتح مطار آخر. تبدأ أستانا غدا. قرب مطار", "nothing else in the article speaks of it"),
    ],
)
def test_a_word_against_a_name_counts_in_its_sentence(text: str, why: str) -> None:
    """An airport in another sentence says nothing against the format."""
    assert [row.why for row in Matcher(watchlist(ASTANA)).match(article(text)).rejected] == [why]


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("دمشق بعيدة. كان السلام هنا.", False),
        ("دمشق وحلب بعيدتان. كان السلام هنا.", True),
        ("كان السلام في دمشق.", True),
        ("كان السلام هنا. دمشق بعيدة.", False),
        ("كان السلام هنا. دمشق ودمشق بعيدة.", False),
        ("تحقق السلام عبر الحوار. دمشق بعيدة.", False),
    ],
)
def test_a_common_word_is_placed_by_its_sentence_or_by_several_words(text: str, placed: bool) -> None:
    """One word of support does for a common word only in its sentence; two different ones do anywhere."""
    assert read(text, PEACE) == ({"peace": ["السلام"]} if placed else {})


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("سوريا وسوريا. كان الشرع هنا.", False),
        ("سوريا وسوريا وسوريا. كان الشرع هنا.", True),
        ("كان الشرع في سوريا.", True),
        ("كان الشرع هنا. سوريا بعيدة.", False),
        ("سوريا بعيدة. كان الشرع هنا.", False),
    ],
)
def test_a_common_word_is_placed_by_its_country(text: str, placed: bool) -> None:
    """A country has to be spoken of three times, or in the sentence; of who left office it says nothing."""
    assert read(text, SYRIAN) == ({"syrian": ["الشرع"]} if placed else {})
    former = person(
        "former",
        "فلان الشرع",
        weak=("الشرع",),
        roles=(Role(office="president", of="Syria", since=date(2010, 7, 17), until=date(2015, 1, 1)),),
    )
    assert read(text, former) == {}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("في سوريا نظام بشار يقول", True),
        ("في سوريا نظام بشار", True),
        ("في سوريا نظام بشار في دمشق", True),
        ("في سوريا نظام بشار الكبير يقول", False),
        ("في سوريا نظام بشار محمد يقول", False),
        ("في سوريا نظام وبشار هنا", False),
        ("في سوريا قال بشار نعم", False),
        ("نظام بشار يقول", False),
        ("خبر عن سوريا.\nاقرأ أيضاً: نظام بشار في دمشق", False),
    ],
)
def test_a_given_name_alone_is_a_rulers(text: str, meant: bool) -> None:
    """Arabic calls a ruler by the given name after a word like regime, where the country is spoken of."""
    assert read(text, BASHAR) == ({"bashar": ["بشار"]} if meant else {})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("في اليمن واليمنيين هادي قال نعم", "قال follows it, and the article speaks of Yemen"),
        ("في اليمن واليمنيين قال هادي نعم", "قال stands before it, and the article speaks of Yemen"),
        ("في اليمن واليمنيين نظام هادي هنا", "نظام stands before it, and the article speaks of Yemen"),
        ("في اليمن واليمنيين هادي: نعم", "it is quoted as speaking, and the article speaks of Yemen"),
        ("في اليمن واليمنيين «هادي»: نعم", "it is quoted as speaking, and the article speaks of Yemen"),
        ("في اليمن يتحدث الرئيس هادي هنا", "a title of theirs stands beside it: الرئيس"),
        ("في اليمن قال هادي نعم", None),
        ("في اليمن واليمنيين هادي، نعم", None),
        ("في اليمن واليمنيين هادي", None),
    ],
)
def test_what_a_person_does_tells_a_name_from_a_word(text: str, why: str | None) -> None:
    """A verb on either side, a word of power, a colon or a title is evidence, and is said."""
    roles = (Role(office="president", of="Yemen", since=date(2012, 2, 25)),)
    findings = Matcher(watchlist(person("hadi", "عبد ربه منصور هادي", weak=("هادي",), roles=roles))).match(
        article(text)
    )
    assert found(findings) == ({"hadi": ["هادي"]} if why else {})
    assert [match.evidence for match in findings.matches] == ([(why,)] if why else [])


def test_a_phrase_takes_its_own_words_only() -> None:
    """A lion's share is nobody's name; the name that stands behind the phrase is."""
    assad = person("assad", "بشار الأسد", weak=("الأسد",), roles=BASHAR.roles)
    findings = Matcher(watchlist(assad)).match(article("في سوريا وسوريا نال حصة الأسد. الأسد قال نعم."))
    assert [(row.start, row.why) for row in findings.rejected] == [(24, "part of a phrase: حصة الأسد")]
    assert [row.start for match in findings.matches for row in match.mentions] == [31]


def test_a_son_of_the_name_is_told_by_his_word() -> None:
    """Who is called junior behind a full name is somebody else, and the word that says so is said."""
    senior = person("lavrov", "Sergei Lavrov", lang="en")
    findings = Matcher(watchlist(senior)).match(article("Yesterday Sergei Lavrov Jr spoke.", lang="en"))
    assert findings.matches == ()
    assert [row.why for row in findings.rejected] == ["a father or son of that name: Jr"]
