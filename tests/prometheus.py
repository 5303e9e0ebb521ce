"""Prometheus, as Debian packages it: where it is, and one started for a session of tests."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
