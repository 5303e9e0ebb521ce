"""The memory as its callers see it: kinds, what is repeated, edits, bounds, and that assessing changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Article, Kind, Novelty
from monitor.novelty import Memory, NoveltySettings
from tests.novelty.stories import COPY, DENIAL, MEETING, NOW, OTHER, PASSING, WATCHLIST, article, findings

ADDED = " وأعلن لافروف استقالة ثلاثة دبلوماسيين احتجاجا على الرسوم الجمركية."
TEXTS = (MEETING, COPY, DENIAL, PASSING, OTHER)


def tell(memory: Memory, one: Article) -> Novelty:
    """Assess and remember an article."""
    assert one.published is not None
    novelty = memory.assess(one, findings(one), one.published)
    memory.remember(one, findings(one), novelty, one.published)
    return novelty


@pytest.fixture
def memory() -> Memory:
    """An empty memory."""
    return Memory(WATCHLIST)


def test_the_first_report_is_first(memory: Memory) -> None:
    """What nobody reported before is first, above the threshold, with sentences quoted from the article."""
    one = article("a", MEETING)
    novelty = tell(memory, one)
    assert novelty.kind is Kind.FIRST
    assert novelty.score >= 0.5
    assert novelty.added
    assert all(quote in one.title or quote in (one.body or "") for quote in novelty.added)


def test_a_cut_copy_under_another_headline_is_a_copy(memory: Memory) -> None:
    """A shortened text with a new headline, no new fact, is a copy that names its original and what it was worth."""
    first = tell(memory, article("a", MEETING))
    novelty = tell(memory, article("b", COPY, minutes=5, source="two"))
    one = novelty.entities["lavrov"]
    assert (one.kind, one.of, one.of_kind) == (Kind.COPY, "a", Kind.FIRST)
    assert one.of_score == first.entities["lavrov"].score
    assert novelty.score < 0.5
    assert novelty.story == first.story


def test_a_copy_of_a_copy_names_the_original(memory: Memory) -> None:
    """What is repeated is followed to the original, however long the chain."""
    for minutes, name in enumerate("abcd"):
        last = tell(memory, article(name, MEETING, minutes=minutes, source=name))
    assert last.entities["lavrov"].of == "a"


def test_a_denial_is_new(memory: Memory) -> None:
    """A denial with a new actor and a new day is news about the same man."""
    tell(memory, article("a", MEETING))
    assert tell(memory, article("b", DENIAL, minutes=60)).score >= 0.5


def test_a_column_that_names_somebody_in_passing_is_background(memory: Memory) -> None:
    """An opinion piece in which the name only belongs to an administration reports nothing."""
    novelty = tell(memory, article("a", PASSING))
    assert novelty.kind is Kind.BACKGROUND
    assert novelty.score < 0.5
    assert "mentioned in passing" in novelty.reasons


def test_an_unrelated_event_is_another_story(memory: Memory) -> None:
    """Another event about the same entity opens its own story."""
    first, second = tell(memory, article("a", MEETING)), tell(memory, article("b", OTHER, minutes=9))
    assert first.story != second.story


def test_an_edit_without_a_new_fact_is_a_copy_of_itself(memory: Memory) -> None:
    """The same text again as a revision never counts as new."""
    tell(memory, article("a", MEETING))
    novelty = tell(memory, article("a", MEETING, minutes=30, revision=1))
    assert (novelty.kind, novelty.entities["lavrov"].of) == (Kind.COPY, "a")
    assert novelty.reasons == ("an edit that changes no fact",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (("لافروف يلغي زيارته إلى بودابست", MEETING[1]), "the headline was changed"),
        ((MEETING[0], MEETING[1].split(". ", maxsplit=1)[0] + "."), "a statement was withdrawn"),
        ((MEETING[0], MEETING[1] + ADDED), "the edit adds something"),
    ],
)  # fmt: skip
def test_an_edit_that_changes_a_fact_is_a_development(memory: Memory, text: tuple[str, str], reason: str) -> None:
    """A changed headline, a withdrawn statement and an added one are developments of the same story."""
    first = tell(memory, article("a", MEETING))
    novelty = tell(memory, article("a", text, minutes=30, revision=1))
    assert novelty.kind is Kind.DEVELOPMENT
    assert novelty.score >= 0.5
    assert reason in novelty.reasons
    assert novelty.story == first.story


def test_assessing_changes_nothing(memory: Memory) -> None:
    """An article assessed twice gets the same judgement, and so does every later one."""
    tell(memory, article("a", MEETING))
    other = Memory(WATCHLIST)
    tell(other, article("a", MEETING))
    one = article("b", DENIAL, minutes=3)
    for _ in range(3):
        memory.assess(one, findings(one), NOW)
    assert memory.assess(one, findings(one), NOW) == other.assess(one, findings(one), NOW)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(range(len(TEXTS))), max_size=6), st.sampled_from(range(len(TEXTS))))
def test_a_rebuilt_memory_judges_the_same(order: list[int], last: int) -> None:
    """Remembering stored judgements in order gives a memory that judges as the one that made them."""
    live, rebuilt, stored = Memory(WATCHLIST), Memory(WATCHLIST), []
    for place, number in enumerate(order):
        one = article(f"{place}", TEXTS[number], minutes=place)
        stored.append((one, findings(one), tell(live, one)))
    for one, found, novelty in stored:
        rebuilt.remember(one, found, novelty, one.published or NOW)
    one = article("last", TEXTS[last], minutes=99)
    now = one.published or NOW
    assert live.assess(one, findings(one), now) == rebuilt.assess(one, findings(one), now)


def test_what_is_too_old_is_forgotten() -> None:
    """After `max_age` the same text is first again."""
    memory = Memory(WATCHLIST, NoveltySettings(max_age=timedelta(hours=1)))
    tell(memory, article("a", MEETING))
    tell(memory, article("b", OTHER, minutes=90))
    novelty = tell(memory, article("c", MEETING, minutes=91))
    assert novelty.kind is not Kind.COPY
    assert novelty.entities["lavrov"].of is None


def test_no_more_is_remembered_than_asked() -> None:
    """Beyond `max_articles` the oldest are forgotten."""
    memory = Memory(WATCHLIST, NoveltySettings(max_articles=2))
    for minutes, text in enumerate((MEETING, OTHER, DENIAL)):
        tell(memory, article(f"{minutes}", text, minutes=minutes))
    assert tell(memory, article("again", MEETING, minutes=9)).entities["lavrov"].of is None


def test_an_article_without_matches_is_no_news(memory: Memory) -> None:
    """Nothing watched, nothing reported: score 0 and no entity."""
    novelty = tell(memory, article("a", ("عنوان بلا أسماء", "نص قصير لا يذكر أحدا.")))
    assert (novelty.score, novelty.kind, dict(novelty.entities)) == (0.0, Kind.BACKGROUND, {})


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300), st.text(max_size=600))
def test_no_text_breaks_the_judge(title: str, body: str) -> None:
    """Any title and body, with a name in it or not, get a score from 0 to 1."""
    one = article("a", (title + " لافروف", body))
    novelty = tell(Memory(WATCHLIST), one)
    assert 0 <= novelty.score <= 1
