"""What an installed unit must show on a systemd of its own; tests and the documents' campaign ask the same."""

from __future__ import annotations

import json

from tests.deploy.machine import Machine

SECRET = "https://hooks.slack.com/services/T/B/very-secret"
DROP_IN = "/etc/systemd/system/monitor.service.d/test.conf"
IMPATIENT = "[Service]\nWatchdogSec=4\nRestartSec=100ms\n"
"""The shipped unit is too patient for a test."""
STORE = "/var/lib/private/monitor"
WRONG = "last reload rejected, the version before it is at work: see the log"


def ready(machine: Machine, status: str) -> None:
    """The unit is started when the daemon says so, under a user of its own, with its status in one line."""
    assert machine.show("monitor", "ActiveState") == "active"
    assert status in machine.show("monitor", "StatusText")
    process = machine.run("cat", f"/proc/{machine.show('monitor', 'MainPID')}/status").stdout
    assert "Uid:\t0" not in process
    assert "CapEff:\t0000000000000000" in process
    assert "Seccomp:\t2" in process
    assert machine.run("stat", "-c", "%a", f"{STORE}/").stdout.strip() == "700"


def secret_is_kept(machine: Machine) -> None:
    """The secret is the unit's credential, and stands in no environment and no log."""
    pid = machine.show("monitor", "MainPID")
    assert SECRET in machine.run("cat", "/run/credentials/monitor.service/slack-desk").stdout
    assert "very-secret" not in machine.run("cat", f"/proc/{pid}/environ").stdout
    assert "very-secret" not in machine.run("journalctl", "-u", "monitor").stdout


def commands_ask_the_daemons_store(machine: Machine, feeds: int) -> None:
    """`monitor` in a root shell sees the daemon's database and credentials, whether it runs or not, and is not root."""
    examined = machine.run("monitor", "doctor", "--json", check=False)
    lines = [json.loads(line) for line in examined.stdout.splitlines()]
    said = {line["check"]: line for line in lines}
    assert examined.returncode == any(line["state"] == "fail" for line in lines)
    assert said["files"]["state"] == said["disk"]["state"] == "ok", said
    runs = machine.show("monitor", "ActiveState") == "active"
    assert said["daemon"]["said"] == f"{'a' if runs else 'no'} daemon runs on this store"
    assert sum(json.loads(machine.run("monitor", "status", "--json").stdout)["feeds"].values()) == feeds
    owner = machine.run("stat", "-c", "%u", f"{STORE}/").stdout.strip()
    assert owner != "0"
    assert machine.run("find", STORE, "!", "-uid", owner).stdout == ""


def reload_is_whole_or_nothing(machine: Machine, file: str, good: str, wrong: str) -> None:
    """`systemctl reload` reads the files again; a wrong one is named in the status and in the journal.

    `good` and `wrong` are sed's commands for a good edit of that file and for one that no version can hold.
    """
    machine.run("sed", "-i", good, file)
    machine.run("systemctl", "reload", "monitor")
    assert machine.eventually("monitor", "SubState", "running")
    machine.run("cp", file, "/run/good")
    machine.run("sed", "-i", wrong, file)
    machine.run("systemctl", "reload", "monitor")
    assert machine.eventually("monitor", "StatusText", WRONG)
    assert f"{file.rpartition('/')[2]}:" in machine.run("journalctl", "-u", "monitor").stdout
    machine.run("cp", "/run/good", file)
    machine.run("systemctl", "reload", "monitor")
    assert machine.changes("monitor", "StatusText", WRONG)


def hung_is_started_afresh(machine: Machine) -> None:
    """When the loops stop, so do the watchdog's signs, and systemd starts another daemon on the same store."""
    machine.run("sh", "-c", f"kill -STOP {machine.show('monitor', 'MainPID')}")
    assert machine.eventually("monitor", "NRestarts", "1")
    assert machine.eventually("monitor", "ActiveState", "active")
    assert "atchdog" in machine.run("journalctl", "-u", "monitor").stdout


def stops_cleanly(machine: Machine) -> None:
    """`systemctl stop` ends it within ten seconds with exit code 0, and what it stored stays."""
    machine.run("systemctl", "stop", "monitor", seconds=15)
    assert machine.show("monitor", "Result") == "success"
    assert machine.show("monitor", "ExecMainStatus") == "0"
    machine.run("test", "-s", f"{STORE}/monitor.db")


def starts_once_it_can(machine: Machine) -> None:
    """What keeps the unit from starting may take as long as it likes to mend: systemd never gives up."""
    credential = "/etc/monitor/credentials/slack-desk"
    machine.run("systemctl", "stop", "monitor")
    machine.run("mv", credential, "/run/missing")
    machine.run("systemctl", "start", "monitor", check=False)
    assert machine.restarted("monitor", 12), machine.show("monitor", "ActiveState")
    machine.run("mv", "/run/missing", credential)
    assert machine.eventually("monitor", "ActiveState", "active")
