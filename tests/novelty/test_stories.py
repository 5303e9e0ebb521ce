"""Stories: their ids, when they are joined and closed, their outlets and agencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import Findings
from monitor.novelty import Memory, NoveltySettings
from monitor.novelty.reading import read
from monitor.novelty.stories import Stories, agency, story_id
from tests.novelty.stories import DENIAL, MEETING, NOW, OTHER, WATCHLIST, article
from tests.novelty.test_memory import tell


def test_a_story_is_named_by_watchlist_and_first_article() -> None:
    """The id is a hash of both, so that a rebuilt memory names it the same, and another watchlist does not."""
    assert tell(Memory(WATCHLIST), article("a", MEETING)).story == story_id("talks", "a")
    assert story_id("talks", "a") != story_id("other", "a")


def test_a_story_closes_by_silence() -> None:
    """After the silence the same report opens a new story; a story that is kept alive stays open."""
    settings = NoveltySettings(story_silence=timedelta(hours=2))
    quiet, alive = Memory(WATCHLIST, settings), Memory(WATCHLIST, settings)
    first = tell(quiet, article("a", MEETING))
    assert tell(quiet, article("b", MEETING, minutes=121)).story != first.story
    tell(alive, article("a", MEETING))
    tell(alive, article("b", MEETING, minutes=100))
    assert tell(alive, article("c", MEETING, minutes=200)).story == first.story


def test_the_stories_of_longest_ago_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many running stories those that were longest not heard of are over, though not silent for long."""
    monkeypatch.setattr("monitor.novelty.stories.MAX_STORIES", 2)
    stories = Stories("talks", timedelta(days=7))
    for minute, name in enumerate("abac"):
        stories.add(name, "one", NOW + timedelta(minutes=minute))
    assert [stories.running(name, NOW) for name in "abc"] == [True, False, True]


def test_copies_of_one_agency_are_one_source() -> None:
    """Ten outlets that credit the same agency count as one, an outlet of its own as another."""
    memory = Memory(WATCHLIST)
    credited = (MEETING[0], "بودابست (رويترز) - " + MEETING[1])
    for number in range(10):
        novelty = tell(memory, article(f"{number}", credited, minutes=number, source=f"outlet-{number}"))
    assert (novelty.outlets, novelty.agency) == (1, "reuters")
    assert tell(memory, article("own", MEETING, minutes=20, source="own")).outlets == 2


def test_every_outlet_of_a_great_story_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred outlets are a hundred, one that reports again is none more; beyond the bound more are told as one."""
    stories = Stories("talks", timedelta(days=7))
    for number in range(100):
        assert stories.outlets("a", f"outlet-{number}") == number + 1
        stories.add("a", f"outlet-{number}", NOW)
    assert stories.outlets("a", "outlet-7") == 100
    monkeypatch.setattr("monitor.novelty.stories.MAX_OUTLETS", 100)
    stories.add("a", "another", NOW)
    assert stories.outlets("a", "one more") == 101


def test_who_told_a_great_story_is_remembered_at_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many articles in a language the first and the newest stay, and stories that tell the same share them."""
    monkeypatch.setattr("monitor.novelty.stories.MAX_TELLERS", 4)
    stories = Stories("w", timedelta(days=7))
    for number in (1, 2, 3, 4, 5, 6, 6):
        stories.add("a", "one", NOW, ("ar", f"{number}"))
    stories.add("b", "two", NOW, ("en", "7"), ("a",))
    assert stories.tellers(["a"], "ar") == stories.tellers(["b"], "ar") == {"1", "2", "5", "6"}
    assert stories.tellers(["a"], "en") == {"7"}
    assert stories.tellers(["a", "b", "c"], "ru") == frozenset()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("القاهرة (أ ف ب) - قال مسؤول إن الاجتماع تأجل", "afp"),
        ("موسكو، 3 مارس - سبوتنيك. أعلن الكرملين", "sputnik"),
        ("الرياض / واس / استقبل الوزير", "spa"),
        ("МОСКВА, 3 марта. /ТАСС/. Министр прибыл", "tass"),
        ("ANKARA (AA) - The minister arrived", "anadolu"),
        ("BUDAPEST, March 3 (Reuters) - Officials met", "reuters"),
        ("قال الوزير ذلك نقلا عن وكالة الأناضول", "anadolu"),
        ("أعلن الوزير ذلك، نقلاً عن أ ف ب", "afp"),
        ("أ ف ب - القاهرة: وصل الوفد", "afp"),
        ("أ.ف.ب: وصل الوفد", "afp"),
        ("قال مسؤول لوكالة فرانس برس إن الوفد وصل", "afp"),
        ("نيويورك: أسوشيتد برس - وصل الوفد", "ap"),
        ("وكالة الأنباء السعودية: استقبل الوزير الوفد", "spa"),
        ("وصل الوفد نقلا عن تاس", "tass"),
        ("المصدر: سانا", "sana"),
        ("Officials told The Associated Press that talks go on", "ap"),
        ("PARIS, Agence France-Presse - Officials met", "afp"),
        ("The minister arrived. Source: AA", "anadolu"),
        ("Министр прибыл, сообщает РИА Новости", "ria"),
        ("باكو (أ-ف-ب) - وصل الوفد", "afp"),
        ("باكو (د. ب. أ) - وصل الوفد", "dpa"),
        ("باكو (أ. ب) - وصل الوفد", "ap"),
        ("تحدث الوزير عن أب لثلاثة أطفال", None),
        ("كتب عن فارس وعن سبأ", None),
        ("A text of its own, said the minister", None),
        ("وصل الوفد إلى بترا ثم إلى فارس", None),
        ("A photograph. (AP Photo/Somebody)", None),
        ("زيارة الوفد إلى أفران المدينة القديمة", None),
    ],
)
def test_agency_credits(body: str, name: str | None) -> None:
    """Credits of agencies are read in the usual forms, and an ordinary word is none."""
    assert agency(read(article("a", ("t", body)), Findings())) == name


def test_a_bridging_article_joins_the_nearer_and_links_the_other() -> None:
    """An article that repeats two stories belongs to the one it repeats more, and names the other."""
    memory = Memory(WATCHLIST)
    first = tell(memory, article("a", MEETING))
    second = tell(memory, article("b", OTHER, minutes=5))
    both = article("c", (MEETING[0], MEETING[1] + " " + OTHER[1]), minutes=9)
    novelty = tell(memory, both)
    assert novelty.story == first.story
    assert novelty.linked == (second.story,)


def test_stories_never_merge() -> None:
    """After a bridge both stories live on under their own ids."""
    memory = Memory(WATCHLIST)
    first, second = tell(memory, article("a", MEETING)), tell(memory, article("b", OTHER, minutes=5))
    tell(memory, article("c", (MEETING[0], MEETING[1] + " " + OTHER[1]), minutes=9))
    assert tell(memory, article("d", MEETING, minutes=11)).story == first.story
    assert tell(memory, article("e", OTHER, minutes=12)).story == second.story


def test_a_revision_stays_in_its_story() -> None:
    """An edit keeps the story even if its text now resembles another one."""
    memory = Memory(WATCHLIST)
    first = tell(memory, article("a", MEETING))
    tell(memory, article("b", DENIAL, minutes=5))
    edited = replace(article("a", DENIAL, minutes=9), revision=1)
    assert tell(memory, edited).story == first.story
