"""The worker's protocol and jobs, in this process: what it answers to whom, and when it ends."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from monitor.feeds import extract, jobs, worker
from monitor.feeds.standing import Standing, known
from tests.feeds.builders import item, rss


def asked(*requests: tuple[dict[str, Any], bytes], tail: bytes = b"") -> list[dict[str, Any]]:
    """Return a worker's answers to requests."""
    source, sink = io.BytesIO(), io.BytesIO()
    for head, body in requests:
        packed = json.dumps(head).encode()
        source.write(worker.HEADER.pack(len(packed), len(body)) + packed + body)
    source.write(tail)
    source.seek(0)
    worker.serve(source, sink)
    answers, data = [], sink.getvalue()
    while data:
        (size,) = worker.ANSWER.unpack(data[:4])
        answers.append(json.loads(data[4 : 4 + size]))
        data = data[4 + size :]
    return answers


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process keeps its own CPU limit."""
    monkeypatch.setattr(worker, "allow_cpu", lambda seconds: None)


FEED = {"job": "feed", "content_type": None, "url": "https://e.example.org/f", "known": []}


def test_requests_are_answered_in_order() -> None:
    """Each request has one answer; the stream's end is the worker's."""
    first, second = asked((FEED, rss(item(1)).encode()), (FEED, b""))
    assert first["ok"]["items"] == 1
    assert second["reason"] == "empty"


def test_large_bodies_are_let_go() -> None:
    """A large document is answered as well as a small one."""
    (large,) = asked((FEED, rss(item(1)).encode() + b"<!-- " + b"x" * 1_100_000 + b"-->"))
    assert large["ok"]["items"] == 1


def test_request_without_end_ends_the_worker() -> None:
    """A header that announces too much is not believed."""
    assert asked(tail=worker.HEADER.pack(2**31, 2**31)) == []


def test_the_largest_request_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Head and body together may be just so large, and no byte larger."""
    body = rss(item(1)).encode()
    size = len(json.dumps(FEED).encode()) + len(body)
    monkeypatch.setattr(worker, "MAX_REQUEST", size)
    assert len(asked((FEED, body))) == 1
    monkeypatch.setattr(worker, "MAX_REQUEST", size - 1)
    assert asked((FEED, body)) == []


def test_half_a_header_ends_the_worker() -> None:
    """A stream that ends in the middle of a header ends the worker, quietly."""
    assert asked(tail=bytes(worker.HEADER.size - 1)) == []


@pytest.mark.parametrize(
    ("error", "reason"), [(MemoryError(), "limits"), (RecursionError(), "hostile"), (ZeroDivisionError("x"), "crash")]
)
def test_whatever_the_parser_raises_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    """Memory, recursion, and any bug in a parser become reasons."""

    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(extract, "read", failing)
    (answer,) = asked((FEED, b"<rss/>"))
    assert answer["reason"] == reason


def test_lone_surrogates_do_not_break_the_answer() -> None:
    """JSON can smuggle half a pair into any field; the answer is UTF-8 all the same."""
    (answer,) = asked((FEED, b'{"items": [{"id": "\\ud800", "title": "\\ud800 a title", "url": "/\\ud800"}]}'))
    assert len(answer["ok"]["entries"]) == 1


def test_page_jobs_are_known() -> None:
    """Links of a page, and an unknown job."""
    (links,) = asked(
        ({"job": "links", "content_type": None, "url": "https://e.example.org/"}, b"<a href=/rss.xml>x</a>")
    )
    assert links["ok"] == [{"url": "https://e.example.org/rss.xml", "title": ""}]
    assert jobs.run({"job": "nothing"}, b"")["reason"] == "crash"


def test_what_stood_is_packed_and_read_back() -> None:
    """Marks and short keys survive the packing; another body's are not taken."""
    items = {"00" * 8: (b"abcdef", b"ghijkl"), "01" * 8: ()}
    document = known("hash", items)
    assert document.items() == items
    standing = Standing()
    standing.put("u", document)
    assert standing.get("u", "hash") is document
    assert standing.get("u", "other") is None
    assert standing.get("v", "hash") is None
