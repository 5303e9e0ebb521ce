"""The console prints what an alert says, on any terminal."""

from __future__ import annotations

import io

import pytest

from monitor.alerts import describe
from monitor.alerts.text import plain
from monitor.channels.console import Console
from monitor.errors import SendError
from tests.alerts.builders import NOW, alert


def test_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """An alert is one block of lines with an empty line after it, on standard output."""
    Console("console").send(alert(), thread=None, now=NOW, deadline=5)
    assert capsys.readouterr().out == plain(describe(alert())) + "\n\n"


def test_a_terminal_without_arabic() -> None:
    """What a terminal can't show is written as escapes, not lost with the alert."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, "ascii") as stream:
        Console("console", stream).send(alert(), thread=None, now=NOW, deadline=5)
        assert b"\\u0639\\u0645\\u0631" in raw.getvalue()


def test_a_closed_output() -> None:
    """An output that is closed is a failure to be tried again, not a crash."""
    stream = io.StringIO()
    console = Console("console", stream)
    console.close()
    assert not stream.closed
    stream.close()
    with pytest.raises(SendError) as caught:
        console.send(alert(), thread=None, now=NOW, deadline=5)
    assert (caught.value.reason, caught.value.permanent) == ("output", False)
