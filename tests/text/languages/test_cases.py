"""Every case of `tests/cases` for Russian, Turkish, English and Persian, and that there are enough of them."""

from __future__ import annotations

from functools import cache

import pytest

from monitor.matching import Matcher
from tests.text.languages.cases import Case, load

LANGUAGES = ("ru", "tr", "en", "fa")


@cache
def _matcher(lang: str) -> Matcher:
    return Matcher(load(lang)[0])


def _all() -> list[object]:
    return [pytest.param(lang, case, id=f"{lang}-{case.title}") for lang in LANGUAGES for case in load(lang)[1]]


@pytest.mark.parametrize(("lang", "case"), _all())
def test_case(lang: str, case: Case) -> None:
    """Exactly the listed entities are found, by exactly the listed surfaces, and every offset slices to its surface."""
    findings = _matcher(lang).match(case.article)
    found = {match.entity: tuple(mention.surface for mention in match.mentions) for match in findings.matches}
    assert found == case.finds, case.why
    for match in findings.matches:
        for mention in match.mentions:
            assert case.article.text(mention.field)[mention.start : mention.end] == mention.surface


@pytest.mark.parametrize("lang", LANGUAGES)
def test_enough_cases(lang: str) -> None:
    """A language has at least sixty cases, and at least as many texts without a find as with one, or nearly so."""
    cases = load(lang)[1]
    negatives = [case for case in cases if not case.finds]
    assert len(cases) >= 60
    assert len(negatives) >= len(cases) - len(negatives)
