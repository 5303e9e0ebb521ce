"""Settings become channels; every mistake in them is told, and no secret with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.channels.console import Console
from monitor.channels.registry import CHANNELS, build, preview
from monitor.errors import ConfigError, InputError, Problem
from monitor.settings import load_settings
from tests.alerts.builders import alert

UNKNOWN = "channels.desk.type: no such type of channel. Fix: one of " + ", ".join(sorted(CHANNELS))
SECRET = SecretStr("https://hooks.example.org/services/T/B/x")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {},
            UNKNOWN,
        ),
        (
            {"type": "teams"},
            UNKNOWN,
        ),
        (
            {"type": ["slack"]},
            UNKNOWN,
        ),
        (
            {"type": "console", "colour": True},
            "channels.desk.colour: Extra inputs are not permitted. Fix: its keys are type, template",
        ),
        ({"type": "webhook"}, "channels.desk.url: Field required. Fix: its keys are type, allow_private, key, url"),
        (
            {"type": "webhook", "url": "https://x.example", "key": "hunter2"},
            "a secret is given by name, as secret:NAME, and kept in the environment or credentials",
        ),
        ({"type": "slack"}, "give either url (an incoming webhook) or token (a bot)"),
        ({"type": "slack", "url": "secret:a", "token": "secret:b", "channel": "C"}, "give either url"),
        ({"type": "slack", "token": "secret:b"}, "a bot token needs a channel"),
        ({"type": "slack", "url": "secret:a", "channel": "C"}, "a webhook address has its own"),
        ({"type": "slack", "url": "https://hooks.slack.example/x"}, "a secret is given by name"),
        ({"type": "slack", "url": "secret:a", "story_url": "https://desk.example"}, "holds {story}"),
        ({"type": "slack", "url": "secret:a", "story_url": "javascript:{story}"}, "story_url is an http address"),
        ({"type": "slack", "token": "secret:b", "channel": "C", "api": "http://x.example"}, "begins with https://"),
        (
            {"type": "email", "host": "m", "sender": "nobody", "to": "a@b.example"},
            "channels.desk.sender: Value error, an e-",
        ),
        ({"type": "email", "host": "m", "sender": "a@b.example", "to": []}, "channels.desk.to: "),
        (
            {"type": "email", "host": "m", "sender": "a@b.example\nBcc: c@d.example", "to": "a@b.example"},
            "desk.sender: ",
        ),
        (
            {"type": "console", "template": "/nowhere/x"},
            "the template /nowhere/x can't be read: No such file or directory",
        ),
        ({"type": "alertmanager", "url": "am.example:9093"}, "Alertmanager's address begins with http"),
        ({"type": "alertmanager", "url": "https://x.example", "lasts": 0}, "channels.desk.lasts: "),
    ],
)
def test_mistakes(options: dict[str, Any], problem: str) -> None:
    """A mistake names the channel, the key and the fix."""
    with pytest.raises(ConfigError) as caught:
        build("desk", options, lambda _: SECRET)
    assert problem in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_all_mistakes_at_once() -> None:
    """Every mistake of a block is told, not the first alone."""
    with pytest.raises(ConfigError) as caught:
        build("desk", {"type": "webhook", "key": "x", "colour": 1, "allow_private": "maybe"}, lambda _: SECRET)
    assert len(caught.value.problems) == 4


def test_mistakes_are_told_where_they_stand() -> None:
    """With a map of the settings, each mistake is told at its own line, a misspelt key with the key it is near to."""

    class Line:
        def __init__(self, *keys: str) -> None:
            self.keys = keys

        def problem(self, message: str, fix: str = "") -> Problem:
            return Problem("monitor.yml", len(self.keys), 1, message, fix)

    with pytest.raises(ConfigError) as caught:
        build("desk", {"type": "webhook", "ulr": "x"}, lambda _: SECRET, Line)
    assert [str(problem) for problem in caught.value.problems] == [
        "monitor.yml:3:1: channels.desk.ulr: Extra inputs are not permitted. Fix: did you mean 'url'?",
        "monitor.yml:3:1: channels.desk.url: Field required. Fix: its keys are type, allow_private, key, url",
    ]
    with pytest.raises(ConfigError, match=r"monitor\.yml:2:1: channels\.desk: a webhook's address begins with http"):
        build("desk", {"type": "webhook", "url": "x"}, lambda _: SECRET, Line)


def test_mistakes_in_a_real_file(tmp_path: Path) -> None:
    """The settings' own map leads to the line and column of each mistake, in lists too."""
    file = tmp_path / "monitor.yml"
    file.write_text(
        "channels:\n  desk:\n    type: webhook\n    url: https://x.example\n    key: [secret:a, hunter2]\n", "utf-8"
    )
    settings = load_settings(file)
    with pytest.raises(ConfigError) as caught:
        build("desk", settings.channels["desk"], lambda _: SECRET, settings.place)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (5, 21)
    assert "hunter2" not in str(problem)


def test_the_console_needs_no_block() -> None:
    """`console` exists without being described."""
    assert isinstance(build("console", {}, lambda _: SECRET), Console)


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_type_shows_an_alert(kind: str) -> None:
    """Each type can show what it would send, with the article in its own language."""
    shown = preview(kind, alert())
    assert "عمر حداد" in shown
    assert "News on Omar" in shown


def test_a_type_that_does_not_exist_shows_nothing() -> None:
    """An unknown type is the user's mistake, and the known ones are named."""
    with pytest.raises(InputError, match="one of alertmanager, apprise, console, email, slack, webhook"):
        preview("teams", alert())


def test_a_secret_that_is_missing_is_told_by_its_keeper() -> None:
    """What the keeper of secrets says about a missing one is passed on as it is."""

    def missing(name: str) -> SecretStr:
        raise InputError(f"{name} is not set")

    with pytest.raises(ConfigError, match="secret:a is not set"):
        build("desk", {"type": "slack", "url": "secret:a"}, missing)


@pytest.mark.parametrize("kind", CHANNELS)
def test_every_option_is_described(kind: str) -> None:
    """The published schema says of every option what it is for, and allows no unknown one."""
    schema = CHANNELS[kind].options.model_json_schema()
    assert schema["additionalProperties"] is False
    assert all(option.get("description") for option in schema["properties"].values()), schema


def test_a_user_without_a_password_is_a_mistake() -> None:
    """Somebody who is to log in needs a password, and a password somebody."""
    for part in ({"user": "u"}, {"password": "secret:p"}):
        with pytest.raises(ConfigError, match="go together"):
            build(
                "mail",
                {"type": "email", "host": "m", "sender": "a@b.example", "to": "c@d.example"} | part,
                lambda _: SECRET,
            )
