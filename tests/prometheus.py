"""Prometheus, as Debian packages it: where its programs are, and one that scrapes for a module of tests."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CONFIG = """
global: {{scrape_interval: 500ms, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: monitor
    authorization: {{credentials: {token}}}
    static_configs: [{{targets: ["{target}"]}}]
"""


def program(name: str) -> str:
    """The path of a Debian program; without it the test is skipped, but fails where CI must have it."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed, and CI must not pass without it: apt-get install prometheus")
        pytest.skip(f"{name} is not installed (apt-get install prometheus)")
    return found


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Prometheus:
    """A running server."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get(self, path: str, **parameters: str) -> Any:
        """Ask its API; a refused query is an error that says why."""
        url = f"http://{self._address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 503:
                    raise  # it is still starting
                raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Run an instant query; return its series."""
        found: list[dict[str, Any]] = self.get("query", query=expression)["result"]
        return found

    def until(self, expression: str, seconds: float = 60) -> bool:
        """Wait until a query has a result."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.query(expression):
                    return True
            except OSError:
                pass  # it is still starting
            threading.Event().wait(0.2)
        return False


@contextmanager
def scraping(folder: Path, target: str, rules: Path, token: str) -> Iterator[Prometheus]:
    """Start Prometheus on a port of its own, scraping that address with that token."""
    server, address = program("prometheus"), f"127.0.0.1:{free_port()}"
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(rules=rules, target=target, token=token), "utf-8")
    log = (folder / "prometheus.log").open("wb")
    command = [
        server,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address={address}",
    ]
    with log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield Prometheus(address)
        finally:
            process.kill()
