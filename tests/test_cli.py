"""The command line as a person uses it: what is printed, and how it exits."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from monitor import cli
from monitor.daemon import utc_now
from monitor.judge import Judge
from monitor.logs import set_up_logs
from monitor.model import Article, Told
from monitor.novelty import NoveltySettings
from monitor.records import Draft, Feed, Poll
from monitor.store import Store
from monitor.watchlist import load
from tests.newsroom import Item, Newsroom

WATCHLIST = """
watchlist: Desk
entities:
  lavrov: {name: Sergey Lavrov, aliases: {ar: سيرغي لافروف, en: Sergey Lavrov}}
rules:
  - {name: everything, when: lavrov, send_to: console}
tests:
  - {text: وصل سيرغي لافروف إلى القاهرة, lang: ar, expect: lavrov, alerts: everything, why: in full}
"""
ARTICLE = {
    "id": "a1",
    "source": "paper.example",
    "url": "https://paper.example/a1",
    "published": "2025-03-01T08:00:00Z",
    "lang": "ar",
    "title": "سيرغي لافروف يصل إلى القاهرة",
    "body": "وصل سيرغي لافروف إلى القاهرة مساء الأحد وبحث مع الجامعة العربية ملف الغاز.",
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with settings, one watchlist, one feed list and one article, in which a person stands."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "desk.yml").write_text(WATCHLIST, encoding="utf-8")
    (tmp_path / "feeds.yml").write_text("feeds: [{url: 'https://paper.example/rss', name: Paper, lang: ar}]\n")
    (tmp_path / "monitor.yml").write_text(
        f"database: sqlite:///{tmp_path}/monitor.db\nfeeds: [feeds.yml]\nwatchlists: [lists]\n"
    )
    (tmp_path / "one.jsonl").write_text(json.dumps(ARTICLE) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["monitor", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    yield call
    structlog.reset_defaults()


def test_a_bad_line_is_named_and_skipped(place: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines around a bad one are read, its number is said, and the exit code is 2."""
    lines = json.dumps(ARTICLE) + "\n\n{broken\n" + json.dumps({**ARTICLE, "id": "a2"}) + "\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    code, out, err = run("explain", "--json", "-")
    assert code == 2
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["a1", "a2"]
    assert "-:3: not JSON" in err


def test_a_missing_file_and_a_missing_watchlist_are_bad_input(place: Path, run: Run) -> None:
    """Both exit with 2 and say what to do."""
    assert run("explain", "nowhere.jsonl")[0] == 2
    code, _, err = run("explain", "-w", "nowhere.yml", "one.jsonl")
    assert code == 2
    assert "nowhere.yml" in err


def test_test_says_which_expectation_fails(place: Path, run: Run) -> None:
    """A watchlist that keeps its promises exits 0; one that does not exits 1 with file and line."""
    assert run("test")[:2] == (0, "1 of 1 expectations hold\n")
    wrong = WATCHLIST.replace("expect: lavrov", "expect: []").replace("alerts: everything", "alerts: []")
    (place / "lists" / "desk.yml").write_text(wrong, encoding="utf-8")
    code, _, err = run("test")
    assert code == 1
    assert "desk.yml:8: found but not expected: lavrov; rules that would ring: everything" in err
    code, out, _ = run("test", "--json")
    assert json.loads(out)["ok"] is False


def test_check_explains_the_rules_and_names_every_mistake(place: Path, run: Run) -> None:
    """A good configuration gives a sentence a rule; a bad one every mistake with its place, and exit code 2."""
    code, out, _ = run("check")
    assert code == 0
    assert "Alerts console when Sergey Lavrov is found" in out
    assert json.loads(run("check", "--json")[1])["ok"] is True
    (place / "lists" / "desk.yml").write_text(WATCHLIST.replace("send_to: console", "send_to: dusk"), encoding="utf-8")
    (place / "feeds.yml").write_text("feeds: [{url: 'gopher://x'}]\n")
    code, _, err = run("check")
    assert code == 2
    assert "desk.yml:6" in err
    assert "'dusk', which is no channel" in err
    assert "feeds.yml:1" in err


def test_schema_prints_json_schemas(place: Path, run: Run) -> None:
    """The schemas of watchlists, feed lists, settings and every type of channel are printed."""
    code, out, _ = run("schema")
    assert code == 0
    assert {"watchlist", "feeds", "settings", "channels"} == set(json.loads(out))
    assert "slack" in json.loads(out)["channels"]


def stored(place: Path) -> str:
    """Put one judged article with its alert into the store; return the alert's key."""
    (watchlist,) = load([place / "lists" / "desk.yml"])
    judge, now = Judge(watchlist, NoveltySettings()), utc_now()
    article = Article("a1", "paper.example", None, now, "ar", ARTICLE["title"], body=ARTICLE["body"], first_seen=now)
    hour = timedelta(hours=1)
    with Store.open(f"sqlite:///{place}/monitor.db", now=now) as store:
        store.ingest(Poll("u", now, "new", now + hour, hour, (Draft(("k",), "d", article),)), ["desk"], now)
        lease = store.acquire("watchlist:desk", "test", hour)
        assert lease is not None
        (pending,) = store.pending("desk", 1)
        judgement = judge.judge(pending, lambda rule, story, articles: Told(), (), now)
        assert judgement.outgoing
        store.record([judgement], lease)
        channel = store.acquire("channel:console", "test", hour)
        assert channel is not None
        (delivery,) = store.due("console", now, 1)
        store.begin(delivery.id, channel, now)
        store.park(delivery.id, channel, "the receiver says no", now)
    return judgement.outgoing[0].alert.key


def test_alerts_are_listed_shown_and_retried(place: Path, run: Run) -> None:
    """A stored alert is in the list, is shown as a channel would send it, and its parked delivery can be retried."""
    key = stored(place)
    code, out, _ = run("alerts", "list")
    assert code == 0
    assert key[:12] in out
    assert json.loads(run("alerts", "list", "--json")[1])["key"] == key
    assert ARTICLE["title"] in run("alerts", "show", key)[1]
    assert "Sergey Lavrov" in run("alerts", "show", key, "--channel", "slack")[1]
    assert json.loads(run("alerts", "show", key, "--json")[1])["key"] == key
    assert "parked" in run("alerts", "show", key)[1]
    assert run("alerts", "show", "unknown")[0] == 1
    assert "1 parked deliveries are due again" in run("alerts", "retry")[1]
    assert "0 parked" in run("alerts", "retry")[1]


def test_silences_are_made_listed_and_ended(place: Path, run: Run) -> None:
    """A silence names its target, its end, author and comment; one without a target or in the past is refused."""
    code, out, _ = run(
        "alerts", "silence", "--until", "2h", "--entity", "lavrov", "--author", "me", "--comment", "noise"
    )
    assert code == 0
    assert "entity" in out
    assert "by me: noise" in out
    assert run("alerts", "silence", "--until", "2h")[0] == 2
    assert run("alerts", "silence", "--until", "2020-01-01", "--entity", "lavrov")[0] == 2
    number = out.split()[0]
    assert "expired" in run("alerts", "silence", "--expire", number)[1]
    assert json.loads(run("alerts", "silence", "--json")[1])["entity"] == "lavrov"


def test_a_silence_of_a_name_that_nobody_watches_is_refused(place: Path, run: Run) -> None:
    """A misspelt name would keep nothing quiet: it is refused with the nearest one, unless the files can't be read."""
    code, _, problem = run("alerts", "silence", "--until", "2h", "--entity", "lavrof")
    assert code == 2
    assert "no entity is called 'lavrof'. Fix: did you mean 'lavrov'?" in problem
    assert "no watchlist is called" in run("alerts", "silence", "--until", "2h", "--watchlist", "elsewhere")[2]
    assert "no rule is called" in run("alerts", "silence", "--until", "2h", "--rule", "nothing")[2]
    assert not run("alerts", "silence")[1]
    (place / "lists" / "desk.yml").write_text("watchlist: [", encoding="utf-8")
    code, out, problem = run("alerts", "silence", "--until", "2h", "--entity", "lavrof")
    assert (code, "lavrof" in out) == (0, True)
    assert "can't be read" in problem


def test_status_tells_what_the_store_holds(place: Path, run: Run) -> None:
    """Counts of articles, alerts and deliveries, for people and as JSON."""
    stored(place)
    code, out, _ = run("status")
    assert code == 0
    assert "1 articles, 1 judgements, 1 alerts" in out
    assert json.loads(run("status", "--json")[1])["deliveries"]["console"]["parked"] == 1


def test_status_fits_one_screen_however_many_feeds_are_stale(place: Path, run: Run) -> None:
    """Ten stale feeds are named, the others counted; JSON has them all."""
    now, hour = utc_now(), timedelta(hours=1)
    feeds = [Feed(f"https://feed-{number:02}.example/rss", f"feed-{number:02}") for number in range(12)]
    with Store.open(f"sqlite:///{place}/monitor.db", now=now) as store:
        store.sync_feeds(feeds, now)
        for feed in feeds:
            store.ingest_all([Poll(feed.url, now, "server", now + hour, hour, error="500: it failed")] * 5, (), now)
    assert len(json.loads(run("status", "--json")[1])["stale"]) == 12
    out = run("status")[1]
    assert "feed-09" in out
    assert "feed-10" not in out
    assert "and 2 more" in out


def test_feeds_are_added_listed_paused_and_exported(place: Path, run: Run) -> None:
    """A feed added by hand is in the list and the export, can be paused and resumed; nonsense is refused."""
    address = "https://added.example/rss"
    assert run("feeds", "add", address, "--lang", "ar")[0] == 0
    assert run("feeds", "add", "added.example")[0] == 2
    assert run("feeds", "pause", address)[0] == 0
    assert json.loads(run("feeds", "list", "--json")[1])["state"] == "paused"
    assert run("feeds", "resume", address)[0] == 0
    assert run("feeds", "pause", "https://unknown.example")[0] == 2
    assert "added.example" in run("feeds", "list")[1]
    (place / "out.opml").write_text(run("feeds", "export")[1], encoding="utf-8")
    assert "added.example" in run("feeds", "export", "--yaml")[1]
    assert run("feeds", "import", "out.opml")[:2] == (0, "imported 1 feeds\n")


def test_a_feed_that_is_gone_is_resumed_and_an_added_one_removed(place: Path, run: Run) -> None:
    """What a server's 410 ended, a person can begin again; only feeds that a command added end by command."""
    address, now = "https://added.example/rss", utc_now()
    run("feeds", "add", address)
    with Store.open(f"sqlite:///{place}/monitor.db", now=now) as store:
        store.sync_feeds([Feed("https://paper.example/rss", "Paper")], now)
        later = now + timedelta(days=1)
        store.ingest(Poll(address, now, "gone", later, timedelta(hours=1), error="410", gone=True), (), now)
        assert run("feeds", "resume", address)[0] == 0
        assert address in {state.feed.url for state in store.claim_due("me", utc_now(), 9, timedelta(0))}
    assert run("feeds", "remove", address)[:2] == (0, f"removed {address}\n")
    assert "see `monitor feeds list`" in run("feeds", "remove", address)[2]
    assert "take it out of the settings' feed list" in run("feeds", "remove", "https://paper.example/rss")[2]


def test_an_added_feed_may_say_what_a_list_may(place: Path, run: Run) -> None:
    """Headers, tags, interval and permissions can be given; mistakes are those of a list, all at once."""
    address = "http://127.0.0.1:9/rss"
    more = ["--tag", "agency", "--header", "Authorization=secret:desk", "--every", "10m", "--fulltext"]
    assert run("feeds", "add", address, *more, "--allow-private")[0] == 0
    exported = run("feeds", "export", "--yaml")[1]
    said = ("agency", "Authorization: secret:desk", "every: 10m", "fulltext: true", "allow_private: true")
    assert all(one in exported for one in said), exported
    error = run("feeds", "add", address, "--every", "soon", "--header", "Host=other")[2]
    for wrong in ("allow_private", "`soon` is no interval", "`Host` is no header that can be set"):
        assert wrong in error
    assert run("feeds", "add", address, "--header", "Authorization")[0] == 2


def test_feeds_poll_says_what_answers(place: Path, run: Run) -> None:
    """`feeds poll --check` exits 1 if a configured feed does not answer, and tells which."""
    with Newsroom() as room:
        room.publish("good", Item("a1", "خبر", "نص", datetime(2026, 1, 1, tzinfo=UTC)))
        room.answer("bad", status=500)
        feeds = [{"url": room.url(name), "name": name, "allow_private": True} for name in ("good", "bad")]
        (place / "feeds.yml").write_text(json.dumps({"feeds": feeds}))
        code, out, err = run("feeds", "poll", "--check")
        assert code == 1
        assert "1 entries" in out
        assert "bad.xml" in err
        code, out, _ = run("feeds", "poll", room.url("good"), "--json")
        assert (code, json.loads(out)["entries"]) == (0, 1)


def test_a_failing_system_exits_with_three(place: Path, run: Run) -> None:
    """A database that can't be opened is the system's failure, not the person's."""
    (place / "monitor.db").write_bytes(b"this is no database, but a text that somebody saved under its name" * 50)
    code, _, err = run("status")
    assert code == 3
    assert "monitor.db" in err


def test_version_and_help_are_told(run: Run) -> None:
    """--version prints the version, --help the commands, and no command at all is wrong use."""
    assert run("--version")[0] == 0
    assert "replay" in run("--help")[1]
    assert run("no-such-command")[0] == 2


def test_logs_are_one_line_whatever_the_content(capsys: pytest.CaptureFixture[str]) -> None:
    """A line break in a value can't start a line of its own, in either form."""
    for form in ("json", "journal", "console"):
        set_up_logs(form, "info")  # type: ignore[arg-type]
        structlog.get_logger("x").info("event", title="first\nFORGED line\x1b[31m")
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert "\x1b[31m" not in err
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


def test_the_journal_gets_json_behind_its_priority(tmp_path: Path) -> None:
    """Where standard error is the journal's stream, a line is JSON behind its priority; elsewhere it is JSON alone."""
    program = (
        "import os, sys; from monitor.logs import set_up_logs; import structlog; s = os.fstat(2);"
        "os.environ['JOURNAL_STREAM'] = f'{s.st_dev}:{s.st_ino + int(sys.argv[1])}'; set_up_logs();"
        "structlog.get_logger('x').warning('event', title='a')"
    )
    for other, begins in (("0", "<4>{"), ("1", "{")):
        with (tmp_path / other).open("w") as stream:
            subprocess.run([sys.executable, "-c", program, other], stderr=stream, check=True)
        line = (tmp_path / other).read_text(encoding="utf-8")
        assert line.startswith(begins)
        assert json.loads(line.removeprefix("<4>"))["event"] == "event"


def test_suggest_lists_spellings_with_a_line_to_paste(place: Path, run: Run) -> None:
    """A near spelling in given articles is listed; without articles the command says what to give."""
    near = {**ARTICLE, "id": "a2", "title": "Sergey Lavrovan speaks", "body": None, "lang": "en"}
    (place / "near.jsonl").write_text(json.dumps(near) + "\n", encoding="utf-8")
    code, out, _ = run("suggest", "near.jsonl", "--least", "1")
    assert code == 0
    assert "en: [Sergey Lavrov, Sergey Lavrovan]" in out
    assert json.loads(run("suggest", "near.jsonl", "--least", "1", "--json")[1])["count"] == 1
    assert run("suggest")[0] == 2
    stored(place)
    assert run("suggest", "--stored")[0] == 0


def test_a_newcomer_may_ask_before_anything_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """Without settings and before the first start, `status` finds an empty store in the state directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    code, out, _ = run("status")
    assert code == 0
    assert "0 articles" in out
    assert list((tmp_path / "state").rglob("monitor.db"))
