"""Every reason that a verdict can give comes out of a text, and the reasons are read out of the verdict's source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.model import EntityNovelty, Kind
from monitor.novelty import Memory, verdict
from tests.novelty import essays
from tests.novelty.stories import COPY, DENIAL, MEETING, WATCHLIST, article
from tests.novelty.test_abroad import tell
from tests.novelty.test_memory import ADDED

TURNED = MEETING[0].replace("يبحث", "يلغي لقاءه")
SHORTER = MEETING[1].split(". ", maxsplit=1)[0] + "."
QUOTED = 'قال وزير الخارجية الروسي سيرغي لافروف اليوم الخميس في كازان: "سنوقع 12 اتفاقا قبل نهاية الشهر".'
UNNAMED = 'وصل لافروف اليوم الخميس إلى كازان للتوقيع، والرسالة: "سنوقع 12 اتفاقا قبل نهاية الشهر".'
RETOLD = (
    "قال لافروف إن موسكو مستعدة لتوريد أربعة ملايين طن من الحبوب إلى المجر قبل نهاية الصيف، وذلك في مؤتمر صحفي "
    "مشترك مع نظيره المجري في بودابست."
)
FIRST, MORE, DULL = Kind.FIRST, Kind.DEVELOPMENT, Kind.BACKGROUND
TOLD: tuple[tuple[str, Kind, tuple[tuple[str, str], ...]], ...] = (
    ("nothing like it was told before", FIRST, (MEETING,)),
    ("the headline says it", FIRST, (MEETING,)),
    ("the entity says or does something", FIRST, (MEETING,)),
    ("the opening sentence says it", FIRST, (("محادثات في كازان", QUOTED),)),
    ("it gives a number", FIRST, (("محادثات في كازان", QUOTED),)),
    ("it quotes the entity", FIRST, (("محادثات في كازان", QUOTED),)),
    ("it quotes somebody", FIRST, (("محادثات في كازان", UNNAMED),)),
    ("adds to what was told before", MORE, (MEETING, DENIAL)),
    ("it denies or reverses something", MORE, (MEETING, DENIAL)),
    ("it denies or reverses what it repeats", MORE, (MEETING, (TURNED, MEETING[1]))),
    ("it changes a number", MORE, (MEETING, (MEETING[0], MEETING[1].replace("أربعة", "9")))),
    ("95% of its wording stands in an earlier article", Kind.COPY, (MEETING, COPY)),
    (
        "96% of what it says about the entity was told before",
        Kind.RETELLING,
        (MEETING, ("موسكو مستعدة لتوريد الحبوب إلى المجر", RETOLD)),
    ),
    ("named only in a picture's caption", DULL, (essays.PICTURE,)),
    ("mentioned in passing", DULL, (essays.COLUMN,)),
    ("reads like a column, not like a report", DULL, (essays.COLUMN,)),
    ("first named near the end", DULL, (essays.LATE,)),
    ("named in a list of names", DULL, (essays.LISTED,)),
    ("named only as part of somebody else's name or office", DULL, (essays.OFFICE,)),
    ("nothing is reported about the entity", DULL, (essays.TWICE,)),
)
"""What is read one after the other, and the kind and a reason that the last of it gets."""
EDITED: tuple[tuple[str, Kind, tuple[str, str]], ...] = (
    ("an edit that changes no fact", Kind.COPY, MEETING),
    ("the headline was changed", MORE, ("لافروف يلغي زيارته إلى بودابست", MEETING[1])),
    ("a statement was withdrawn", MORE, (MEETING[0], SHORTER)),
    ("the edit adds something", MORE, (MEETING[0], MEETING[1] + ADDED)),
)
"""The kind and a reason that a later revision of the same article gets."""


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


SPOKEN: tuple[tuple[str, str, tuple[str, str]], ...] = (
    ("ar", "it quotes the entity", ("محادثات في كازان", QUOTED)),
    (
        "ar",
        "it quotes somebody else about the entity",
        (
            "خلاف على الحبوب",
            'وصل لافروف الخميس إلى كازان. وقال الوزير المجري ساندور كيش: "لافروف وعدنا بأربعة ملايين طن ولم يف".',
        ),
    ),
    (
        "en",
        "it quotes the entity",
        ("Talks in Baku", 'Lavrov told reporters on Monday: "We will sign 12 accords soon."'),
    ),
    (
        "en",
        "it quotes somebody else about the entity",
        ("Talks in Baku", '"Lavrov has promised us 12 accords," Hungarian minister Sandor Kis said on Monday.'),
    ),
    (
        "ru",
        "it quotes the entity",
        ("Переговоры в Баку", "«Мы скоро подпишем 12 соглашений», — заявил Лавров сегодня."),
    ),
    (
        "ru",
        "it quotes somebody else about the entity",
        ("Переговоры в Баку", "«Лавров обещал нам 12 соглашений», — заявил сегодня министр Шандор Киш."),
    ),
)
"""A language, a reason that says who speaks, and a text that gets it."""


def judged(*texts: tuple[str, str], edited: bool = False, lang: str = "ar") -> EntityNovelty:
    """Let a memory read articles, or revisions of one, and return what it made of the last."""
    memory = Memory(WATCHLIST)
    for number, text in enumerate(texts):
        name, source = ("a", "one") if edited else (f"{number}", f"outlet {number}")
        last = tell(
            memory, article(name, text, minutes=30 * number, source=source, revision=number * edited, lang=lang)
        )
    return last.entities["lavrov"]


@pytest.mark.parametrize(("reason", "kind", "texts"), TOLD, ids=[one[0] for one in TOLD])
def test_a_text_gets_its_reason(reason: str, kind: Kind, texts: tuple[tuple[str, str], ...]) -> None:
    """An article that is written for a reason gets it from the program as it comes, nothing set by hand."""
    found = judged(*texts)
    assert found.kind is kind
    assert reason in found.reasons


@pytest.mark.parametrize(("other", "changes"), [("تسعة", True), ("9", True), ("4", False), ("٤", False)])
def test_a_number_is_the_same_as_a_word(other: str, changes: bool) -> None:
    """A copy that writes four in digits repeats it; one that says nine, in whatever form, does not."""
    found = judged(MEETING, (MEETING[0], MEETING[1].replace("أربعة", other)))
    assert ("it changes a number" in found.reasons) is changes
    assert (found.kind is Kind.COPY) is not changes


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("اليوم الاثنين", "صباح الاثنين"),
        ("تناولت", "تسعى إلى"),
        ("مشتركة", "ثلاثية"),
        ("أربعة ملايين", "خمسة وعشرين مليون"),
    ],
)
def test_what_only_looks_like_a_number_changes_none(plain: str, other: str) -> None:
    """Words that share a number's stem (Monday two's, to seek nine's) and numbers of several words make no other."""
    found = judged(MEETING, (MEETING[0], MEETING[1].replace(plain, other)))
    assert "it changes a number" not in found.reasons


@pytest.mark.parametrize(("reason", "kind", "text"), EDITED, ids=[one[0] for one in EDITED])
def test_an_edit_gets_its_reason(reason: str, kind: Kind, text: tuple[str, str]) -> None:
    """So does an edit of an article."""
    found = judged(MEETING, text, edited=True)
    assert found.kind is kind
    assert reason in found.reasons


@pytest.mark.parametrize(("lang", "reason", "text"), SPOKEN)
def test_a_quotation_says_whose_it_is(lang: str, reason: str, text: tuple[str, str]) -> None:
    """In each language a new quotation is the entity's or somebody else's about it."""
    found = judged(text, lang=lang)
    assert found.kind is FIRST
    assert [one for one in found.reasons if one.startswith("it quotes")] == [reason]


def test_the_source_is_understood() -> None:
    """The reasons are found in the source: reading nothing would hold nothing."""
    assert len(said()) >= 15


PROVOKED = [*(one[0] for one in (*TOLD, *EDITED)), *(reason for _, reason, _ in SPOKEN)]


@pytest.mark.parametrize("pattern", said())
def test_every_reason_is_provoked(pattern: str) -> None:
    """Each reason that stands in the source is one that a text above gets."""
    assert any(re.fullmatch(pattern, reason) for reason in PROVOKED)


@pytest.mark.parametrize("reason", PROVOKED)
def test_nothing_else_is_said(reason: str) -> None:
    """Each reason that a text gets is one of the source: the two lists are the same."""
    assert any(re.fullmatch(pattern, reason) for pattern in said())
