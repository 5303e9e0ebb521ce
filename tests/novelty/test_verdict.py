"""Verdicts and their reasons, by invented articles and measures set by hand; `test_reasons.py` has each from a text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import EntityNovelty, Kind
from monitor.novelty import Memory
from monitor.novelty.heads import Chances
from monitor.novelty.verdict import Case, judge
from tests.novelty.stories import MEETING, NOW, OTHER, WATCHLIST, article, findings
from tests.novelty.test_memory import ADDED, tell

NEWS = (
    "لافروف: المفاوضات مستمرة",
    'قال لافروف "سنوقع 12 اتفاقا". ولم يصدر رفض من أحد. وأضاف لافروف أن السفن ستبحر.',
)


def case(text: tuple[str, str] = MEETING, *, told: bool = False, score: float = 0.9, news: float = 0.9,
         fresh: float = 0.9, **measures: float) -> Case:  # fmt: skip
    """Make a case of a text, beside a memory that holds it already or nothing, with some measures set by hand."""
    memory = Memory(WATCHLIST)
    if told:
        one = article("old", text)
        memory.remember(one, findings(one), memory.assess(one, findings(one), NOW), NOW)
    one = article("new", text)
    seen = memory.examine(one, findings(one))
    found = seen.entities["lavrov"]
    found = replace(found, measures={**found.measures, **measures})
    return Case("lavrov", seen.reading, found, seen.kept, Chances(news, fresh, news * fresh), score)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (case(), "nothing like it was told before"),
        (case(told=True, m_copy=0.0), "adds to what was told before"),
        (case((MEETING[0], "لا شيء آخر في هذا النص القصير.")), "the headline says it"),
        (case(("عنوان آخر", MEETING[1])), "the opening sentence says it"),
        (case(), "the entity says or does something"),
        (case(NEWS), "it gives a number"),
        (case(NEWS), "it quotes the entity"),
    ],
)
def test_reasons_of_news(made: Case, reason: str) -> None:
    """Above the threshold the reasons say what is new and where it stands."""
    verdict = judge(made)
    assert verdict.kind in {Kind.FIRST, Kind.DEVELOPMENT}
    assert reason in verdict.reasons


def test_a_denial_is_named() -> None:
    """A new line with a word of denial in a running story says so."""
    text = ("بيان جديد", "نفى لافروف إلغاء الزيارة.")
    verdict = judge(replace(case(text, told=True, m_copy=0.0)))
    assert "it denies or reverses something" in verdict.reasons


@pytest.mark.parametrize(
    ("measures", "reason"),
    [
        ({"a_title": 0.0, "a_named": 0.1}, "mentioned in passing"),
        ({"a_first_share": 0.7}, "first named near the end"),
        ({"mi_head": 1.0}, "named only as part of somebody else's name or office"),
        ({"a_opinion": 1.5, "a_say": 0.1}, "reads like a column, not like a report"),
        ({"x_listed": 2.0, "x_joined": 1.0}, "named in a list of names"),
        ({"a_opinion": 0.0, "x_listed": 0.0, "mi_head": 0.0}, "nothing is reported about the entity"),
    ],
)
def test_reasons_of_background(measures: dict[str, float], reason: str) -> None:
    """Below the threshold, with nothing reported, the reasons say what the mention is instead."""
    verdict = judge(case(score=0.2, news=0.1, **measures))
    assert verdict.kind is Kind.BACKGROUND
    assert reason in verdict.reasons


def test_a_retelling_says_how_much_was_told() -> None:
    """What was told before in other words is a retelling that names the earlier article."""
    verdict = judge(case(told=True, score=0.2, fresh=0.1, m_copy=0.1))
    assert (verdict.kind, verdict.of) == (Kind.RETELLING, "old")
    assert verdict.reasons == ("100% of what it says about the entity was told before",)


def test_a_copy_says_how_much_is_copied() -> None:
    """A certain copy is one whatever the heads think."""
    verdict = judge(case(told=True, score=0.9))
    assert (verdict.kind, verdict.of) == (Kind.COPY, "old")
    assert verdict.score < 0.5
    assert verdict.reasons == ("100% of its wording stands in an earlier article",)


def test_an_old_article_is_known_by_its_sketch() -> None:
    """What has left the ring is still recognised as the original of a copy, with what it was worth."""
    verdict = judge(replace(case(score=0.2), sketched=lambda: ("ancient", 0.9, 0.8, Kind.FIRST)))
    assert (verdict.kind, verdict.of, verdict.of_score, verdict.of_kind) == (Kind.COPY, "ancient", 0.8, Kind.FIRST)


def test_an_original_is_followed() -> None:
    """A retelling of a copy names what the copy repeated."""
    made = case(OTHER, told=True, score=0.2, fresh=0.1, m_copy=0.1)
    kept = [replace(made.kept[0], worth={"lavrov": EntityNovelty(0.1, Kind.COPY, "root", 0.7, Kind.FIRST)})]
    verdict = judge(replace(made, kept=kept))
    assert (verdict.of, verdict.of_score, verdict.of_kind) == ("root", 0.7, Kind.FIRST)


def test_the_parts_explain_the_score() -> None:
    """A verdict shows how sure each head is, and what it counts for."""
    shown = [(part.name, part.value, part.weight) for part in judge(case()).parts]
    assert shown == [("reported", 0.9, 0.25), ("new", 0.9, 0.25), ("both", 0.81, 1.0)]


NUMBERED = (MEETING[0], MEETING[1].replace("أربعة", "4"))


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (MEETING, (MEETING[0], MEETING[1] + ADDED), "adds to what was told before"),
        (MEETING, (MEETING[0], MEETING[1] + " ونفى لافروف وجود خلاف مع أنقرة."), "it denies or reverses something"),
        (MEETING, (MEETING[0].replace("يبحث", "يلغي لقاءه"), MEETING[1]), "it denies or reverses what it repeats"),
        (NUMBERED, (NUMBERED[0], NUMBERED[1].replace("4", "9")), "it changes a number"),
    ],
)
def test_a_copy_with_news_is_no_copy(first: tuple[str, str], second: tuple[str, str], reason: str) -> None:
    """A fact added to a copied text, another number in it and a reversed headline ring; the copy itself does not."""
    memory = Memory(WATCHLIST)
    tell(memory, article("a", first))
    copied = tell(memory, article("b", first, minutes=10, source="two")).entities["lavrov"]
    assert (copied.kind, copied.of) == (Kind.COPY, "a")
    changed = tell(memory, article("c", second, minutes=20, source="three")).entities["lavrov"]
    assert changed.kind is Kind.DEVELOPMENT
    assert changed.score >= 0.5
    assert reason in changed.reasons


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("أجرى وزير", "بودابست 14 مارس (رويترز) - أجرى وزير"),
        ("اليوم الاثنين", "اليوم الاثنين، 14 مارس 2026،"),
        ("اليوم الاثنين", "أمس 14 مارس"),
        ("وقال لافروف", "وقال لافروف، 75 عاما،"),
    ],
)
def test_a_copy_with_its_own_date_is_one(old: str, new: str) -> None:
    """A dateline, a date and what is only put in between change no number of the text."""
    memory = Memory(WATCHLIST)
    tell(memory, article("a", MEETING))
    assert old in MEETING[1]
    dated = tell(memory, article("b", (MEETING[0], MEETING[1].replace(old, new, 1)), minutes=20, source="two"))
    assert dated.entities["lavrov"].kind is Kind.COPY


def test_a_copy_of_what_an_edit_took_out_is_one() -> None:
    """Facts of an earlier revision stay told: another outlet's copy of them does not ring."""
    memory = Memory(WATCHLIST)
    tell(memory, article("a", MEETING))
    tell(memory, article("a", (MEETING[0], MEETING[1].split(". ", maxsplit=1)[0] + "."), minutes=10, revision=1))
    copied = tell(memory, article("b", MEETING, minutes=20, source="two")).entities["lavrov"]
    assert (copied.kind, copied.of) == (Kind.COPY, "a")


def test_a_reason_is_about_the_entity() -> None:
    """A headline that does not name him does not say it, and a number that was told is not given."""
    verdict = judge(case(("الطقس في المنطقة", "قال لافروف إن 12 سفينة أبحرت.")))
    assert "the headline says it" not in verdict.reasons
    assert "it gives a number" in verdict.reasons
    told = judge(case(("الطقس في المنطقة", "قال لافروف إن 12 سفينة أبحرت."), told=True, m_copy=0.0))
    assert "it gives a number" not in told.reasons
