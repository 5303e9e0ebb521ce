"""A machine of our own for systemd: PID 1 of its own namespaces, on a root that nothing written here outlives.

    with Machine(lower=Path("/"), site=...) as machine:
        machine.run("systemctl", "start", "monitor")

The root is an overlay of memory over a Debian tree, this machine's own or one made by debootstrap. The network is the
host's, so that a feed on loopback is reachable. Needs root, and a kernel that lets us mount.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

BOOT = r"""
set -e
top=$1 lower=$2 site=$3
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$top"
mkdir "$top/upper" "$top/work" "$top/siteupper" "$top/sitework" "$top/root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$top/upper,workdir=$top/work" "$top/root"
root=$top/root
chmod 755 "$top" "$top.files" "$top.package"
cp -a "$top.files/." "$root/"
if [ -n "$site" ]; then
    chroot "$root" /usr/bin/python3 -m venv --without-pip /opt/monitor
    target=$(echo "$root"/opt/monitor/lib/python3*/site-packages)
    cp -a "$target/." "$top/siteupper/"
    cp -a "$top.package/." "$top/siteupper/"
    mount -t overlay overlay -o "lowerdir=$site,upperdir=$top/siteupper,workdir=$top/sitework" "$target"
fi
mkdir -p "$root/proc" "$root/sys" "$root/run" "$root/dev" "$root/tmp"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
    mkdir "$root/sys/fs/cgroup/unified" "$root/sys/fs/cgroup/systemd"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
    mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
fi
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/mnt/host"
cd "$root"
pivot_root . mnt/host
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . sh -c 'umount -l /mnt/host
    mount --make-rshared /
    exec /lib/systemd/systemd --log-target=journal --log-level=info --show-status=no --unit=basic.target'
"""
QUIET = ("systemd-udevd", "systemd-udev-trigger", "systemd-binfmt", "systemd-modules-load", "systemd-sysctl")
"""What a machine has and this test has no use for."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Root's, as Debian sets it."""


class NoMachine(Exception):
    """This host lets nobody start systemd; the text says why."""


class Machine:
    """A booted systemd. `files` are put over the root before it starts; `site` is a site-packages to run from."""

    def __init__(self, lower: Path, files: Path, *, site: Path | None, package: Path | None) -> None:
        """Name what the machine is made of; it boots on entering."""
        self._lower, self._files, self._site, self._package = lower, files, site, package

    def __enter__(self) -> Machine:
        needed = ("unshare", "nsenter", "chroot")
        if os.geteuid() != 0 or not all(map(shutil.which, needed)) or not Path("/lib/systemd/systemd").exists():
            raise NoMachine("needs root, util-linux and systemd")
        self._top = Path(tempfile.mkdtemp(prefix="monitor-machine-"))
        for name, source in (("files", self._files), ("package", self._package)):
            target = self._top.with_name(f"{self._top.name}.{name}")
            shutil.copytree(source, target) if source else target.mkdir()
        units = Path(f"{self._top}.files") / "etc" / "systemd" / "system"
        units.mkdir(parents=True, exist_ok=True)
        for name in QUIET:
            (units / f"{name}.service").symlink_to("/dev/null")
        spaces = ("--pid", "--mount", "--cgroup", "--ipc", "--uts", "--fork", "--kill-child")
        site = str(self._site) if self._site else ""
        self._log = Path(f"{self._top}.log").open("wb")
        self._outer = subprocess.Popen(
            ["unshare", *spaces, "sh", "-c", BOOT, "boot", str(self._top), str(self._lower), site],
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
        )
        try:
            self._pid = self._init(30)
            self._until_up(60)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._outer.send_signal(signal.SIGKILL)
        self._outer.wait()
        self._log.close()
        for path in self._top.parent.glob(f"{self._top.name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _init(self, seconds: float) -> int:
        """Wait until PID 1 of the namespace is systemd; return its number here."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._outer.poll() is not None:
                break
            children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()
            for child in children:
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return int(child)
            threading.Event().wait(0.05)
        raise NoMachine("systemd did not start: " + Path(self._log.name).read_text(errors="replace")[-500:])

    def _until_up(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
            if state in {"running", "degraded"}:
                return
            threading.Event().wait(0.1)
        raise NoMachine(f"systemd did not come up: {state}")

    def run(self, *command: str, check: bool = True, seconds: float = 90) -> subprocess.CompletedProcess[str]:
        """Run a command inside, as root; what it said is part of the error where it fails."""
        entered = ["nsenter", "-t", str(self._pid), "-p", "-m", "-C", "-i", "-u", "-r", "-w", *command]
        environment = {"PATH": PATH, "LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": ""}
        done = subprocess.run(entered, capture_output=True, text=True, env=environment, timeout=seconds, check=False)
        if check and done.returncode:
            journal = (
                ""
                if command[0] == "journalctl"
                else self.run("journalctl", "-n20", "-u", "monitor", check=False).stdout
            )
            said = Path(self._log.name).read_text(errors="replace")[-1500:]
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}\n{journal}\n{said}")
        return done

    def show(self, unit: str, name: str) -> str:
        """Return one property of a unit."""
        return self.run("systemctl", "show", "-p", name, "--value", unit).stdout.strip()

    def eventually(self, unit: str, name: str, value: str, seconds: float = 60) -> bool:
        """Wait until a property of a unit has a value."""
        return self._until(lambda: self.show(unit, name) == value, seconds)

    def changes(self, unit: str, name: str, value: str, seconds: float = 60) -> bool:
        """Wait until a property of a unit has another value than that."""
        return self._until(lambda: self.show(unit, name) != value, seconds)

    def restarted(self, unit: str, times: int, seconds: float = 60) -> bool:
        """Wait until systemd has started a unit again that often."""
        return self._until(lambda: int(self.show(unit, "NRestarts")) >= times, seconds)

    @staticmethod
    def _until(holds: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not (held := holds()) and time.monotonic() < until:
            threading.Event().wait(0.2)
        return held


def python_matches(lower: Path) -> bool:
    """Tell whether the tree's own Python can load what this one has installed."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (lower / "usr" / "bin" / f"python{version}").exists()
