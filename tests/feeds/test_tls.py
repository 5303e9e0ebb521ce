"""TLS: a certificate that nobody vouches for is refused, a feed's own authority is enough for that feed."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import FetchError
from monitor.feeds.fetch import Fetcher
from tests.feeds.builders import NOW, a_state, item, rss

FEED = rss(item(1)).encode()


class _Handler(BaseHTTPRequestHandler):
    """Answers every request with the feed."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(FEED)))
        self.end_headers()
        self.wfile.write(FEED)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


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
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://feed.example.org:{server.server_port}/rss", str(certificate)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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
