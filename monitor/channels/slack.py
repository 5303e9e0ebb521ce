"""Alerts in Slack: an incoming webhook's address, or a bot token and a channel, which can also thread and update.

Text from feeds stands only in plain-text objects and in elements of rich text, which Slack never reads as markup, so
that it can't mention, link or format; the fallback text is escaped. Right-to-left text is isolated.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import quote

from pydantic import Field, SecretStr, model_validator

from monitor.alerts.text import describe, plain
from monitor.channels.base import AllowPrivate, Secret, SecretName, Worded, check_status, encoded, is_web, words
from monitor.channels.net import Answer, post
from monitor.errors import InputError, SendError
from monitor.model import Alert

API: Final = "https://slack.com/api"

#: Slack's word for a failure -> our reason, and whether trying again is useless.
ERRORS: Final[Mapping[str, tuple[str, bool]]] = {
    "invalid_payload": ("invalid-payload", True),
    "invalid_blocks": ("invalid-payload", True),
    "invalid_blocks_format": ("invalid-payload", True),
    "invalid_arguments": ("invalid-payload", True),
    "invalid_arg_name": ("invalid-payload", True),
    "invalid_array_arg": ("invalid-payload", True),
    "invalid_charset": ("invalid-payload", True),
    "invalid_form_data": ("invalid-payload", True),
    "invalid_post_type": ("invalid-payload", True),
    "missing_post_type": ("invalid-payload", True),
    "missing_charset": ("invalid-payload", True),
    "no_text": ("invalid-payload", True),
    "msg_blocks_too_long": ("too-large", True),
    "msg_too_long": ("too-large", True),
    "too_many_attachments": ("invalid-payload", True),
    "action_prohibited": ("action-prohibited", True),
    "posting_to_general_channel_denied": ("action-prohibited", True),
    "restricted_action": ("action-prohibited", True),
    "restricted_action_non_threadable_channel": ("action-prohibited", True),
    "restricted_action_read_only_channel": ("action-prohibited", True),
    "restricted_action_thread_locked": ("action-prohibited", True),
    "restricted_action_thread_only_channel": ("action-prohibited", True),
    "no_permission": ("action-prohibited", True),
    "cant_update_message": ("action-prohibited", True),
    "edit_window_closed": ("action-prohibited", True),
    "message_not_found": ("rejected", True),
    "channel_not_found": ("channel-not-found", True),
    "not_in_channel": ("channel-not-found", True),
    "user_not_found": ("channel-not-found", True),
    "channel_is_archived": ("channel-is-archived", True),
    "is_archived": ("channel-is-archived", True),
    "no_service": ("no-service", True),
    "no_service_id": ("no-service", True),
    "no_active_hooks": ("no-service", True),
    "no_team": ("no-service", True),
    "team_disabled": ("no-service", True),
    "invalid_token": ("unauthorized", True),
    "invalid_auth": ("unauthorized", True),
    "not_authed": ("unauthorized", True),
    "account_inactive": ("unauthorized", True),
    "token_expired": ("unauthorized", True),
    "token_revoked": ("unauthorized", True),
    "missing_scope": ("unauthorized", True),
    "not_allowed_token_type": ("unauthorized", True),
    "access_denied": ("unauthorized", True),
    "ekm_access_denied": ("unauthorized", True),
    "org_login_required": ("unauthorized", True),
    "team_access_not_granted": ("unauthorized", True),
    "two_factor_setup_required": ("unauthorized", True),
    "rate_limited": ("rate-limited", False),
    "ratelimited": ("rate-limited", False),
    "message_limit_exceeded": ("rate-limited", False),
    "accesslimited": ("unavailable", False),
    "fatal_error": ("unavailable", False),
    "internal_error": ("unavailable", False),
    "request_timeout": ("unavailable", False),
    "rollup_error": ("unavailable", False),
    "service_unavailable": ("unavailable", False),
    "team_added_to_org": ("unavailable", False),
}
_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_NO_THREAD = frozenset({"thread_not_found", "invalid_thread_ts", "cannot_reply_to_message"})


class SlackOptions(Worded):
    """Either `url` (an incoming webhook) or `token` and `channel` (a bot), all but the channel by secret name.

    `story_url` is a template of a story's page, `https://desk.example.org/stories/{story}`.
    """

    url: SecretName | None = Field(default=None, description="secret:NAME of an incoming webhook's address")
    token: SecretName | None = Field(default=None, description="secret:NAME of a bot token with chat:write")
    channel: str | None = Field(default=None, description="The id of the bot's channel, C and digits")
    api: str = Field(default=API, description="Slack's Web API, or what stands in for it")
    story_url: str | None = Field(default=None, description="A story's page, with {story} where its id goes")
    allow_private: AllowPrivate = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.url is None) == (self.token is None):
            raise ValueError("give either url (an incoming webhook) or token (a bot)")
        if (self.token is None) != (self.channel is None):
            raise ValueError("a bot token needs a channel, and a webhook address has its own")
        if self.story_url is not None and ("{story}" not in self.story_url or not is_web(self.story_url)):
            raise ValueError("story_url is an http address that holds {story}")
        return self


class Slack:
    """Posts alerts; Slack takes about one message a second in each channel."""

    interval = 1.0

    def __init__(self, name: str, options: SlackOptions, secret: SecretStr) -> None:
        """`secret` is the webhook's address or the bot's token. Raises InputError where it could leave unencrypted, or
        for an unusable template.
        """
        self.name = name
        self._options = options
        self._secret = secret
        self._words = words(options.template) if options.template else None
        where = options.api if options.token else secret.get_secret_value()
        if not is_web(where) or not (where.startswith("https://") or options.allow_private):
            raise InputError("Slack's address begins with https://")

    def send(self, alert: Alert, *, thread: str | None, now: datetime, deadline: float) -> str | None:
        """Post the alert; a bot returns the message's time stamp, which is the story's thread.

        Blocks that Slack refuses are sent again as plain text, a reply to a thread that is gone as a new message.
        """
        body = payload(alert, self._options.story_url, self._words)
        if self._options.token:
            body["channel"] = self._options.channel
            if thread:
                body["thread_ts"] = thread
        return self._post("chat.postMessage", body, now, deadline)

    def update(self, alert: Alert, *, receipt: str, now: datetime, deadline: float) -> None:
        """Replace a bot's message, to bring its count of outlets up to date; a webhook can't, and nothing happens."""
        if self._options.token:
            new = payload(alert, self._options.story_url, self._words)
            body = {"channel": self._options.channel, "ts": receipt, "text": new["text"], "blocks": new["blocks"]}
            self._post("chat.update", body, now, deadline)

    def close(self) -> None:
        """Nothing is kept open between messages."""

    def _post(self, method: str, body: dict[str, Any], now: datetime, deadline: float) -> str | None:
        ends = time.monotonic() + deadline
        for _ in range(3):
            answer = self._call(method, body, now, ends - time.monotonic())
            error = self._error(answer)
            if error in _BAD_BLOCKS and "blocks" in body:
                del body["blocks"]
            elif error in _NO_THREAD and "thread_ts" in body:
                del body["thread_ts"]
            else:
                break
        return self._receipt(answer, error)

    def _call(self, method: str, body: Mapping[str, Any], now: datetime, left: float) -> Answer:
        secret = self._secret.get_secret_value()
        headers = {"content-type": "application/json; charset=utf-8"}
        url = secret
        if self._options.token:
            url = f"{self._options.api.rstrip('/')}/{method}"
            headers["authorization"] = f"Bearer {secret}"
        return post(url, encoded(body), headers, now=now, deadline=left, allow_private=self._options.allow_private)

    def _error(self, answer: Answer) -> str | None:
        """Return Slack's word for what went wrong, None where it accepted; "" where it said nothing we know."""
        if self._options.token is None:
            text = answer.text.strip()
            return None if answer.status == 200 and text == "ok" else text if text in ERRORS else ""
        said = _object(answer.text)
        if answer.status == 200 and said.get("ok") is True:
            return None
        word = said.get("error")
        return word if isinstance(word, str) and (word in ERRORS or word in _NO_THREAD) else ""

    def _receipt(self, answer: Answer, error: str | None) -> str | None:
        if error is None:
            stamp = _object(answer.text).get("ts") if self._options.token else None
            return stamp if isinstance(stamp, str) else None
        if error in ERRORS:
            reason, permanent = ERRORS[error]
            raise SendError(reason, f"Slack says {error}", permanent=permanent, retry_after=answer.retry_after)
        check_status(answer.status, answer.retry_after)
        raise SendError("protocol", "Slack's answer is neither ok nor an error that it documents")


def payload(alert: Alert, story_url: str | None = None, words: Callable[[Alert], str] | None = None) -> dict[str, Any]:
    """Return the message: blocks, and the text that notifications and old clients show.

    `words` says the alert in place of the blocks' own layout; what it says is text, never Slack's markup.
    """
    from monitor.channels.slack_blocks import blocks, fallback, worded  # noqa: PLC0415 - slack-sdk's 4 MB are for Slack

    said = describe(alert)
    link = story_url.replace("{story}", quote(said.story, safe="")) if story_url else None
    text = words(alert) if words else plain(said)
    built = worded(said, text) if words else blocks(said, link)
    return {
        "text": fallback(text),
        "blocks": [block.to_dict() for block in built],
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def preview(alert: Alert) -> str:
    """Return the message as its reader sees it, as far as lines of text can show it."""
    from monitor.channels.slack_blocks import readable  # noqa: PLC0415 - see `payload`

    return readable(payload(alert)["blocks"])


def build(name: str, options: SlackOptions, secret: Secret) -> Slack:
    """Make the channel. Raises InputError for an address without https."""
    reference = options.url or options.token
    assert reference is not None
    return Slack(name, options, secret(reference))


def _object(text: str) -> Mapping[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
