"""Apprise, the optional extra: alerts reach a service by its address, and failures are told without it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.alerts import describe
from monitor.alerts.text import plain
from monitor.channels import apprise
from monitor.channels.registry import build
from monitor.demo.receiver import Plan, Receiver
from monitor.errors import ConfigError, InputError, SendError
from tests.alerts.builders import NOW, alert


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    """Skip without the extra: it is not part of a plain installation."""
    try:
        apprise._library()
    except InputError as error:
        pytest.skip(str(error))


def make(url: str, **changes: Any) -> Any:
    """A channel to that address, allowed to reach loopback."""
    options = {"type": "apprise", "url": "secret:url", "allow_private": True} | changes
    return build("others", options, lambda _: SecretStr(url))


@pytest.fixture
def service() -> Any:
    """A receiver without keys, as Apprise's json:// service wants one."""
    with Receiver() as made:
        yield made


def address(receiver: Receiver) -> str:
    """The receiver as an address of Apprise's."""
    return receiver.url.replace("http://", "json://") + "/PLANTED"


def test_an_alert_arrives(service: Receiver) -> None:
    """The service gets the headline as title, and the alert in words."""
    make(address(service)).send(alert(), thread=None, now=NOW, deadline=10)
    sent = json.loads(service.received[0].body)
    assert sent["title"] == "News on Omar · high · development 0.75"
    assert sent["message"] == plain(describe(alert()))


@pytest.mark.parametrize("plan", [Plan(500), Plan(404), Plan(429), Plan(manner="reset"), Plan(manner="not-http")])
def test_every_failure_is_tried_again(plan: Plan, service: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong, the message is to be tried again, and the address stays out of error and log."""
    service.always(plan)
    with pytest.raises(SendError) as caught:
        make(address(service)).send(alert(), thread=None, now=NOW, deadline=10)
    assert (caught.value.reason, caught.value.permanent) == ("unavailable", False)
    assert "PLANTED" not in str(caught.value) + caplog.text


def test_a_service_that_hangs(service: Receiver) -> None:
    """A service that says nothing ends with the deadline."""
    service.always(Plan(manner="hang"))
    with pytest.raises(SendError) as caught:
        make(address(service)).send(alert(), thread=None, now=NOW, deadline=0.3)
    assert caught.value.reason == "timeout"


def test_private_addresses_are_refused(service: Receiver) -> None:
    """Without leave, no service of this machine or its network is asked."""
    with pytest.raises(SendError) as caught:
        make(address(service), allow_private=False).send(alert(), thread=None, now=NOW, deadline=5)
    assert (caught.value.reason, caught.value.permanent) == ("private", True)
    assert not service.received


def test_an_address_that_apprise_does_not_know() -> None:
    """An unknown address is the settings' mistake, and isn't repeated."""
    with pytest.raises(ConfigError, match="does not know this address") as caught:
        make("nonsense://PLANTED")
    assert "PLANTED" not in str(caught.value)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library is not installed, the settings' mistake says how to add it."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(apprise, "import_module", missing)
    with pytest.raises(ConfigError, match=r"pip install 'entity-monitor\[apprise\]'"):
        make("json://localhost")
