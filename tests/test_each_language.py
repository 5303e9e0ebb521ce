"""A rule that wants the first report in each language goes by what its own reader had, over a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import Alias, Article, Condition, Decision, Entity, Reason, Rule
from monitor.pipeline import Pipeline
from monitor.records import Judgement
from monitor.store import Store
from tests.novelty.test_abroad import GRAIN
from tests.test_pipeline import Clock, Recorder, article, drain, pipeline, poll, watchlist

BOTH = tuple(
    Entity(name, name, aliases=tuple(Alias(form, lang) for lang, form in forms.items()))
    for name, forms in {
        "lavrov": {"ar": "سيرغي لافروف", "en": "Sergey Lavrov"},
        "fidan": {"ar": "هاكان فيدان", "en": "Hakan Fidan"},
    }.items()
)
RULES = tuple(
    Rule(name, Condition(all=(name,)), ("desk",), at_least=0.3, each_language="first") for name in ("lavrov", "fidan")
)
ALONE = ("لافروف يوقع اتفاقا لشحن الحبوب", GRAIN["ar"][1].replace("وهاكان فيدان ", "").replace("فيدان", "الوزير"))
MORE = (
    GRAIN["ar"][0],
    GRAIN["ar"][1] + " وأعلن هاكان فيدان تعيين سفير جديد في موسكو وإلغاء 55 تأشيرة قبل نهاية الصيف.",
)
ENGLISH = GRAIN["en"]


def told(number: int, text: tuple[str, str], clock: Clock, lang: str = "ar") -> Article:
    """An article by an outlet of its own."""
    return replace(article(number, text[0], clock.now), lang=lang, body=text[1])


def judged(line: Pipeline, clock: Clock, *texts: tuple[str, str, int], silent: bool = False) -> dict[str, Decision]:
    """Let the daemon judge articles (headline, body, number), and return what each rule decided about the last."""
    made: list[Judgement] = []
    line._heard = made.append
    for title, body, number in texts:
        clock.forward(minutes=20)
        one = told(number, (title, body), clock, "en" if title.isascii() else "ar")
        line.ingest(poll(one, at=clock.now, silent_before=clock.now + timedelta(days=1) if silent else None))
        drain(line)
    return {decision.rule: decision for decision in made[-1].decisions}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(store: Store, clock: Clock) -> Pipeline:
    """Two rules on two entities of one watchlist."""
    return pipeline(store, clock, Recorder(), watchlist(*RULES, entities=BOTH))


def test_each_rule_gets_the_first_that_it_sees(line: Pipeline, clock: Clock) -> None:
    """What one rule told in a language does not use it up for another whose `when` did not hold; its own does."""
    assert judged(line, clock, (*ALONE, 1))["lavrov"].action == "alert"
    second = judged(line, clock, (*MORE, 2))
    assert second["lavrov"].reason is Reason.LANGUAGE
    assert second["fidan"].reason is Reason.NEW
    assert {one.reason for one in judged(line, clock, (*ENGLISH, 3)).values()} == {Reason.NEW}
    again = (ENGLISH[0], ENGLISH[1] + " Sergey Lavrov and Hakan Fidan also cancelled 55 visas and fired 3 envoys.")
    assert {one.reason for one in judged(line, clock, (*again, 4)).values()} == {Reason.LANGUAGE}


def test_a_silenced_first_does_not_use_its_language_up(line: Pipeline, clock: Clock, store: Store) -> None:
    """What a silence kept back was never read: when it is over, the next report is the first."""
    store.add_silence(until=clock.now + timedelta(minutes=30), author="ida", comment="", now=clock.now, rule="lavrov")
    assert judged(line, clock, (*ALONE, 1))["lavrov"].reason is Reason.SILENCED
    assert judged(line, clock, (*MORE, 2))["lavrov"].reason is Reason.NEW


def test_a_restart_remembers_who_was_told_in_which_language(line: Pipeline, clock: Clock, store: Store) -> None:
    """A daemon that fills its memory from the store decides as the one that wrote it."""
    judged(line, clock, (*ALONE, 1))
    fresh = pipeline(store, clock, Recorder(), line.judges["desk"].watchlist)
    after = judged(fresh, clock, (*MORE, 2))
    assert (after["lavrov"].reason, after["fidan"].reason) == (Reason.LANGUAGE, Reason.NEW)


def test_what_was_there_before_the_reader_came_counts_as_read(line: Pipeline, clock: Clock) -> None:
    """A baseline uses up its language for the rules whose `when` held in it, and for no other."""
    judged(line, clock, (*ALONE, 1), silent=True)
    after = judged(line, clock, (*MORE, 2))
    assert (after["lavrov"].reason, after["fidan"].reason) == (Reason.LANGUAGE, Reason.NEW)


def test_a_rule_that_begins_to_ask_knows_what_its_reader_could_have_read(
    line: Pipeline, clock: Clock, store: Store
) -> None:
    """Where other rules take over, an article in which their `when` held uses up its language, and no other does."""
    before = tuple(replace(rule, each_language="every") for rule in RULES[:1])
    first = pipeline(store, clock, Recorder(), watchlist(*before, entities=BOTH, version="0"))
    assert judged(first, clock, (*ALONE, 1))["lavrov"].reason is Reason.NEW
    after = judged(line, clock, (*MORE, 2))
    assert (after["lavrov"].reason, after["fidan"].reason) == (Reason.LANGUAGE, Reason.NEW)
