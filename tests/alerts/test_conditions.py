"""A rule's `when`: who has to be there, together, by which way, in which language, from whom."""

from __future__ import annotations

import pytest

from monitor.alerts import satisfied
from monitor.model import Condition, Findings, Near
from tests.alerts.builders import article, found, match, mention, rule

NESTED = Condition(
    all=("anna",),
    any=("omar", Condition(all=("selim", Condition(none=("dana",))))),
    none=(Condition(all=("eva", "ida")),),
)


@pytest.mark.parametrize(
    ("when", "there", "expected"),
    [
        (Condition(all=("anna",)), ("anna",), ("anna",)),
        (Condition(all=("anna",)), ("omar",), ()),
        (Condition(all=("anna", "omar")), ("anna",), ()),
        (Condition(all=("anna", "omar")), ("omar", "anna", "selim"), ("omar", "anna")),
        (Condition(any=("anna", "omar")), ("selim",), ()),
        (Condition(any=("anna", "omar")), ("omar", "selim"), ("omar",)),
        (Condition(any=("anna", "omar")), ("omar", "anna"), ("omar", "anna")),
        (Condition(all=("anna",), none=("omar",)), ("anna", "omar"), ()),
        (Condition(all=("anna",), none=("omar",)), ("anna",), ("anna",)),
        (Condition(none=("omar",)), ("anna", "selim"), ("anna", "selim")),
        (Condition(none=("omar",)), (), ()),
        (NESTED, ("anna", "omar", "selim"), ("anna", "omar", "selim")),
        (NESTED, ("anna", "omar", "selim", "dana"), ("anna", "omar")),
        (NESTED, ("anna", "selim", "dana"), ()),
        (NESTED, ("anna", "omar", "eva"), ("anna", "omar")),
        (NESTED, ("anna", "omar", "eva", "ida"), ()),
    ],
)
def test_when(when: Condition, there: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Exactly the entities in branches that hold are returned, in the order in which they were found."""
    findings = Findings(tuple(match(entity) for entity in there))
    assert satisfied(rule(when=when), article(), findings) == expected


@pytest.mark.parametrize(
    ("via", "mentioned", "holds"),
    [
        ("name", "name", True),
        ("name", "role", False),
        ("role", "role", True),
        ("role", "name", False),
        ("either", "name", True),
        ("either", "role", True),
    ],
)
def test_via(via: str, mentioned: str, holds: bool) -> None:
    """`via` lets a rule see only mentions by name, or only mentions by role."""
    findings = Findings((match("anna", mention(0, 3, via=mentioned)),))
    assert satisfied(rule(via=via), article(), findings) == (("anna",) if holds else ())


def test_via_does_not_hide_whom_a_rule_excludes() -> None:
    """Somebody named only by role is there for `none`, even under `via: name`."""
    findings = Findings((match("anna"), match("omar", mention(0, 3, via="role"))))
    assert satisfied(rule(when=Condition(all=("anna",), none=("omar",)), via="name"), article(), findings) == ()


@pytest.mark.parametrize(
    ("wanted", "lang", "holds"),
    [
        (("ar", "ru"), "ar", True),
        (("ar",), "ar-SY", True),
        (("pt-br",), "pt-BR", True),
        (("ar",), "arz", False),
        (("AR",), "ar", True),
        (("ar",), None, False),
        ((), None, True),
        (("pt-BR",), "pt", False),
    ],
)
def test_languages(wanted: tuple[str, ...], lang: str | None, holds: bool) -> None:
    """A language holds for its regional forms; an article without a language satisfies no language."""
    assert satisfied(rule(languages=wanted), article(lang=lang), found()) == (("anna",) if holds else ())


@pytest.mark.parametrize(
    ("source", "url", "holds"),
    [
        ("News.Example", None, True),
        ("A Paper", "https://news.example/1", True),
        ("A Paper", "https://www.news.example/1", True),
        ("A Paper", "https://badnews.example/1", False),
        ("A Paper", "https://other.example/news.example", False),
        ("A Paper", "http://[bad", False),
        ("www.news.example", None, True),
    ],
)
def test_sources(source: str, url: str | None, holds: bool) -> None:
    """A source is meant by its name or by the host of its address, hosts below it included."""
    text = article(source=source, url=url)
    assert bool(satisfied(rule(sources_any=("news.example",)), text, found())) is holds
    assert bool(satisfied(rule(sources_none=("news.example",)), text, found())) is not holds


FIRST, SECOND = "Anna met Omar in the old town.", "Selim stayed at home with three friends."
TEXT = f"{FIRST} {SECOND}"


def _placed(**places: tuple[int, ...]) -> Findings:
    return Findings(
        tuple(match(name, *(mention(start, start + 4) for start in starts)) for name, starts in places.items())
    )


@pytest.mark.parametrize(
    ("names", "words", "places", "holds"),
    [
        (("anna", "omar"), None, {"anna": (0,), "omar": (9,)}, True),
        (("anna", "selim"), None, {"anna": (0,), "selim": (31,)}, False),
        (("anna", "selim"), None, {"anna": (0, 50), "selim": (31,)}, True),
        (("anna", "omar", "selim"), None, {"anna": (0,), "omar": (9,), "selim": (31,)}, False),
        (("anna", "omar"), 1, {"anna": (0,), "omar": (9,)}, True),
        (("anna", "omar"), 0, {"anna": (0,), "omar": (9,)}, False),
        (("anna", "selim"), 6, {"anna": (0,), "selim": (31,)}, True),
        (("anna", "selim"), 5, {"anna": (0,), "selim": (31,)}, False),
        (("anna", "omar", "selim"), 6, {"anna": (0,), "omar": (9,), "selim": (31,)}, True),
        (("anna", "omar", "selim"), 5, {"anna": (0,), "omar": (9,), "selim": (31,)}, False),
        (("omar", "selim"), 4, {"anna": (0,), "omar": (9,), "selim": (31,)}, True),
        (("anna", "omar"), 0, {"anna": (0, 50), "omar": (9, 55)}, True),
        (("anna", "selim"), 2, {"anna": (0, 5), "selim": (31,)}, False),
        (("anna", "selim"), 5, {"anna": (0, 5), "selim": (31,)}, True),
        (("anna", "selim"), 2, {"anna": (0, 5, 17), "selim": (31,)}, True),
        (("anna", "selim"), 1, {"anna": (0, 5, 17), "selim": (31,)}, False),
        (("anna", "selim"), 2, {"anna": (0, 5, 9, 17), "selim": (31,)}, True),
        (("anna", "selim"), 2, {"selim": (0,), "anna": (17, 21, 25, 31, 50)}, False),
    ],
)
def test_near(names: tuple[str, ...], words: int | None, places: dict[str, tuple[int, ...]], holds: bool) -> None:
    """Together is one sentence, or no more words between the outermost than allowed, at the best place."""
    near = rule("anna" if "anna" in names else "omar", near=Near(names, words))
    result = satisfied(near, article(lang="en", summary=TEXT), _placed(**places))
    assert set(result) == (set(names) if holds else set())


@pytest.mark.parametrize(("lang", "holds"), [("tr", True), ("en", False), (None, False)])
def test_sentences_are_those_of_the_articles_language(lang: str | None, holds: bool) -> None:
    """A full stop after a number is an ordinal in Turkish, and the end of a sentence elsewhere."""
    text = article(lang=lang, summary="Anna 2026 10. Yıl için Omar")
    findings = Findings((match("anna", mention(0, 4)), match("omar", mention(23, 27))))
    assert bool(satisfied(rule("anna", near=Near(("anna", "omar"))), text, findings)) is holds


def test_near_needs_one_field() -> None:
    """A name in the title and one in the summary are not together."""
    findings = Findings((match("anna", mention(0, 3, field="title")), match("omar", mention(4, 7))))
    assert satisfied(rule("anna", near=Near(("anna", "omar"), 100)), article(), findings) == ()


def test_near_sees_only_what_via_sees() -> None:
    """A mention by role does not bring two together under `via: name`."""
    findings = Findings((match("anna", mention(0, 4)), match("omar", mention(9, 13, via="role"), mention(50, 54))))
    text = article(lang="en", summary=TEXT)
    assert satisfied(rule("anna", near=Near(("anna", "omar")), via="name"), text, findings) == ()
    assert satisfied(rule("anna", near=Near(("anna", "omar"))), text, findings) == ("anna", "omar")
