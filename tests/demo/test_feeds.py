"""The feeds to start from are a list that an operator can use as it stands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from monitor.feeds import config, opml

SEEDS = Path(__file__).parents[2] / "seeds"
FEEDS = config.load([SEEDS / "feeds.yml"])
TITLE = "entity-monitor: feeds to start from"


def test_there_are_enough_outlets_in_each_language() -> None:
    """At least eighty feeds: forty Arabic, and eight each of Russian, Turkish, Persian and English."""
    count = Counter(feed.lang for feed in FEEDS)
    assert count.total() >= 80
    assert count["ar"] >= 40
    assert set(count) == {"ar", "ru", "tr", "fa", "en"}
    assert min(count.values()) >= 8


def test_every_outlet_is_described() -> None:
    """Each feed has a name of its own, a country, a kind of the three, and two tags, its language's first."""
    assert len({feed.name for feed in FEEDS}) == len(FEEDS)
    assert {feed.kind for feed in FEEDS} == {"agency", "paper", "broadcaster"}
    tags = {"ar": "arabic", "ru": "russian", "tr": "turkish", "fa": "persian", "en": "english"}
    for feed in FEEDS:
        assert feed.country is not None, feed.name
        assert feed.tags[:1] == (tags[feed.lang or ""],), feed.name
        assert len(feed.tags) == 2, feed.name


def test_ownership_is_said_where_it_is_known() -> None:
    """State-owned outlets and others both stand in the list, and few are left open."""
    count = Counter(feed.state_owned for feed in FEEDS)
    assert min(count[True], count[False]) >= 20
    assert count[None] <= len(FEEDS) / 5


def test_arabic_is_covered_from_every_side() -> None:
    """Agencies, pan-Arab, Syrian, and the Turkish, Russian and Iranian services in Arabic all have feeds."""
    tags = {tag for feed in FEEDS if feed.lang == "ar" for tag in feed.tags}
    assert tags >= {"syria", "pan-arab", "turkish-in-arabic", "russian-in-arabic", "iranian-in-arabic"}
    assert sum(feed.kind == "agency" and feed.lang == "ar" for feed in FEEDS) >= 10


def test_no_feed_is_private_or_carries_a_secret() -> None:
    """The list polls public addresses with no headers, and leaves pace and backfill to the defaults."""
    for feed in FEEDS:
        assert feed.url.startswith("https://"), feed.url
        assert not any((feed.allow_private, feed.headers, feed.paused, feed.every)), feed.url
        assert feed.backfill == "none"


def test_the_file_says_how_to_check_it() -> None:
    """The head of the list says that the addresses were not checked, how to check them, and where they come from."""
    head = (SEEDS / "feeds.yml").read_text("utf-8").partition("\nfeeds:")[0]
    assert "monitor feeds poll --check" in head
    assert "github.com/" in head


def test_the_opml_file_is_the_same_list() -> None:
    """feeds.opml is what the exporter makes of feeds.yml, and reads back as the same feeds."""
    text = (SEEDS / "feeds.opml").read_text("utf-8")
    assert text == opml.write_opml(FEEDS, TITLE)
    again = config.load([SEEDS / "feeds.opml"])
    assert [(feed.url, feed.name, feed.lang, feed.tags) for feed in again] == [
        (feed.url, feed.name, feed.lang, feed.tags) for feed in FEEDS
    ]
