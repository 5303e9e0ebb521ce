"""Explaining what stands at an address: a feed or a page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.errors import InputError
from monitor.pages import articles_at
from tests.newsroom import Item, Newsroom

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PARAGRAPH = "وصل سيرغي لافروف إلى القاهرة مساء الأحد وبحث مع الجامعة العربية ملف الغاز في لقاء مغلق دام ساعتين. "
TEXT = f"<h1>لقاء القاهرة</h1><p>{PARAGRAPH * 3}</p><p>{PARAGRAPH * 2}</p>"
PAGE = f"<html><head><title>لقاء القاهرة</title></head><body><article>{TEXT}</article></body></html>"


def test_a_feed_gives_its_entries() -> None:
    """At a feed's address every entry is an article, the oldest first."""
    with Newsroom() as room:
        room.publish("feed", Item("a", "الأول", published=NOW), Item("b", "الثاني", published=NOW))
        titles = [article.title for article in articles_at(room.url("feed"), NOW, allow_private=True)]
    assert titles == ["الأول", "الثاني"]


def test_a_page_gives_its_text() -> None:
    """At an article's address its main text is the body, and its language is seen from it."""
    with Newsroom() as room:
        room.answer("page", raw=PAGE.encode())
        (article,) = articles_at(room.url("page"), NOW, allow_private=True)
    assert article.lang == "ar"
    assert "سيرغي لافروف" in (article.body or "")
    assert article.title


def test_an_address_with_neither_is_told() -> None:
    """A server's failure, and bytes that are nothing, are input errors that name the address."""
    with Newsroom() as room:
        room.answer("down", status=500)
        room.answer("noise", raw=b"\x00\x01\x02")
        for name in ("down", "noise"):
            with pytest.raises(InputError, match=f"{name}.xml"):
                articles_at(room.url(name), NOW, allow_private=True)


def test_a_private_address_is_refused() -> None:
    """Without leave, loopback is not fetched."""
    with Newsroom() as room, pytest.raises(InputError, match=r"not public|private|loopback"):
        articles_at(room.url("feed"), NOW)
