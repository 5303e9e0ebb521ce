"""A slice of the soak: reloads, a hostile and a failing feed; and the script that reads the promises in a store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.campaign import promises, soak


def test_nothing_is_lost_and_no_promise_is_broken(tmp_path: Path) -> None:
    """Everything that was published arrives once or waits for a digest, and the store holds every promise."""
    outcome = soak.run(6, tmp_path)
    assert outcome.published
    assert outcome.clean, outcome
    _spoil(tmp_path)
    assert set(promises.broken(tmp_path, ["the-secret"])) == {
        "1: every mention slices to its surface",
        "2: an article is judged once a version",
        "2: no judgement failed",
        "3: everything left that was due",
        "5: nothing private is asked that is not allowed by name",
        "5: what could not be read says why",
        "6: no content forges a line of the log",
        "7: no secret in log or store",
        "9: a memory knows what was stored before it",
        "9: what was judged rings no more, whatever is edited",
        "11: an article is read as it was read then",
        "12: every decision has the values that made it",
    }


def _spoil(folder: Path) -> None:
    """Break promises behind the program's back, so that the script has something to find."""
    with closing(sqlite3.connect(folder / "monitor.db", isolation_level=None)) as database:
        database.execute("UPDATE articles SET data = replace(data, 'سيرغي', 'سيرجي') WHERE arrival = 1")
        database.execute("UPDATE judgements SET state = 'failed', novelty = NULL WHERE seq = 1")
        database.execute("UPDATE judgements SET arrival = 2 WHERE seq = 3")
        database.execute("UPDATE watchlists SET warmed = (SELECT max(stored) FROM articles)")
        database.execute(
            "UPDATE feeds SET config = replace(config, '\"allow_private\":true', '\"allow_private\":false')"
        )
        database.execute("UPDATE feeds SET last_error = NULL")
        database.execute("UPDATE deliveries SET state = 'parked' WHERE id = 1")
    with (folder / "daemon.log").open("a", encoding="utf-8") as log:
        log.write("a line of somebody else's, with the-secret in it\n")
