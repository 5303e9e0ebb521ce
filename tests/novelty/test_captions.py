"""Who is named only under a picture is named in passing; what may be a report is no caption."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from monitor.model import Article, Kind
from monitor.novelty import Memory
from monitor.novelty.captions import captioned
from monitor.novelty.reading import read
from tests.novelty.stories import NOW, WATCHLIST, article, findings
from tests.novelty.test_abroad import FORMS, tell

REPORT = {
    "ar": ("تراجع أسعار الحبوب", "تراجعت أسعار القمح في الأسواق المجرية اليوم بعد وصول أربع سفن جديدة إلى الميناء."),
    "en": (
        "Grain prices fall",
        "Wheat grew cheaper on Hungarian markets today after four more ships had reached port.",
    ),
    "ru": ("Зерно дешевеет", "Пшеница подешевела сегодня на венгерском рынке после прихода в порт ещё четырёх судов."),
    "tr": ("Tahıl ucuzladı", "Dört geminin daha limana varmasının ardından buğday bugün Macaristan'da ucuzladı."),
}
CAPTIONS = (
    ("ar", "لافروف يصافح نظيره المجري في بودابست (تصوير: سامي كرم)"),
    ("ar", "لافروف في بودابست (صورة أرشيفية)"),
    ("en", "Lavrov greets farmers in Budapest. (Some Body/AP Photo)"),
    ("en", "Lavrov greets farmers in Budapest, Feb. 3, 2026. (Some Body/Pool via Getty Images)"),
    ("en", "Lavrov greets farmers in Budapest (Harbour Office via AP)"),
    ("en", "Lavrov greets farmers in Budapest (Some Body/Reuters)"),
    ("en", "Lavrov greets farmers in Budapest (file)"),
    ("en", "FILE PHOTO: Lavrov attends a meeting in Budapest"),
    ("en", "In this Feb. 3 file photo, Lavrov greets farmers in Budapest."),
    ("ru", "Сергей Лавров в порту Будапешта. Фото: Имя Фамилия"),
    ("ru", "Сергей Лавров в порту Будапешта (архивное фото)"),
    ("tr", "Lavrov Budapeşte limanında (AA Photo)"),
)
REPORTS = (
    ("ar", "قال لافروف إن المحادثات استمرت ساعات (رويترز)"),
    ("ar", "وأعلن لافروف وصول السفن إلى الميناء (أ ف ب / رويترز)"),
    ("ar", "اعتقل لافروف في بودابست فجر اليوم (رويترز)"),
    ("ar", "إقالة لافروف من منصبه - رويترز"),
    ("ar", "عن الصورة التي نشرها لافروف أمس"),
    ("en", "Lavrov said that talks went on for hours (Reuters)"),
    ("en", "Sergei Lavrov dies at 75 (Reuters)"),
    ("en", "Lavrov said that talks went on for hours (court file)"),
    ("en", "Lavrov greets farmers in Budapest on Monday. (Some Body/AP Photo)"),
    ("en", "Lavrov asks what grain costs. (Some Body/AP Photo)"),
    ("en", "Lavrov said the (photo) archive was closed."),
    ("en", "Lavrov joined the farmers of Budapest (via video link)"),
    ("en", "Photos of Lavrov were shown in Budapest on Monday."),
    ("en", "Lavrov spoke for hours about many things. " * 12 + "(Some Body/AP Photo)"),
    ("ru", "Лавров уходит в отставку - ТАСС"),
    ("ru", "Лавров заявил, что переговоры продолжатся (ТАСС)"),
    ("tr", "Lavrov limanda (Reuters)"),
)
ALONE = "Russian Foreign Minister Sergei Lavrov greets farmers in Budapest{}. (Some Body/AP Photo)"


def named(one: Article) -> bool:
    """Tell whether Lavrov is named under pictures alone."""
    return captioned(read(one, findings(one, FORMS)), "lavrov")


@pytest.mark.parametrize(("lang", "caption"), CAPTIONS)
def test_a_name_under_a_picture_is_one_in_passing(lang: str, caption: str) -> None:
    """It is background with that as its reason, in a first text and in an edit; named in the text too, it is not."""
    title, body = REPORT[lang]
    memory = Memory(WATCHLIST)
    for revision in (0, 1):
        one = article("a", (title, f"{caption}\n{body} {body} {body}"), lang=lang, revision=revision)
        found = tell(memory, one).entities["lavrov"]
        assert found.kind is Kind.BACKGROUND
        assert found.reasons == ("named only in a picture's caption",)
        assert found.score < 0.5
    assert not named(article("b", (title, f"{caption}\n{body} Lavrov, لافروف, Лавров."), lang=lang))
    assert not named(article("c", (f"{title}: Lavrov, لافروف, Лавров", f"{caption}\n{body}"), lang=lang))


def test_a_statement_that_left_only_a_picture_was_withdrawn() -> None:
    """An edit that takes out what was said, and leaves the name under a picture, can ring like any other."""
    title, body = REPORT["ar"]
    memory = Memory(WATCHLIST)
    said = "وأعلن سيرغي لافروف في بودابست أن بلاده ستوقع اتفاق الحبوب غدا وأن السفن ستبحر بعد ذلك."
    for revision, text in enumerate((said, "لافروف في بودابست (صورة أرشيفية)")):
        one = article("a", (title, f"{text}\n{body} {body} {body}"), revision=revision)
        found = tell(memory, one).entities["lavrov"]
    assert named(one)
    assert (found.kind, "a statement was withdrawn" in found.reasons) == (Kind.DEVELOPMENT, True)


@pytest.mark.parametrize(("lang", "line"), REPORTS)
def test_a_report_is_no_caption(lang: str, line: str) -> None:
    """An agency's name behind a report, a word about a photo and a long paragraph make no caption."""
    title, body = REPORT[lang]
    assert not named(article("a", (title, f"{body}\n{line}"), lang=lang))


@pytest.mark.parametrize(
    ("title", "when", "passing"),
    [
        ("Grain prices fall", ", Feb. 3, 2025", True),
        ("Grain prices fall", "", False),
        ("Grain prices fall", ", March 2, 2026", False),
        ("Grain prices fall", " on Monday", False),
        ("Russian harvest falls", ", Feb. 3, 2025", True),
        ("Foreign minister sees grain harvest", ", Feb. 3, 2025", False),
    ],
)
def test_a_caption_may_be_all_that_a_feed_gives(title: str, when: str, passing: bool) -> None:
    """It tells of the news unless it says that it is old, and has no word of the headline but a country's."""
    assert named(article("a", (title, ALONE.format(when)), lang="en")) is passing


def test_the_lone_caption_of_a_summary_is_read_too() -> None:
    """A summary that is a caption is one, with a body or without."""
    at: datetime = NOW
    one = Article("a", "one", None, at, "en", "Grain prices fall", ALONE.format(", March 2, 2026"), None, at)
    assert not named(one)
    assert not named(replace(one, body=REPORT["en"][1]))
    old = ALONE.format(", Feb. 3, 2025")
    assert named(replace(one, summary=old))
    assert named(replace(one, summary=old, body=REPORT["en"][1]))


@pytest.mark.parametrize("title", ["FILE PHOTO: Lavrov attends a meeting in Budapest", "Lavrov in Budapest (AP Photo)"])
def test_a_headline_is_no_caption(title: str) -> None:
    """Who is named in the title is what the article is about, though it be written as under a picture."""
    assert not named(article("a", (title, REPORT["en"][1]), lang="en"))
    assert not named(article("a", (title, f"{REPORT['en'][1]}\n{title}"), lang="en"))
