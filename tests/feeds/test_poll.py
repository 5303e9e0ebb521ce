"""One poll, end to end on loopback: what is new and only that, whatever the feed does."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from monitor.errors import ParseError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.feeds.parse import ParserPool
from monitor.feeds.poll import poll
from monitor.records import FeedState, Poll
from tests.feeds.builders import NOW, a_state, item, rss
from tests.feeds.site import Request, Site, answer

LATER = NOW + timedelta(minutes=15)


def after(state: FeedState, done: Poll, **more: Any) -> FeedState:
    """Return the state as a store keeps it after a poll."""
    values: dict[str, Any] = {
        "next_poll": done.next_poll,
        "interval": done.interval,
        "etag": done.etag,
        "modified": done.modified,
        "body_hash": done.body_hash,
        "rhythm": done.rhythm,
        "moved_to": done.moved_to,
        "last_poll": done.at,
        "last_status": done.status,
        "last_error": done.error,
        "failures": 0 if done.ok else state.failures + 1,
        "baseline": state.baseline and not done.ok,
        "last_success": done.at if done.ok else state.last_success,
    }
    return dataclasses.replace(state, **(values | more))


def titles(done: Poll) -> list[str]:
    """Return the drafts' titles in order."""
    return [draft.article.title for draft in done.drafts]


def test_first_poll_is_a_baseline(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """Everything that stands in the feed enters, oldest first, and is history."""
    state = a_state(web.serve("/f", rss(item(1), item(2), item(3)).encode(), etag='"1"'))
    done = poll(state, fetcher, pool, NOW)
    assert (done.result, done.ok, done.status, done.etag) == ("new", True, 200, '"1"')
    assert [title[-1] for title in titles(done)] == ["3", "2", "1"]
    assert done.silent_before is not None
    assert done.silent_before > NOW
    assert all(draft.article.first_seen == NOW for draft in done.drafts)


@pytest.mark.parametrize(("backfill", "ago"), [("24h", timedelta(days=1)), ("all", None)])
def test_backfill_says_how_far_back(
    web: Site, fetcher: Fetcher, pool: ParserPool, backfill: str, ago: timedelta | None
) -> None:
    """`24h` alerts on the last day, `all` on everything."""
    state = a_state(web.serve("/f", rss(item(1)).encode()), feed_backfill=backfill)
    done = poll(state, fetcher, pool, NOW)
    assert done.silent_before == (None if ago is None else NOW - ago)


def test_later_polls_silence_only_the_long_past(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """An archive that is published anew is history; what appeared while nobody asked is not."""
    url = web.serve("/f", rss(item(1)).encode())
    recent = a_state(url, baseline=False, last_success=NOW - timedelta(hours=1))
    assert poll(recent, fetcher, pool, NOW).silent_before == NOW - timedelta(days=7)
    long_ago = a_state(url, baseline=False, last_success=NOW - timedelta(days=20))
    assert poll(long_ago, fetcher, pool, NOW).silent_before == NOW - timedelta(days=21)


def test_304_costs_no_parse(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """Nothing changed, says the server: validators and hash stay."""
    state = a_state(
        web.serve("/f", status="304 Not Modified"), etag='"1"', modified="x", body_hash="abc", baseline=False
    )
    done = poll(state, fetcher, pool, NOW)
    assert (done.result, done.ok, done.drafts) == ("same", True, ())
    assert (done.etag, done.modified, done.body_hash) == ('"1"', "x", "abc")


@pytest.mark.parametrize(
    ("said", "sent_next"),
    [
        ({}, ('"1"', "Mon")),
        ({"etag": '"1"'}, ('"1"', "Mon")),
        ({"last_modified": "Mon"}, ('"1"', "Mon")),
        ({"etag": '"2"'}, ('"2"', None)),
        ({"last_modified": "Tue"}, (None, "Tue")),
        ({"etag": '"1"', "last_modified": "Tue"}, ('"1"', "Tue")),
    ],
)
def test_a_304_never_mixes_validators(
    web: Site, fetcher: Fetcher, pool: ParserPool, said: dict[str, str], sent_next: tuple[str | None, str | None]
) -> None:
    """A 304 that repeats a validator keeps the pair; one with another validator replaces both."""
    url = web.serve("/f", status="304 Not Modified", **said)
    done = poll(a_state(url, etag='"1"', modified="Mon", body_hash="abc", baseline=False), fetcher, pool, NOW)
    assert (done.etag, done.modified) == sent_next


def test_unchanged_bytes_cost_no_parse(web: Site, fetcher: Fetcher) -> None:
    """A server without validators is compared by its bytes; the parser is not asked."""
    body = rss(item(1)).encode()
    state = a_state(web.serve("/f", body))
    with ParserPool(1) as own:
        state = after(state, poll(state, fetcher, own, NOW))
        own.close()
        done = poll(state, fetcher, own, LATER)
    assert (done.result, done.ok, done.drafts) == ("same", True, ())


def test_only_new_entries_come_back(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """The second document's drafts are what it has more."""
    state = a_state(web.serve("/f", rss(item(1), item(2)).encode()))
    state = after(state, poll(state, fetcher, pool, NOW))
    web.serve("/f", rss(item(0), item(1), item(2)).encode())
    done = poll(state, fetcher, pool, LATER)
    assert [title[-1] for title in titles(done)] == ["0"]


def test_what_the_store_did_not_keep_comes_again(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A poll whose articles were not stored leaves no trace: the next one brings all of them."""
    state = a_state(web.serve("/f", rss(item(1), item(2)).encode()))
    state = after(state, poll(state, fetcher, pool, NOW))
    web.serve("/f", rss(item(0), item(1), item(2)).encode())
    poll(state, fetcher, pool, LATER)  # and the store fails
    assert len(poll(state, fetcher, pool, LATER).drafts) == 3


def test_once_a_week_everything_is_read(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """Old entries are seen to stand in their feed, so that their keys are not forgotten."""
    state = a_state(web.serve("/f", rss(item(1), item(2)).encode(), etag='"1"'))
    state = after(state, poll(state, fetcher, pool, NOW))
    done = poll(state, fetcher, pool, NOW + timedelta(days=8))
    assert len(done.drafts) == 2
    assert "if-none-match" not in web.log[-1].headers


def test_truncated_feed_gives_its_complete_entries(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """Half an answer is half a feed; its validators are not stored."""
    whole = answer(rss(item(1), item(2), item(3)).encode(), etag='"1"')
    state = a_state(web.script("/f", lambda sock, _: sock.sendall(whole[:-200])))
    done = poll(state, fetcher, pool, NOW)
    assert done.ok
    assert done.etag is None
    assert [title[-1] for title in titles(done)] == ["2", "1"]


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b"<html><body>x</body></html>", "html"),
        (b"", "empty"),
        (b"no feed", "not-feed"),
        (b"<rss>" + b"<a>" * 9000, "hostile"),
    ],
)
def test_bytes_that_are_no_feed_are_reported(
    web: Site, fetcher: Fetcher, pool: ParserPool, body: bytes, result: str
) -> None:
    """A fault is the poll's result; the validators stay those of the last good document."""
    state = a_state(web.serve("/f", body, etag='"bad"'), etag='"old"', body_hash="old", baseline=False)
    done = poll(state, fetcher, pool, NOW)
    assert (done.result, done.ok, done.etag, done.status) == (result, False, '"old"', 200)
    assert done.error


def test_the_same_bad_bytes_are_not_parsed_again(web: Site, fetcher: Fetcher) -> None:
    """A hostile document is judged once a day, not at each poll."""
    state = a_state(web.serve("/f", b"<html></html>"))
    with ParserPool(1) as own:
        state = after(state, poll(state, fetcher, own, NOW))
        own.close()
        done = poll(state, fetcher, own, LATER)
    assert done.result == "html"


def test_bad_bytes_are_tried_again_the_next_day(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A verdict under load is not for ever."""
    state = a_state(web.serve("/f", rss(item(1)).encode()))
    body_hash = fetcher.get(state, NOW).body_hash
    for _ in range(2):
        pool.standing.put_bad(state.feed.url, body_hash, ParseError("limits", "took too long"))
    state = dataclasses.replace(state, last_poll=NOW)
    assert poll(state, fetcher, pool, LATER).result == "limits"
    assert poll(state, fetcher, pool, NOW + timedelta(days=1)).ok


def test_one_overrun_is_no_verdict(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A machine that was busy once does not silence a feed: the same bytes are read again at the next poll."""
    state = a_state(web.serve("/f", rss(item(1)).encode()))
    body_hash = fetcher.get(state, NOW).body_hash
    pool.standing.put_bad(state.feed.url, body_hash, ParseError("limits", "took too long"))
    assert poll(state, fetcher, pool, LATER).ok


def test_losses_are_noted(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """Unreadable letters, a cut feed and odd dates are told, not swallowed."""
    body = rss(
        item(1, title="Caf\u00e9 talks"),
        item(2, pubDate="15 رمضان 1446"),
        item(3, pubDate="Sat, 21 Nov 2099 10:00:00 GMT"),
    )
    done = poll(
        a_state(web.serve("/f", body.encode().replace(b"talks", b"\xff talks") + b"<item>")), fetcher, pool, NOW
    )
    told = "\n".join(done.notes)
    assert "could not be read" in told
    assert "another calendar" in told
    assert "in the future" in told


def test_mended_feed_is_read_again(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """After bad bytes, good ones are news."""
    state = a_state(web.serve("/f", b"<html></html>"))
    state = after(state, poll(state, fetcher, pool, NOW))
    web.serve("/f", rss(item(1)).encode())
    done = poll(state, fetcher, pool, LATER)
    assert (done.ok, len(done.drafts)) == (True, 1)


def test_fetch_faults_are_reported_and_keep_what_was_learned(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A server error loses no validator, and the next poll is later."""
    state = a_state(web.serve("/f", status="500 Oops"), etag='"1"', modified="m", body_hash="h", baseline=False)
    done = poll(state, fetcher, pool, NOW)
    assert (done.result, done.status, done.ok) == ("server", 500, False)
    assert (done.etag, done.modified, done.body_hash) == ('"1"', "m", "h")
    assert done.next_poll >= NOW + timedelta(minutes=15)


def test_gone_retires(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """410 says so, and is reported."""
    done = poll(a_state(web.serve("/f", status="410 Gone")), fetcher, pool, NOW)
    assert done.gone
    assert done.error
    assert not poll(a_state(web.serve("/g", status="404 No")), fetcher, pool, NOW).gone


@pytest.mark.parametrize(("code", "gone"), [("301", True), ("308", True), ("302", False), ("307", False)])
def test_gone_behind_a_redirect_retires_only_if_it_is_permanent(
    web: Site, fetcher: Fetcher, pool: ParserPool, code: str, gone: bool
) -> None:
    """A temporary redirect may lead elsewhere tomorrow: what is gone there is not the feed."""
    web.serve("/gone", status="410 Gone")
    done = poll(a_state(web.serve("/f", status=f"{code} Moved", location="/gone")), fetcher, pool, NOW)
    assert (done.gone, done.status) == (gone, 410)
    assert done.result == ("gone" if gone else "missing")


def test_gone_where_a_feed_moved_to_is_asked_at_its_own_address(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A move may have been a mistake: only when the old address does not answer either is the feed retired."""
    state = a_state(web.serve("/f", status="410 Gone"), moved_to=web.serve("/new", status="410 Gone"), baseline=False)
    retired = []
    for _ in range(3):
        done = poll(state, fetcher, pool, NOW)
        retired.append(done.gone)
        state = after(state, done)
    assert retired == [False, False, True]
    assert [one.path for one in web.log] == ["/new", "/new", "/f"]


def test_a_feeds_rhythm_outlives_the_program(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """Its `ttl` and hours of rest hold for the 304 after its document too, whoever read that one."""
    head = "<title>Example</title><ttl>360</ttl><skipHours><hour>18</hour></skipHours>"
    state = a_state(web.serve("/f", rss(item(1), head=head).encode(), etag='"1"'))
    state = after(state, poll(state, fetcher, pool, NOW))
    web.serve("/f", status="304 Not Modified")
    with ParserPool(1) as restarted:
        done = poll(state, fetcher, restarted, NOW + timedelta(minutes=5))
    assert (done.result, done.rhythm) == ("same", state.rhythm)
    assert done.next_poll == NOW + timedelta(hours=7)


def test_retry_after_is_kept(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A server that asks for two hours gets them."""
    state = a_state(web.serve("/f", status="429 Too Many", retry_after="7200"))
    assert poll(state, fetcher, pool, NOW).next_poll >= NOW + timedelta(hours=2)


def test_permanent_redirect_counts_the_second_time(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A feed moves when its server says so twice in a row; it is asked there from then on."""
    web.serve("/new", rss(item(1)).encode())
    state = a_state(web.serve("/f", status="301 Moved", location="/new"))
    first = poll(state, fetcher, pool, NOW)
    assert (first.ok, first.moved_to) == (True, None)
    state = after(state, first)
    second = poll(state, fetcher, pool, LATER)
    assert second.moved_to == web.url("/new")
    state = after(state, second)
    third = poll(state, fetcher, pool, LATER)
    assert third.moved_to == web.url("/new")
    assert web.log[-1].path == "/new"
    assert [one.path for one in web.log].count("/f") == 2


def test_a_move_that_was_a_mistake_is_undone(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """A new address that keeps failing sends us back to the old one."""
    state = a_state(web.serve("/f", rss(item(1)).encode()), moved_to=web.url("/lost"), baseline=False)
    for _ in range(2):
        done = poll(state, fetcher, pool, NOW)
        assert done.result == "missing"
        state = after(state, done)
    done = poll(state, fetcher, pool, LATER)
    assert (done.ok, done.moved_to) == (True, state.feed.url)
    assert poll(after(state, done), fetcher, pool, LATER).result == "same"
    assert web.log[-1].path == "/f"


def test_shared_addresses_are_seen_across_polls(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """An address that a standing entry has too tells nothing about a new one."""
    page = "https://news.example.org/live.html"
    state = a_state(web.serve("/f", rss(item(1, link=page)).encode()))
    state = after(state, poll(state, fetcher, pool, NOW))
    web.serve("/f", rss(item(0, link=page), item(1, link=page)).encode())
    (draft,) = poll(state, fetcher, pool, LATER).drafts
    assert not any(key.startswith("url:") for key in draft.keys)


def test_busy_host_comes_again_shortly(web: Site, pool: ParserPool) -> None:
    """A turn that did not come is no fault of the feed's."""
    pace = Pace(connections=1, gap=60, patience=0.05)
    url = web.serve("/f", rss(item(1)).encode())
    with Fetcher(pace=pace) as own:
        assert poll(a_state(url), own, pool, NOW).ok
        done = poll(a_state(url, failures=9), own, pool, NOW)
    assert done.result == "busy"
    assert done.next_poll <= NOW + timedelta(minutes=1)


def test_conditional_requests_are_sent_as_stored(web: Site, fetcher: Fetcher, pool: ParserPool) -> None:
    """What the last good answer said is what is sent."""
    seen: list[Request] = []

    def script(sock: Any, request: Request) -> None:
        seen.append(request)
        sock.sendall(answer(rss(item(len(seen))).encode(), etag=f'"{len(seen)}"', last_modified=f"date {len(seen)}"))

    state = a_state(web.script("/f", script))
    for _ in range(3):
        state = after(state, poll(state, fetcher, pool, NOW))
    sent = [(one.headers.get("if-none-match"), one.headers.get("if-modified-since")) for one in seen]
    assert sent == [(None, None), ('"1"', "date 1"), ('"2"', "date 2")]
