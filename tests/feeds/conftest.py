"""One site and one parser pool for all tests of this part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.feeds.parse import ParserPool
from tests.feeds.site import Site, site


@pytest.fixture
def web() -> Iterator[Site]:
    """A loopback site."""
    with site() as here:
        yield here


@pytest.fixture(scope="session")
def pool() -> Iterator[ParserPool]:
    """Real parser workers, shared by all tests."""
    with ParserPool(1) as workers:
        yield workers


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """A real fetcher with a short deadline."""
    with Fetcher(contact="desk@example.org", seconds=5, pace=Pace(connections=8, gap=0)) as one:
        yield one
