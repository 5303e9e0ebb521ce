"""What stands beside a short form or a common word: a title of theirs, somebody else's, a surname of its own."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.model import Role
from tests.matching.helpers import LAVROV, person, read

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
