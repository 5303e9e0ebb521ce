"""YAML is read as text with places, bounded in every direction, and never as anything that runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import yamlfile
from monitor.yamlfile import Listing, Mapping, Scalar, nearest, parse, plain, read


def problems(text: str | bytes) -> list[str]:
    """What is wrong with a file of this text."""
    data = text.encode() if isinstance(text, str) else text
    return [str(problem) for problem in parse(data, "f.yml")[1]]


def test_every_value_knows_its_place() -> None:
    """Lines and columns start at 1 and count code points, in keys, lists and nested values."""
    node, found = parse("ключ: {a: [x, 'ы']}\nb:\n  - c\n".encode(), "f.yml")
    assert not found
    assert isinstance(node, Mapping)
    first, second = node
    assert (first.key, first.place.line, first.place.column) == ("ключ", 1, 1)
    assert isinstance(first.value, Mapping)
    inner = first.value.get("a")
    assert inner is not None
    assert isinstance(inner.value, Listing)
    assert [(item.place.line, item.place.column) for item in inner.value.items] == [(1, 12), (1, 15)]
    assert isinstance(second.value, Listing)
    assert (second.value.items[0].place.line, second.value.items[0].place.column) == (3, 5)


def test_nothing_written_is_shown_at_its_key() -> None:
    """A key without a value is pointed at itself, not at whatever follows."""
    node, _ = parse(b"a: 1\nb:\n\n# end\n", "f.yml")
    assert isinstance(node, Mapping)
    entry = node.get("b")
    assert entry is not None
    assert isinstance(entry.value, Scalar)
    assert entry.value.empty
    assert entry.value.place == entry.place


def test_plain_values_follow_the_core_schema() -> None:
    """YAML 1.2: `no`, `on`, times and dates are text, as is all that is quoted; true, numbers and null are not."""
    text = 'a: [no, on, 10:00, 2023-06-03, 0o7, 1_0, "1", "", ~, null, true, False, 12, -3, 1.5, .5, 1e3]\n'
    values = ["no", "on", "10:00", "2023-06-03", "0o7", "1_0", "1", "", None, None, True, False, 12, -3, 1.5, 0.5, 1e3]
    assert plain(parse(text.encode(), "f.yml")[0]) == {"a": values}


def test_anchors_repeat_a_value() -> None:
    """`*name` stands for what `&name` marked."""
    assert plain(parse(b"a: &x {b: [c]}\nd: *x\n", "f.yml")[0]) == {"a": {"b": ["c"]}, "d": {"b": ["c"]}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", "f.yml:2:1: key 'a' is given twice (first on line 1). Fix: merge the two or remove one"),
        ("a: !!int 1\n", "f.yml:1:4: tag tag:yaml.org,2002:int is not allowed. Fix: remove the tag"),
        ("? [a]\n: b\n", "f.yml:1:3: a key must be plain text. Fix: write `name: value`"),
        ("a: *b\n", "f.yml:1:4: alias *b stands for nothing. Fix: mark a value above it with &b"),
        ("--- a\n--- b\n", "f.yml:2:1: a second document starts here. Fix: keep one document a file"),
        (b"a: b\n  \xe9\n", "f.yml:2:3: byte 0xe9 is not UTF-8. Fix: save the file as UTF-8"),
        ("a: b\nc: \x07\n", "f.yml:2:4: character U+0007 is not allowed in YAML. Fix: remove it"),
        ("[" * 30, "f.yml:1:26: nested deeper than 24 levels. Fix: flatten it"),
        ("a: [b\n", "f.yml:2:1: not valid YAML: while parsing a flow sequence expected ',' or ']', but got "
         "'<stream end>'. Fix: check indentation, quotes and brackets here"),
        (b"a" * (yamlfile.MAX_BYTES + 1), "f.yml:1:1: the file is larger than 1,048,576 bytes. Fix: split it"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str | bytes, said: str) -> None:
    """Each thing that is no plain YAML is told with its place and its fix."""
    assert problems(text) == [said]


def test_aliases_of_aliases_can_not_explode() -> None:
    """A billion laughs end at the cap on values, not in memory."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join(['*' + m] * 10)}]" for m, n in zip("abcdefgh", "bcdefghi", strict=True)]
    (said,) = problems("\n".join(lines))
    assert "holds more than 200,000 values" in said


def test_a_missing_file_is_a_problem_like_any_other(tmp_path: Path) -> None:
    """What can't be opened is told by name."""
    node, found = read(tmp_path / "none.yml", "none.yml")
    assert plain(node) is None
    assert [str(problem) for problem in found] == [
        "none.yml:1:1: can't be read: No such file or directory. Fix: check path and permissions"
    ]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever the bytes, there is a tree or a problem, never an exception."""
    node, found = parse(data, "f.yml")
    assert isinstance(node, Scalar | Listing | Mapping)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_text_raises(text: str) -> None:
    """The same for text, which gets further into the parser."""
    assert parse(text.encode(), "f.yml") is not None


def test_the_nearest_word_is_suggested() -> None:
    """A near miss names what was meant, anything else what there is."""
    assert nearest("serverity", ["severity", "send_to"]) == "did you mean 'severity'?"
    assert nearest("zzz", ["b", "a"], "known keys") == "known keys: a, b"
    assert nearest("zzz", [], "here") == "there is none here"
