"""One address for one article or feed, however it was shared: tracking, AMP and mobile forms undone. Pure.

The result is a key to compare by, not an address to fetch: scheme and `www.` are dropped from it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

_TRACKING = re.compile(
    r"(utm_\w*|at_\w*|xtor|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid|twclid|igshid|mc_[ce]id|_ga|_gl|"
    r"_openstat|mkt_tok|oly_\w+_id|vero_id|wickedid|ocid|cmpid|cmp|ncid|smid|smtyp|sr_share|cn-reloaded|rss|ref_?src|"
    r"ref_?url|ref|referrer|source|src|from|feature|share|shared|amp|outputtype|partner|traffic_source|ito|"
    r"ns_(mchannel|source|campaign|linkname|fee)|sh|s_cid|cid|icid|ftag|_hs\w+|hs\w+|__twitter_impression|"
    r"phpsessid|jsessionid|sid|sessionid)$",
    re.IGNORECASE,
)
# Some systems number their articles so; a session's number is longer or no number.
_ARTICLE = re.compile(r"(?:sid|cid)=\d{1,10}$", re.IGNORECASE)
# A feed's address may be told from its neighbour's by `cid` or `source` alone: only marks of campaigns are dropped.
_CAMPAIGN = re.compile(r"(?:utm_\w*|fbclid|gclid|msclkid|yclid|ysclid)$", re.IGNORECASE)
_MOBILE = re.compile(r"^(?:www\d?|m|mobile|amp|wap|touch)\.(?=[^.]+\.[^.]+)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?:/amp(?:\.html?)?|\.amp(?:\.html?)?)/?$", re.IGNORECASE)
_KEPT_FRAGMENT = re.compile(r"^!|^/")
_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/"
MAX_URL = 2_000


def canonical(url: str | None) -> str | None:
    """Return the key of an article's address, or None where it names no page of its own (a site's front page)."""
    return _key(url, _tracks)


def feed_key(url: str) -> str:
    """Return the key of a feed's address; the address itself where it is a site's front page."""
    return _key(url, lambda name, _: _CAMPAIGN.match(name) is not None) or url


def _tracks(name: str, value: str) -> bool:
    """Tell whether a parameter of an article's address names no page."""
    return _TRACKING.match(name) is not None and not _ARTICLE.match(f"{name}={value}")


def _key(url: str | None, dropped: Callable[[str, str], bool]) -> str | None:
    """Return the key of an address without the parameters that are to be dropped, or None for a front page."""
    if not url or len(url) > MAX_URL:
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    host, path = _amp_cache(host, parts.path)
    path = _path(path)
    query = _query(parts.query, dropped)
    fragment = f"#{parts.fragment}" if _KEPT_FRAGMENT.match(parts.fragment) else ""
    if path in {"", "/"} and not query and not fragment:
        return None
    place = host if port in {None, 80, 443} else f"{host}:{port}"
    return f"{place}{path}{'?' + query if query else ''}{fragment}"


def _host(host: str) -> str:
    """Lower-case, ASCII by IDNA where it can be, without `www.` and mobile labels."""
    host = host.rstrip(".").lower()
    if not host.isascii():
        with contextlib.suppress(UnicodeError):  # an unusual name stays as it is written
            host = host.encode("idna").decode("ascii")
    return _MOBILE.sub("", host)


def _amp_cache(host: str, path: str) -> tuple[str, str]:
    """Undo Google's AMP viewers: the page's own address stands in the path."""
    viewer = re.match(r"/(?:amp/s?/?|c/s?/?|v/s?/?)([^/]+\.[^/]+)(/.*)?$", path)
    if viewer and (host.endswith("cdn.ampproject.org") or re.fullmatch(r"google\.[a-z.]{2,6}", host)):
        return _host(viewer[1]), viewer[2] or "/"
    return host, path


def _path(path: str) -> str:
    """Even out escapes, doubled and trailing slashes, index pages and AMP endings."""
    path = quote(unquote(path, errors="surrogateescape"), safe=_PLAIN, errors="surrogateescape")
    path = re.sub(r"/{2,}", "/", path)
    path = re.sub(r";jsessionid=[^/]*", "", path, flags=re.IGNORECASE)
    path = re.sub(r"^/amp(?=/.)", "", path)
    path = _INDEX.sub("/", _AMP_PATH.sub("", path))
    return path.rstrip("/") or "/"


def _query(query: str, dropped: Callable[[str, str], bool]) -> str:
    """Drop what is to be dropped and sort what is left, which names the page."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return query
    return urlencode(sorted(pair for pair in pairs if not dropped(*pair)))
