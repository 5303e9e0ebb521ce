"""What an alert says, and that nothing in it can do anything but be read."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import describe, digest
from monitor.alerts.text import FSI, PDI, Piece, clean, cut, cut_pieces, isolated, plain, safe_link
from monitor.model import Kind, Part
from tests.alerts.builders import ARABIC, NOW, alert, article, match, mention

hostile = (
    st.text(st.sampled_from("ab .<!@|>&*`\n\r\u2028\x1b\x00\u202e\u2066\u2069\u200fعمر؟…"), max_size=60) | st.text()
)


def test_an_alert_in_words() -> None:
    """The whole of an alert: an English frame, foreign text isolated, names marked, both times, link and story."""
    assert plain(describe(alert())) == (
        "[high] News on Omar: development 0.75\n"
        "  Who:    Omar Haddad\n"
        f"  Title:  {FSI}عمر حداد يعلن موعد الاجتماع{PDI}\n"
        f"  New:    {FSI}أعلن ‹عمر حداد› أن الاجتماع سيعقد غداً.{PDI}\n"
        "  Source: news.example · agency Example Wire · 2 independent outlets\n"
        "  When:   published 2026-03-10 11:30 · seen 2026-03-10 12:00 UTC\n"
        "  Why:    a statement that no earlier article has\n"
        "  Parts:  statement 0.90 ×0.5 · nearest: article-0\n"
        "  Link:   https://news.example/1\n"
        "  Story:  tale"
    )


def test_what_there_is_several_of_stands_in_one_line() -> None:
    """Names and parts are divided by commas, reasons by semicolons."""
    parts = (Part("statement", 0.9, 0.5), Part("numbers", 0.25, 0.125))
    lines = plain(describe(alert(names={"a": "Anna", "o": "Omar"}, reasons=("one", "two"), parts=parts))).split("\n")
    assert lines[1] == "  Who:    Anna, Omar"
    assert lines[6:8] == [
        "  Why:    one; two",
        "  Parts:  statement 0.90 ×0.5, numbers 0.25 ×0.125 · nearest: article-0",
    ]


def test_a_development_refers_to_the_alert_before() -> None:
    """An alert that follows another of its story says when that one left."""
    said = plain(describe(alert(follows=NOW.replace(hour=9))))
    assert said.endswith("\n  Story:  tale · follows the alert of 2026-03-10 09:00 UTC")


def test_the_first_in_a_language_is_marked() -> None:
    """An alert on the first article of a story in its language says so beside the outlet, in a digest too."""
    first = alert(first_in="ar")
    assert describe(first).source == "news.example · agency Example Wire · 2 independent outlets · first in ar"
    assert "outlets · first in ar;" in plain(describe(digest([first], NOW)))


def test_a_bare_alert() -> None:
    """Without date, link, reasons or text, no line is empty and none is invented."""
    bare = article(title=" ", summary=None, published=None, url=None, first_seen=None)
    without = alert(article=bare, added=(), reasons=(), parts=(), nearest=None, agency=None, outlets=1)
    said = plain(describe(without))
    assert said == (
        "[high] News on Omar: development 0.75\n"
        "  Who:    Omar Haddad\n"
        "  Title:  (no title)\n"
        "  Source: news.example · 1 outlet\n"
        "  When:   no date given · seen 2026-03-10 12:00 UTC\n"
        "  Story:  tale"
    )


def test_a_date_that_could_not_be_used_is_shown_as_written() -> None:
    """A clamped date is no time of publication: the reader gets what the feed wrote, made harmless and short."""
    odd = article(published=NOW, published_raw="12 رمضان\n1445" + " x" * 100)
    (line,) = [line for line in plain(describe(alert(article=odd))).split("\n") if line.startswith("  When:")]
    assert line.startswith(f"  When:   date given as {FSI}12 رمضان 1445 x x")
    assert line.endswith(f"{PDI} · seen 2026-03-10 12:00 UTC")
    assert len(line) < 130


def test_a_digest_in_words() -> None:
    """A digest says how many it gathers, and of each its title, source, what it is, and link."""
    items = [alert(key=f"{n:064x}", kind=kind) for n, kind in enumerate((Kind.FIRST, Kind.DEVELOPMENT))]
    lines = plain(describe(digest(items, NOW))).split("\n")
    assert lines[0] == "[high] News on Omar: digest of 2 alerts"
    source = "news.example · agency Example Wire · 2 independent outlets"
    assert lines[1] == f"1. {FSI}عمر حداد يعلن موعد الاجتماع{PDI} ({source}; first report 0.75)"
    assert lines[2] == "   https://news.example/1"
    assert lines[3].endswith("development 0.75)")


def test_the_lead_stands_in_for_added_sentences() -> None:
    """Where nothing was marked as new, the start of the article's text is quoted, names marked too."""
    quotes = describe(alert(added=())).quotes
    assert quotes == (
        (Piece("أعلن "), Piece("عمر حداد", name=True), Piece(" أن الاجتماع سيعقد غداً. وأضاف أن الوفد وصل.")),
    )


def test_the_title_is_not_quoted_again() -> None:
    """A sentence that stands in the title is not repeated under it; then the text under the title is quoted."""
    title = article().title
    assert [quote[0].text for quote in describe(alert(added=(title, " ", "b"))).quotes] == ["b"]
    assert describe(alert(added=(title,))).quotes == describe(alert(added=())).quotes
    bare = article(summary=None)
    assert describe(alert(article=bare, added=(title,))).quotes == ()


def test_no_more_than_three_quotes() -> None:
    """An alert quotes at most three sentences."""
    assert len(describe(alert(added=("a", "b", "c", "d"))).quotes) == 3


def test_names_are_marked_where_they_stand() -> None:
    """Only mentions inside the quoted sentence are marked, the longer of two that overlap, each once."""
    start = ARABIC.index("عمر")
    inside, short = mention(start, start + 8), mention(start, start + 3)
    outside, elsewhere = mention(45, 50), mention(start, start + 3, field="title")
    one = alert(matches=(match("omar", short, inside, outside, elsewhere), match("anna", inside)))
    names = [piece.text for piece in describe(one).quotes[0] if piece.name]
    assert names == ["عمر حداد"]


def test_names_at_both_ends_are_marked() -> None:
    """A name may be the first or the last thing in a sentence; one that reaches beyond it is not in it."""
    text = "Anna met Omar Haddad"
    matches = (match("anna", mention(0, 4)), match("omar", mention(9, 20)))
    one = alert(article=article(summary=text, lang="en"), matches=matches, added=(text,))
    assert [piece.text for piece in describe(one).quotes[0] if piece.name] == ["Anna", "Omar Haddad"]
    cut_off = replace(one, added=("met Omar",))
    assert [piece.text for piece in describe(cut_off).quotes[0] if piece.name] == []


def test_names_are_marked_in_a_later_sentence() -> None:
    """A quoted sentence is looked for where it stands, and its names by their places in it."""
    text = "Nobody came. Anna met Omar at noon. Anna left."
    matches = (match("anna", mention(13, 17), mention(36, 40)), match("omar", mention(22, 26)))
    one = alert(article=article(summary=text, lang="en"), matches=matches, added=("Anna met Omar at noon.",))
    quote = (Piece("Anna", name=True), Piece(" met "), Piece("Omar", name=True), Piece(" at noon."))
    assert describe(one).quotes == (quote,)


def test_a_digest_quotes_nothing_itself() -> None:
    """What is new stands with each of the alerts that it gathers."""
    said = describe(digest([alert(), alert(key="cd" * 32)], NOW))
    assert said.quotes == ()
    assert all(item.quotes for item in said.items)


def test_a_sentence_that_is_not_in_the_article_is_quoted_unmarked() -> None:
    """A sentence from elsewhere is quoted as it is."""
    assert describe(alert(added=("عمر حداد هنا",))).quotes == ((Piece("عمر حداد هنا"),),)


@given(hostile)
def test_clean_is_one_harmless_line(text: str) -> None:
    """Cleaned text has no control characters, line ends or direction marks, and cleaning again changes nothing."""
    done = clean(text)
    assert clean(done) == done
    assert done == done.strip()
    assert all(unicodedata.category(letter) not in {"Cc", "Zl", "Zp"} for letter in done)
    assert not set(done) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@given(hostile, hostile, hostile, hostile)
def test_feed_text_breaks_no_line(title: str, source: str, added: str, reason: str) -> None:
    """Whatever a feed says, an alert has its own lines and no others, and every isolate is closed on its line."""
    one = alert(article=article(title=title, source=source), added=(added,), reasons=(reason,), nearest=source)
    lines = plain(describe(one)).split("\n")
    assert len(lines) <= 10
    assert all(
        line.startswith(
            (
                "[high] ",
                "  Who:",
                "  Title:",
                "  New:",
                "  Source:",
                "  When:",
                "  Why:",
                "  Parts:",
                "  Link:",
                "  Story:",
            )
        )
        for line in lines
    )
    assert all(line.count(FSI) == line.count(PDI) for line in lines)


@pytest.mark.parametrize(
    ("text", "alone"), [("Anna", True), ("12:30", True), ("Анна", True), ("عمر", False), ("x ע", False), ("", True)]
)
def test_isolated(text: str, alone: bool) -> None:
    """Text with right-to-left letters is wrapped, other text is left as it is."""
    assert isolated(text) == (text if alone else FSI + text + PDI)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Short.", 10, "Short."),
        ("One is here. Two is here. Three", 28, "One is here. Two is here. …"),
        ("وصل الوفد؟ نعم وصل إلى المدينة", 24, "وصل الوفد؟ …"),
        ("A. then a long sentence without an end", 30, "A. then a long sentence …"),
        ("A tenth. is the end of a sentence that counts", 24, "A tenth. is the end …"),
        ("A ninth.. is the end of a sentence that counts", 24, "A ninth.. …"),
        ("Eighthly thewordthatisfartoolong", 24, "Eighthly thewordthatis …"),
        ("Ninethly, thewordthatisfartoolong", 24, "Ninethly, …"),
        ("x" * 50, 10, "x" * 8 + " …"),
        ("One. Two", 8, "One. Two"),
        ("abc", 2, " …"),
    ],
)
def test_cut(text: str, limit: int, expected: str) -> None:
    """Text is cut at the end of a sentence, else of a word, else anywhere."""
    assert cut(text, limit) == expected


@given(st.text(), st.integers(2, 80))
def test_cut_keeps_its_limit(text: str, limit: int) -> None:
    """No cut text is longer than its limit, and short text stays whole."""
    assert len(cut(text, limit)) <= limit
    assert len(text) > limit or cut(text, limit) == text


@given(
    st.lists(st.sampled_from(["كلمة ", "word ", FSI + "عمر حداد" + PDI, FSI + "غدا. " + PDI, "، "])),
    st.integers(20, 60),
)
def test_cut_keeps_isolates_closed(parts: list[str], limit: int) -> None:
    """However text with isolates is cut, each one that is opened is closed, and the limit is kept."""
    text = "".join(parts)
    short = cut(text, limit)
    assert len(text) > limit or short == text
    assert len(short) <= limit
    assert short.count(FSI) == short.count(PDI)
    assert short == text or (short.endswith(" …") and text.startswith(short[:-2].rstrip(PDI)))


def test_cut_inside_an_isolate() -> None:
    """A cut that falls into isolated text closes it before the ellipsis; one in front of it leaves it out."""
    assert cut(f"{FSI}وصل الوفد إلى المدينة أمس{PDI} and left", 20) == f"{FSI}وصل الوفد إلى{PDI} …"
    assert cut(f"They met in the city {FSI}وصل الوفد{PDI}", 20) == "They met in the …"
    assert cut(f"{FSI}وصل الوفد{PDI}", 3) == " …"


@given(st.lists(st.builds(Piece, st.text(min_size=1, max_size=20), st.booleans()), max_size=8), st.integers(5, 60))
def test_cut_pieces_is_cut(pieces: list[Piece], limit: int) -> None:
    """Runs cut together say what the cut text says, and stay marked as they were."""
    kept = cut_pieces(pieces, limit)
    whole = "".join(piece.text for piece in pieces)
    assert "".join(piece.text for piece in kept) == cut(whole, limit)
    assert len(whole) <= limit or all(a.name == b.name for a, b in zip(kept[:-1], pieces, strict=False))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/1?a=b&c=d#e", True),
        ("http://news.example", True),
        ("https://خبر.example/مقال", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//news.example/1", False),
        ("https:///path", False),
        ("https://user:pass@news.example/", False),
        ("https://news.example/<!channel>", False),
        ("https://news.example/a|b", False),
        ("https://news.example/a b", False),
        ("https://news.example/a\u202eb", False),
        ("https://news.example\\@evil.example/", False),
        ("https://news.example/" + "a" * 1_979, True),
        ("https://news.example/" + "a" * 1_980, False),
        ("http://[bad", False),
        ("", False),
        (None, False),
    ],
)
def test_links(url: str | None, shown: bool) -> None:
    """Only whole http and https addresses without tricks become links."""
    assert safe_link(url) == (url if shown else None)


def test_names_and_severity_are_cleaned_too() -> None:
    """What the operator wrote is shown on one line as well."""
    said = describe(replace(alert(), rule="a\nb", severity="h\x1b[0m", names={"x": "A\u202eB"}))
    assert (said.rule, said.severity, said.who) == ("a b", "h [0m", "AB")
