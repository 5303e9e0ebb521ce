"""Zones: title, lead, body, and what is not the article."""

from __future__ import annotations

import pytest

from monitor.model import Article, Zone
from monitor.text.zones import zones


def article(body: str, summary: str | None = None) -> Article:
    return Article("a", "example.org", None, None, "ar", "عنوان", summary, body)


def zone_of(body: str, word: str) -> Zone:
    return zones(article(body)).at("body", body.index(word))


def test_title_lead_and_body() -> None:
    """The title is the title, the summary and the first paragraph are the lead, the rest is the body."""
    found = zones(article("فقرة أولى.\nفقرة ثانية.", "ملخص"))
    assert found.at("title", 0) is Zone.TITLE
    assert found.at("summary", 2) is Zone.LEAD
    assert found.at("body", 3) is Zone.LEAD
    assert found.at("body", 14) is Zone.BODY


def test_a_lead_after_navigation() -> None:
    """Navigation at the top is no lead; the first paragraph of the article's own is."""
    body = "الرئيسية\nهنا يبدأ الخبر فعلاً.\nوهنا يستمر."
    assert zone_of(body, "الرئيسية") is Zone.BOILERPLATE
    assert zone_of(body, "هنا") is Zone.LEAD
    assert zone_of(body, "وهنا") is Zone.BODY


def test_a_body_without_paragraphs_has_a_lead() -> None:
    """In a text of one piece its beginning is the lead."""
    body = "كلمة " * 200
    assert zones(article(body)).at("body", 10) is Zone.LEAD
    assert zones(article(body)).at("body", 900) is Zone.BODY


@pytest.mark.parametrize(
    "body",
    [
        "خبر.\nاقرأ أيضاً: HERE\nتتمة الخبر.",
        "خبر.\n• اقرأ أيضا: HERE\nتتمة.",
        "خبر.\nإقرأ أيضاً\nHERE\nفقرة طويلة تعود إلى الخبر وتنتهي بنقطة.",
        "خبر.\nكلمات دلالية: HERE سياسة",
        "خبر.\nمقالات ذات صلة\n\nHERE",
        "خبر.\nاترك تعليقاً\nHERE",
        "خبر طويل ينتهي هنا. مقالات أخرى للكاتبHERE",
        "خبر.\nتصوير: HERE",
        "خبر.\nشارك المقال HERE",
        "News.\nRead also: HERE\nMore of it.",
        "News.\nTags: HERE",
        "Новость.\nЧитайте также: HERE\nДальше.",
        "Haber.\nİlgili haberler\nHERE",
        "خبر.\nبیشتر بخوانید: HERE\nادامه.",
    ],
)
def test_boilerplate(body: str) -> None:
    """Related links, tags, comments, share bars, credits and other articles run on are boilerplate."""
    assert zone_of(body, "HERE") is Zone.BOILERPLATE


@pytest.mark.parametrize(
    "body",
    [
        "خبر.\nاقرأ أيضاً: رابط\nHERE",
        "خبر.\nقال المعلق HERE إن التعليقات كثيرة.",
        "خبر.\nالتعليقات التي كتبها HERE أثارت الجدل.",
        "خبر.\nتصويرهم HERE كان جيداً.",
        "خبر.\nوقال إن مقالات ذات صلة نشرها HERE قبل عام.",
        "News.\nMore from HERE came later in the day.",
        "News.\nTags on the cars of HERE were stolen.",
        "إقرأ أيضاً\nعنوان آخر\nهذه فقرة من الخبر نفسه يذكر فيها HERE وتنتهي بنقطة.",
    ],
)
def test_no_boilerplate(body: str) -> None:
    """The same words inside a sentence, and what follows a recommended line, belong to the article."""
    assert zone_of(body, "HERE") is not Zone.BOILERPLATE
