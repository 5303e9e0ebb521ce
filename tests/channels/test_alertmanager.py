"""Alertmanager: what is posted, and that the real one takes it, groups it, and keeps feeds out of labels."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.alerts import digest
from monitor.channels.alertmanager import payload
from monitor.channels.registry import build
from monitor.demo.receiver import Receiver
from tests.alerts.builders import NOW, alert, article
from tests.channels.conftest import TOKEN, Make

HOUR = timedelta(hours=1)
CONFIG = """
route:
  receiver: nobody
  group_by: [story]
receivers:
  - name: nobody
"""


def test_an_alert() -> None:
    """Labels are the operator's words and our own keys; all text of feeds stands in annotations."""
    (one,) = payload(alert(), NOW, HOUR)
    assert one["labels"] == {
        "alertname": "News on Omar",
        "watchlist": "box",
        "severity": "high",
        "story": "tale",
        "kind": "development",
        "entities": "omar",
        "id": "ab" * 32,
    }
    assert one["startsAt"] == "2026-03-10T12:00:00+00:00"
    assert one["endsAt"] == "2026-03-10T13:00:00+00:00"
    assert one["generatorURL"] == "https://news.example/1"
    assert one["annotations"]["link"] == "https://news.example/1"
    assert "غداً" in one["annotations"]["description"]


def test_a_late_alert_lasts_from_now() -> None:
    """An alert that could not be delivered for days still lasts its hour when it arrives, and keeps its beginning."""
    (one,) = payload(alert(), NOW + 72 * HOUR, HOUR)
    assert one["startsAt"] == "2026-03-10T12:00:00+00:00"
    assert one["endsAt"] == "2026-03-13T13:00:00+00:00"
    (back,) = payload(alert(), NOW - 72 * HOUR, HOUR)
    assert back["endsAt"] >= back["startsAt"]


def test_a_digest_is_a_batch() -> None:
    """A digest is posted as the alerts it holds, in one request."""
    batch = payload(digest([alert(key=f"{n:064x}") for n in range(3)], NOW), NOW, HOUR)
    assert [one["labels"]["id"] for one in batch] == [f"{n:064x}" for n in range(3)]


def test_nothing_empty() -> None:
    """Alertmanager drops empty labels, so none is sent; what is absent is absent."""
    bare = alert(article=article(url=None), names={}, reasons=())
    (one,) = payload(bare, NOW, HOUR)
    assert "entities" not in one["labels"]
    assert not {"who", "reasons", "link"} & set(one["annotations"])
    assert one["generatorURL"] == ""


def test_token_and_path(make: Make, receiver: Receiver) -> None:
    """The API's path is added to the address, and a token is sent where one is given."""
    make("alertmanager").send(alert(), thread=None, now=NOW, deadline=5)
    sent = receiver.accepted[0]
    assert sent.path == "/alertmanager/api/v2/alerts"
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Debian's Alertmanager on a free loopback port."""
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("prometheus-alertmanager must be installed in CI")
        pytest.skip("prometheus-alertmanager is not installed")
    folder: Path = tmp_path_factory.mktemp("alertmanager")
    (folder / "config.yml").write_text(CONFIG, "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, f"--config.file={folder / 'config.yml'}", f"--storage.path={folder / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _until_ready(url, process, folder / "log")
            yield url
        finally:
            process.terminate()


def _until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url + "/-/ready", timeout=5):
                return
        except OSError:
            time.sleep(0.05)  # it has no event for being ready
    pytest.fail(f"Alertmanager did not start: {log.read_text()}")


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def _send(url: str, *alerts: Any) -> None:
    channel = build("am", {"type": "alertmanager", "url": url, "allow_private": True}, lambda _: SecretStr(""))
    for one in alerts:
        channel.send(one, thread=None, now=datetime.now(UTC), deadline=20)


def test_the_real_one_takes_and_groups_alerts(alertmanager: str) -> None:
    """Debian's Alertmanager takes alerts and digests, shows hostile text as it is, and groups them by story."""
    hostile = 'News "<b>" {{ .Labels }} \u202e\x00 \\ عمر'
    one = alert(key="a1" * 32, story="story-1", article=article(title=hostile), created=datetime.now(UTC))
    two = alert(key="b2" * 32, story="story-1", created=datetime.now(UTC))
    three = digest(
        [alert(key=f"{n:064x}", story="story-2", created=datetime.now(UTC)) for n in range(3)], datetime.now(UTC)
    )
    _send(alertmanager, one, two, three)
    held = {each["labels"]["id"]: each for each in _get(alertmanager + "/api/v2/alerts")}
    assert set(held) == {"a1" * 32, "b2" * 32, *(f"{n:064x}" for n in range(3))}
    assert held["a1" * 32]["annotations"]["summary"] == 'News "<b>" {{ .Labels }} \\ عمر'
    groups = {group["labels"]["story"]: len(group["alerts"]) for group in _get(alertmanager + "/api/v2/alerts/groups")}
    assert groups == {"story-1": 2, "story-2": 3}


def test_the_real_one_knows_a_repetition(alertmanager: str) -> None:
    """The same alert sent twice, as after a crash, is one alert there."""
    one = alert(key="c3" * 32, story="story-3", created=datetime.now(UTC))
    _send(alertmanager, one, one)
    found = _get(alertmanager + "/api/v2/alerts?filter=story%3Dstory-3")
    assert len(found) == 1
