"""The parser pool: every hostile input has its answer, limits hold, and a worker that dies harms nobody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.feeds.parse import REASONS, ParserPool
from monitor.feeds.parsed import Parsed
from tests.feeds.builders import item, rss
from tests.feeds.hostile import CASES, Case

URL = "https://news.example.org/rss"
DATA = Path(os.environ.get("MONITOR_EVAL_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_hostile_input_gives_what_it_must(case: Case, pool: ParserPool) -> None:
    """Each hostile input gives its reason or its complete entries, and costs no worker."""
    before = pool.replaced
    try:
        parsed = pool.parse(case.body(), case.content_type, URL)
        got: object = (len(parsed.entries), parsed.partial)
        also = "partial" if parsed.partial and parsed.entries else None
    except ParseError as error:
        got, also = error.reason, error.reason
    assert got == case.gives or also in case.also
    assert pool.replaced == before
    if case.gives in {(0, False), (1, False)}:
        assert b"root:" not in repr(got).encode()


def test_the_hostile_set_is_large_enough() -> None:
    """At least sixty inputs, each under its own name."""
    assert len({case.name for case in CASES}) >= 60


def test_external_entities_give_nothing(pool: ParserPool) -> None:
    """No file's content comes back through an entity."""
    for case in CASES:
        if case.name in {"external entity", "xinclude", "billion laughs"}:
            text = repr(pool.parse(case.body(), None, URL).entries)
            assert "root:" not in text
            assert len(text) < 10_000


def corpus() -> Iterator[tuple[str, bytes]]:
    """Yield every file of the shared corpus."""
    with tarfile.open(DATA / "feeds.tar.gz") as archive:
        for member in archive:
            if member.isfile():
                extracted = archive.extractfile(member)
                assert extracted is not None
                yield member.name, extracted.read()


@pytest.mark.skipif(not (DATA / "feeds.tar.gz").exists(), reason="the shared feed corpus is not here")
def test_every_file_of_the_corpus_has_an_answer(pool: ParserPool) -> None:
    """No file crashes the parser or costs a worker; hardly one is no feed."""
    refused: dict[str, str] = {}
    total = 0
    before = pool.replaced
    for name, body in corpus():
        total += 1
        try:
            pool.parse(body, None, URL)
        except ParseError as error:
            refused[name] = error.reason
    assert total >= 2_160
    assert pool.replaced == before
    assert set(refused.values()) <= {"empty", "not-feed"}
    assert len(refused) <= 15


def test_known_items_are_left_out(pool: ParserPool) -> None:
    """Only what is new is parsed; what stands is named by its mark."""
    first = pool.parse(rss(item(1), item(2)).encode(), None, URL)
    again = pool.parse(rss(item(3), item(1), item(2)).encode(), None, URL, first.marks)
    assert [entry.guid for entry in again.entries] == ["id-3"]
    assert sorted(again.standing) == sorted(first.marks)
    assert again.items == 3


def test_changed_item_is_new_again(pool: ParserPool) -> None:
    """An edited item has another mark."""
    first = pool.parse(rss(item(1)).encode(), None, URL)
    again = pool.parse(rss(item(1, title="Ministers do not agree")).encode(), None, URL, first.marks)
    assert [entry.title for entry in again.entries] == ["Ministers do not agree"]


def test_json_feed_is_read(pool: ParserPool) -> None:
    """JSON Feed gives the same kind of entries, and its known items are left out too."""
    body = """{"version": "https://jsonfeed.org/version/1.1", "title": "Example", "language": "ar",
      "items": [{"id": 7, "url": "/7", "title": "عنوان", "content_html": "<p>نص</p><p>آخر</p>",
                 "date_published": "2026-11-21T10:00:00+03:00", "authors": [{"name": "A"}]},
                {"id": "8", "content_text": "1 < 2 & 3"}]}""".encode()
    parsed = pool.parse(body, "application/feed+json", URL)
    first, second = parsed.entries
    assert (first.guid, first.url, first.title, first.body, first.lang) == (
        "7",
        "https://news.example.org/7",
        "عنوان",
        "نص\nآخر",
        "ar",
    )
    assert first.published is not None
    assert first.published.isoformat() == "2026-11-21T07:00:00+00:00"
    assert second.body == "1 < 2 & 3"
    assert pool.parse(body, None, URL, parsed.marks).entries == []


def test_rhythm_of_a_channel_is_read(pool: ParserPool) -> None:
    """ttl, skipHours, skipDays and the syndication module are understood."""
    head = (
        "<title>t</title><ttl>90</ttl><skipHours><hour>0</hour><hour>24</hour><hour>3</hour></skipHours>"
        "<skipDays><day>Friday</day></skipDays>"
    )
    parsed = pool.parse(rss(item(1), head=head).encode(), None, URL)
    assert (parsed.ttl, parsed.skip_hours, parsed.skip_days) == (5400, [0, 3], [4])
    hourly = "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
    assert pool.parse(rss(item(1), head=hourly).encode(), None, URL).ttl == 1800


def test_entries_are_plain_text(pool: ParserPool) -> None:
    """Markup, scripts, comments and escaped tags end as text; paragraphs stay apart."""
    body = rss(
        item(
            1,
            title="A <b>bold</b> &amp; title\u202egnp",
            description="<p>One.</p><p>Two<script>x()</script><!-- <b>hidden</b> --> &lt;kept&gt;</p>",
        )
    )
    entry = pool.parse(body.encode(), None, URL).entries[0]
    assert entry.title == "A bold & titlegnp"
    assert entry.summary == "One.\nTwo <kept>"


def _limited(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that has the worker's limits."""
    start = "from monitor.feeds.worker import limit, allow_cpu\nlimit()\n"
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-c", start + code], capture_output=True, text=True, cwd=root, timeout=60, check=False
    )


def test_a_worker_gives_up_what_it_does_not_need() -> None:
    """Memory, file sizes, cores and handles are capped for good; the signals of a terminal are the parent's."""
    done = _limited(
        "import resource as r, signal as s\n"
        "print([r.getrlimit(x) for x in (r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_CORE, r.RLIMIT_NOFILE)])\n"
        "print(s.getsignal(s.SIGINT) is s.getsignal(s.SIGTERM) is s.SIG_IGN)"
    )
    assert done.stdout.splitlines() == [str([(480 << 20, 480 << 20), (0, 0), (0, 0), (16, 16)]), "True"]


def test_cpu_is_counted_from_now() -> None:
    """A job may use so many seconds more, however much was used before."""
    done = _limited(
        "import signal as s\n"
        "left = lambda: s.getitimer(s.ITIMER_PROF)[0]\n"
        "allow_cpu(5)\n"
        "while left() > 4: pass\n"
        "allow_cpu(5)\n"
        "print(4.5 < left() < 5.5)"
    )
    assert done.stdout.strip() == "True"


def test_cpu_limit_kills() -> None:
    """A parse that spins is ended by the kernel."""
    assert _limited("allow_cpu(1)\nwhile True: pass").returncode == -signal.SIGPROF


def test_what_one_document_used_is_not_the_next_ones() -> None:
    """A worker whose document took nearly all of its CPU time lives to read the next request."""
    done = _limited(
        "import io, resource as r, signal as s\n"
        "from monitor.feeds import jobs, worker\n"
        "used = lambda: sum(r.getrusage(r.RUSAGE_SELF)[:2])\n"
        "def spin(until):\n"
        "    while used() < until: pass\n"
        "def run(head, body):\n"
        "    if head: spin(used() + s.getitimer(s.ITIMER_PROF)[0] - 0.2)\n"
        "    return {}\n"
        "jobs.run, worker.CPU_SECONDS = run, 1.2\n"
        "class Source(io.BytesIO):\n"
        "    def read(self, size=-1):\n"
        "        spin(used() + 0.3)\n"
        "        return super().read(size)\n"
        "sink, asked = io.BytesIO(), b''.join(worker.HEADER.pack(len(x), 0) + x for x in (b'[1]', b'[]'))\n"
        "worker.serve(Source(asked), sink)\n"
        "print(len(sink.getvalue()))"
    )
    assert (done.returncode, done.stdout.strip()) == (0, "12")


def test_memory_limit_holds() -> None:
    """More than the cap is refused as a MemoryError, long before the machine swaps."""
    done = _limited("try:\n    bytearray(512 << 20)\nexcept MemoryError:\n    print('refused')")
    assert done.stdout.strip() == "refused"


def test_files_can_not_be_written(tmp_path: Path) -> None:
    """A worker writes no file, and opens few."""
    code = f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nf = open({str(tmp_path / 'x')!r}, 'wb', 0)\n"
    done = _limited(code + "try:\n    f.write(b'x')\nexcept OSError as e:\n    print(e.errno)")
    assert done.stdout.strip() == "27"
    many = _limited("import os\ntry:\n    [os.dup(0) for _ in range(100)]\nexcept OSError as e:\n    print(e.errno)")
    assert many.stdout.strip() == "24"


def test_answers_are_checked() -> None:
    """What a worker says is data: another form is refused."""
    good = Parsed(kind="rss20").to_json()
    for bad in (good | {"kind": 5}, good | {"entries": [{"guid": 5}]}, {"entries": []}, good | {"entries": 5}):
        with pytest.raises((KeyError, TypeError, ValueError)):
            Parsed.from_json(bad)


def test_every_reason_says_what_it_means() -> None:
    """The closed set is documented."""
    assert all(REASONS.values())
