"""Does what deploy/README.md says, on a fresh Debian with systemd as PID 1, and looks whether it worked.

    python -m tests.campaign.systemd --root /var/tmp/bookworm

The root is made by debootstrap where it does not exist yet (a minute, 370 MB), and never written: all lands in
memory. The shell blocks of the sections Install, Back up, Restore, Upgrade, Roll back and Uninstall are run as they
stand, from the source tree, with a package index. Between them the installed unit is looked at (ready, secret, reload,
the commands, watchdog, a clean stop, a start that takes long), and feeds that were added before and after the copies
tell whether what was stored came back. Its feed is one on loopback, so that nobody is asked. Needs root.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.deploy import checks
from tests.deploy.machine import Machine
from tests.newsroom import Newsroom

TOP = Path(__file__).parents[2]
PACKAGES = "systemd,dbus,python3,python3-venv,ca-certificates"
SOURCE = "/usr/local/src/entity-monitor"
SETTINGS = "/etc/monitor/monitor.yml"


def blocks() -> dict[str, str]:
    """The shell block of each section."""
    text = (TOP / "deploy" / "README.md").read_text("utf-8")
    found = {}
    for part in text.split("\n### ")[1:]:
        name, _, rest = part.partition("\n")
        if "```sh\n" in rest:
            found[name] = rest.partition("```sh\n")[2].partition("```")[0]
    return {name: found[name] for name in AFTER}


def make_root(root: Path) -> None:
    """Make a Debian tree, once."""
    if not (root / "usr" / "bin" / "python3").exists():
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root)], check=True)


def files(folder: Path, room: Newsroom) -> Path:
    """What is put over the root: the source tree as git has it, a feed list, how this machine reaches packages."""
    source = folder / SOURCE.lstrip("/")
    source.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=TOP, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(source)], input=archive, check=True)
    for name in ("resolv.conf", "hosts", "pip.conf", "ssl/certs/ca-certificates.crt"):
        if Path("/etc", name).exists():
            (folder / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path("/etc", name), folder / "etc" / name)
    (folder / "etc" / "monitor").mkdir()
    feed = {"url": room.url("north"), "name": "north", "lang": "ar", "allow_private": True}
    (folder / "etc" / "monitor" / "feeds.yml").write_text(json.dumps({"feeds": [feed]}), "utf-8")
    return folder


def feeds(machine: Machine) -> set[str]:
    """The feeds that the store holds, by name."""
    lines = machine.run("monitor", "feeds", "list", "--json").stdout.splitlines()
    return {json.loads(line)["name"] for line in lines}


def add(machine: Machine, name: str) -> None:
    """Add a feed where nobody listens: a mark in the store."""
    machine.run("monitor", "feeds", "add", f"http://127.0.0.1:1/{name}", "--name", name, "--allow-private")


def installed(machine: Machine) -> None:
    """The unit as it came up, and everything that is promised of it."""
    script = f"echo {checks.SECRET} > /etc/monitor/credentials/slack-desk; systemctl restart monitor"
    machine.run(
        "sh", "-c", f"echo 'channels: {{desk: {{type: slack, url: secret:slack-desk}}}}' >> {SETTINGS}; {script}"
    )
    checks.ready(machine, "1 feeds, 3 watchlists")
    checks.secret_is_kept(machine)
    file = "/etc/monitor/watchlists/russia.yml"
    checks.reload_is_whole_or_nothing(machine, file, "1s/^/# edited\\n/", "s/send_to:/sendto:/")
    checks.commands_ask_the_daemons_store(machine, feeds=1)
    machine.run(
        "sh", "-c", f"mkdir -p {checks.DROP_IN.rpartition('/')[0]}; printf '{checks.IMPATIENT}' > {checks.DROP_IN}"
    )
    machine.run("sh", "-c", "systemctl daemon-reload; systemctl restart monitor")
    checks.hung_is_started_afresh(machine)
    checks.stops_cleanly(machine)
    checks.commands_ask_the_daemons_store(machine, feeds=1)
    checks.starts_once_it_can(machine)
    machine.run(
        "sh", "-c", f"rm -r {checks.DROP_IN.rpartition('/')[0]}; systemctl daemon-reload; systemctl restart monitor"
    )
    add(machine, "before")


def backed_up(machine: Machine) -> None:
    add(machine, "after-backup")


def restored(machine: Machine) -> None:
    assert feeds(machine) == {"north", "before"}


def upgraded(machine: Machine) -> None:
    assert feeds(machine) == {"north", "before"}
    add(machine, "after-upgrade")


def rolled_back(machine: Machine) -> None:
    assert feeds(machine) == {"north", "before"}
    checks.ready(machine, "1 feeds, 3 watchlists")


def uninstalled(machine: Machine) -> None:
    left = machine.run(
        "find", "/opt", "/var/lib", "/usr/local/bin", "/etc", "/run", "-name", "*monitor*"
    ).stdout.split()
    assert not [path for path in left if not path.startswith("/etc/monitor")], left
    machine.run("test", "-s", SETTINGS)


AFTER: dict[str, Callable[[Machine], None]] = {
    "Install": installed,
    "Back up": backed_up,
    "Restore": restored,
    "Upgrade": upgraded,
    "Roll back": rolled_back,
    "Uninstall": uninstalled,
}


def walk(machine: Machine) -> None:
    """Run the sections one after the other; each must leave the unit as it says."""
    settings = [f"{name}={value}" for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))]
    for name, block in blocks().items():
        began = time.monotonic()
        script = f"set -e\ncd {SOURCE}\n{block}"
        machine.run("env", *settings, "HOME=/root", "sh", "-c", script, seconds=900)
        state, took = machine.show("monitor", "ActiveState"), time.monotonic() - began
        if state != ("inactive" if name == "Uninstall" else "active"):
            raise SystemExit(machine.run("journalctl", "-n40", "-u", "monitor").stdout)
        AFTER[name](machine)
        print(f"{name}: {state}, {took:.0f} s, looked at in {time.monotonic() - began - took:.0f} s", flush=True)


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/var/tmp/monitor-bookworm"))
    options = parser.parse_args()
    make_root(options.root)
    with (
        Newsroom() as room,
        tempfile.TemporaryDirectory() as folder,
        Machine(options.root, files(Path(folder), room), site=None, package=None) as machine,
    ):
        walk(machine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
