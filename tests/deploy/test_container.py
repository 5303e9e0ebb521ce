"""The container files, as far as they can be held without an engine: syntax, pins, and names that fit together."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

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
