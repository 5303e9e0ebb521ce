"""Runs the tests that stand beside a watchlist, through the program's own matcher and rules."""

from __future__ import annotations

from monitor.alerts import satisfied
from monitor.matching import Matcher
from monitor.model import Expectation, Watchlist


def failures(watchlist: Watchlist) -> list[str]:
    """What each failed test found instead of what it expected."""
    matcher = Matcher(watchlist)
    found = (_failure(watchlist, matcher, test) for test in watchlist.tests)
    return [failure for failure in found if failure]


def _failure(watchlist: Watchlist, matcher: Matcher, test: Expectation) -> str:
    findings = matcher.match(test.article)
    matched = {match.entity for match in findings.matches}
    if matched != set(test.expect):
        return f"{watchlist.file}:{test.line}: found {sorted(matched)}, expected {sorted(test.expect)} ({test.why})"
    rules = {rule.name for rule in watchlist.rules if satisfied(rule, test.article, findings)}
    if test.alerts is not None and rules != set(test.alerts):
        return f"{watchlist.file}:{test.line}: satisfied {sorted(rules)}, expected {sorted(test.alerts)} ({test.why})"
    return ""
