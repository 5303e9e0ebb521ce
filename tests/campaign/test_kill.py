"""A slice of the kill campaign, and that it would notice."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import monitor.store
from tests.campaign.failpoints import NO_POINT, POINTS
from tests.campaign.kill import Campaign, Unit, Witness, run
from tests.newsroom import Newsroom


def test_kills_at_random_moments_lose_nothing_and_double_nothing() -> None:
    """Whenever a daemon is killed, every wanted article arrives under one id, in order, and nothing waits."""
    tally = run(Unit(seed=3, kills=4))
    assert tally.clean, tally
    assert (tally.kills, tally.reached) == (4, 4)
    assert tally.wanted


@pytest.mark.parametrize("point", ["record:commit", "amend:commit", "release_digest:commit", "wire", "sent:before"])
def test_kills_at_a_point_lose_nothing_and_double_nothing(point: str) -> None:
    """The daemon dies exactly there, and what it was about to do is done once by its successors."""
    tally = run(Unit.at(point, seed=5, kills=2))
    assert tally.clean, tally
    assert tally.reached == 2
    if point in {"wire", "sent:before"}:
        assert tally.repeats >= 1, "a message that was accepted and not recorded is sent again"


def test_the_campaign_notices_what_is_lost_doubled_and_foreign(tmp_path: Path) -> None:
    """A message taken away, one under another id, and one that nobody wants are counted."""
    unit = Unit(seed=7, kills=0, speed=7200)
    with Newsroom() as room, Witness(unit) as receiver:
        campaign = Campaign(unit, tmp_path, room, receiver)
        campaign.world.publish(40)
        assert campaign.run().clean
        sent = [message for message in receiver._received if message.accepted and message.json["type"] == "alert"]
        receiver._received.remove(sent[0])
        campaign._judge()
        assert campaign.tally.lost == 1
        headers = {**sent[1].headers, "webhook-id": "another"}
        receiver._received.append(type(sent[1])(sent[1].path, headers, sent[1].body, (), True, 0.0))
        campaign._judge()
        assert (campaign.tally.twice, campaign.tally.foreign) == (1, 2)
        assert not campaign.tally.clean


def test_every_transaction_of_the_daemon_has_a_point() -> None:
    """A method of the store that writes is a point of the campaign, or says why it is none."""
    found = set()
    for path in Path(monitor.store.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and "self._db.write()" in ast.unparse(node):
                found.add(node.name)
    # Parts of others: of begin, sent, retry and park, of purge, of ingest_all, of sync_feeds.
    found -= {"_move", "_articles", "_told", "_keys", "_texts", "_stories", "_ingest_all", "_sync"}
    named = {point.partition(":")[0] for point in POINTS}
    assert found <= named | NO_POINT.keys()
    assert not named & NO_POINT.keys()
