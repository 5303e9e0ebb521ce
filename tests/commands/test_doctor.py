"""`monitor doctor` and `monitor backup`, on the command line."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.commands import doctor
from monitor.config import load_config
from monitor.daemon import Daemon
from monitor.demo.receiver import Plan, Receiver
from monitor.errors import SendError
from monitor.matching.analyser import analyser, known_as
from monitor.records import Feed, FeedState, Poll
from monitor.store import Store
from tests.daemon.test_daemon import FACT, OTHER_FACT, eventually, now, running, settings
from tests.matching.morphology import install
from tests.newsroom import Item, Newsroom
from tests.test_cli import Run, run

__all__ = ["run", "settings"]


def lines(output: str) -> dict[str, list[dict[str, Any]]]:
    """The findings by their check."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in output.splitlines():
        if not line.startswith("{"):
            continue  # a daemon's log
        one = json.loads(line)
        found.setdefault(one["check"], []).append(one)
    return found


def examined(run: Run, settings: Path, *more: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    code, output, _ = run("doctor", "--json", "--config", str(settings), *more)
    return code, lines(output)


def test_all_is_well_beside_a_running_daemon(settings: Path, room: Newsroom, run: Run) -> None:
    """With a daemon at work every line is ok, and the store is not disturbed."""
    with running(settings) as daemon:
        assert eventually(lambda: all(state.last_success for state in daemon.store.feed_states()))
        code, found = examined(run, settings)
        assert not daemon.crash
    assert code == 0
    anonymous = found["feeds"].pop(0)
    assert (anonymous["state"], "polling.contact" in anonymous["fix"]) == ("warn", True)
    assert {line["state"] for each in found.values() for line in each} == {"ok"}, found
    assert found.keys() >= {"settings", "files", "disk", "daemon", "store", "clock", "language data", "dns", "feeds"}


def test_every_mistake_has_its_place_and_fix(settings: Path, run: Run) -> None:
    """A wrong watchlist and a missing credential are both told, with file, line and what to do."""
    text = settings.read_text("utf-8").replace("allow_private: true}}", "key: secret:nowhere}}")
    settings.write_text(text, "utf-8")
    file = settings.parent / "lists" / "desk.yml"
    file.write_text(file.read_text("utf-8").replace("when: lavrov", "when: lavrof"), "utf-8")
    code, found = examined(run, settings)
    assert code == 1
    said = " ".join(line["said"] for line in found["files"])
    assert "desk.yml:6:" in said
    assert "nowhere" in said
    assert all(line["fix"] for line in found["files"])


def test_secrets_that_a_start_needs_are_told_with_their_place(settings: Path, run: Run) -> None:
    """A token or proxy whose secret is missing keeps the daemon from starting: `check` and `doctor` name its line."""
    text = (
        settings.read_text("utf-8")
        .replace('0"}', '0", token: secret:pages}')
        .replace("{workers", "{proxy: secret:way, workers")
    )
    settings.write_text(text, "utf-8")
    code, _, err = run("check", "--config", str(settings))
    assert code == 2
    assert "monitor.yml:2:38: http.token: secret 'pages' is not set. Fix: set MONITOR_SECRET_PAGES" in err
    assert "monitor.yml:5:18: polling.proxy: secret 'way' is not set" in err
    code, found = examined(run, settings)
    assert (code, len(found["files"])) == (1, 2)
    assert all(line["fix"] for line in found["files"])


def test_a_feed_without_its_credential_is_told_and_stops_no_daemon(
    settings: Path, run: Run, room: Newsroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A header's secret that is missing is a finding of `check` and `doctor`; the daemon polls the other feeds."""
    feeds = json.loads((settings.parent / "feeds.yml").read_text("utf-8"))
    feeds["feeds"][1]["headers"] = {"Authorization": "secret:subscription"}
    (settings.parent / "feeds.yml").write_text(json.dumps(feeds, indent=1), "utf-8")
    code, _, err = run("check", "--config", str(settings))
    assert code == 2
    assert "feeds.yml:11:3: broken: the header Authorization wants secret:subscription, which has no value" in err
    code, found = examined(run, settings)
    (line,) = found["credentials"]
    assert (code, line["state"], "MONITOR_SECRET_" in line["fix"]) == (1, "fail", True)
    room.publish("north", Item("a1", FACT, FACT, now()))
    with running(settings):
        receiver.wait(1)
    monkeypatch.setenv("MONITOR_SECRET_SUBSCRIPTION", "Bearer word")
    assert run("check", "--config", str(settings))[0] == 0
    assert examined(run, settings)[1]["credentials"][0]["state"] == "ok"


def test_a_settings_file_that_can_not_be_read_ends_it(settings: Path, run: Run) -> None:
    """Without settings nothing else can be checked."""
    settings.write_text("htp: {}\n", "utf-8")
    code, found = examined(run, settings)
    assert code == 1
    assert found.keys() == {"settings"}


def test_a_test_message_is_sent_on_request_only(settings: Path, receiver: Receiver, run: Run) -> None:
    """`--send` tries the channel for real; a refusal is a failure with its reason; a name that is none is said."""
    assert examined(run, settings)[0] == 0
    assert not receiver.received
    code, found = examined(run, settings, "--send", "archive")
    assert (code, found["channel archive"][0]["state"]) == (0, "ok")
    assert len(receiver.received) == 1
    receiver.then(Plan(410))
    code, found = examined(run, settings, "--send", "archive", "--send", "archives")
    assert code == 1
    assert found["channel archive"][0]["said"].startswith("gone")
    assert found["channel archives"][0]["state"] == "fail"


def test_trouble_in_the_store_is_told(settings: Path, run: Run) -> None:
    """A stale feed, a clock that was set back, and a damaged file."""
    config, start = load_config(settings), now()
    with Store.open(config.settings.database, now=start) as store:
        store.sync_feeds(config.feeds, start)
        later, span = start + timedelta(days=1), timedelta(minutes=1)
        failed = Poll(config.feeds[0].url, later, "server", later, span, error="500: it failed")
        store.ingest_all([failed] * 5, (), later)
    code, found = examined(run, settings)
    assert code == 1
    assert "500" in found["feed"][0]["said"]
    assert found["clock"][0]["state"] == "fail"
    (settings.parent / "monitor.db").write_bytes(b"nothing like a database" * 100)
    code, found = examined(run, settings)
    assert (code, found["store"][0]["state"]) == (1, "fail")
    assert "backup" in found["store"][0]["fix"]


def test_a_person_reads_it_in_lines(settings: Path, run: Run) -> None:
    """Without `--json` each line begins with ok, warn or fail, and a fix follows what needs one."""
    _, output, _ = run("doctor", "--config", str(settings))
    assert "no daemon runs" not in output or "Fix:" in output
    assert all(line.split()[0] in {"ok", "warn", "fail"} for line in output.splitlines() if line[:1].strip())


def test_a_lost_name_is_told(monkeypatch: pytest.MonkeyPatch, settings: Path, run: Run) -> None:
    """Feeds' hosts without an address are named."""

    def lost(*_: object) -> None:
        raise OSError("no such name")

    monkeypatch.setattr(doctor.socket, "getaddrinfo", lost)
    code, found = examined(run, settings)
    assert (code, found["dns"][0]["state"]) == (1, "fail")


def test_a_proxys_name_is_resolved_in_place_of_those_behind_it(
    monkeypatch: pytest.MonkeyPatch, settings: Path, run: Run
) -> None:
    """Where feeds are asked through a proxy, its address is looked up here, and theirs is its affair."""
    asked: list[str] = []
    monkeypatch.setattr(doctor.socket, "getaddrinfo", lambda host, *_: asked.append(host))
    feeds = settings.parent / "feeds.yml"
    feeds.write_text("feeds: [{url: https://north.example/rss}, {url: https://south.example/rss}]\n", "utf-8")
    monkeypatch.setenv("MONITOR_POLLING__PROXY", "http://proxy.example:3128")
    code, found = examined(run, settings)
    assert (code, found["dns"][0]["state"]) == (0, "ok"), found
    assert "proxy.example" in asked
    assert not {"north.example", "south.example"} & set(asked)


def test_a_channel_whose_host_has_no_address_is_told(monkeypatch: pytest.MonkeyPatch, settings: Path, run: Run) -> None:
    """A receiver's name is looked up too, and one that is a secret is not said."""
    monkeypatch.setenv("MONITOR_SECRET_WHERE", "https://hidden.example/a")
    text = re.sub(r'url: "[^"]+"', "url: secret:where", settings.read_text("utf-8"))
    settings.write_text(text, "utf-8")
    resolve = socket.getaddrinfo

    def lost(host: str, *more: Any) -> Any:
        if host == "hidden.example":
            raise OSError("no such name")
        return resolve(host, *more)

    monkeypatch.setattr(doctor.socket, "getaddrinfo", lost)
    code, found = examined(run, settings)
    assert (code, found["channel archive"][0]["state"]) == (1, "fail"), found
    assert "hidden" not in json.dumps(found)


def test_a_clock_behind_what_feeds_say_is_told() -> None:
    """Two feeds that changed at a time to come mean that the clock is behind; one of them means nothing."""
    at = now()
    told = format_datetime(at + timedelta(hours=1), usegmt=True)
    feeds = [FeedState(Feed(f"https://{n}.example/rss", n), at, timedelta(minutes=5)) for n in ("a", "b", "c")]

    def state(count: int) -> str:
        states = [replace(one, modified=told if number < count else "rubbish") for number, one in enumerate(feeds)]
        (line,) = doctor._clock(states, at)
        return line.state

    assert [state(count) for count in range(3)] == ["ok", "ok", "fail"]


def test_the_analyser_is_told_and_never_required(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The morphology line is ok without a database and with one, whose name it says; a damaged one is a warning."""
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path))

    def line() -> doctor.Line:
        analyser.cache_clear()
        known_as.cache_clear()
        (found,) = [one for one in doctor._language_data() if one.check == "morphology"]
        return found

    try:
        assert line().state == "ok"
        assert ("optional" in line().said, "CAMELTOOLS_DATA" in line().fix) == (True, True)
        file = install(tmp_path, words=("عصفور",))
        assert (line().state, "calima-msa-r13" in line().said, line().fix) == ("ok", True, "")
        file.write_text("no database", "utf-8")
        assert line().state == "warn"
        assert (str(file) in line().said, bool(line().fix)) == (True, True)
    finally:
        analyser.cache_clear()
        known_as.cache_clear()


def test_a_channel_that_breaks_is_a_line() -> None:
    """Whatever a channel refuses with becomes a finding."""

    class Broken:
        name, interval = "broken", 0.0

        def send(self, *_: object, **__: object) -> str | None:
            raise SendError("timeout", "no answer")

        def close(self) -> None:
            """Nothing to close."""

    assert doctor._tried(Broken(), datetime.now(UTC)).state == "fail"


def test_an_old_backup_brings_no_old_news(
    settings: Path, room: Newsroom, receiver: Receiver, run: Run, tmp_path: Path
) -> None:
    """A backup is made while the daemon runs. Restored later, what came in between is a baseline, and the next news
    is told.
    """
    feeds = settings.parent / "feeds.yml"
    feeds.write_text(feeds.read_text("utf-8").replace(', "backfill": "all"', ""), "utf-8")
    copy = tmp_path / "backup.db"
    with running(settings) as daemon:
        assert eventually(lambda: not any(state.baseline for state in daemon.store.feed_states()))
        assert run("backup", str(copy), "--config", str(settings))[0] == 0
        assert run("backup", str(copy), "--config", str(settings))[0] == 2  # never overwritten
        room.publish("north", Item("a1", FACT, FACT, now()))
        receiver.wait(1)
    for file in settings.parent.glob("monitor.db*"):
        file.unlink()
    copy.rename(settings.parent / "monitor.db")
    receiver.clear()
    daemon = Daemon(load_config(settings))
    try:
        daemon.start()
        assert eventually(lambda: daemon.store.status().judged)
        assert eventually(lambda: not any(state.baseline for state in daemon.store.feed_states()))
        room.publish("north", Item("a2", OTHER_FACT, OTHER_FACT, now()))
        (message,) = receiver.wait(1)
        assert message.json["article"]["title"] == OTHER_FACT
    finally:
        daemon.stop()
