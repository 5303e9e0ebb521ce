"""Every channel that exists, one line each, and how a block of the settings becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

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


def build(name: str, options: Mapping[str, Any], secret: Secret) -> Channel:
    """Make the channel of that name. Raises ConfigError with every problem of its block, and no value of it."""
    kind = options.get("type", "console" if name == "console" else None)
    if not isinstance(kind, str) or kind not in CHANNELS:
        known = ", ".join(sorted(CHANNELS))
        raise ConfigError([_problem(name, "type", "no such type of channel", f"one of {known}")])
    model, make = CHANNELS[kind].options, CHANNELS[kind].make
    try:
        checked = model.model_validate({key: value for key, value in options.items() if key != "type"})
    except ValidationError as error:
        raise ConfigError(
            [
                _problem(
                    name, ".".join(str(part) for part in one["loc"] if isinstance(part, str)), one["msg"], _fix(model)
                )
                for one in error.errors(include_input=False, include_url=False, include_context=False)
            ]
        ) from None
    try:
        return make(name, checked, secret)
    except ConfigError:
        raise
    except InputError as error:
        raise ConfigError([_problem(name, "", str(error), "see the channel's table in the README")]) from None


def _problem(name: str, key: str, message: str, fix: str) -> Problem:
    where = ".".join(part for part in ("channels", name, key) if part)
    return Problem("settings", 1, 1, f"{where}: {message}", fix)


def _fix(model: type[Options]) -> str:
    keys = ", ".join(sorted(model.model_fields))
    return f"its keys are type, {keys}"
