"""A slice of the campaign of three daemons on one PostgreSQL, and that it would notice."""

from __future__ import annotations

from tests.campaign.shared import Member, _overlapping, run
from tests.campaign.shared_world import Message
from tests.postgres import Server


def test_three_daemons_that_are_killed_and_suspended_judge_and_send_once(postgresql: Server) -> None:
    """Nothing is lost or judged twice, each story has one first, and every repeat has a cause."""
    outcome = run(6, 1, postgresql)
    assert outcome.clean, outcome
    assert outcome.stories >= 3
    assert outcome.messages >= outcome.stories


def test_two_messages_at_once_are_noticed() -> None:
    """Messages of one channel overlap where two living daemons had one in flight; a killed one has none any more."""

    def message(daemon: int, begun: float, ended: float, channel: str = "archive") -> Message:
        return Message(daemon, channel, "id", begun, ended, True, {})

    alive = [Member(number, None, None, 0.0) for number in (1, 2, 3)]  # type: ignore[arg-type]
    first, second = message(1, 0.0, 2.0), message(2, 1.0, 3.0)
    assert list(_overlapping([first, second], alive)) == [(first, second)]
    assert not list(_overlapping([first, message(1, 1.0, 3.0)], alive))
    assert not list(_overlapping([first, message(2, 1.0, 3.0, "ledger")], alive))
    alive[0].dead.append(0.5)
    assert not list(_overlapping([first, second], alive))
