"""The sample articles and what is expected of them hold together."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from monitor.demo import samples
from monitor.errors import ConfigError
from monitor.model import Kind

ROOT = Path(__file__).parents[2]
EVALUATION = Path(os.environ.get("MONITOR_EVAL_DATA", ROOT.parent / "shared" / "data"))
SAMPLES = samples.load()
TEXTS = {
    each.article.id: f"{each.article.title}\n{each.article.summary or ''}\n{each.article.body}" for each in SAMPLES
}


def test_there_are_enough_samples() -> None:
    """At least forty articles, twenty-five of them Arabic, and each of the other four languages more than once."""
    count = Counter(each.article.lang for each in SAMPLES)
    assert count.total() >= 40
    assert count["ar"] >= 25
    assert set(count) == {"ar", "ru", "tr", "fa", "en"}
    assert min(count.values()) >= 3


def test_samples_follow_the_thread_in_time() -> None:
    """Every sample is dated between 2022 and 2025, and they come oldest first."""
    dates = [each.article.published for each in SAMPLES]
    assert all(date is not None and 2022 <= date.year <= 2025 for date in dates)
    assert dates == sorted(date for date in dates if date)


def test_every_sample_has_an_expectation_and_the_reverse() -> None:
    """`expected.yml` speaks of exactly the articles that lie in the directory, in the words of the model."""
    expected = samples.expected()
    assert set(expected) == set(TEXTS)
    kinds = {each.novelty for each in expected.values()}
    assert kinds == {*Kind, None}
    assert {via for each in expected.values() for via in each.matches.values()} == {"name", "role"}
    assert all((each.novelty is None) == (not each.matches) for each in expected.values())


@pytest.mark.parametrize(
    ("phenomenon", "sign"),
    [
        ("diacritics", "\u0651"),
        ("tatweel", "ـــ"),
        ("censor-dots", "ـ.ـ"),
        ("Persian letters", "ترکیا"),
        ("a no-break space", "\u00a0"),
        ("a zero-width non-joiner", "\u200c"),
        ("a glued preposition", "للأسد"),
        ("a glued conjunction", "ولافروف"),
        ("a variant spelling", "سيرجي"),
        ("a dual", "الرئيسان الروسي والتركي"),
        ("a counterpart", "نظيره التركي"),
        ("a title instead of a name", "الرئيس السوري منذ"),
        ("a namesake", "حافظ الأسد"),
        ("a common word", "ماراثون أستانا"),
        ("page boilerplate", "الحقول الإلزامية"),
        ("other articles run on", "اقرأ أيضاً"),
        ("a denial", "نفى"),
        ("an opinion column", "رأي:"),
        ("a Russian ending", "Пашиняном"),
        ("a Turkish capital with a dot", "FİDAN"),
    ],
)
def test_the_samples_carry_what_real_articles_do(phenomenon: str, sign: str) -> None:
    """Each phenomenon of real text stands in at least one sample."""
    assert any(sign in text for text in TEXTS.values()), phenomenon


def test_copies_share_the_text_and_retellings_do_not() -> None:
    """A sample marked as a copy repeats whole sentences of an earlier one; a retelling has none in common."""
    expected = samples.expected()
    earlier: set[str] = set()
    for each in SAMPLES:
        lines = {line.strip() for line in (each.article.body or "").splitlines() if len(line) > 60}
        kind = expected[each.article.id].novelty
        assert bool(lines & earlier) == (kind == Kind.COPY), each.article.id
        earlier |= lines


def test_what_repeats_comes_after_what_it_repeats() -> None:
    """Feeds are polled side by side, so copies and retellings wait for the second poll: the first has told them."""
    expected = samples.expected()
    repeats = {each.article.id for each in SAMPLES if expected[each.article.id].novelty in {Kind.COPY, Kind.RETELLING}}
    assert {each.article.id: each.poll for each in SAMPLES if each.article.id in repeats} == dict.fromkeys(repeats, 2)


def test_text_is_normal_form_and_has_no_control_letters() -> None:
    """Samples differ from plain text only where they mean to: NFC, and no invisible letters but the named ones."""
    for name, text in TEXTS.items():
        assert unicodedata.is_normalized("NFC", text), name
        odd = {letter for letter in text if unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cn"}} - {"\n", "\u200c"}
        assert not odd, (name, odd)


def test_no_sentence_of_a_real_article_stands_in_a_sample() -> None:
    """No stretch of 45 letters of the articles that the facts were taken from stands in the samples."""
    sources = sorted((EVALUATION.parent / "seeds").glob("*.txt"))
    if not sources:
        pytest.skip("the articles to compare with are not on this machine (MONITOR_EVAL_DATA)")
    real = [" ".join(path.read_text("utf-8").split()) for path in sources]
    taken = {text[start : start + 45] for text in real for start in range(len(text) - 44)}
    for name, text in TEXTS.items():
        flat = " ".join(text.split())
        assert not [flat[i : i + 45] for i in range(len(flat) - 44) if flat[i : i + 45] in taken], name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just words", "this is no article"),
        ("feed: almadar\npublished: 2023-01-01\n", "'title' is missing"),
        ("feed: almadar\ntitle: T\npublished: yesterday\n", "`published` is no date"),
        ("feed: almadar\ntitle: T\npublished: 2023-01-01\ntopic: x\n", "unknown key 'topic'"),
        ("feed: [", "not valid YAML"),
    ],
)
def test_a_wrong_sample_is_pointed_at(tmp_path: Path, text: str, message: str) -> None:
    """A file that is no sample is named, with what is wrong and how to mend it."""
    (tmp_path / "one.ar.yml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"one\.ar\.yml") as caught:
        samples.load(tmp_path)
    assert message in str(caught.value)
    assert "Fix:" in str(caught.value)


def test_an_undated_offset_is_utc(tmp_path: Path) -> None:
    """A date without an offset is taken as UTC."""
    (tmp_path / "one.en.yml").write_text("feed: levant\ntitle: T\npublished: 2023-01-01T10:00:00\n", "utf-8")
    (sample,) = samples.load(tmp_path)
    assert sample.article.published is not None
    assert sample.article.published.isoformat() == "2023-01-01T10:00:00+00:00"
    assert sample.article.body is None


def test_a_broken_expectation_is_pointed_at(tmp_path: Path) -> None:
    """An `expected.yml` that is no YAML is a ConfigError with its place."""
    file = tmp_path / "expected.yml"
    file.write_text("articles: {", "utf-8")
    with pytest.raises(ConfigError, match=r"expected\.yml:1"):
        samples.expected(file)
