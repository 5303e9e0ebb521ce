"""Planted secrets under a whole daemon: whatever fails, none comes out of it, in a log, a page, a file or a command."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.channels import slack
from monitor.cli import app
from monitor.config import load_config
from monitor.daemon import Daemon
from monitor.demo.receiver import Plan, Receiver
from monitor.errors import MonitorError
from monitor.logs import set_up_logs
from monitor.model import Delivery
from tests.daemon.test_daemon import FACT, OTHER_FACT, eventually, now
from tests.newsroom import Item, Newsroom

PLANTED = "PLANTEDxSECRETxPLANTED"
KEY = "whsec_" + base64.b64encode(PLANTED.encode()).decode()
FORMS = (PLANTED, KEY.removeprefix("whsec_"), base64.b64encode(f"user:{PLANTED}".encode()).decode())
"""How a secret may look: as it is, as a key in base64, and as basic authentication writes it."""
WATCHLIST = """
watchlist: Desk
entities:
  lavrov: {{name: Sergey Lavrov, aliases: {{ar: سيرغي لافروف}}}}
rules:
  - {{name: everything, when: lavrov, novelty: {{at_least: 0}}, send_to: [{channels}]}}
"""
CHANNELS = ("hook", "bot", "incoming", "alarms")
COMMANDS = (
    ["check"],
    ["check", "--json"],
    ["status"],
    ["status", "--json"],
    ["doctor", "--send", "hook", "--send", "bot", "--send", "incoming", "--send", "alarms"],
    ["doctor", "--json"],
    ["feeds", "list"],
    ["feeds", "list", "--json"],
    ["feeds", "stats"],
    ["feeds", "export"],
    ["feeds", "poll"],
    ["alerts", "list", "--json"],
    ["alerts", "retry"],
)


@pytest.fixture
def settings(tmp_path: Path, receiver: Receiver, room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings whose every secret holds the planted word: channels, a feed's header, the pages' token."""
    secrets = {
        "HOOK_URL": f"{receiver.url}/hook/{PLANTED}",
        "HOOK_KEY": KEY,
        "BOT": f"xoxb-{PLANTED}",
        "INCOMING": f"{receiver.url}/services/T/B/{PLANTED}",
        "ALARMS": PLANTED,
        "FEED": f"Bearer {PLANTED}",
        "PAGES": PLANTED,
    }
    for name, value in secrets.items():
        monkeypatch.setenv(f"MONITOR_SECRET_{name}", value)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "desk.yml").write_text(WATCHLIST.format(channels=", ".join(CHANNELS)), "utf-8")
    common = {"lang": "ar", "every": "1s", "backfill": "all", "allow_private": True}
    names = ("north", "guarded", "elsewhere", "nonsense")
    feeds = [
        {"url": room.url(name), "name": name, "headers": {"Authorization": "secret:feed"}, **common} for name in names
    ]
    (tmp_path / "feeds.yml").write_text(json.dumps({"feeds": feeds}), "utf-8")
    private = {"allow_private": True}
    channels = {
        "hook": {"type": "webhook", "url": "secret:hook-url", "key": "secret:hook-key", **private},
        "bot": {"type": "slack", "token": "secret:bot", "channel": "C1", "api": f"{receiver.url}/api", **private},
        "incoming": {"type": "slack", "url": "secret:incoming", **private},
        "alarms": {
            "type": "alertmanager", "url": f"{receiver.url}/alertmanager", "token": "secret:alarms", **private,
        },
    }  # fmt: skip
    written = {
        "database": f"sqlite:///{tmp_path}/monitor.db",
        "http": {"listen": "127.0.0.1:0", "token": "secret:pages"},
        "feeds": ["feeds.yml"],
        "watchlists": ["lists"],
        "polling": {"workers": 4, "parsers": 1, "per_host": 4},
        "operator": {"send_to": ["hook"]},
        "channels": channels,
    }
    path = tmp_path / "monitor.yml"
    path.write_text(json.dumps(written), "utf-8")
    return path


def pages(daemon: Daemon) -> str:
    """Every page, asked with the right token, a wrong one and none."""
    shown = ""
    for path in ("/metrics", "/healthz", "/readyz", f"/{PLANTED[:5]}"):
        for token in (PLANTED, "wrong", None):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            request = urllib.request.Request(f"http://{daemon.server.address}{path}", headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    shown += answer.read().decode() + str(answer.headers)
            except urllib.error.HTTPError as error:
                with error:
                    shown += error.read().decode() + str(error.headers)
    return shown


def sent(daemon: Daemon) -> list[Delivery]:
    """The deliveries of every alert of the watchlist."""
    rows = daemon.store.alerts(now() - timedelta(days=1), None, 10, "desk")
    return [delivery for row in rows for delivery in row.deliveries]


def assert_clean(*shown: str) -> None:
    for text in shown:
        assert [form for form in FORMS if form in text] == []


def stored(folder: Path) -> str:
    """Everything that was written to files, the settings' own directory included."""
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in sorted(folder.rglob("*")) if path.is_file())


def fail(room: Newsroom, receiver: Receiver) -> None:
    """Let each feed and each receiver fail in its own way, all of them repeating what they were sent."""
    echo = f"you sent {PLANTED} and {KEY}"
    room.answer("guarded", status=401, raw=echo.encode())
    room.answer("elsewhere", status=302, raw=echo.encode())
    room.answer("nonsense", raw=f"<html>{echo}".encode())
    receiver.always(Plan(401, echo, {"location": f"http://{PLANTED}.example/"}))
    receiver.then(
        *(Plan(status, echo, {"location": f"http://{PLANTED}.example/"}) for status in (200, 302, 400, 500, 503)),
        Plan(manner="reset"),
        Plan(manner="not-http"),
        Plan(200, json.dumps({"ok": False, "error": "invalid_auth", "needed": echo})),
    )


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_comes_out_of_a_daemon_in_trouble(
    settings: Path, room: Newsroom, receiver: Receiver, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    """With feeds and receivers failing in every way: nothing in the log, the pages, the files or any command."""
    set_up_logs("json" if form == "json" else "console", "debug")
    fail(room, receiver)
    room.publish("north", Item("a1", FACT, FACT, now()), Item("a2", OTHER_FACT, OTHER_FACT, now()))
    daemon = Daemon(load_config(settings), reload=lambda: load_config(settings))
    try:
        daemon.start()
        assert eventually(lambda: daemon.store.status().alerts == 2)
        assert eventually(lambda: sum(bool(state.failures) for state in daemon.store.feed_states()) == 3)
        assert eventually(lambda: {one.channel for one in sent(daemon) if one.attempts} == set(CHANNELS))
        settings.write_text(settings.read_text("utf-8").replace("secret:hook-key", KEY), "utf-8")
        assert not daemon.reload()  # a secret that stands where its name belongs
        shown = pages(daemon)
        shown += repr(daemon.config) + str(vars(daemon.config.settings)) + json.dumps(daemon.config.settings.shown())
        settings.write_text(settings.read_text("utf-8").replace(KEY, "secret:hook-key"), "utf-8")
    finally:
        daemon.stop()
    log = "".join(capfd.readouterr())
    assert "not sent" in log
    assert "feed failed" in log
    assert_clean(shown, log, stored(settings.parent))


def test_no_secret_comes_out_of_a_command(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """Each command says what is wrong with feeds, channels and deliveries without the secrets that they were given."""
    fail(room, receiver)
    room.publish("north", Item("a1", FACT, FACT, now()))
    daemon = Daemon(load_config(settings))
    try:
        daemon.start()
        assert eventually(lambda: daemon.store.status().alerts == 1)
        assert eventually(lambda: {one.channel for one in sent(daemon) if one.attempts} == set(CHANNELS))
        (key,) = {one.alert for one in sent(daemon)}
    finally:
        daemon.stop()
    receiver.always(Plan(401, f"you sent {PLANTED}"))
    shown = [["alerts", "show", key], *COMMANDS]
    for words in shown:
        found = CliRunner().invoke(app, [*words, "--config", str(settings)])
        assert found.exception is None or isinstance(found.exception, SystemExit | MonitorError), words
        assert_clean(found.output, repr(found.exception))


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_comes_out_of_a_crash(
    settings: Path,
    room: Newsroom,
    receiver: Receiver,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    """A bug in the middle of a send is logged with its traceback, and with no value of any variable."""

    def bug(url: str, body: bytes, headers: object, **options: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(slack, "post", bug)
    set_up_logs("json" if form == "json" else "console", "debug")
    room.publish("north", Item("a1", FACT, FACT, now()))
    daemon = Daemon(load_config(settings))
    try:
        daemon.start()
        assert eventually(lambda: daemon.crash is not None)
    finally:
        daemon.stop()
    log = "".join(capfd.readouterr())
    assert "Traceback" in log
    assert "a bug" in log
    assert_clean(log, repr(daemon.crash))
