"""Fixtures that every part's tests may use."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from monitor.demo.receiver import Receiver
from tests.newsroom import Newsroom

pytest_plugins = ["tests.postgres"]

# How long an example takes is the machine's business.
settings.register_profile("here", deadline=None)
settings.load_profile("here")


@pytest.fixture(autouse=True)
def _logs_end_with_their_test() -> Iterator[None]:
    """What a test set up for logs writes to that test's output, which is closed afterwards."""
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    for handler in [one for one in root.handlers if type(one) is logging.StreamHandler]:
        root.removeHandler(handler)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Slack and webhooks on loopback."""
    with Receiver() as one:
        yield one


@pytest.fixture
def room() -> Iterator[Newsroom]:
    """Feeds on loopback, which a test fills."""
    with Newsroom() as one:
        yield one
