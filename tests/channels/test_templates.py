"""Channels that say alerts in words say them in the operator's, if there is a template."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.channels.console import Console
from monitor.channels.registry import build
from monitor.demo.receiver import Receiver
from monitor.errors import ConfigError
from tests.alerts.builders import NOW, alert, article
from tests.channels.conftest import Make
from tests.channels.smtp import Mailbox

TEXT = "Look: {{ title }} <!channel> *now*"


@pytest.fixture
def template(tmp_path: Path) -> str:
    """A template that says little."""
    file = tmp_path / "desk.j2"
    file.write_text(TEXT, "utf-8")
    return str(file)


def test_console(template: str) -> None:
    """The console prints the template's words."""
    stream = io.StringIO()
    Console("console", stream, template).send(alert(article=article(title="T")), thread=None, now=NOW, deadline=5)
    assert stream.getvalue() == "Look: T <!channel> *now*\n\n"


def test_slack(template: str, make: Make, receiver: Receiver) -> None:
    """Slack shows the template's words as text, under the headline and with the link; they are no markup either."""
    make("slack-webhook", template=template).send(alert(article=article(title="T")), thread=None, now=NOW, deadline=5)
    (sent,) = receiver.accepted
    header, text = sent.json["blocks"]
    assert header["text"]["text"] == "News on Omar · high · development 0.75"
    assert text["elements"][0]["elements"][0]["text"] == "Look: T <!channel> *now*"
    assert text["elements"][0]["elements"][-1]["url"] == "https://news.example/1"
    assert sent.json["text"] == "Look: T &lt;!channel&gt; *now*"


def test_slack_cuts_long_words(tmp_path: Path, make: Make, receiver: Receiver) -> None:
    """A template that says too much for Slack is cut to what Slack takes."""
    (tmp_path / "long").write_text("{{ 'One more word. ' * 500 }}", "utf-8")
    make("slack-webhook", template=str(tmp_path / "long")).send(alert(), thread=None, now=NOW, deadline=5)
    assert receiver.accepted


def test_mail(template: str) -> None:
    """A mail's text is the template's words."""
    with Mailbox() as box:
        options: dict[str, Any] = {"type": "email", "host": "127.0.0.1", "port": box.port, "security": "none"}
        options |= {"sender": "a@news.example", "to": "b@news.example", "allow_private": True, "template": template}
        build("mail", options, lambda _: SecretStr("")).send(alert(), thread=None, now=NOW, deadline=5)
        assert box.mails[0].get_content().startswith("Look: ")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{{ titel }}", "desk.j2:1:1: the template fails: 'titel' is undefined"),
        (b"a\n{% if %}", "desk.j2:2:1: the template fails: "),
        (b"\xff", "can't be read: it is not UTF-8"),
        (b"x" * 70_000, "is longer than 65536 characters"),
    ],
)
def test_a_bad_template_is_a_mistake_in_the_settings(content: bytes, problem: str, tmp_path: Path) -> None:
    """A template is tried when the settings are read, and a bad one is told with file and line."""
    (tmp_path / "desk.j2").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        build("desk", {"type": "console", "template": str(tmp_path / "desk.j2")}, lambda _: SecretStr(""))
    assert problem in str(caught.value)
