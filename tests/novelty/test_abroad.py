"""The same story in other languages: linked only when everything that can be compared agrees; never merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import Article, EntityNovelty, Kind, Novelty
from monitor.novelty import Memory
from monitor.novelty.abroad import SPAN, Abroad, Account, account, weight
from monitor.novelty.reading import read
from monitor.novelty.redundancy import Said
from monitor.store.codec import NOVELTY
from tests.novelty.stories import NOW, PASSING, WATCHLIST, article, findings

FORMS = {"lavrov": ("لافروف", "Lavrov", "Лавров"), "fidan": ("فيدان", "Fidan", "Фидан")}
GRAIN = {
    "ar": (
        "لافروف وفيدان يوقعان اتفاقا لشحن الحبوب",
        "وقع سيرغي لافروف وهاكان فيدان اليوم في أنطاليا اتفاقا لشحن 480 ألف طن من القمح. "
        "وقال لافروف إن 37 سفينة ستبحر قبل نهاية الشهر. وأكد فيدان أن الكلفة لن تتجاوز 112 مليون دولار.",
    ),
    "en": (
        "Lavrov and Fidan sign a deal to ship grain",
        "Sergey Lavrov and Hakan Fidan signed a deal in Antalya today to ship 480 thousand tonnes of wheat. "
        "Lavrov said 37 vessels would sail within the month. Fidan said the cost would stay below 112 million dollars.",
    ),
    "ru": (
        "Лавров и Фидан подписали соглашение о зерне",
        "Сергей Лавров и Хакан Фидан сегодня в Анталье подписали соглашение о поставке 480 тысяч тонн пшеницы. "
        "Лавров заявил, что 37 судов выйдут до конца месяца. Фидан отметил, что расходы не превысят 112 млн долларов.",
    ),
    "tr": (
        "Lavrov ile Fidan tahıl anlaşmasını imzaladı",
        "Sergey Lavrov ile Hakan Fidan bugün Antalya'da 480 bin ton buğdayın taşınması için anlaşma imzaladı. "
        "Lavrov 37 geminin ay sonundan önce yola çıkacağını söyledi. "
        "Fidan maliyetin 112 milyon doları aşmayacağını açıkladı.",
    ),
}  # fmt: skip
OTHER_NUMBERS = (
    GRAIN["en"][0],
    "Sergey Lavrov and Hakan Fidan signed a deal in Antalya today to ship 650 thousand tonnes of wheat. "
    "Lavrov said 52 vessels would sail within the month. Fidan said the cost would stay below 240 million dollars.",
)
ALONE = (
    "Lavrov signs a deal to ship grain",
    "Sergey Lavrov signed a deal in Antalya today to ship 480 thousand tonnes of wheat. "
    "Lavrov said 37 vessels would sail within the month and the cost would stay below 112 million dollars.",
)
DENIED = ("Lavrov and Fidan reject a deal to ship grain", GRAIN["en"][1])
WORDLESS = (GRAIN["en"][0], "Sergey Lavrov and Hakan Fidan signed a deal in Antalya today to ship wheat. Lavrov left.")


def tell(memory: Memory, one: Article) -> Novelty:
    """Assess and remember an article, with the watched names in three scripts."""
    assert one.published is not None
    found = findings(one, FORMS)
    novelty = memory.assess(one, found, one.published)
    memory.remember(one, found, novelty, one.published)
    return novelty


@pytest.mark.parametrize(("one", "other"), [(a, b) for a in GRAIN for b in GRAIN if a != b])
def test_the_same_story_in_another_language_is_linked(one: str, other: str) -> None:
    """Same people, same day, same numbers: linked, and marked as the first in its language.

    Where the words differ it is a story of its own; two languages of one script may share names enough to be one.
    """
    memory = Memory(WATCHLIST)
    first = tell(memory, article("a", GRAIN[one], lang=one))
    second = tell(memory, article("b", GRAIN[other], minutes=40, lang=other, source="two"))
    assert (first.first_in, first.parallel) == (one, ())
    assert second.first_in == other
    if {one, other} == {"en", "tr"} and second.story == first.story:
        return
    assert second.parallel == (first.story,)
    assert second.story != first.story
    assert first.story in second.linked


@pytest.mark.parametrize(
    ("text", "minutes"),
    [(OTHER_NUMBERS, 40), (ALONE, 40), (DENIED, 40), (WORDLESS, 40), (GRAIN["en"], 60 * 49)],
    ids=["other numbers", "another set of people", "a denial", "no numbers", "another date"],
)
def test_what_does_not_agree_is_not_linked(text: tuple[str, str], minutes: int) -> None:
    """Other numbers, other people, a denial, no numbers or another date: better no link than a wrong one."""
    memory = Memory(WATCHLIST)
    tell(memory, article("a", GRAIN["ar"], lang="ar"))
    assert tell(memory, article("b", text, minutes=minutes, lang="en")).parallel == ()


def test_only_the_first_in_a_language_is_marked() -> None:
    """Of four reports in two languages the first in each is marked, and a rebuilt memory agrees."""
    memory, rebuilt = Memory(WATCHLIST), Memory(WATCHLIST)
    marks = []
    for number, lang in enumerate(("ar", "ar", "en", "en")):
        one = article(f"{number}", GRAIN[lang], minutes=10 * number, lang=lang, source=f"s{number}")
        novelty = NOVELTY.load(NOVELTY.dump(tell(memory, one)))
        rebuilt.remember(one, findings(one, FORMS), novelty, one.published or NOW)
        marks.append(novelty.first_in)
    assert marks == ["ar", None, "en", None]
    last = article("last", GRAIN["ru"], minutes=60, lang="ru")
    assert rebuilt.assess(last, findings(last, FORMS), NOW) == memory.assess(last, findings(last, FORMS), NOW)


def test_a_mention_in_passing_is_no_report_in_its_language() -> None:
    """Background neither links nor marks."""
    novelty = tell(Memory(WATCHLIST), article("a", PASSING))
    assert (novelty.kind, novelty.first_in) == (Kind.BACKGROUND, None)


def test_days_tell_half_of_what_numbers_tell() -> None:
    """A number that may be a day of the month counts one, any other two."""
    assert weight({"12", "480", "2.5"}) == 5


@pytest.mark.parametrize(
    ("said", "telling"),
    [("2025", False), ("2026", False), ("2027", False), ("2024", True), ("2028", True), ("7", False), ("12", True)],
)
def test_years_and_digits_tell_nothing(said: str, telling: bool) -> None:
    """What may be this year, the last or the next one, or is a single digit, links no two reports."""
    one = article("a", ("Lavrov signs", f"Lavrov signed {said} deals today."), lang="en-GB")
    reading = read(one, findings(one, FORMS))
    told = account(reading, {"lavrov": Said((1,), 0)}, {"lavrov": EntityNovelty(0.9, Kind.FIRST)}, NOW)
    assert told is not None
    assert (told.language, told.entities, told.denies) == ("en", {"lavrov"}, False)
    assert told.numbers == ({said} if telling else set())


def test_accounts_are_bounded_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the numbers that were longest not told are forgotten."""
    monkeypatch.setattr("monitor.novelty.abroad.MAX_NUMBERS", 2)
    abroad = Abroad()
    one = Account("ar", frozenset({"lavrov"}), frozenset({"480", "112"}), NOW, None)
    abroad.add(one, "old")
    assert abroad.find(replace(one, language="en", at=NOW + SPAN)) == ("old",)
    assert abroad.find(replace(one, language="en", at=NOW + SPAN + timedelta(seconds=1))) == ()
    abroad.add(replace(one, numbers=frozenset({"650", "777"})), "new")
    assert abroad.find(replace(one, language="en")) == ()
