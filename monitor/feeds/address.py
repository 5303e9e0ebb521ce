"""Which addresses a stranger may send us to: public ones, and no trick that only looks like one. Pure.

Two checks, for two moments. `problem` reads a URL before anything is asked of it; `forbidden` judges the very IP
address that is about to be connected to, which is the check that holds: whatever a name was written as (decimal,
hexadecimal, full-width, a name that changes its answer), what is connected is an address.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

SCHEMES = ("http", "https")
MAX_URL = 4096
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029]")

# Not everything that must not be reached is `is_private`, and `is_global` lets multicast and 6to4 pass: the list is
# ours, after the IANA special-purpose registries.
_BLOCKED = tuple(
    (ipaddress.ip_network(net), why)
    for net, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved or broadcast"),
        ("::/96", "unspecified, loopback or IPv4-compatible"),
        ("::ffff:0:0:0/96", "IPv4-translated"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discard"),
        ("100:0:0:1::/64", "dummy prefix"),
        ("2001::/23", "protocol assignments, Teredo"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL6 = ipaddress.ip_network("2000::/3")


def forbidden(address: str) -> str | None:
    """Return why this IP address must not be connected to, or None if it is a public one.

    Addresses that carry an IPv4 address (mapped, NAT64) are judged by what they carry.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "not an IP address"
    carried = _carried(ip)
    if carried is not None:
        return forbidden(carried)
    for network, why in _BLOCKED:
        if ip.version == network.version and ip in network:
            return why
    if isinstance(ip, ipaddress.IPv6Address) and (ip.scope_id is not None or ip not in _GLOBAL6):
        return "not global unicast"
    return None


def _carried(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)) if ip in _NAT64 else None


def split(url: str) -> SplitResult | None:
    """Split a URL, or return None where it can't be one."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def problem(url: str) -> tuple[str, str] | None:
    """Return (reason, message) why this URL is not asked for, or None. Reasons are `fetch.REASONS`.

    What different programs read differently (a backslash, blanks, a name and password before the host) is refused:
    the host that was judged must be the host that is asked.
    """
    wrong = _form_problem(url)
    if wrong is not None:
        return "url", wrong
    parts = urlsplit(url)
    if parts.scheme.lower() not in SCHEMES:
        return "scheme", f"only http and https are fetched, not {parts.scheme[:20]!r}"
    if not parts.hostname:
        return "url", "the address names no host"
    return _host_problem(parts.hostname)


def _form_problem(url: str) -> str | None:
    """Return what is wrong with the form of a URL, whatever it names."""
    parts = split(url)
    checks = (
        (len(url) > MAX_URL, f"the address is longer than {MAX_URL} characters"),
        (_UNSAFE.search(url) is not None, "the address holds a backslash, a blank or a control character"),
        (parts is None, "the address can't be read"),
        (parts is not None and "@" in parts.netloc, "a name and password in it are not used; put them in `headers`"),
        (parts is not None and parts.port == 0, "port 0 can't be asked"),
    )
    return next((message for wrong, message in checks if wrong), None)


def _host_problem(host: str) -> tuple[str, str] | None:
    """Judge a host as written: an address must be public, a name must be one in any reader's eyes."""
    plain = unicodedata.normalize("NFKC", host).replace("。", ".").replace("｡", ".").rstrip(".").lower()
    if "%" in plain:
        return "url", "the host holds a percent sign"
    literal = _literal(plain)
    why = forbidden(literal) if literal else None
    if why:
        return "address", f"{literal} is not a public address ({why})"
    if plain == "localhost" or plain.endswith((".localhost", ".local", ".internal", ".home.arpa", ".onion")):
        return "address", f"{plain[:80]} is a name of a local network"
    return None


def _literal(host: str) -> str | None:
    """Return the IP address that a host stands for in any of the forms that resolvers accept, or None for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    pieces = host.split(".")
    if not 1 <= len(pieces) <= 4:
        return None
    numbers = []
    for piece in pieces:
        number = _number(piece)
        if number is None:
            return None
        numbers.append(number)
    value = numbers[-1]
    if value >= 256 ** (5 - len(numbers)) or any(number > 255 for number in numbers[:-1]):
        return None
    for place, number in enumerate(numbers[:-1]):
        value += number << (8 * (3 - place))
    return str(ipaddress.IPv4Address(value))


def _number(piece: str) -> int | None:
    """Read a decimal, octal (0…) or hexadecimal (0x…) number of ASCII digits, in lower case, as `inet_aton` does."""
    if not piece or len(piece) > 20 or not piece.isascii():
        return None
    try:
        if piece.startswith("0x"):
            return int(piece[2:] or "0", 16)
        if piece.startswith("0") and len(piece) > 1:
            return int(piece, 8)
        return int(piece, 10) if piece.isdigit() else None
    except ValueError:
        return None
