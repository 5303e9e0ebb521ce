"""Fetching from strangers: one deadline, one size, addresses judged, redirects by hand, validators as a pair.

    get(state) -> hops (each judged) -> headers -> bounded body -> Response, or FetchError with a reason

`REASONS` is closed: each reason is a metric label and says what an operator can do about it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Literal
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from monitor.errors import FetchError, InputError
from monitor.feeds import address, inflate, network
from monitor.feeds.pace import Pace
from monitor.records import Feed, FeedState

REASONS = {
    "url": "the address can't be used as it stands",
    "scheme": "neither http nor https",
    "address": "it leads to an address that is not public",
    "dns": "its name has no address",
    "connect": "no connection",
    "tls": "no secure connection (certificate or protocol)",
    "deadline": "no complete answer within the deadline",
    "protocol": "the answer is no HTTP",
    "encoding": "the body is packed in a way that was not asked for, or damaged",
    "bomb": "a decompression bomb",
    "redirect": "too many redirects, or one that leads nowhere",
    "gone": "410: the feed has been withdrawn",
    "missing": "404, or 410 where a temporary redirect leads: nothing there",
    "refused": "401 or 403: it wants credentials or does not want us",
    "throttled": "429, or 503 with Retry-After: it asks us to wait",
    "server": "the server failed (5xx)",
    "status": "another status that is no feed",
    "secret": "a header's secret has no value",
    "busy": "too many of its host's feeds are due at once: asked again shortly",
}

MAX_BODY = 10 * 1024 * 1024
MAX_REDIRECTS = 5
MAX_VALIDATOR = 1024
MAX_RETRY_AFTER = 7 * 86400.0
SECONDS = 30.0
SHARDS = 8
_REDIRECTS = {301, 302, 303, 307, 308}
_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


class Refused(FetchError):
    """An answer with a status that brings no feed."""

    def __init__(self, reason: str, message: str, status: int, retry_after: float | None) -> None:
        """Keep the status beside the reason."""
        super().__init__(reason, message, retry_after=retry_after)
        self.status = status


@dataclass(frozen=True)
class Response:
    """What one fetch gave. `complete` is false for a body that was cut; its validators are absent then.

    `moved_to` is where permanent redirects alone lead. Hints are seconds from the answer's arrival.
    """

    url: str
    status: int
    body: bytes = b""
    content_type: str | None = None
    etag: str | None = None
    modified: str | None = None
    complete: bool = True
    moved_to: str | None = None
    max_age: float | None = None
    expires: float | None = None
    retry_after: float | None = None
    seconds: float = 0.0

    @property
    def not_modified(self) -> bool:
        """Tell whether the server says that nothing changed."""
        return self.status == 304

    @cached_property
    def body_hash(self) -> str:
        """Return a hash of the bytes: the same bytes need no second parse."""
        return hashlib.blake2b(self.body, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class _Hop:
    """One answer on the way: a redirect's target, or the final answer."""

    response: Response | None = None
    target: str | None = None
    permanent: bool = False


class Fetcher:
    """Fetches feeds and pages over shared connection pools; safe to use from many threads at once.

    `contact` stands in the User-Agent. `secret` looks up `secret:name` values of a feed's headers. `resolver` is the
    system's unless a test gives another. Without `proxy` nothing is read from the environment; a feed's own private
    host is asked without it. Host pacing is `pace`'s business (None: no limits).
    """

    def __init__(
        self,
        *,
        contact: str | None = None,
        secret: Callable[[str], str] | None = None,
        resolver: network.Resolver = network.resolve,
        pace: Pace | None = None,
        seconds: float = SECONDS,
        max_body: int = MAX_BODY,
        proxy: network.Proxy | Literal["environment"] | None = None,
    ) -> None:
        suffix = f" (+{contact})" if contact else ""
        self._agent = f"entity-monitor/0.1{suffix}"
        self._secret = secret
        self._resolver = resolver
        self._pace = pace or Pace()
        self._seconds = seconds
        self._max_body = max_body
        self._proxy = proxy
        self._lock = threading.Lock()
        self._clients: dict[tuple[bool, str | None, network.Proxy | None, int], httpx.Client] = {}
        self._contexts: dict[str | None, ssl.SSLContext] = {}

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. A request under way in another thread fails."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def get(self, state: FeedState, now: datetime, *, url: str | None = None, conditional: bool = True) -> Response:
        """Fetch a feed from `url` or where it was last found, asking only for what changed. Raises FetchError."""
        headers = {"Accept": _ACCEPT}
        if conditional and state.etag:
            headers["If-None-Match"] = state.etag
        if conditional and state.modified:
            headers["If-Modified-Since"] = state.modified
        return self.fetch(url or state.moved_to or state.feed.url, state.feed, now, headers)

    def fetch(self, url: str, feed: Feed, now: datetime, headers: Mapping[str, str]) -> Response:
        """Fetch any address under the feed's permissions (its credentials go to its own host only)."""
        started = time.monotonic()
        moved: str | None = None
        permanent = True
        with network.deadline(started + self._seconds):
            for _ in range(MAX_REDIRECTS + 1):
                try:
                    hop = self._hop(url, feed, now, headers, started)
                except Refused as error:
                    if permanent or error.reason != "gone":
                        raise
                    told = f"{error.status}: nothing where a temporary redirect leads"
                    raise Refused("missing", told, error.status, error.retry_after) from error
                if hop.response is not None:
                    return _with(hop.response, moved if permanent else None, time.monotonic() - started)
                assert hop.target is not None
                permanent = permanent and hop.permanent
                moved = url = hop.target
        raise FetchError("redirect", f"more than {MAX_REDIRECTS} redirects, the last one to {url[:200]}")

    def _hop(self, url: str, feed: Feed, now: datetime, headers: Mapping[str, str], started: float) -> _Hop:
        """Ask one address. Errors of every layer below become FetchError here, and nowhere else."""
        host = urlsplit(url).hostname or "" if address.split(url) else ""
        own = host != "" and host == urlsplit(feed.url).hostname
        wrong = address.problem(url)
        if wrong is not None and not (wrong[0] == "address" and feed.allow_private and own):
            raise FetchError(*wrong)
        sent = {**headers, **(own_headers(feed, self._secret) if own and _no_downgrade(feed.url, url) else {})}
        client = self._client(url, feed.allow_private and own, feed.ca, host)
        try:
            with self._pace.turn(host, network.remaining), client.stream("GET", url, headers=sent) as answer:
                return self._read(url, answer, now)
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise FetchError("deadline", f"no complete answer after {time.monotonic() - started:.1f} s") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.UnsupportedProtocol, UnicodeError) as error:
            raise FetchError("url", f"the address can't be used: {error}") from error
        except (httpcore.NetworkError, httpcore.ProxyError, httpx.NetworkError, ssl.SSLError) as error:
            raise FetchError("connect", f"the connection broke: {str(error) or type(error).__name__}") from error
        except (httpcore.ProtocolError, httpx.ProtocolError, httpx.DecodingError) as error:
            raise FetchError("protocol", f"the answer is no HTTP: {error}") from error

    def _read(self, url: str, answer: httpx.Response, now: datetime) -> _Hop:
        """Judge status and headers, then gather the body."""
        if answer.status_code in _REDIRECTS and "location" in answer.headers:
            return _redirect(url, answer)
        retry_after = _retry_after(answer.headers.get("retry-after"), now)
        if answer.status_code not in {200, 203, 304}:
            raise _refusal(answer.status_code, retry_after)
        max_age, expires = _freshness(answer.headers, now)
        body, complete = (b"", True) if answer.status_code == 304 else self._body(answer)
        return _Hop(
            Response(
                url=url,
                status=answer.status_code,
                body=body,
                content_type=answer.headers.get("content-type"),
                etag=_validator(answer.headers.get("etag")) if complete else None,
                modified=_validator(answer.headers.get("last-modified")) if complete else None,
                complete=complete,
                max_age=max_age,
                expires=expires,
                retry_after=retry_after,
            )
        )

    def _body(self, answer: httpx.Response) -> tuple[bytes, bool]:
        """Read the body within the cap. A connection that breaks in mid-body gives what came, as incomplete."""
        encoding = inflate.encoding_of(answer.headers.get("content-encoding"))
        cut = _CutShort(answer)
        body, whole = inflate.read(cut, encoding, self._max_body)
        return body, whole and not cut.broken

    def _client(self, url: str, private: bool, ca: str | None, host: str) -> httpx.Client:
        """Return the pool for a host: a private host's connections are never lent to a stranger's redirect.

        Raises FetchError where a proxy can't be used, or would be sent to where nobody may send us.
        """
        proxy = None if private else self._proxy
        if proxy == "environment":
            proxy = network.Proxy.in_environment(url)
        if proxy is not None:
            network.judge_for_proxy(self._resolver, host)
        digest = hashlib.blake2b(host.encode("utf-8", "replace"), digest_size=2).digest()
        key = (private, ca, proxy, int.from_bytes(digest) % SHARDS)
        with self._lock:
            client = self._clients.get(key)
            if client is None:
                backend = network.Backend(self._resolver, private=private or proxy is not None)
                transport = network.Transport(backend, self._context(ca), keep=16, keep_seconds=15.0, proxy=proxy)
                agent = {"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"}
                client = httpx.Client(
                    transport=transport, headers=agent, cookies=_no_cookies(), trust_env=False, follow_redirects=False
                )
                self._clients[key] = client
        return client

    def _context(self, ca: str | None) -> ssl.SSLContext:
        """Return the shared TLS context, or the one that trusts a feed's own authority besides."""
        if ca not in self._contexts:
            context = httpx.create_ssl_context(trust_env=False)
            if ca is not None:
                try:
                    context.load_verify_locations(cafile=ca)
                except (OSError, ssl.SSLError) as error:
                    raise FetchError("tls", f"the certificate file {ca} can't be used: {error}") from error
            self._contexts[ca] = context
        return self._contexts[ca]


def own_headers(feed: Feed, secret: Callable[[str], str] | None) -> dict[str, str]:
    """Return the feed's own headers with secrets looked up. Raises FetchError (secret)."""
    headers = {}
    for name, text in feed.headers.items():
        value = _looked_up(text, secret) if text.startswith("secret:") else text
        if not value:
            raise FetchError("secret", f"the header {name} wants {text[:80]}, which has no value")
        if not (value.isascii() and value.isprintable()):
            raise FetchError("secret", f"the header {name} wants {text[:80]}, whose value no header can hold")
        headers[name] = value
    return headers


def _looked_up(name: str, secret: Callable[[str], str] | None) -> str:
    """Return a secret's value; nothing for one that nobody knows."""
    try:
        return secret(name) if secret else ""
    except (LookupError, InputError):
        return ""


def _no_cookies() -> CookieJar:
    """Return a jar that keeps nothing: strangers must not fill our memory, nor know us from one feed to the next."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


class _CutShort:
    """Raw chunks of an answer; a connection that breaks after the first byte ends them instead of raising."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self.broken = False

    def __iter__(self) -> Iterator[bytes]:
        some = False
        try:
            for chunk in self._answer.iter_raw():
                some = True
                yield chunk
        except (httpcore.RemoteProtocolError, httpcore.ReadError):
            if not some:
                raise
            self.broken = True


def _redirect(url: str, answer: httpx.Response) -> _Hop:
    """Return the next hop of a redirect; it is judged like any address when it is asked."""
    location = answer.headers["location"]
    try:
        target = urljoin(url, location.strip().replace(" ", "%20"))
    except ValueError as error:
        raise FetchError("redirect", f"a redirect to an address that can't be read: {location[:200]!r}") from error
    if urlsplit(url).scheme == "https" and target.startswith("http:") and answer.status_code in {301, 308}:
        return _Hop(target=target, permanent=False)
    return _Hop(target=target.split("#")[0], permanent=answer.status_code in {301, 308})


def _with(response: Response, moved: str | None, seconds: float) -> Response:
    """Return the response with where it was found and how long it took."""
    return dataclasses.replace(response, moved_to=moved, seconds=seconds)


def _no_downgrade(configured: str, url: str) -> bool:
    """Tell whether credentials meant for `configured` may travel to `url`: same host, port and no weaker scheme."""
    ours, theirs = urlsplit(configured), urlsplit(url)
    return (ours.scheme, ours.port) == (theirs.scheme, theirs.port) or (ours.scheme, theirs.scheme) == ("http", "https")


def _refusal(status: int, retry_after: float | None) -> Refused:
    """Return the error for a status that brings no feed."""
    if status == 429 or (status == 503 and retry_after is not None):
        wait = f", for {retry_after:.0f} s" if retry_after else ""
        return Refused("throttled", f"{status}: the server asks us to wait{wait}", status, retry_after)
    names = {410: "gone", 404: "missing", 401: "refused", 403: "refused"}
    reason = names.get(status, "server" if status >= 500 else "status")
    return Refused(reason, f"{status}: {REASONS[reason].split(': ')[-1]}", status, retry_after)


def _validator(value: str | None) -> str | None:
    """Return a validator as it will be sent back, or None for one that no header can hold."""
    if value is None or not value.strip() or len(value) > MAX_VALIDATOR or not value.isprintable():
        return None
    return value.strip() if value.isascii() else None


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Read Retry-After, seconds or a date, capped at a week."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_RETRY_AFTER)
    until = _http_date(text)
    return None if until is None else min(max((until - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _freshness(headers: httpx.Headers, now: datetime) -> tuple[float | None, float | None]:
    """Return (max-age, expires) in seconds from now. Expires counts from the server's own clock, where it shows it."""
    max_age = None
    for part in headers.get("cache-control", "").split(",")[:20]:
        name, _, value = part.strip().partition("=")
        seconds = value.strip('"')
        if name.lower() == "max-age" and seconds.isascii() and seconds.isdigit():
            max_age = float(seconds[:12])
    expires = _http_date(headers.get("expires", ""))
    if expires is None:
        return max_age, None
    base = _http_date(headers.get("date", "")) or now
    return max_age, max((expires - base).total_seconds(), 0.0)


def _http_date(value: str) -> datetime | None:
    """Read an HTTP date; None for anything else."""
    try:
        when = parsedate_to_datetime(value[:64])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
