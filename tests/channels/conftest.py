"""A receiver on loopback for every test, and channels that talk to it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.channels.base import Channel
from monitor.channels.registry import build
from monitor.demo.receiver import Receiver

KEY = "whsec_" + base64.b64encode(b"a key of twenty-four byt").decode()
TOKEN = "xoxb-token-of-a-bot"
HOOK = "/services/T000/B000/secretofthehook"

#: Every channel that speaks HTTP, with the options it needs; addresses are filled in by `make`.
KINDS: dict[str, dict[str, Any]] = {
    "webhook": {"type": "webhook", "url": "{root}/hook", "key": "secret:key"},
    "slack-webhook": {"type": "slack", "url": "secret:hook"},
    "slack-bot": {"type": "slack", "token": "secret:token", "channel": "C0000000001", "api": "{root}/api"},
    "alertmanager": {"type": "alertmanager", "url": "{root}/alertmanager", "token": "secret:token"},
}
Make = Callable[..., Channel]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes what is right."""
    with Receiver((KEY,), token=TOKEN) as made:
        yield made


@pytest.fixture
def make(receiver: Receiver) -> Make:
    """Build a channel of one of KINDS that is allowed to talk to the receiver."""

    def made(kind: str, root: str | None = None, **changes: Any) -> Channel:
        url = root or receiver.url
        secrets = {"secret:key": KEY, "secret:token": TOKEN, "secret:hook": url + HOOK}
        options = {
            name: value.format(root=url) if isinstance(value, str) else value for name, value in KINDS[kind].items()
        }
        return build("desk", {"allow_private": True} | options | changes, lambda name: SecretStr(secrets[name]))

    return made
