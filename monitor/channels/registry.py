"""Every channel that exists, one line each, and how a block of the settings becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Protocol

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.channels import alertmanager, apprise, console, mail, slack, webhook
from monitor.channels.base import Channel, Options, Secret
from monitor.errors import ConfigError, InputError, Problem
from monitor.model import Alert


@dataclass(frozen=True, slots=True)
class Type:
    """A type of channel: what its block may say, how it is made, and how an alert looks in it."""

    options: type[Options]
    make: Callable[[str, Any, Secret], Channel]
    preview: Callable[[Alert], str]


CHANNELS: Final[Mapping[str, Type]] = {
    "console": Type(console.ConsoleOptions, console.build, console.preview),
    "webhook": Type(webhook.WebhookOptions, webhook.build, webhook.preview),
    "alertmanager": Type(alertmanager.AlertmanagerOptions, alertmanager.build, alertmanager.preview),
    "apprise": Type(apprise.AppriseOptions, apprise.build, apprise.preview),
    "email": Type(mail.EmailOptions, mail.build, mail.preview),
    "slack": Type(slack.SlackOptions, slack.build, slack.preview),
}


def preview(kind: str, alert: Alert) -> str:
    """Return the alert as that type of channel would send it. Raises InputError for a type that doesn't exist."""
    if kind not in CHANNELS:
        raise InputError(f"no type of channel is called {kind!r}. Fix: one of {', '.join(sorted(CHANNELS))}")
    return CHANNELS[kind].preview(alert)


class Place(Protocol):
    """Where something stands in the settings."""

    def problem(self, message: str, fix: str = "") -> Problem:
        """Return a problem there."""
        ...


class _Nowhere:
    """The settings as a whole, for options that come from no file."""

    def problem(self, message: str, fix: str = "") -> Problem:
        return Problem("settings", 1, 1, message, fix)


def build(
    name: str,
    options: Mapping[str, Any],
    secret: Secret,
    place: Callable[..., Place] = lambda *keys: _Nowhere(),
) -> Channel:
    """Make the channel of that name. Raises ConfigError with every problem of its block, and no value of it.

    `place` tells where the keys that lead to a value (`channels`, the name, the option) stand in the settings.
    """
    kind = options.get("type", "console" if name == "console" else None)
    if not isinstance(kind, str) or kind not in CHANNELS:
        known = ", ".join(sorted(CHANNELS))
        raise ConfigError([_problem(place, name, ("type",), "no such type of channel", f"one of {known}")])
    model, make = CHANNELS[kind].options, CHANNELS[kind].make
    try:
        checked = model.model_validate({key: value for key, value in options.items() if key != "type"})
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
        raise ConfigError([_mistake(place, name, model, one) for one in details]) from None
    try:
        return make(name, checked, secret)
    except ConfigError:
        raise
    except InputError as error:
        raise ConfigError([_problem(place, name, (), str(error), "see the channel's table in the README")]) from None


def _mistake(place: Callable[..., Place], name: str, model: type[Options], detail: ErrorDetails) -> Problem:
    keys = detail["loc"]
    near = get_close_matches(str(keys[-1]), model.model_fields, 1) if detail["type"] == "extra_forbidden" else []
    fix = f"did you mean {near[0]!r}?" if near else f"its keys are type, {', '.join(sorted(model.model_fields))}"
    return _problem(place, name, keys, detail["msg"], fix)


def _problem(place: Callable[..., Place], name: str, keys: tuple[str | int, ...], message: str, fix: str) -> Problem:
    path = ("channels", name, *keys)
    return place(*path).problem(f"{'.'.join(map(str, path))}: {message}", fix)
