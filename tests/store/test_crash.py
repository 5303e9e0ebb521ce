"""A process that is killed: what it was told is stored is stored, and nothing is half there."""

from __future__ import annotations

import subprocess
import sys

from monitor.store import Store
from tests.postgres import NOW

PROGRAM = """
import sys
from monitor.records import Outgoing
from monitor.store import Store
from tests.postgres import NOW
from tests.store.build import HOUR, alert, draft, judgement, lease, poll

store = Store.open(sys.argv[1], now=NOW)
held, channel = lease(store, "watchlist:w"), lease(store, "channel:desk")
for number in range(100_000):
    store.ingest(poll(draft(f"a{number}"), draft(f"b{number}")), ["w"], NOW)
    for waiting in store.pending("w", 2):
        key = f"k-{waiting.article.id}"
        store.record([judgement(waiting, Outgoing(alert(key, story=key), ("desk", "console")))], held)
    (first, second) = store.due("desk", NOW, 2)
    store.begin(first.id, channel, NOW)
    store.sent(first.id, channel, "receipt", NOW)
    store.begin(second.id, channel, NOW)
    store.sent(second.id, channel, "receipt", NOW)
    print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_that_it_acknowledged(store_url: str) -> None:
    """After SIGKILL every acknowledged round is there whole, and of the one under way each transaction all or none."""
    Store.open(store_url, now=NOW).close()
    command = [sys.executable, "-c", PROGRAM, store_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 15:
                break
        process.kill()
        acknowledged = 15 + len(process.stdout.readlines())
    with Store.open(store_url, now=NOW) as store:
        names = [item.id for item in store.articles_since()]
        rounds = len(names) // 2
        assert rounds in (acknowledged + 1, acknowledged + 2)
        assert names == [f"{letter}{number}" for number in range(rounds) for letter in "ab"]
        status = store.status()
        assert status.judged + sum(status.pending.values()) == len(names)
        assert status.alerts == status.judged
        assert sum(status.deliveries.values()) == 2 * status.alerts
        assert status.deliveries["sent"] >= 2 * (acknowledged + 1)
        assert len(store.due("desk", NOW, 10)) == status.alerts - status.deliveries["sent"]
        assert [item.number for item in store.judged_after("w", "v1", 0)] == list(range(1, status.judged + 1))
        if store_url.startswith("sqlite"):
            with store._db.read() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
