"""The parts of the settings: what each key means, its default and its bounds; nothing here reads a file."""

from __future__ import annotations

import ipaddress
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

SECRET = "secret:"  # noqa: S105 - how a secret is named, none itself
SECRET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
MASK = "***"
_DATABASES = ("sqlite:///", "postgresql+psycopg://")


def _one_or_many(value: object) -> object:
    """Make a list of a single text; from the environment it may be JSON."""
    if isinstance(value, str):
        return json.loads(value) if value.lstrip().startswith("[") else [value]
    return value


def wrong(message: str, fix: str) -> PydanticCustomError:
    """Return the error of a value, with how to mend it."""
    return PydanticCustomError("wrong", "{message}", {"message": message, "fix": fix})


def _address(value: str) -> str:
    """Check `host:port`, `[v6]:port`."""
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise wrong(f"{value!r} is not host:port", "write e.g. 127.0.0.1:9108")
    return value


def _contact(value: str) -> str:
    """Check that the text can stand in a header."""
    if value.isascii() and value.isprintable() and value.strip():
        return value
    raise wrong("contact has characters that no header may hold", "write an address in plain ASCII")


def _names_a_secret(value: str) -> bool:
    return value.startswith(SECRET) and SECRET_NAME.fullmatch(value.removeprefix(SECRET)) is not None


def _proxy(value: str) -> str:
    """Check that feeds can be asked through it; a password in it is named, not written."""
    if value == "environment" or _names_a_secret(value):
        return value
    with suppress(ValueError):
        parts = urlsplit(value)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and "@" not in value:
            return value
    raise wrong("proxy is no address that feeds can be asked through",
                "write http://host:port, secret:NAME if it has a password, or environment")  # fmt: skip


def check_database(value: str) -> str:
    """Check the address' kind; the message never shows it, it may hold a password."""
    if value.startswith((*_DATABASES, SECRET)) and ":memory:" not in value and value not in _DATABASES:
        return value
    raise wrong("database is no address this program can use",
                 "write sqlite:////path/monitor.db or postgresql+psycopg://user@host/name")  # fmt: skip


def masked_url(value: str) -> str:
    """Return an address without its password."""
    parts = urlsplit(value)
    if parts.password is None:
        return value
    netloc = parts.netloc.replace(f":{parts.password}@", f":{MASK}@")
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment))


Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_one_or_many)]
Address = Annotated[str, AfterValidator(_address)]
Database = Annotated[str, AfterValidator(check_database), PlainSerializer(masked_url)]


def is_loopback(listen: str) -> bool:
    """Tell whether only this machine can connect to that host:port."""
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reference(value: str) -> str:
    """Check that a secret is named, not written."""
    if _names_a_secret(value):
        return value
    raise wrong("a secret is named in the settings, never written there", "write secret:NAME")


SecretReference = Annotated[str, AfterValidator(_reference)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Http(_Part):
    """Metrics and health."""

    listen: Address = Field(
        default="127.0.0.1:9108",
        description="Address of /metrics, /healthz and /readyz; loopback unless you say otherwise",
    )
    token: SecretReference | None = Field(
        default=None, description="`secret:NAME` of the bearer token to ask for; needed where `listen` is not loopback"
    )

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        """Refuse to show anything to a network without a token."""
        if self.token is None and not is_loopback(self.listen):
            raise wrong(
                f"http.listen {self.listen} is not loopback and http.token is not set",
                "set http.token to secret:NAME, or listen on 127.0.0.1",
            )
        return self


class Polling(_Part):
    """How feeds are asked."""

    workers: int = Field(default=8, ge=1, le=256, description="Feeds polled at the same time")
    parsers: int = Field(default=2, ge=1, le=64, description="Worker processes that parse what strangers send")
    per_host: int = Field(default=1, ge=1, le=16, description="Requests to one host at the same time")
    timeout: float = Field(
        default=30.0, gt=0, le=600, description="Seconds for a whole fetch, redirects and body included"
    )
    contact: Annotated[str, AfterValidator(_contact)] | None = Field(
        default=None,
        max_length=200,
        description="Address or page that feeds' operators can reach you at; goes into the user agent",
    )
    proxy: Annotated[str, AfterValidator(_proxy)] | None = Field(
        default=None,
        description="Proxy for feeds: its address, `secret:NAME`, or `environment` for HTTPS_PROXY and NO_PROXY. Feeds "
        "with `allow_private` are asked without it; names that only the proxy can resolve are the proxy's to judge",
    )


class Novelty(_Part):
    """What is remembered to tell news from repetition."""

    memory_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Days that an article stays in the memory; `retention.days` at most, from which it is rebuilt",
    )
    memory_articles: int = Field(
        default=100_000,
        ge=100,
        le=5_000_000,
        description="Articles remembered per watchlist at most: the newest 2,000 in full; of an older one eight "
        "fingerprints, by which its copies are known but not its retellings",
    )


class Retention(_Part):
    """How long the store keeps what only the memory needs."""

    days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days that articles and their judgements are kept; alerts are never forgotten",
    )
    megabytes: int = Field(
        default=4096,
        ge=50,
        description="What the database may hold before articles are forgotten sooner, though never within 7 days; "
        "looked at once a day. A file does not shrink: what was freed is used again. A memory that is rebuilt "
        "after that holds only what is left",
    )


class Alerts(_Part):
    """What holds for the alerts of all rules."""

    flood: int = Field(
        default=60,
        ge=1,
        le=10_000,
        description="Alerts a minute that one rule or feed may send at once; what a burst brings beyond leaves as one",
    )


class Operator(_Part):
    """What the program tells about itself, and to whom."""

    send_to: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_one_or_many)] = Field(
        default=(),
        description="Channels that hear of stale, moved and ended feeds, parked deliveries and rejected reloads",
    )
    stale_hours: float = Field(
        default=24.0,
        gt=0,
        description="Hours without an answer after which a feed is stale; one that never answered is after five tries",
    )
    repeat_hours: float = Field(
        default=6.0, gt=0, description="Hours in which the same kind of trouble is told once at most"
    )
    heartbeat: str | None = Field(
        default=None,
        description="Channel that gets a sign of life while loops turn and the store is written: a dead man's switch",
    )
    heartbeat_minutes: float = Field(default=60.0, ge=1, description="Minutes from one sign of life to the next")


class Log(_Part):
    """What is written to standard error."""

    format: Literal["auto", "console", "json", "journal"] = Field(
        default="auto",
        description="`auto` is console for a person, journal (JSON with a priority) for systemd's, json for a pipe",
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important that is written"
    )
