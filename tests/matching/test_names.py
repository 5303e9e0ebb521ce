"""Words of names: which spelling is the name, which is another word, and what may stand beside one."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.matching import Matcher, lexicon
from monitor.matching.names import all_capitals
from monitor.matching.scan import view
from monitor.model import Role
from tests.matching.helpers import LAVROV, article, found, person, read, watchlist

HADI = person(
    "hadi",
    "عبد ربه منصور هادي",
    weak=("هادي",),
    roles=(Role(office="president", of="Yemen", since=date(2012, 2, 25)),),
)


@pytest.mark.parametrize(
    ("name", "written", "same"),
    [
        ("أوليغ سيمونوف", "أوليج سيمونوف", True),
        ("أنطوان سيمونوف", "أنتوان سيمونوف", True),
        ("راشيل سيمونوف", "رشيل سيمونوف", True),
        ("فريدريك سيمونوف", "فردريك سيمونوف", True),
        ("ألكسندر سيمونوف", "ألكساندر سيمونوف", True),
        ("أليكسي سيمونوف", "ألكسي سيمونوف", True),
        ("الأسمر سيمونوف", "الأسمار سيمونوف", False),
        ("إحسان سيمونوف", "حسان سيمونوف", False),
        ("أصيل سيمونوف", "أسيل سيمونوف", False),
        ("أحمد سيمونوف", "حمد سيمونوف", False),
    ],
)
def test_a_given_name_may_be_respelled_where_it_is_foreign(name: str, written: str, same: bool) -> None:
    """Two given names that sound alike are one foreign name where they are long, and two Arabic ones where not."""
    assert read(f"قال {written} نعم", person("one", name)) == ({"one": [written]} if same else {})


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("قال بسيرجي لافروف نعم", "سيرجي لافروف"),
        ("قال مسيرجي لافروف نعم", None),
        ("قال سيرجي لافروف نعم", "سيرجي لافروف"),
        ("قال بعلي لافروف نعم", None),
    ],
)
def test_a_respelled_name_stands_behind_a_particle_only(text: str, surface: str | None) -> None:
    """What is glued before another spelling is a particle of the language, or it makes another word."""
    assert read(text, person("one", "سيرغي لافروف")) == ({"one": [surface]} if surface else {})


@pytest.mark.parametrize(
    ("before", "after", "headline"),
    [("", "", True), ("small", "", False), ("", "small", False), ("small Xxxx", "", True), ("", "Xxxx small", True)],
)
def test_a_headline_in_capitals_is_told_by_the_words_around(before: str, after: str, headline: bool) -> None:
    """One small word among the six on either side says that capitals mean names; beyond, nothing does."""
    text = f"{before} {'Xxxx ' * 5}{'' if before else 'Xxxx '}Name{'' if after else ' Xxxx'}{' Xxxx' * 5} {after}"
    seen = view(text)
    assert all_capitals(seen, seen.words.index(b"name")) is headline


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("في اليمن واليمنيين قال نظام هادي كلمة.", True),
        ("في اليمن واليمنيين قال نظام وهادي كلمة.", False),
        ("في اليمن واليمنيين قال هادي كلمة.", True),
        ("في اليمن واليمنيين قال وهادي كلمة.", False),
        ("في اليمن يتحدث الرئيس هادي.", True),
        ("في اليمن يتحدث الرئيس وهادي.", False),
        ("قال هادي نعم.", False),
    ],
)
def test_what_stands_before_a_glued_conjunction_says_nothing_of_the_name(text: str, meant: bool) -> None:
    """A title, a word of power or a verb is evidence for the next word; an "and" before the name ends that."""
    assert read(text, HADI) == ({"hadi": ["هادي"]} if meant else {})


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("قال لافرف نعم.", []),
        ("قال وزير الخارجية الروسي لافرف نعم.", ["وزير الخارجية الروسي", "لافرف"]),
        ("قال سيرغي لافروف كلمة. ثم قال لافرف نعم.", ["سيرغي لافروف", "لافرف"]),
    ],
)
def test_a_short_name_that_only_sounds_alike_needs_evidence(text: str, surfaces: list[str]) -> None:
    """A strong word of a few letters, respelled, is the name beside its title or its full form."""
    assert read(text, LAVROV) == ({"lavrov": surfaces} if surfaces else {})


def test_a_doubled_letter_makes_no_other_weak_word() -> None:
    """What Arabic writes once or twice is the same word, and needs no more evidence than it does as written."""
    one = person("one", "منصور طالووت", weak=("طالووت",), roles=HADI.roles)
    assert read("في اليمن كان طالوت.", one) == {"one": ["طالوت"]}
    assert read("كان طالوت.", one) == {}


@pytest.mark.parametrize(
    ("between", "same"),
    [("فيكتور", True), ("محمد علي حسن أحمد", True), ("محمد علي حسن أحمد سعيد", False), ("كتاب", False)],
)
def test_middle_names_may_stand_inside_a_name(between: str, same: bool) -> None:
    """Up to four given names may stand between a name's words, and nothing else."""
    text = f"سيرغي {between} لافروف"
    assert read(f"قال {text} نعم", person("one", "سيرغي لافروف")) == ({"one": [text]} if same else {})


def test_misplaced_spaces_are_looked_for_on_lists_that_are_not_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name whose words ran together is found on a usual list; on the longest only the other spellings are."""
    one, glued, shorter = person("one", "محمد جواد ظريف"), "محمدجواد ظريف", "محمد ظريف"
    text = article(f"قال {glued} نعم. قال {shorter} لا.")
    assert found(Matcher(watchlist(one)).match(text)) == {"one": [glued, shorter]}
    monkeypatch.setattr(lexicon, "_MANY", 0)
    assert found(Matcher(watchlist(one)).match(text)) == {"one": ["ظريف", shorter]}


def test_a_name_of_one_word_is_as_it_was_written() -> None:
    """Other spellings are those of whole names: half of one word is anybody's."""
    one = person("one", "محمدرضا", lang="fa")
    assert read("محمدرضا آمد.", one, lang="fa") == {"one": ["محمدرضا"]}
    assert read("محمد رضا آمد.", one, lang="fa") == {}


def test_a_strong_name_in_capitals_is_nobody_elses() -> None:
    """A surname that its author calls unmistakable counts beside a namesake, in a script that shows whose it is."""
    one = person("one", "Sergei Lavrov", "Lavrov", lang="en")
    said = "Mikhail Lavrov spoke. Then Lavrov said no."
    findings = Matcher(watchlist(one)).match(article(said, lang="en"))
    assert [(row.start, row.surface) for match in findings.matches for row in match.mentions] == [(27, "Lavrov")]
    assert read("قال ميخائيل لافروف كلمة. ثم قال لافروف نعم.", LAVROV) == {}


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("Yesterday, Jack and Jill Ramsden came.", ["Jack and Jill Ramsden"]),
        ("Yesterday Jack or Jill Ramsden came.", ["Jack or Jill Ramsden"]),
        ("Yesterday Jack, and Jill Ramsden came.", []),
        ("Yesterday Jack and “Jill Ramsden” came.", []),
        ("Yesterday Jack\nand Jill Ramsden came.", []),
        ("Yesterday Jack and jill Ramsden came.", []),
        ("Yesterday Jack and Bread Ramsden came.", []),
        ("Yesterday Jill and Jack Ramsden came.", ["Jack Ramsden"]),
    ],
)
def test_two_given_names_may_share_a_surname(text: str, surfaces: list[str]) -> None:
    """Jack and Jill X are two of that name, where single spaces part them and both are given names."""
    jack = person("jack", "Jack Ramsden", lang="en")
    assert read(text, jack, lang="en") == ({"jack": surfaces} if surfaces else {})


def test_each_of_two_with_one_surname_is_found() -> None:
    """The nearer one has the surname beside the given name, the other one over the conjunction."""
    both = person("jack", "Jack Ramsden", lang="en"), person("jill", "Jill Ramsden", lang="en")
    assert read("Yesterday Jack and Jill Ramsden came.", *both, lang="en") == {
        "jack": ["Jack and Jill Ramsden"],
        "jill": ["Jill Ramsden"],
    }


@pytest.mark.parametrize(
    ("name", "written", "same"),
    [
        ("سيرغي لافروف", "سيرجي لافروف", True),
        ("سيرغي لافروف", "سيرغي لافرف", True),
        ("سيرغي لافروف", "سيرجي لافرف", False),
        ("سيرغي لافروف", "سيرغي بن علي لافروف", True),
        ("سيرغي لافروف", "سيرجي بن علي لافروف", False),
        ("نورسلطان أبيشولي نازارباييف", "نورسلطن أبيشولي نازارباييف", True),
        ("نورسلطان أبيشولي نازارباييف", "نورسلطن أبيشلي نازارباييف", True),
        ("نورسلطان أبيشولي نازارباييف", "نورسلطن أبيشلي نازربايف", False),
        ("نورسلطان أبيشولي نازارباييف", "نورسلطار أبيشولي نازارباييف", True),
        ("نورسلطان أبيشولي نازارباييف", "نورسلطان أبشولم نازارباييف", False),
        ("غريغور ميلوف", "غريغوم ميلوف", True),
        ("غريغور ميلوف", "غريغور مبلوف", False),
        ("غريغور باتريك ميلوف", "غريغور باتريك كيلوف", True),
    ],
)
def test_a_name_may_differ_in_so_much(name: str, written: str, same: bool) -> None:
    """One word of two, two of three; one slip in a long word or a long name, and nothing beside a patronymic."""
    assert (written in read(f"قال {written} نعم", person("one", name)).get("one", [])) is same


@pytest.mark.parametrize("few", [300, 0])
@pytest.mark.parametrize(
    ("name", "written", "same"),
    [
        ("محمد علي حسن", "محمد علي حسن", True),
        ("محمد علي حسن", "علي حسن", False),
        ("محمد جواد ظريف", "جواد ظريف", True),
        ("محمد جواد ظريف", "محمد ظريف", True),
    ],
)
def test_a_longer_list_looks_up_no_common_given_names(
    monkeypatch: pytest.MonkeyPatch, few: int, name: str, written: str, same: bool
) -> None:
    """However long a list is, a full name is found, and a shorter one that keeps its surname."""
    monkeypatch.setattr(lexicon, "_FEW", few)
    assert read(f"قال {written} نعم", person("one", name)) == ({"one": [written]} if same else {})


@pytest.mark.parametrize("first", ["حسين", "ع"])
@pytest.mark.parametrize(("particle", "kept"), [("ال", "ال"), ("بال", "ال"), ("لل", "ل")])
def test_what_is_glued_before_a_name_is_not_of_it(first: str, particle: str, kept: str) -> None:
    """A particle is left out of the mention, one that swallows half the article too, however short the word."""
    one = person("one", f"ال{first} كريموف")
    assert read(f"قال {particle}{first} كريموف نعم", one) == {"one": [f"{kept}{first} كريموف"]}
