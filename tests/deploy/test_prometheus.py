"""A real Prometheus on a running daemon: exposition, rules, and every query of the dashboard."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from monitor.config import load_config
from monitor.daemon import Daemon
from monitor.demo.receiver import Receiver
from tests.daemon.test_daemon import FACT, WATCHLIST
from tests.newsroom import Item, Newsroom
from tests.prometheus import Prometheus, program, scraping

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
DASHBOARD = json.loads((DEPLOY / "grafana" / "monitor.json").read_text("utf-8"))
TOKEN = "only-for-the-test"
SETTINGS = """
database: sqlite:///{folder}/monitor.db
http: {{listen: "0.0.0.0:0", token: secret:scrape}}
feeds: [feeds.yml]
watchlists: [lists]
polling: {{workers: 2, parsers: 1}}
channels: {{archive: {{type: webhook, url: "{url}/a", allow_private: true}}}}
"""
VARIABLES = {"$job": "monitor", "$watchlist": ".*", "$__rate_interval": "5m"}


def queries() -> list[str]:
    """Every query of the dashboard."""
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]


@pytest.fixture(scope="module")
def exposition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, str]]:
    """A daemon that has polled, judged, told and been asked for its metrics."""
    folder = tmp_path_factory.mktemp("daemon")
    with Newsroom() as room, Receiver() as receiver, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MONITOR_SECRET_SCRAPE", TOKEN)
        (folder / "lists").mkdir()
        (folder / "lists" / "desk.yml").write_text(WATCHLIST, "utf-8")
        feed = {"url": room.url("north"), "name": "n", "lang": "ar", "every": "1s", "backfill": "all"}
        (folder / "feeds.yml").write_text(json.dumps({"feeds": [feed | {"allow_private": True}]}), "utf-8")
        (folder / "monitor.yml").write_text(SETTINGS.format(folder=folder, url=receiver.url), "utf-8")
        daemon = Daemon(load_config(folder / "monitor.yml"))
        try:
            daemon.start()
            room.publish("north", Item("a1", FACT, FACT, datetime.now(UTC)))
            receiver.wait(1, 60)
            yield daemon, f"127.0.0.1:{daemon.server.address.rpartition(':')[2]}"
        finally:
            daemon.stop()


@pytest.fixture(scope="module")
def prometheus(exposition: tuple[Daemon, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with scraping(tmp_path_factory.mktemp("prometheus"), exposition[1], RULES, TOKEN) as one:
        assert one.until("monitor_outbox_deliveries offset 1s"), "Prometheus has no second sample"
        yield one


def test_the_exposition_is_as_prometheus_wants_it(exposition: tuple[Daemon, str]) -> None:
    """`promtool check metrics` has nothing to say about what the daemon really serves."""
    request = urllib.request.Request(f"http://{exposition[1]}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    command = [program("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_prometheus_scrapes_the_daemon(prometheus: Prometheus) -> None:
    """The target is up, its samples are stored, and the rules are loaded without a fault."""
    (up,) = prometheus.query('up{job="monitor"}')
    assert up["value"][1] == "1"
    assert prometheus.query("monitor_build_info")
    rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
    assert len(rules) == 11
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
    firing = {rule["name"] for rule in rules if rule.get("state") == "firing"}
    assert not firing


@pytest.mark.parametrize("query", queries())
def test_every_query_of_the_dashboard_has_an_answer(prometheus: Prometheus, query: str) -> None:
    """No panel is empty on a daemon that works: every query names metrics and labels that exist."""
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    assert "$" not in query
    assert prometheus.until(query, 15)


def test_the_dashboards_variables_have_values(prometheus: Prometheus) -> None:
    """Each list to choose from asks for the values of a label, as Grafana puts it to Prometheus, and gets some."""
    asked = [one["query"] for one in DASHBOARD["templating"]["list"] if one["type"] == "query"]
    assert len(asked) == 2
    for query in asked:
        ((series, label),) = re.findall(r"^label_values\((.+), (\w+)\)$", query)
        for name, value in VARIABLES.items():
            series = series.replace(name, value)
        assert prometheus.get(f"label/{label}/values", **{"match[]": series}), query


def test_no_label_holds_an_address_or_a_title(prometheus: Prometheus) -> None:
    """Labels are names from the operator's files and members of closed sets."""
    series: list[dict[str, str]] = prometheus.get("series", **{"match[]": '{__name__=~"monitor_.*"}'})
    values = {value for labels in series for name, value in labels.items() if name not in {"instance", "__name__"}}
    assert not [value for value in values if "://" in value or TOKEN in value or FACT[:10] in value]


@pytest.mark.parametrize("name", ["rules.test.yml", "entities.test.yml"])
def test_each_rule_rings_when_it_should_and_not_before(name: str) -> None:
    """`promtool test rules`: every alert over made-up hours."""
    command = [program("promtool"), "test", "rules", str(DEPLOY / "prometheus" / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("token", [False, True])
def test_the_scrape_configuration_shown_is_a_good_one(tmp_path: Path, token: bool) -> None:
    """What deploy/README.md has an operator write passes `promtool check config`, and its job is the rules' one."""
    text = (DEPLOY / "README.md").read_text("utf-8")
    (shown,) = re.findall(r"^```yaml\n(rule_files:.*?)^```", text, re.M | re.S)
    (tmp_path / "monitor-token").write_text(TOKEN)
    (tmp_path / "monitor.rules.yml").write_text(RULES.read_text("utf-8"), "utf-8")
    text = shown.replace("/etc/prometheus", str(tmp_path)).replace("# authorization", "authorization" if token else "#")
    (tmp_path / "prometheus.yml").write_text(text, "utf-8")
    command = [program("promtool"), "check", "config", str(tmp_path / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (job,) = YAML(typ="safe").load(text)["scrape_configs"]
    assert ("authorization" in job) == token
    assert f'up{{job="{job["job_name"]}"}}' in RULES.read_text("utf-8")


def test_every_alert_is_tried_and_has_a_line_in_the_runbook() -> None:
    """No alert without a test that sees it ring, nor without a heading in deploy/README.md that it links to."""
    groups: list[dict[str, Any]] = YAML(typ="safe").load(RULES)["groups"]
    alerts = {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}
    text = "".join(path.read_text("utf-8") for path in RULES.parent.glob("*.test.yml"))
    headings = set(re.findall(r"^#### (\w+)$", (DEPLOY / "README.md").read_text("utf-8"), re.M))
    assert set(re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n", text)) == set(alerts) == headings
    for name, rule in alerts.items():
        assert rule["annotations"]["runbook"] == f"deploy/README.md#{name.lower()}"


def test_every_metric_that_rules_and_panels_name_exists(exposition: tuple[Daemon, str]) -> None:
    """A renamed metric breaks this test, not the operator's night."""
    known = {family.name for family in exposition[0].metrics.registry.collect()}
    text = RULES.read_text("utf-8") + " ".join(queries())
    named = {re.sub(r"_(total|bucket|info)$", "", name) for name in re.findall(r"\bmonitor_\w+", text)}
    assert named
    assert named <= known
