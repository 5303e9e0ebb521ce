"""Alerts as JSON to any address, signed as the Standard Webhooks specification says.

The body is described by `webhook.schema.json`, version 1: keys are added, never changed or taken away. `webhook-id` is
the alert's key, so that a receiver recognises a repeated message. Each key signs, so that keys can be rotated: give
the new one beside the old one, change the receiver, take the old one away.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from pydantic import Field, SecretStr

from monitor.alerts.text import safe_link
from monitor.channels.base import AllowPrivate, Options, Secret, SecretNames, check_status, encoded, is_web
from monitor.channels.net import post
from monitor.errors import InputError
from monitor.model import Alert, Article, Match

VERSION = 1


class WebhookOptions(Options):
    """Where to send, and what to sign with. An address that is itself a secret may be given by name."""

    url: str = Field(description="Where alerts are posted; secret:NAME where the address itself is a secret")
    key: SecretNames = Field(default=(), description="secret:NAME of each signing key (whsec_ and base64)")
    allow_private: AllowPrivate = False


class Webhook:
    """Sends alerts as signed JSON."""

    interval = 0.0

    def __init__(self, name: str, url: SecretStr, keys: Sequence[SecretStr], *, allow_private: bool = False) -> None:
        """Raise InputError for an address that is not http, or a key that is not `whsec_` and base64."""
        if not is_web(url.get_secret_value()):
            raise InputError("a webhook's address begins with http:// or https://")
        self.name = name
        self._url = url
        self._keys = tuple(keys)
        self._allow_private = allow_private
        for key in self._keys:
            _raw(key)

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        """Send the alert; any 2xx is acceptance, whatever the body says."""
        body = encoded(payload(alert))
        headers = {"content-type": "application/json"}
        headers |= signed(alert.key, now, body, self._keys)
        answer = post(
            self._url.get_secret_value(), body, headers, now=now, deadline=deadline, allow_private=self._allow_private
        )
        check_status(answer.status, answer.retry_after)
        return None

    def close(self) -> None:
        """Nothing is kept open between messages."""


def payload(alert: Alert) -> dict[str, Any]:
    """Return the body: the alert, or the digest with its items."""
    body = {"version": VERSION, "type": "digest" if alert.is_digest else "alert", **_alert(alert)}
    if alert.is_digest:
        body["items"] = [{"type": "alert", **_alert(item)} for item in alert.items]
    return body


def preview(alert: Alert) -> str:
    """Return the body, indented."""
    return json.dumps(payload(alert), ensure_ascii=False, indent=2)


def signed(key: str, now: datetime, body: bytes, keys: Sequence[SecretStr]) -> dict[str, str]:
    """Return the three headers of the Standard Webhooks specification; without keys there is no signature."""
    stamp = str(int(now.timestamp()))
    headers = {"webhook-id": key, "webhook-timestamp": stamp}
    if keys:
        message = f"{key}.{stamp}.".encode() + body
        headers["webhook-signature"] = " ".join(
            "v1," + base64.b64encode(hmac.digest(_raw(one), message, hashlib.sha256)).decode() for one in keys
        )
    return headers


@cache
def schema() -> Mapping[str, Any]:
    """Return the JSON Schema of the body."""
    text = resources.files(__package__).joinpath("webhook.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def build(name: str, options: WebhookOptions, secret: Secret) -> Webhook:
    """Make the channel. Raises InputError for an unusable key."""
    url = secret(options.url) if options.url.startswith("secret:") else SecretStr(options.url)
    return Webhook(name, url, [secret(key) for key in options.key], allow_private=options.allow_private)


def _raw(key: SecretStr) -> bytes:
    """Return a signing key's bytes; `whsec_` in front is customary and not part of it."""
    try:
        raw = base64.b64decode(key.get_secret_value().strip().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise InputError("a webhook key is whsec_ and base64") from None
    if len(raw) < 16:
        raise InputError("a webhook key has at least 16 bytes (24 are usual), as whsec_ and base64")
    return raw


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.key,
        "watchlist": alert.watchlist,
        "rule": alert.rule,
        "severity": alert.severity,
        "created": _time(alert.created),
        "story": alert.story,
        "follows": _time(alert.follows),
        "kind": str(alert.kind),
        "score": round(alert.score, 4),
        "entities": [{"id": entity, "name": name} for entity, name in alert.names.items()],
        "reasons": list(alert.reasons),
        "added": list(alert.added),
        "parts": [{"name": part.name, "value": part.value, "weight": part.weight} for part in alert.parts],
        "nearest": alert.nearest,
        "outlets": alert.outlets,
        "agency": alert.agency,
        "first_in": alert.first_in,
        "article": _article(alert.article),
        "matches": [_match(match) for match in alert.matches],
    }


def _article(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "revision": article.revision,
        "source": article.source,
        "url": safe_link(article.url),
        "published": _time(article.published),
        "first_seen": _time(article.first_seen),
        "lang": article.lang,
        "title": article.title,
        "summary": article.summary,
    }


def _match(match: Match) -> dict[str, Any]:
    return {
        "entity": match.entity,
        "via": match.via,
        "mentions": [
            {
                "field": mention.field,
                "start": mention.start,
                "end": mention.end,
                "surface": mention.surface,
                "alias": mention.alias,
                "zone": str(mention.zone),
                "via": mention.via,
            }
            for mention in match.mentions
        ],
        "evidence": list(match.evidence),
    }


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
