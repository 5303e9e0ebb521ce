"""pytest's side of the mutation campaign: notes what each test reaches and takes, and runs tests in a given order.

A plugin (`-p tests.campaign.mutate_order`). Under `coverage run` each test is a context of its own, its fixtures
included; `--seconds-to FILE` notes their seconds. `--order-from FILE` reads a JSON list of test ids.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

MEMORY = 6 * 2**30
_spent = pytest.StashKey[dict[str, float]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seconds-to", type=Path)
    parser.addoption("--order-from", type=Path)


def pytest_configure(config: pytest.Config) -> None:
    """A mutant that gathers without end must not take the machine with it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    config.stash[_spent] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    order = config.getoption("order_from")
    if order is not None:
        places = {test: place for place, test in enumerate(json.loads(order.read_text(encoding="utf-8")))}
        items.sort(key=lambda item: places.get(item.nodeid, len(places)))  # a mutant may change a case's name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.switch_context(item.nodeid)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    spent = item.config.stash[_spent]
    spent[item.nodeid] = spent.get(item.nodeid, 0.0) + call.duration
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("seconds_to")
    if target is not None:
        target.write_text(json.dumps(session.config.stash[_spent]), encoding="utf-8")
