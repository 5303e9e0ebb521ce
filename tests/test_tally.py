"""The arithmetic of a replay and of the evaluation, on numbers small enough to check by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.model import Article, Decision, Kind, Novelty, Reason
from monitor.tally import Tally, fares, intervals, recall_curve, standing, threshold_for
from monitor.wire import parse_label

KINDS = ("first", "development", "copy", "copy", "retelling", "background")
SCORES = (0.9, 0.4, 0.6, 0.1, 0.2, 0.3)


@pytest.mark.parametrize(
    ("threshold", "recall", "per_new", "copies"),
    [(0.0, 1.0, 3.0, 0.0), (0.5, 0.5, 2.0, 0.5), (0.7, 0.5, 1.0, 1.0), (0.95, 0.0, 0.0, 1.0)],
)
def test_a_standing(threshold: float, recall: float, per_new: float, copies: float) -> None:
    """Recall counts new facts, alerts per new fact everything that rings, stopped what does not."""
    found = standing(SCORES, KINDS, threshold)
    assert (found.recall, found.alerts_per_new, found.stopped["copy"]) == (recall, per_new, copies)


def test_what_alerted_fares_as_a_threshold_that_alerts_on_it() -> None:
    """A standing says the same of what rang as of the threshold at which just that rings."""
    assert fares(KINDS, [score >= 0.5 for score in SCORES]) == standing(SCORES, KINDS, 0.5)


def test_a_curve_over_recall() -> None:
    """Each point has the highest threshold that gives its recall; without new articles there is none to give."""
    (all_new, half) = recall_curve(SCORES, KINDS, (1.0, 0.5))
    assert (all_new.threshold, all_new.standing.alerts_per_new) == (0.4, 1.5)
    assert (half.threshold, half.standing.recall, half.standing.alerts_per_new) == (0.9, 0.5, 1.0)
    assert threshold_for((0.3,), ("copy",), 0.97) == float("inf")


def test_intervals_hold_the_figure_and_repeat() -> None:
    """The interval of many articles is narrow around what they come to, and two runs give the same one."""
    scores, kinds = SCORES * 50, KINDS * 50
    found = intervals(scores, kinds, 0.5)
    assert 0.35 < found.recall[0] < 0.5 < found.recall[1] < 0.65
    assert found.alerts_per_new[0] < 2.0 < found.alerts_per_new[1]
    assert found == intervals(scores, kinds, 0.5)
    low, high = intervals(scores, kinds, 1.0, by="recall").alerts_per_new
    assert low < 1.5 < high


def test_intervals_draw_within_streams() -> None:
    """A stream keeps its number of articles in each sample; one of a single article adds no chance."""
    assert intervals((0.9, 0.1), ("first", "copy"), 0.5, streams=("a", "b")).recall == (1.0, 1.0)
    with pytest.raises(ValueError, match="no articles"):
        intervals((), (), 0.5)


def test_nothing_to_count_is_no_failure() -> None:
    """Without labels nothing was missed and everything was stopped."""
    assert standing((), (), 0.5).recall == 1.0
    assert standing((), (), 0.5).stopped == {"copy": 1.0, "retelling": 1.0, "background": 1.0}


def test_a_tally_counts_kinds_alerts_stories_and_outlets() -> None:
    """Each article counts once, with what every watchlist made of it; an unmatched one is only an article."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    one, two, three = (Article(name, f"{name}.example", None, at, "en", name) for name in "abc")
    rings = Decision("desk", "r", "alert", Reason.NEW, kind=Kind.FIRST)
    stays = Decision("desk", "r", "suppress", Reason.NOT_NOVEL, kind=Kind.COPY)
    tally = Tally({"a": "first", "b": "copy"})
    tally.add(one, {"desk": Novelty(0.8, Kind.FIRST, "s1", agency="afp")}, [rings])
    tally.add(two, {"desk": Novelty(0.2, Kind.COPY, "s1", linked=("s0",))}, [stays])
    tally.add(three, {}, [])
    assert (tally.articles, tally.matched, dict(tally.kinds)) == (3, 2, {"first": 1, "copy": 1})
    assert (dict(tally.alerts), dict(tally.agencies)) == ({"first": 1}, {"afp": 1})
    assert (tally.stories, tally.linked, tally.outlets) == ({"s1"}, {"s1"}, {"a.example", "b.example"})
    assert dict(tally.curve())[0.2] == 2
    assert dict(tally.curve())[0.3] == 1
    rows = {(row.by, row.at): row for row in tally.rows()}
    assert rows["rules", None].standing.recall == rows["threshold", 0.5].standing.recall == 1.0
    assert rows["threshold", 0.5].standing.stopped["copy"] == 1.0
    assert rows["recall", 0.97].threshold == 0.8
    assert [key for key, row in rows.items() if row.intervals] == [
        ("rules", None),
        ("threshold", 0.5),
        ("recall", 0.97),
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('{"label": {"kind": "copy"}}', "copy"), ('{"label": {"kind": "not"}}', None), ('{"label": "copy"}', None),
        ('{"title": "label"}', None),
    ],
)  # fmt: skip
def test_labels_are_read(line: str, kind: str | None) -> None:
    """Only a known kind is a label."""
    assert parse_label(line) == kind
