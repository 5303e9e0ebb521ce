"""The shipped unit on a real systemd: ready, credentials, path, limits, reload, watchdog, commands, stop, start."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sysconfig
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.demo.receiver import Receiver
from tests.daemon.test_daemon import FACT, WATCHLIST
from tests.deploy import checks
from tests.deploy.machine import Machine, NoMachine, python_matches
from tests.newsroom import Item, Newsroom
from tests.prometheus import free_port

ROOT = Path(__file__).parents[2]
SETTINGS = """
http: {{listen: "127.0.0.1:{port}"}}
feeds: [feeds.yml]
watchlists: [watchlists]
polling: {{workers: 2, parsers: 1}}
channels:
  archive: {{type: webhook, url: "{url}/a", allow_private: true}}
  desk: {{type: slack, url: secret:slack-desk}}
"""
LIMITS = """
import sys, time
from monitor.feeds.worker import MEMORY, allow_cpu, limit

limit()
if sys.argv[1] == "time":
    allow_cpu(1)
    while time.process_time() < 20:
        pass
else:
    try:
        bytearray(MEMORY)
    except MemoryError:
        sys.exit(42)
"""
LIMITED = """
[Service]
Type=oneshot
Restart=no
WatchdogSec=0
StateDirectory=
StateDirectory=limits
ExecStart=
ExecStart=/opt/monitor/bin/python3 /opt/monitor/limits.py %i
"""
"""What the shipped unit is given to run a parser's limits under all of its own, instead of the daemon."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with Newsroom() as one:
        yield one


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def machine(
    tmp_path_factory: pytest.TempPathFactory, room: Newsroom, receiver: Receiver, port: int
) -> Iterator[Machine]:
    """A machine on which the unit stands as deploy/README.md has it; `tests.campaign.systemd` does what that says."""
    top = tmp_path_factory.mktemp("machine")
    etc, units, package = top / "files" / "etc", top / "files" / "etc" / "systemd" / "system", top / "package"
    (etc / "monitor" / "watchlists").mkdir(parents=True)
    (etc / "monitor" / "credentials").mkdir(mode=0o700)
    (etc / "monitor" / "credentials" / "slack-desk").write_text(f"{checks.SECRET}\n")
    (etc / "monitor" / "monitor.yml").write_text(SETTINGS.format(port=port, url=receiver.url))
    feed = {"url": room.url("north"), "name": "n", "lang": "ar", "every": "1s", "backfill": "all"}
    (etc / "monitor" / "feeds.yml").write_text(json.dumps({"feeds": [feed | {"allow_private": True}]}))
    (etc / "monitor" / "watchlists" / "desk.yml").write_text(WATCHLIST, "utf-8")
    (units / "monitor.service.d").mkdir(parents=True)
    (units / "monitor.service.d" / "test.conf").write_text(checks.IMPATIENT)
    shutil.copy(ROOT / "deploy" / "systemd" / "monitor.service", units)
    shutil.copy(ROOT / "deploy" / "systemd" / "monitor.service", units / "limits@.service")
    (units / "limits@.service.d").mkdir()
    (units / "limits@.service.d" / "test.conf").write_text(LIMITED)
    (top / "files" / "usr" / "local" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "systemd" / "monitor", top / "files" / "usr" / "local" / "bin")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "monitor", package / "monitor", ignore=ignored)
    (top / "files" / "opt" / "monitor" / "bin").mkdir(parents=True)
    (top / "files" / "opt" / "monitor" / "limits.py").write_text(LIMITS)
    program = top / "files" / "opt" / "monitor" / "bin" / "monitor"
    program.write_text("#!/opt/monitor/bin/python3\nfrom monitor.cli import main\n\nmain()\n")
    program.chmod(0o755)
    if not python_matches(Path("/")):
        pytest.skip("the system's own Python is not the one that the tests run on, and homes are hidden from the unit")
    try:
        with Machine(Path("/"), top / "files", site=Path(sysconfig.get_path("purelib")), package=package) as booted:
            booted.run("systemctl", "start", "monitor")
            yield booted
    except NoMachine as error:
        if os.environ.get("MONITOR_TEST_SYSTEMD") == "must":
            raise
        pytest.skip(f"no systemd of our own here: {error}")


def test_it_is_ready_as_nobody_in_particular(machine: Machine, port: int) -> None:
    """The unit is started when the daemon says so, under a user of its own, with its status in one line."""
    checks.ready(machine, "1 feeds, 1 watchlists")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        assert answer.status == 200


def test_the_secret_is_a_credential_and_nothing_else(machine: Machine) -> None:
    """The channel was built from the credential, which stands in no environment and no log."""
    checks.secret_is_kept(machine)


def test_the_whole_path_works_under_the_filter(machine: Machine, room: Newsroom, receiver: Receiver) -> None:
    """A feed is fetched, parsed in a limited process, judged, and its alert sent, with every directive in force.

    A worker that may not set its timer of CPU time gives no answer at all.
    """
    room.publish("north", Item("a1", FACT, FACT, datetime.now(UTC)))
    receiver.wait(1, 60)
    main = machine.show("monitor", "MainPID")
    worker = machine.run("cat", f"/proc/{main}/task/{main}/children").stdout.split()[0]
    limits = machine.run("cat", f"/proc/{worker}/limits").stdout
    for name in ("Max address space", "Max file size", "Max open files"):
        line = next(line for line in limits.splitlines() if line.startswith(name))
        assert line.removeprefix(name).split()[0].isdigit(), limits


@pytest.mark.parametrize(("limit", "code", "status"), [("time", "2", str(int(signal.SIGPROF))), ("memory", "1", "42")])
def test_a_parsers_limits_hold_under_the_filter(machine: Machine, limit: str, code: str, status: str) -> None:
    """Under the unit's own directives a process that spins is killed by its timer, and a greedy one is refused."""
    machine.run("systemctl", "start", f"limits@{limit}", check=False)
    assert machine.show(f"limits@{limit}", "SystemCallFilter") == machine.show("monitor", "SystemCallFilter") != ""
    assert machine.show(f"limits@{limit}", "ExecMainCode") == code  # 1 exited, 2 was killed
    assert machine.show(f"limits@{limit}", "ExecMainStatus") == status


def test_a_killed_parser_is_replaced(machine: Machine, room: Newsroom, receiver: Receiver) -> None:
    """A parser that is killed does not end the unit, and the next poll has another."""
    main = machine.show("monitor", "MainPID")
    worker = machine.run("cat", f"/proc/{main}/task/{main}/children").stdout.split()[0]
    machine.run("sh", "-c", f"kill -KILL {worker}")
    room.publish("north", Item("a2", FACT + " ثم غادر", FACT + " ثم غادر سيرغي لافروف إلى عمان", datetime.now(UTC)))
    times = room.polls("north")
    assert room.polled("north", times + 2)
    assert machine.show("monitor", "MainPID") == main


def test_reload_takes_a_new_file_and_keeps_the_old_of_a_wrong_one(machine: Machine) -> None:
    """`systemctl reload` reads the files again; a wrong one is named in the status and in the journal."""
    file = "/etc/monitor/watchlists/desk.yml"
    checks.reload_is_whole_or_nothing(machine, file, "s/everything/all of it/", "s/when: lavrov/when: lavrof/")
    assert "desk.yml:6:" in machine.run("journalctl", "-u", "monitor").stdout


def test_a_daemon_that_hangs_is_started_afresh(machine: Machine) -> None:
    """When the loops stop, so do the watchdog's signs, and systemd starts another daemon on the same store."""
    checks.hung_is_started_afresh(machine)


def test_commands_in_a_root_shell_ask_the_daemons_store(machine: Machine) -> None:
    """The shipped `monitor` asks the daemon's database as its user, and leaves nothing of root's there."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon, which systemd-run asks, is not installed (apt-get install dbus)")
    checks.commands_ask_the_daemons_store(machine, feeds=1)


def test_it_stops_cleanly_within_ten_seconds(machine: Machine) -> None:
    """`systemctl stop` ends it with exit code 0, and what it stored stays."""
    checks.stops_cleanly(machine)


def test_it_starts_once_what_it_needs_is_there(machine: Machine) -> None:
    """Systemd does not give up a unit that could not start a dozen times."""
    checks.starts_once_it_can(machine)
