"""Measures of an article against the memory, and how exactly a score is told."""

from __future__ import annotations

import pytest

from monitor.model import Kind
from monitor.novelty import Memory
from tests.novelty.stories import COPY, DENIAL, MEETING, NOW, OTHER, PASSING, WATCHLIST, article, findings


def test_an_article_of_three_words_is_copied_whole() -> None:
    """However little an earlier article says, all of it may stand in a new one."""
    memory = Memory(WATCHLIST)
    flash = article("a", ("Lavrov visits Budapest", ""), lang="en")
    memory.remember(flash, findings(flash), memory.assess(flash, findings(flash), NOW), NOW)
    report = article(
        "b", (flash.title, f"{flash.title} today and speaks of wheat with farmers."), minutes=20, lang="en"
    )
    measures = memory.examine(report, findings(report)).entities["lavrov"].measures
    assert (measures["m_copied"], measures["m_title"]) == (1.0, 1.0)
    assert 0 < measures["m_copy"] < 1


@pytest.mark.parametrize(("first", "later"), [(MEETING, DENIAL), (COPY, DENIAL), (PASSING, MEETING), (OTHER, MEETING)])
def test_the_score_of_an_edit_has_four_digits(first: tuple[str, str], later: tuple[str, str]) -> None:
    """An edit that says something else is a development, told as exactly as any other score."""
    memory = Memory(WATCHLIST)
    one, edited = article("a", first), article("a", later, minutes=30, revision=1)
    memory.remember(one, findings(one), memory.assess(one, findings(one), NOW), NOW)
    judged = memory.assess(edited, findings(edited), NOW).entities["lavrov"]
    assert judged.kind is Kind.DEVELOPMENT
    assert judged.score == round(judged.score, 4) > 0.6
