"""TLS: a certificate that nobody vouches for is refused, a feed's own authority is enough for that feed."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.errors import FetchError
from monitor.feeds.fetch import Fetcher
from tests.feeds.builders import NOW, a_state, item, rss
from tests.feeds.site import Answering, serving

FEED = rss(item(1)).encode()


class _Feed(Answering):
    """Answers every request with the feed."""

    body = FEED


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A TLS server on loopback with a certificate of its own; its address and the certificate's file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=feed.example.org",
         "-addext", "subjectAltName=DNS:feed.example.org", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(_Feed, context) as port:
        yield f"https://feed.example.org:{port}/rss", str(certificate)


def test_own_authority_is_trusted_for_its_feed_only(secure: tuple[str, str]) -> None:
    """With `ca` the feed is read; without, the same server is refused; another name is refused either way."""
    url, authority = secure
    with Fetcher(resolver=lambda *_: ["127.0.0.1"], seconds=10) as fetcher:
        assert fetcher.get(a_state(url, feed_ca=authority, feed_allow_private=True), NOW).body == FEED
        for wrong in (
            a_state(url, feed_allow_private=True),
            a_state(url.replace("feed.", "other."), feed_ca=authority, feed_allow_private=True),
        ):
            with pytest.raises(FetchError) as caught:
                fetcher.get(wrong, NOW)
            assert caught.value.reason == "tls"
