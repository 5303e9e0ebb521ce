"""A rule reads back as one English sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.model import Alias, Condition, Digest, Entity, Kind, Near, Quiet, Rule, Watchlist
from monitor.watchlist import sentence

ENTITIES = {key: Entity(key, key.upper(), aliases=(Alias(key, "en"),)) for key in ("a", "b", "c", "d")}
NEWS = "scores at least 0.5 of 1 for novelty"


def say(rule: Rule) -> str:
    """The rule's sentence, in a watchlist of A, B, C and D."""
    return sentence(Watchlist("test", "Test", ENTITIES), rule)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (Condition(all=("a",)), "A is found"),
        (Condition(all=("a", "b")), "A and B are found"),
        (Condition(any=("a", "b", "c")), "A, B or C is found"),
        (Condition(all=("a",), any=("b", "c")), "A and (B or C) are found"),
        (Condition(all=("a",), none=("b", "c")), "A is found without B or C"),
        (Condition(none=("a",)), "anybody watched is found without A"),
        (Condition(all=(Condition(any=("a", "b")), Condition(any=("c", "d")))), "(A or B) and (C or D) are found"),
        (Condition(all=(Condition(any=("a", "b")),), any=("c", "d")), "(A or B) and (C or D) are found"),
        (Condition(any=(Condition(all=("a", "b")), "c")), "(A and B) or C is found"),
        (Condition(any=(Condition(all=("a", "b")),)), "A and B are found"),
        (Condition(any=("a", Condition(all=("b",), none=("c",)))), "A or (B without C) is found"),
        (Condition(), "anybody watched is found"),
    ],
)
def test_conditions_in_words(when: Condition, said: str) -> None:
    """Every shape of a condition has its words, with brackets only where they decide."""
    assert say(Rule("r", when, ("desk",))) == f"Alerts desk when {said} in an article that {NEWS}."


def test_everything_a_rule_can_say() -> None:
    """Channels, severity, via, nearness, language, source, kinds, novelty and every limit appear."""
    rule = Rule(
        "r",
        Condition(all=("a", "b"), any=("c",)),
        ("desk", "archive"),
        near=Near(("a", "b"), 15),
        via="name",
        languages=("ar", "ru", "xx"),
        sources_any=("x.example",),
        sources_none=("y.example", "z.example"),
        at_least=0.25,
        kinds=(Kind.FIRST, Kind.DEVELOPMENT),
        each_language="first",
        cooldown=timedelta(minutes=90),
        budget=20,
        quiet=Quiet("23:00", "06:30", "Europe/Istanbul"),
        severity="high",
        revisions="alert",
    )
    assert say(rule) == (
        "Alerts desk and archive with severity high when A, B and C are named, with A and B within 15 words, "
        "in an Arabic, Russian or xx article that comes from x.example, does not come from y.example or z.example, "
        "is a first report or a development, is the first that this rule tells of its story in its language "
        "and scores at least 0.25 of 1 for novelty; "
        "at most once in 90 minutes a story unless a stronger development comes; "
        "the first 20 a day at once and the rest in a digest at midnight (Europe/Istanbul); "
        "held from 23:00 to 06:30 (Europe/Istanbul); again when an article is changed."
    )


def test_a_digest_and_a_role() -> None:
    """A digest says when it leaves; a rule without threshold says so."""
    digest = Digest(("08:00", "18:00"), "Europe/Istanbul")
    rule = Rule("r", Condition(all=("a",)), ("desk",), via="role", at_least=0.0, digest=digest)
    assert say(rule) == (
        "Sends desk a digest at 08:00 and 18:00 (Europe/Istanbul) of every alert when A is found by office or title "
        "in an article, however old the news."
    )


def test_a_digest_of_what_is_above_the_budget() -> None:
    """With a budget the digest has only what comes after the first ones, and the sentence says so."""
    rule = Rule("r", Condition(all=("a",)), ("desk",), at_least=0.0, budget=3, digest=Digest(("08:00",)))
    assert say(rule) == (
        "Alerts desk when A is found in an article, however old the news; "
        "the first 3 a day at once and the rest in a digest at 08:00 (UTC)."
    )


def test_the_same_sentence() -> None:
    """Where exactly those who must be found must be near, it is said once."""
    rule = Rule("r", Condition(all=("a", "b")), ("desk",), near=Near(("a", "b")), languages=("en",))
    assert say(rule) == f"Alerts desk when A and B are found in the same sentence in an English article that {NEWS}."
