"""`monitor demo`: the real daemon, with only the outside world replaced by a site and a receiver on loopback."""

from __future__ import annotations

import base64
import dataclasses
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.console import RenderableType
from rich.rule import Rule as Line
from rich.text import Text

from monitor import starter
from monitor.channels import registry
from monitor.config import Config
from monitor.daemon import Daemon
from monitor.demo import samples
from monitor.demo.receiver import Receiver
from monitor.demo.site import Site
from monitor.logs import set_up_logs
from monitor.model import Alert, Kind, Watchlist
from monitor.report import isolated
from monitor.settings import Http, Polling, Settings
from monitor.store import Store
from monitor.watchlist import load as load_watchlists

SECONDS = 24.0
"""How long the demo waits for two polls of every feed and an empty outbox."""
EVERY = timedelta(seconds=3)
SHOWN = 6
NEWS = (Kind.FIRST, Kind.DEVELOPMENT)
METRICS = (
    "monitor_polls_total",
    "monitor_entries_total",
    "monitor_novelty_total",
    "monitor_decisions_total",
    "monitor_deliveries_total",
)

Show = Callable[[RenderableType], None]


def run_demo(*, keep: bool, show: Show) -> bool:
    """Run the daemon on the sample feeds until both polls are judged and sent; show what came of it.

    With `keep` it goes on until interrupted. Returns whether everything arrived and the receiver found no fault.
    """
    set_up_logs("console", "error")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="monitor-demo-")))
        site = stack.enter_context(Site())
        key = "whsec_" + base64.b64encode(b"a key for the demo, and only it!").decode()
        receiver = stack.enter_context(Receiver([key]))
        daemon = stack.enter_context(_running(_config(folder, site, receiver, key)))
        show(Text(f"Eight sample feeds are polled twice; metrics on http://{daemon.server.address}/metrics"))
        until = time.monotonic() + SECONDS
        done = site.wait_polls(2, SECONDS) and _settled(daemon.store, until)
        problems = [problem for message in receiver.received for problem in message.problems]
        _tell(daemon, receiver, show)
        for problem in problems:
            show(Text(f"the receiver found a fault: {problem}", style="red"))
        if not done:
            show(Text("not everything arrived in time", style="red"))
        if keep:
            show(Text("Left running; end it with Ctrl-C."))
            _until_interrupted()
        return done and not problems


def _config(folder: Path, site: Site, receiver: Receiver, key: str) -> Config:
    """Return what an operator would have written, with loopback in place of the world."""
    settings = Settings(
        database=f"sqlite:///{folder / 'monitor.db'}",
        http=Http(listen="127.0.0.1:0"),
        polling=Polling(workers=4, per_host=4),
    )
    described: dict[str, dict[str, Any]] = {
        "console": {"type": "console"},
        "desk": {"type": "slack", "url": "secret:slack-desk", "allow_private": True},
        "archive": {
            "type": "webhook",
            "url": f"{receiver.url}/archive",
            "key": "secret:archive-key",
            "allow_private": True,
        },
    }
    secrets = {
        "secret:slack-desk": SecretStr(f"{receiver.url}/services/T0/B0/demo"),
        "secret:archive-key": SecretStr(key),
    }
    channels = {name: registry.build(name, options, secrets.__getitem__) for name, options in described.items()}
    feeds = tuple(dataclasses.replace(feed, every=EVERY) for feed in site.feeds)
    lists = tuple(map(_redirected, load_watchlists([starter.directory("watchlists")])))
    return Config(settings, feeds, lists, channels)


def _redirected(watchlist: Watchlist) -> Watchlist:
    """Return the starter watchlist with every alert sent to the webhook, and severe ones to Slack too."""
    rules = tuple(
        dataclasses.replace(rule, send_to=("desk", "archive") if rule.severity == "high" else ("archive",))
        for rule in watchlist.rules
    )
    return dataclasses.replace(watchlist, rules=rules)


@contextmanager
def _running(config: Config) -> Iterator[Daemon]:
    daemon = Daemon(config)
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.stop()


def _settled(store: Store, until: float) -> bool:
    """Wait until nothing waits for judgement and the outbox is empty, or that (monotonic) time has come."""
    pause = threading.Event()
    while time.monotonic() < until:
        waiting = sum(stats.waiting for stats in store.outbox_stats().values())
        if not waiting and not sum(store.pending_counts().values()):
            return True
        pause.wait(0.1)
    return False


def _tell(daemon: Daemon, receiver: Receiver, show: Show) -> None:
    """Show what a newcomer wants to see: alerts, what was suppressed and why, five lines of metrics."""
    alerts = [row.alert for row in reversed(daemon.store.alerts(None, None, 1000))]
    show(Line("alerts, as they look in Slack"))
    for alert in _varied(alerts)[:SHOWN]:
        show(Text(registry.preview("slack", alert) + "\n"))
    show(
        Text(f"{len(alerts)} alerts in all; the receiver accepted {len(receiver.accepted)} messages (Slack, webhook).")
    )
    show(Line("what was suppressed, and why"))
    for row in daemon.store.decisions():
        if row.action != "alert":
            show(Text(f"{row.count:4}  {row.action} ({row.reason})  rule {row.rule!r}"))
    for title, kind, why in _suppressed(daemon):
        show(Text(f"      {kind}: {isolated(title)}\n          {isolated(why)}", style="dim"))
    show(Line("against what a reader expects (seeds/expected.yml)"))
    for kind, (count, news) in _expected(daemon).items():
        show(Text(f"{count:4}  samples are {kind}: {news} were judged as news, {count - news} as none"))
    show(Line("metrics"))
    with urllib.request.urlopen(f"http://{daemon.server.address}/metrics", timeout=5) as answer:
        exposition = answer.read().decode()
    for metric in METRICS:
        show(Text(_largest(exposition, metric)))


def _varied(alerts: Sequence[Alert]) -> list[Alert]:
    """Return one alert for each pair of rule and kind first, then the others."""
    seen: set[tuple[str, str]] = set()
    first: list[Alert] = []
    others: list[Alert] = []
    for alert in alerts:
        key = (alert.rule, str(alert.kind))
        (others if key in seen else first).append(alert)
        seen.add(key)
    return first + others


def _suppressed(daemon: Daemon) -> list[tuple[str, str, str]]:
    """Return title, kind and reason of one article for each kind that was found not to be new."""
    examples: dict[str, tuple[str, str, str]] = {}
    for name in daemon.pipeline.judges:
        for judgement in daemon.store.judgements(name):
            novelty = judgement.novelty
            if novelty and any(decision.action == "suppress" for decision in judgement.decisions):
                why = "; ".join(novelty.reasons)
                examples.setdefault(str(novelty.kind), (judgement.article.title, str(novelty.kind), why))
    return list(examples.values())


def _expected(daemon: Daemon) -> dict[str, tuple[int, int]]:
    """Return for each expected kind how many samples there are, and how many were judged as news."""
    news: dict[str, bool] = {}
    for name in daemon.pipeline.judges:
        for judgement in daemon.store.judgements(name):
            sample = (judgement.article.url or "").rpartition("/")[2]
            told = judgement.novelty is not None and judgement.novelty.kind in NEWS
            news[sample] = news.get(sample, False) or told
    found: dict[str, tuple[int, int]] = {}
    for sample, each in samples.expected().items():
        count, told_so_far = found.get(each.novelty or "about nobody watched", (0, 0))
        found[each.novelty or "about nobody watched"] = (count + 1, told_so_far + news.get(sample, False))
    return dict(sorted(found.items(), key=lambda pair: -pair[1][0]))


def _largest(exposition: str, metric: str) -> str:
    """Return the metric's line with the largest value."""
    lines = [line for line in exposition.splitlines() if line.startswith(metric)]
    return max(lines, key=lambda line: float(line.rsplit(" ", 1)[1]), default=f"{metric} is missing")


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
