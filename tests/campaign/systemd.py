"""Does what deploy/README.md says, on a fresh Debian with systemd as PID 1, and looks whether it worked.

    python -m tests.campaign.systemd --root /var/tmp/bookworm

The root is made by debootstrap where it does not exist yet (a minute, 300 MB), and never written: all lands in
memory. The shell blocks of the sections Install, Back up, Restore, Upgrade, Roll back and Uninstall are run as they
stand, from the source tree, with a package index. Needs root.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.deploy.machine import Machine

TOP = Path(__file__).parents[2]
PACKAGES = "systemd,python3,python3-venv,ca-certificates"
SECTIONS = ("Install", "Back up", "Restore", "Upgrade", "Roll back", "Uninstall")
SOURCE = "/usr/local/src/entity-monitor"


def blocks() -> dict[str, str]:
    """The shell block of each section."""
    text = (TOP / "deploy" / "README.md").read_text("utf-8")
    found = {}
    for part in text.split("\n### ")[1:]:
        name, _, rest = part.partition("\n")
        if "```sh\n" in rest:
            found[name] = rest.partition("```sh\n")[2].partition("```")[0]
    return {name: found[name] for name in SECTIONS}


def make_root(root: Path) -> None:
    """Make a Debian tree, once."""
    if not (root / "usr" / "bin" / "python3").exists():
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(root)], check=True)


def files(folder: Path) -> Path:
    """What is put over the root: the source tree as git has it, and how this machine reaches names and packages."""
    source = folder / SOURCE.lstrip("/")
    source.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=TOP, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(source)], input=archive, check=True)
    for name in ("resolv.conf", "hosts", "pip.conf", "ssl/certs/ca-certificates.crt"):
        if Path("/etc", name).exists():
            (folder / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path("/etc", name), folder / "etc" / name)
    return folder


def walk(machine: Machine) -> None:
    """Run the sections one after the other; each must leave the unit as it says."""
    settings = [f"{name}={value}" for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))]
    for name, block in blocks().items():
        began = time.monotonic()
        script = f"set -e\ncd {SOURCE}\n{block}"
        machine.run("env", *settings, "HOME=/root", "sh", "-c", script, seconds=900)
        state = machine.show("monitor", "ActiveState")
        wanted = "inactive" if name == "Uninstall" else "active"
        print(f"{name}: {state}, {time.monotonic() - began:.0f} s", flush=True)
        if state != wanted:
            raise SystemExit(machine.run("journalctl", "-n40", "-u", "monitor").stdout)
    left = machine.run("sh", "-c", "ls -d /opt/monitor /var/lib/private/monitor /etc/monitor 2>/dev/null", check=False)
    print(f"left behind: {left.stdout.split()}")


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path("/var/tmp/monitor-bookworm"))
    options = parser.parse_args()
    make_root(options.root)
    with (
        tempfile.TemporaryDirectory() as folder,
        Machine(options.root, files(Path(folder)), site=None, package=None) as machine,
    ):
        walk(machine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
