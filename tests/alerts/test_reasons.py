"""Every reason of the closed set is provoked, and a new one without a case here is noticed."""

from __future__ import annotations

import pytest

from monitor.alerts import calmed
from monitor.model import Decision, Digest, Kind, Quiet, Reason, Silence, Told
from tests.alerts.builders import NOW, article, novelty, rule
from tests.alerts.test_decide import HOUR, judge

TOLD = Told(frozenset({"article-1"}), NOW, 0.8, 5)
MUTE = (Silence(1, NOW + HOUR, "ida", "on leave"),)
CASES = {
    Reason.NEW: judge(),
    Reason.NOT_NOVEL: judge(news=novelty(0.1)),
    Reason.KIND: judge(rule(kinds=(Kind.DEVELOPMENT,))),
    Reason.LANGUAGE: judge(rule(each_language="first"), told=Told(languages=frozenset({"ar"}))),
    Reason.BASELINE: judge(silent=True),
    Reason.COOLDOWN: judge(rule(cooldown=HOUR), told=TOLD),
    Reason.SILENCED: judge(silences=MUTE),
    Reason.REVISION: judge(about=article(revision=1), told=TOLD),
    Reason.BUDGET: judge(rule(budget=0)),
    Reason.QUIET: judge(rule(quiet=Quiet("11:00", "13:00"))),
    Reason.DIGEST: judge(rule(digest=Digest(("08:00",)))),
    Reason.FLOOD: calmed(Decision("box", "News", "alert", Reason.NEW), [NOW], NOW, 1),
}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_provoked(reason: Reason) -> None:
    """What the case says is what the decision says."""
    made = CASES[reason]
    assert made is not None
    assert made.reason is reason


def test_the_first_report_in_a_language_rings() -> None:
    """A rule that wants the first in each language takes what its reader had none of, whoever else had, and an article
    whose language nobody knows; a mention in passing is no report in its language.
    """
    wants, told = rule(each_language="first", at_least=0.0), Told(languages=frozenset({"ar"}))
    passing = novelty(0.2, Kind.BACKGROUND)
    for one, reason in (
        (judge(wants), Reason.NEW),
        (judge(wants, about=article(lang="en-GB"), told=told), Reason.NEW),
        (judge(wants, about=article(lang=None), told=told), Reason.NEW),
        (judge(rule(), told=told), Reason.NEW),
        (judge(wants, about=article(lang="AR-sy"), told=told), Reason.LANGUAGE),
        (judge(wants, news=passing), Reason.LANGUAGE),
    ):
        assert one is not None
        assert one.reason is reason
