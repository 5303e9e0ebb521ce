"""Every Arabic case of `tests/cases/ar.yml`, and that there are enough of them."""

from __future__ import annotations

import pytest

from monitor.matching import Matcher
from tests.text.languages.cases import Case, load

WATCHLIST, CASES = load("ar")
MATCHER = Matcher(WATCHLIST)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_case(case: Case) -> None:
    """Exactly the listed entities are found, by exactly the listed surfaces, and every offset slices to its surface."""
    findings = MATCHER.match(case.article)
    found = {match.entity: tuple(mention.surface for mention in match.mentions) for match in findings.matches}
    assert found == case.finds, case.why
    for mention in (mention for match in findings.matches for mention in match.mentions):
        assert case.article.text(mention.field)[mention.start : mention.end] == mention.surface
    for row in findings.rejected:
        assert case.article.text(row.field)[row.start : row.end] == row.surface
        assert row.why


def test_enough_cases() -> None:
    """There are at least sixty cases, at least as many texts without a find as with one."""
    negatives = [case for case in CASES if not case.finds]
    assert len(CASES) >= 60
    assert len(negatives) >= len(CASES) - len(negatives)
