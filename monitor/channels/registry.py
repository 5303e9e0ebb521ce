"""Every channel that exists, one line each, and how a block of the settings becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from monitor.channels import console, slack, webhook
from monitor.channels.base import Channel, Options, Secret
from monitor.errors import ConfigError, InputError, Problem

#: type in the settings -> (its options, its maker)
CHANNELS: Final[Mapping[str, tuple[type[Options], Callable[[str, Any, Secret], Channel]]]] = {
    "console": (console.ConsoleOptions, console.build),
    "webhook": (webhook.WebhookOptions, webhook.build),
    "slack": (slack.SlackOptions, slack.build),
}


def build(name: str, options: Mapping[str, Any], secret: Secret) -> Channel:
    """Make the channel of that name. Raises ConfigError with every problem of its block, and no value of it."""
    kind = options.get("type", "console" if name == "console" else None)
    if kind not in CHANNELS:
        known = ", ".join(sorted(CHANNELS))
        raise ConfigError([_problem(name, "type", "no such type of channel", f"one of {known}")])
    model, make = CHANNELS[str(kind)]
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


def check(channels: Mapping[str, Mapping[str, Any]], secret: Secret) -> tuple[Problem, ...]:
    """Return every problem of all blocks at once."""
    problems: list[Problem] = []
    for name, options in channels.items():
        try:
            build(name, options, secret)
        except ConfigError as error:
            problems += error.problems
    return tuple(problems)


def _problem(name: str, key: str, message: str, fix: str) -> Problem:
    where = ".".join(part for part in ("channels", name, key) if part)
    return Problem("settings", 1, 1, f"{where}: {message}", fix)


def _fix(model: type[Options]) -> str:
    keys = ", ".join(sorted(model.model_fields))
    return f"its keys are type, {keys}" if keys else "it takes no keys"
