"""Planted secrets: none may come out in an error, a representation, a log or a page, whatever goes wrong."""

from __future__ import annotations

import base64
import logging
import traceback
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.channels.registry import build, preview
from monitor.demo.receiver import Plan, Receiver
from monitor.errors import MonitorError
from tests.alerts.builders import NOW, alert
from tests.channels.conftest import KINDS

PLANTED = "PLANTEDxSECRETxPLANTED"
KEY = "whsec_" + base64.b64encode(PLANTED.encode()).decode()
GIVEN = (PLANTED, KEY, KEY.removeprefix("whsec_"))


def plant(url: str, kind: str, **changes: Any) -> Any:
    """Build a channel all of whose secrets hold the planted word."""
    secrets = {"secret:key": KEY, "secret:token": f"xoxb-{PLANTED}", "secret:hook": f"{url}/services/{PLANTED}"}
    options = {key: value.format(root=url) for key, value in KINDS[kind].items()}
    return build("desk", {"allow_private": True} | options | changes, lambda name: SecretStr(secrets[name]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "plan",
    [
        Plan(status, f"you sent {PLANTED}", {"location": f"http://{PLANTED}.example/"})
        for status in (200, 302, 400, 401, 500)
    ]
    + [Plan(manner=manner) for manner in ("hang", "reset", "drip-body", "not-http")],
)
def test_no_secret_in_any_error(kind: str, plan: Plan, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """However a send fails, even if the receiver repeats the secret, the error and the log don't hold it."""
    caplog.set_level(logging.DEBUG)
    receiver.always(plan)
    channel = plant(receiver.url, kind)
    shown = repr(channel) + str(vars(channel))
    try:
        channel.send(alert(), thread=None, now=NOW, deadline=0.3)
    except MonitorError as error:
        shown += "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))
    shown += caplog.text
    assert not [secret for secret in GIVEN if secret in shown]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://[::1]:1", "http://nowhere.invalid", "ftp://x", "http://[bad"]
)
def test_no_secret_in_an_error_without_a_receiver(kind: str, url: str) -> None:
    """Nor if the address can't be reached, is private, or is no address."""
    shown = ""
    for allow in (True, False):
        try:
            plant(url, kind, allow_private=allow).send(alert(), thread=None, now=NOW, deadline=0.5)
        except MonitorError as error:
            shown += "".join(traceback.format_exception(error)) + str(vars(error))
    assert shown
    assert not [secret for secret in GIVEN if secret in shown]


@pytest.mark.parametrize(
    "options",
    [
        {"type": "slack", "url": f"https://hooks.example/{PLANTED}"},
        {"type": "slack", "token": f"xoxb-{PLANTED}", "channel": "C"},
        {"type": "webhook", "url": "https://x.example", "key": KEY},
        {"type": "webhook", "url": "https://x.example", "key": [KEY, "secret:a"]},
        {"type": "alertmanager", "url": "https://x.example", "token": PLANTED},
        {"type": "slack", "url": "secret:a", "token": "secret:b", "api": PLANTED},
        {"type": "slack", "url": "secret:a"},
        {"type": "webhook", "url": "https://x.example", "key": "secret:a"},
    ],
)
def test_no_secret_in_a_mistake_in_the_settings(options: dict[str, Any]) -> None:
    """A secret written where its name belongs, or one that can't be used, is refused without being repeated."""
    with pytest.raises(MonitorError) as caught:
        build("desk", options, lambda _: SecretStr(f"http://{PLANTED}"))
    shown = "".join(traceback.format_exception(caught.value)) + str(vars(caught.value))
    assert not [secret for secret in GIVEN if secret in shown]


@pytest.mark.parametrize("kind", ["webhook", "slack", "alertmanager", "console"])
def test_no_secret_in_a_preview(kind: str) -> None:
    """A preview is made without any secret."""
    assert PLANTED not in preview(kind, alert())
