"""The reasons that a verdict can give, read out of its source, against those that the tests provoke."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.model import Kind
from monitor.novelty import Memory, verdict
from monitor.novelty.verdict import Case, judge
from tests.novelty.stories import MEETING, WATCHLIST, article
from tests.novelty.test_memory import ADDED, tell
from tests.novelty.test_verdict import NEWS, case

DULL: tuple[dict[str, float], ...] = (
    {"a_title": 0.0, "a_named": 0.1},
    {"a_first_share": 0.7},
    {"mi_head": 1.0},
    {"a_opinion": 1.5, "a_say": 0.1},
    {"x_listed": 2.0, "x_joined": 1.0},
    {"a_opinion": 0.0, "x_listed": 0.0, "mi_head": 0.0},
)
EDITS = (
    (MEETING[0], MEETING[1]),
    ("لافروف يلغي زيارته إلى بودابست", MEETING[1]),
    (MEETING[0], MEETING[1].split(". ", maxsplit=1)[0] + "."),
    (MEETING[0], MEETING[1] + ADDED),
)


def said() -> list[str]:
    """Every reason in the verdict's source, as a pattern: what is filled in may be anything."""
    tree = ast.parse(Path(verdict.__file__).read_text(encoding="utf-8"))
    found: list[str] = []
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        found += [text for statement in body for text in _texts(statement)]
    return [text for text in found if " " in text]


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".*" for p in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(node.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


@pytest.fixture(scope="module")
def provoked() -> set[str]:
    """The reasons of news, of repetitions, of background and of edits."""
    made: list[Case] = [
        case(),
        case(NEWS),
        case(told=True, m_copy=0.0),
        case((MEETING[0], "لا شيء آخر في هذا النص القصير.")),
        case(("عنوان آخر", MEETING[1])),
        case(("بيان جديد", "نفى لافروف إلغاء الزيارة."), told=True, m_copy=0.0),
        case(told=True, score=0.2, fresh=0.1, m_copy=0.1),
        case(told=True, score=0.9),
        *(case(score=0.2, news=0.1, **measures) for measures in DULL),
    ]
    reasons = {reason for one in made for reason in judge(one).reasons}
    for text in EDITS:
        memory = Memory(WATCHLIST)
        tell(memory, article("a", MEETING))
        edited = tell(memory, article("a", text, minutes=30, revision=1))
        assert edited.kind in {Kind.COPY, Kind.DEVELOPMENT}
        reasons |= set(edited.reasons)
    for text in (
        (MEETING[0].replace("يبحث", "يلغي لقاءه"), MEETING[1]),
        (MEETING[0], MEETING[1].replace("طن", "9 طن")),
    ):
        memory = Memory(WATCHLIST)
        tell(memory, article("a", MEETING))
        reasons |= set(tell(memory, article("b", text, minutes=30)).entities["lavrov"].reasons)
    return reasons


def test_the_source_is_understood() -> None:
    """The reasons are found in the source: reading nothing would hold nothing."""
    assert len(said()) >= 15


@pytest.mark.parametrize("pattern", said())
def test_every_reason_is_provoked(provoked: set[str], pattern: str) -> None:
    """A reason that stands in the source comes out of a case."""
    assert any(re.fullmatch(pattern, reason) for reason in provoked)


def test_nothing_else_is_said(provoked: set[str]) -> None:
    """Every reason that comes out stands in the source."""
    assert all(any(re.fullmatch(pattern, reason) for pattern in said()) for reason in provoked)
