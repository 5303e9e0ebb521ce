"""Logs: one article can be followed through the path, and no content forges a line."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

import pytest
import structlog
from structlog.testing import capture_logs

from monitor.errors import SendError
from monitor.logs import set_up_logs
from monitor.model import Digest
from monitor.store import Store
from tests.postgres import NOW
from tests.test_pipeline import EVERYTHING, FACTS, Clock, Recorder, article, drain, pipeline, poll, watchlist

FORGED = "first\nFORGED line\x1b[5m\u2028FORGED again\r"


@pytest.fixture
def defaults() -> Iterator[None]:
    """structlog as other tests need it, afterwards."""
    yield
    structlog.reset_defaults()


def about(logs: list[Any], name: str) -> list[str]:
    """The events that name an article, in their order."""
    return [line["event"] for line in logs if line.get("article") == name]


def test_one_article_can_be_followed_through_the_path(store: Store) -> None:
    """From `stored` to `sent` each line about an article has its id, and each one about its alert the alert's key."""
    clock, desk = Clock(), Recorder(SendError("timeout", "no answer"))
    line = pipeline(store, clock, desk)
    with capture_logs() as logs:
        line.ingest(poll(article(1, FACTS[0], NOW), article(2, "أخبار الطقس", NOW), at=NOW))
        drain(line)
        for _ in range(2):
            line.send("desk")
            clock.forward(hours=1)
    assert about(logs, "a1") == ["stored", "decided", "not sent", "sent"]
    assert about(logs, "a2") == ["stored"]
    keys = {one["alert"] for one in logs if one.get("article") == "a1" and one["event"] != "stored"}
    assert keys == {desk.sent[0].key}


def test_a_digest_says_which_alerts_it_holds(store: Store) -> None:
    """An alert that waited for a digest is found in the digest's line, whose key is what was sent."""
    clock, desk = Clock(), Recorder()
    daily = dataclasses.replace(EVERYTHING, digest=Digest(("18:00",)))
    line = pipeline(store, clock, desk, watchlist(daily))
    with capture_logs() as logs:
        line.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
        drain(line)
        clock.forward(days=1)
        line.release_held()
        line.send("desk")
    (decided,) = [one for one in logs if one["event"] == "decided"]
    (digest,) = [one for one in logs if one["event"] == "digest"]
    assert digest["alerts"] == [decided["alert"]]
    assert digest["alert"] == desk.sent[0].key


def test_a_first_poll_is_one_line(store: Store) -> None:
    """What only fills the memory is counted in one line, however much it is, and decides nothing worth a line."""
    line = pipeline(store, Clock(), Recorder())
    many = [article(number, fact, NOW - timedelta(days=1)) for number, fact in enumerate(FACTS)]
    with capture_logs() as logs:
        line.ingest(poll(*many, at=NOW, silent_before=NOW))
        drain(line)
    (stored,) = [one for one in logs if one["event"] in {"stored", "stored silently", "decided"}]
    assert (stored["event"], stored["articles"]) == ("stored silently", 3)


@pytest.mark.parametrize("form", ["console", "json", "journal"])
@pytest.mark.parametrize("library", [False, True])
@pytest.mark.usefixtures("defaults")
def test_an_exceptions_words_forge_no_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    form: Literal["console", "json", "journal"],
    library: bool,
) -> None:
    """Whatever an exception says stays behind a margin or on the event's own line, without control characters."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as a command finds it
    set_up_logs(form, "info")
    try:
        raise ValueError(FORGED)
    except ValueError:
        if library:
            logging.getLogger("library").exception("could not read %s", FORGED)
        else:
            structlog.get_logger("x").exception("event", title=FORGED)
    first, *others = capsys.readouterr().err.splitlines()
    assert "event" in first or "could not read" in first
    assert "ValueError" in "".join((first, *others))
    assert all(one.startswith("    | ") for one in others)
    assert bool(others) == (form == "console" and not library)
    assert all(one.replace("\x1b[0m", "").isprintable() for one in others)
    assert "\x1b[5m" not in first
