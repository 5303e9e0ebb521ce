"""Reads what a campaign left behind, and tells which of the design's promises it breaks.

    python -m tests.campaign.promises FOLDER          (monitor.db and daemon.log stand in it)

Every check asks the stored values alone, so that it can be made after any campaign, or over a copy of a live store.
Where the settings and the watchlists stand there too, what they allow is compared with what was done, and what was
found in the articles is looked for again. What a store can't show (that a receiver got everything once, where bytes
are parsed) is judged by the campaigns themselves.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from monitor.matching import Matcher
from monitor.store import Store
from monitor.store.columns import EPOCH
from monitor.watchlist import load
from monitor.watchlist.versions import versions

OPERATOR = "monitor itself"
"""The watchlist of what the program tells about itself: no decision stands behind it."""
LONGEST = 90.0
"""Seconds that a poll may take: the fetch's deadline, and the parser's."""
AGAIN = 500
"""Judgements of a watchlist, the last ones, whose articles are read again."""
COUNTED = {
    "2: what was ingested is judged": "SELECT count(*) FROM judgements WHERE state = 'pending'",
    "2: no judgement failed": "SELECT count(*) FROM judgements WHERE state = 'failed'",
    "2: an article is judged once a version": """SELECT count(*) FROM (SELECT 1 FROM judgements
        WHERE state = 'judged' GROUP BY watchlist, arrival, generation HAVING count(*) > 1)""",
    "2: every decision to tell has its alert, and every alert its decision": f"""SELECT abs(
        (SELECT count(*) FROM decisions WHERE action != 'suppress')
        - (SELECT count(*) FROM alerts WHERE NOT digest AND watchlist != '{OPERATOR}'))""",
    "2: every alert that is not held leaves": """SELECT count(*) FROM alerts
        WHERE hold IS NULL AND key NOT IN (SELECT alert FROM deliveries)""",
    "2: what a digest gathered left in one": """SELECT count(*) FROM alerts
        WHERE released_in IS NOT NULL AND released_in NOT IN (SELECT key FROM alerts WHERE digest)""",
    "3: what is sent was attempted": "SELECT count(*) FROM deliveries WHERE state = 'sent' AND attempts < 1",
    "3: an alert goes to a channel once": """SELECT count(*) FROM (SELECT 1 FROM deliveries
        GROUP BY alert, channel HAVING count(*) > 1)""",
    "3: everything left that was due": "SELECT count(*) FROM deliveries WHERE state != 'sent'",
    "4: a feed that fails stops no other": """SELECT count(*) FROM feeds WHERE failures = 0 AND last_success <
        (SELECT max(last_success) FROM feeds) - 120000000""",
    "5: what could not be read says why": "SELECT count(*) FROM feeds WHERE failures > 0 AND last_error IS NULL",
    "5: a poll ends": f"SELECT count(*) FROM feeds WHERE seconds > {LONGEST}",
    "8: an article is stored once a revision": """SELECT count(*) FROM (SELECT 1 FROM articles
        GROUP BY id, revision HAVING count(*) > 1)""",
    "8: silent judgements tell nothing": """SELECT count(*) FROM decisions JOIN judgements USING (seq)
        WHERE silent AND action != 'suppress'""",
    "9: what was judged rings no more, whatever is edited": """SELECT count(*) FROM decisions JOIN judgements AS later
        USING (seq) WHERE action != 'suppress' AND EXISTS (SELECT 1 FROM judgements AS earlier WHERE
        earlier.arrival = later.arrival AND +earlier.watchlist = later.watchlist AND +earlier.number < later.number)""",
    "9: a memory knows what was stored before it": """SELECT count(*) FROM watchlists JOIN articles
        ON stored BETWEEN warmed - 1123200000000 AND warmed WHERE NOT EXISTS (SELECT 1 FROM judgements
        WHERE watchlist = watchlists.id AND judgements.arrival = articles.arrival)
        AND NOT EXISTS (SELECT 1 FROM articles AS newer WHERE newer.id = articles.id
        AND newer.revision > articles.revision)""",
    "10: every stored article's keys are kept": """SELECT count(*) FROM articles
        WHERE id NOT IN (SELECT article FROM seen)""",
    "12: every decision has the values that made it": """SELECT count(*) FROM decisions JOIN judgements USING (seq)
        WHERE findings IS NULL OR novelty IS NULL OR version IS NULL""",
    "12: every decision stands beside them": """SELECT count(*) FROM decisions JOIN judgements USING (seq)
        WHERE instr(judgements.decisions, '"action":"' || action || '"') = 0""",
}
"""Promise -> query that counts what breaks it; the numbers are those of the design's list."""


def broken(folder: Path, secrets: Iterable[str] = ()) -> dict[str, int]:
    """Return every promise that is broken, and how often."""
    file = folder / "monitor.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        found = {promise: int(database.execute(query).fetchone()[0]) for promise, query in COUNTED.items()}
        found |= {promise: sum(check(database)) for promise, check in READ.items()}
        found["2: the file is whole"] = database.execute("PRAGMA integrity_check").fetchone()[0] != "ok"
        found["5: nothing private is asked that is not allowed by name"] = sum(_private(folder, database))
        found["11: an article is read as it was read then"] = sum(_read_again(folder, database))
    log = folder / "daemon.log"
    lines = log.read_bytes().splitlines() if log.exists() else []
    found["6: no content forges a line of the log"] = sum(not _ours(line) for line in lines)
    left = [*lines, file.read_bytes()]
    found["7: no secret in log or store"] = sum(secret.encode() in part for secret in secrets for part in left)
    return {promise: int(count) for promise, count in found.items() if count}


def _slices(database: sqlite3.Connection) -> Iterator[bool]:
    """Tell of every mention whether it is not what stands at its place."""
    asked = "SELECT data, findings FROM judgements JOIN articles USING (arrival) WHERE findings IS NOT NULL"
    for data, findings in database.execute(asked):
        article, found = json.loads(data), json.loads(findings)
        mentions = [mention for match in found["matches"] for mention in match["mentions"]] + found["rejected"]
        for one in mentions:
            yield article[one["field"]][one["start"] : one["end"]] != one["surface"]


def _stories(database: sqlite3.Connection) -> Iterator[bool]:
    """Tell of every judgement whether its story is another one than that of the same article and version before."""
    known: dict[tuple[str, int, int], str] = {}
    asked = "SELECT watchlist, arrival, generation, novelty FROM judgements WHERE novelty IS NOT NULL ORDER BY number"
    for watchlist, arrival, generation, novelty in database.execute(asked):
        story = json.loads(novelty)["story"]
        yield known.setdefault((watchlist, arrival, generation), story) != story


def _private(folder: Path, database: sqlite3.Connection) -> Iterator[bool]:
    """Tell of every feed and channel that was reached whether its address is private and not allowed."""
    for url, config in database.execute("SELECT url, config FROM feeds WHERE last_success IS NOT NULL"):
        yield _is_private(url) and not json.loads(config).get("allow_private")
    settings = folder / "monitor.yml"
    channels = yaml.safe_load(settings.read_text("utf-8")).get("channels", {}) if settings.exists() else {}
    for (name,) in database.execute("SELECT DISTINCT channel FROM deliveries WHERE state = 'sent'"):
        options = channels.get(name, {})
        yield _is_private(str(options.get("url", ""))) and not options.get("allow_private")


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def _read_again(folder: Path, database: sqlite3.Connection) -> Iterator[bool]:
    """Tell of the last judgements, made for the entities of now, whether the same article is read otherwise today."""
    lists = folder / "watchlists"
    with Store.open(f"sqlite:///{folder / 'monitor.db'}", now=EPOCH, read_only=True) as store:
        for watchlist in load([lists]) if lists.is_dir() else ():
            known, matcher = store.versions(watchlist.id), Matcher(watchlist)
            if known is None or known.entities != versions(watchlist).entities:
                continue
            asked = "SELECT generation, last_number FROM watchlists WHERE id = ?"
            generation, number = database.execute(asked, (watchlist.id,)).fetchone()
            last = store.judgements(watchlist.id, number - AGAIN)
            yield from (matcher.match(one.article) != one.findings for one in last if one.generation == generation)


READ: dict[str, Callable[[sqlite3.Connection], Iterator[bool]]] = {
    "1: every mention slices to its surface": _slices,
    "10: stories never merge": _stories,
}


def _ours(line: bytes) -> bool:
    """Tell whether a line of the log is whole: JSON with an event, or a library's with its level."""
    if line.startswith((b"WARNING ", b"ERROR ")):
        return True
    try:
        return "event" in json.loads(line)
    except ValueError:
        return False


def main() -> int:
    """Run it from the command line and print what is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    found = broken(parser.parse_args().folder)
    for promise, count in found.items():
        print(f"broken {count} times: {promise}")
    print(f"{len(COUNTED) + len(READ) + 5} checks, {len(found)} broken")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
