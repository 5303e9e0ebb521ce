"""Alerts to Prometheus's Alertmanager (API v2), for teams whose routing, silences and on-call already live there.

News does not last, so every alert ends by itself after `lasts`; Alertmanager then tells its receivers no sooner that
it is over. Labels are few and come from the operator's own words; what feeds say stands in annotations only. `id` is
the alert's key: a repeated message is the same alert. Group by `story` to get one notification a story.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field, SecretStr

from monitor.alerts.text import describe, plain
from monitor.channels.base import AllowPrivate, Options, Secret, SecretName, check_status, encoded, is_web
from monitor.channels.net import post
from monitor.errors import InputError
from monitor.model import Alert


class AlertmanagerOptions(Options):
    """Its address (without `/api/v2/alerts`), a bearer token where one is asked for, and how long news lasts."""

    url: str = Field(description="Alertmanager's address, without /api/v2/alerts")
    token: SecretName | None = Field(default=None, description="secret:NAME of a bearer token")
    lasts: timedelta = Field(default=timedelta(hours=1), gt=timedelta(), description="How long an alert stays active")
    allow_private: AllowPrivate = False


class Alertmanager:
    """Posts alerts to one Alertmanager."""

    interval = 0.0

    def __init__(self, name: str, options: AlertmanagerOptions, token: SecretStr | None) -> None:
        """Raise InputError for an address that is not http."""
        self.name = name
        self._options = options
        self._token = token
        if not is_web(options.url):
            raise InputError("Alertmanager's address begins with http:// or https://")

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        """Post the alert, or a digest's items as one batch."""
        headers = {"content-type": "application/json"}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token.get_secret_value()}"
        body = encoded(payload(alert, now, self._options.lasts))
        url = self._options.url.rstrip("/") + "/api/v2/alerts"
        answer = post(url, body, headers, now=now, deadline=deadline, allow_private=self._options.allow_private)
        check_status(answer.status, answer.retry_after)
        return None

    def close(self) -> None:
        """Nothing is kept open between messages."""


def payload(alert: Alert, now: datetime, lasts: timedelta) -> list[dict[str, Any]]:
    """Return the batch: one Alertmanager alert, or one for each of a digest's items."""
    return [_one(item, now + lasts) for item in alert.items or (alert,)]


def preview(alert: Alert) -> str:
    """Return the batch, indented, as it would be posted when the alert was made."""
    return json.dumps(payload(alert, alert.created, timedelta(hours=1)), ensure_ascii=False, indent=2)


def build(name: str, options: AlertmanagerOptions, secret: Secret) -> Alertmanager:
    """Make the channel. Raises InputError for an unusable address."""
    return Alertmanager(name, options, secret(options.token) if options.token else None)


def _one(alert: Alert, ends: datetime) -> dict[str, Any]:
    said = describe(alert)
    labels = {
        "alertname": said.rule,
        "watchlist": alert.watchlist,
        "severity": said.severity,
        "story": alert.story,
        "kind": str(alert.kind),
        "entities": ",".join(sorted(alert.names)),
        "id": alert.key,
    }
    annotations = {
        "summary": said.title,
        "description": plain(said),
        "who": said.who,
        "source": said.source,
        "reasons": said.why,
        "link": said.link or "",
    }
    return {
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {name: value for name, value in annotations.items() if value},
        "startsAt": alert.created.astimezone(UTC).isoformat(),
        "endsAt": max(ends, alert.created).astimezone(UTC).isoformat(),
        "generatorURL": said.link or "",
    }
