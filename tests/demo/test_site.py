"""The sample site behaves as the feeds of the world do."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import feedparser
import httpx
import pytest

from monitor.demo import samples
from monitor.demo.site import OUTLETS, Site
from monitor.errors import InputError


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def titles(body: bytes, kind: str) -> list[str]:
    return [entry.title for entry in feedparser.parse(BytesIO(body), response_headers={"content-type": kind}).entries]


def test_every_sample_is_served_by_the_second_poll(site: Site) -> None:
    """Two polls of all feeds bring every sample's title, text intact, whatever the format and charset."""
    seen: set[str] = set()
    for _ in range(2):
        for feed in site.feeds:
            answer = httpx.get(feed.url)
            seen.update(titles(answer.content, answer.headers["content-type"]))
    assert seen == {sample.article.title for sample in samples.load()}


def test_bodies_survive_windows_1256(site: Site) -> None:
    """A paragraph that went out in windows-1256 is read back letter for letter."""
    answer = httpx.get(site.url("addifaf"))
    assert b"windows-1256" in answer.content[:80]
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")
    entry = feedparser.parse(BytesIO(answer.content)).entries[-1]
    assert "بَشّار الأَسَد" in entry.content[0].value


def test_one_feed_changes_between_polls(site: Site) -> None:
    """The second poll of the changing feed brings entries that the first did not have, newest first."""
    url = site.url("almaydan")
    first, second = httpx.get(url), httpx.get(url)
    old, new = (titles(answer.content, "application/atom+xml") for answer in (first, second))
    assert set(new) > set(old) > set()
    assert [title for title in new if title in old] == old
    assert first.headers["etag"] != second.headers["etag"]


def test_an_unchanged_feed_answers_304(site: Site) -> None:
    """A client that sends back the ETag of an unchanged feed gets 304 and no body."""
    url = site.url("almadar")
    etag = httpx.get(url).headers["etag"]
    again = httpx.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_one_feed_fails(site: Site) -> None:
    """Exactly one outlet answers 500, and the others 200."""
    answers = {feed.url: httpx.get(feed.url).status_code for feed in site.feeds}
    failing = [site.url(outlet.id) for outlet in OUTLETS if outlet.fails]
    assert [url for url, status in answers.items() if status == 500] == failing
    assert sorted(answers.values()) == [200] * (len(OUTLETS) - 1) + [500]


def test_what_is_not_there_is_404(site: Site) -> None:
    """An address that no outlet has is answered with 404 and counts as no poll."""
    url = site.url("almadar").replace("almadar", "nobody")
    assert httpx.get(url).status_code == 404
    assert site.polls(url) == 0


def test_polls_are_counted(site: Site) -> None:
    """Polls are counted by address, and waiting for them ends as soon as every feed had them."""
    assert not site.wait_polls(1, timeout=0)
    for feed in site.feeds:
        httpx.get(feed.url)
    assert {site.polls(feed.url) for feed in site.feeds} == {1}
    assert site.wait_polls(1, timeout=5)


def test_a_sample_of_an_unknown_feed_is_refused() -> None:
    """A sample that no outlet would carry is an error that names the feed, not an article that vanishes."""
    stray = samples.Sample(samples.load()[0].article, "nowhere")
    with pytest.raises(InputError, match="nowhere"):
        Site([stray])


def test_the_feeds_show_what_the_demo_needs() -> None:
    """Among the outlets are RSS and Atom, one windows-1256, one failing, five languages, some with later articles."""
    assert {outlet.format for outlet in OUTLETS} == {"rss", "atom"}
    assert [outlet.charset for outlet in OUTLETS if outlet.charset != "utf-8"] == ["windows-1256"]
    assert {outlet.lang for outlet in OUTLETS} == {"ar", "en", "fa", "ru", "tr"}
    assert "almaydan" in {sample.feed for sample in samples.load() if sample.poll > 1}
    assert "almadar" not in {sample.feed for sample in samples.load() if sample.poll > 1}


def test_named_feeds_are_reached_by_its_resolver_alone() -> None:
    """With names the feeds' addresses are the outlets' own, and only the site's resolver finds them."""
    with Site(named=True) as site:
        feed = site.feeds[0]
        assert feed.url.startswith("http://almadar.example:")
        assert site.resolve("almadar.example", 80) == site.resolve("127.0.0.1", 80) == ["127.0.0.1"]
        with pytest.raises(OSError, match="no network"):
            site.resolve("example.org", 443)
        address = feed.url.replace("almadar.example", site.resolve("almadar.example", 80)[0])
        assert httpx.get(address).status_code == 200
        assert site.polls(feed.url) == 1
