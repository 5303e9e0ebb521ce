"""The container files, as far as they can be held without an engine: syntax, pins, and names that fit together."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import SecretStr
from ruamel.yaml import YAML
from typer.core import TyperGroup

from monitor.cli import app
from monitor.metrics import Metrics
from monitor.settings import load_settings
from monitor.web.server import Server
from tests.prometheus import program

HERE = Path(__file__).parents[2] / "deploy" / "container"
FILE = (HERE / "Containerfile").read_text("utf-8")


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def test_the_image_is_built_from_the_pins_and_runs_as_nobody() -> None:
    """The same pinned requirements as everywhere, without dependencies of their own choosing; no root; health."""
    assert "--no-deps -r deploy/requirements.txt" in FILE
    assert "\nUSER 10001\n" in FILE
    assert "\nHEALTHCHECK " in FILE
    for line in FILE.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (HERE.parents[1] / source).exists(), source


def test_the_compose_file_names_files_that_are_there() -> None:
    """Every mounted file of ours exists, every image has a version, and the monitor is read-only without rights."""
    compose = read(HERE / "compose.yml")
    assert compose["services"].keys() == {"monitor", "prometheus", "alertmanager", "grafana"}
    for service in compose["services"].values():
        assert ":v" in service.get("image", ":v") or service["image"].rpartition(":")[2][0].isdigit()
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert not source.startswith(".") or source == "./etc" or (HERE / source).exists(), source
            assert source.startswith(".") or source in compose["volumes"]
    monitor = compose["services"]["monitor"]
    assert monitor["read_only"]
    assert monitor["cap_drop"] == ["ALL"]
    assert monitor["environment"]["MONITOR_HTTP__TOKEN"] == "secret:scrape-token"


def test_the_program_understands_how_the_container_starts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Command, options, settings in the environment and the secret's place are those of the program as it is now."""
    words = json.loads(re.findall(r"^CMD (.*)$", FILE, re.MULTILINE)[0])
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    parsed = command.commands[words[0]].make_context(words[0], words[1:])
    assert parsed.params["config"] == Path("/etc/monitor/monitor.yml")
    (tmp_path / "scrape-token").write_text("as long as a token has to be\n")
    (tmp_path / "monitor.yml").write_text("{}")
    environment = dict(word.split("=", 1) for word in re.findall(r"^ENV (.*)$", FILE, re.MULTILINE)[0].split())
    environment |= read(HERE / "compose.yml")["services"]["monitor"]["environment"]
    for name, value in environment.items():
        monkeypatch.setenv(name, value.replace("/run/secrets", str(tmp_path)))
    settings = load_settings(tmp_path / "monitor.yml")
    assert settings.database == "sqlite:////var/lib/monitor/monitor.db"
    assert settings.http.listen == "0.0.0.0:9108"
    assert settings.http.token is not None
    assert settings.secret(settings.http.token).get_secret_value() == "as long as a token has to be"


@pytest.mark.parametrize(
    ("wrong", "token", "healthy"), [({}, None, True), ({"judge": "stuck"}, None, False), ({}, "x", True)]
)
def test_the_health_check_tells_health(wrong: dict[str, str], token: str | None, healthy: bool) -> None:
    """A daemon whose loops turn is healthy, also where its pages need a token; one that is stuck is not."""
    program_, option, code = json.loads(
        re.sub(r"\\\n\s*", "", FILE).partition("HEALTHCHECK")[2].partition("CMD ")[2].split("\n")[0]
    )
    assert (program_, option) == ("/opt/monitor/bin/python", "-c")
    server = Server(
        "127.0.0.1:0", Metrics().render, lambda: wrong, lambda: ({}, {}), token=SecretStr(token) if token else None
    )
    server.start()
    try:
        asked = code.replace("9108", server.address.rpartition(":")[2])
        done = subprocess.run([sys.executable, "-c", asked], check=False)
    finally:
        server.close()
    assert (done.returncode == 0) is healthy


def test_prometheus_and_alertmanager_understand_their_files(tmp_path: Path) -> None:
    """`promtool check config` and `amtool check-config` on what the containers get, at the paths of this machine."""
    config = (HERE / "prometheus.yml").read_text("utf-8")
    (tmp_path / "token").write_text("x")
    config = config.replace("/etc/monitor-rules", str(HERE.parent / "prometheus"))
    config = config.replace("/run/secrets/scrape-token", str(tmp_path / "token"))
    (tmp_path / "prometheus.yml").write_text(config)
    for command in (
        [program("promtool"), "check", "config", str(tmp_path / "prometheus.yml")],
        [program("amtool"), "check-config", str(HERE / "alertmanager.yml")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_is_told_where_everything_is() -> None:
    """The provisioned data source is the compose file's Prometheus, and the dashboards' directory is mounted."""
    source = read(HERE / "grafana" / "datasources" / "prometheus.yml")["datasources"][0]
    assert source["url"] == "http://prometheus:9090"
    path = read(HERE / "grafana" / "dashboards" / "monitor.yml")["providers"][0]["options"]["path"]
    volumes = read(HERE / "compose.yml")["services"]["grafana"]["volumes"]
    assert f"../grafana:{path}:ro" in volumes
