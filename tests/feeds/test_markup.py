"""HTML to text: what a reader would read, in linear time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.markup import clean, one_line, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("AT&amp;T &lt;b&gt; &nbsp; x", "AT&T <b> x"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("in<b>side</b> a word", "inside a word"),
        ("x<script>alert('<b>')</script>y<style>p{}</style>z", "xyz"),
        ("a<!-- <script>x</script> -->b", "ab"),
        ("a<!-- unclosed <b>hidden</b>", "a"),
        ("<a title='1 > 2' href=\"x\">link</a>", "link"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("a<b", "a"),
        ("&#1575;&#x627;", "اا"),
        ("&#99999999999999;", "\ufffd"),
        ("<script>never closed", ""),
        ("<SCRIPT>x</SCRIPT >y", "y"),
        ("<svg><text>x</text></svg>y", "y"),
        ("قال<br>الوزير", "قال\nالوزير"),
        ("<![CDATA[x <b>y</b>]]>", "x y"),
        (None, ""),
        ("", ""),
    ],
)
def test_markup_becomes_text(html: str | None, text: str) -> None:
    """Blocks are lines, references are letters, scripts and comments are nothing."""
    assert to_text(html) == text


def test_what_nobody_sees_is_removed() -> None:
    """Controls, direction marks, soft hyphens and byte order marks go; joiners that spell stay."""
    assert clean("a\x00b\x1b\u202ec\u2066d\u00ade\ufeff") == "abcde"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"
    assert clean("half \ud800 pair") == "half \ufffd pair"


def test_blanks_and_lines_are_evened() -> None:
    """Runs of blanks are one, runs of empty lines none."""
    assert clean("a \u00a0\t b\r\n\r\n  c \u2028 d\re") == "a b\nc\nd\ne"
    assert one_line("a\n b  c") == "a b c"


def test_text_is_composed() -> None:
    """A letter and its mark are one, as the rest of the program expects."""
    assert clean("e\u0301") == "é"


HOSTILE: dict[str, Callable[[int], str]] = {
    "nested": lambda n: "<b>" * n,
    "unclosed tags": lambda n: "<p" * n,
    "closing what is not open": lambda n: "<i></p>" * n,
    "quotes": lambda n: '<a "' * n,
    "mixed quotes": lambda n: "<a " + "\"'" * n,
    "comments": lambda n: "<!--" * n,
    "closed comments": lambda n: "<!---->" * n,
    "scripts": lambda n: "<script></script" * n,
    "references": lambda n: "&#" * n,
    "one reference": lambda n: "&#" + "9" * n,
    "less-than": lambda n: "<" * n,
    "blank lines": lambda n: "\n \n" * n,
    "cdata": lambda n: "<![CDATA[" * n,
    "svg": lambda n: "<svg>" * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_length_and_no_faster(name: str) -> None:
    """Sixteen times the length costs no more than some forty times the time: linear, where quadratic were 256."""

    def cost(size: int) -> float:
        html = HOSTILE[name](size)[:900_000]
        best = 1e9
        for _ in range(3):
            started = time.process_time()
            to_text(html)
            best = min(best, time.process_time() - started)
        return best

    assert cost(48_000) <= 40 * cost(3_000) + 0.05


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text stays as it is."""
    assert clean(clean(text)) == clean(text)


@given(
    st.lists(st.sampled_from(["<", ">", "b", "/", '"', "'", "!--", "-->", " ", "=", "script", "p", "&", ";", "#", "x"]))
)
def test_any_markup_is_survived(pieces: list[str]) -> None:
    """No sequence of markup raises."""
    assert isinstance(to_text("".join(pieces)), str)
