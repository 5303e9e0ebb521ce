"""pytest's side of the mutation campaign: notes what each test reaches and takes, and runs tests in an order.

A plugin (`-p tests.campaign.mutate_order`). Under `coverage run` each test is a context of its own, the fixtures that a
file's tests share are one of the file's name, and what a file does when it is read is one of its name and `::`.
`--note-to FILE` notes the seconds of each, and the modules of others that were imported. `--order-from FILE` reads a
JSON list of test ids: these are run, and no others.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

OURS = {"__main__", "conftest", "monitor", "tests"}
LATER = OURS | {"camel_tools"}  # which reads its data when it is imported, where the program has told it to
MEMORY = 6 * 2**30
_spent = pytest.StashKey[dict[str, float]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--note-to", type=Path)
    parser.addoption("--order-from", type=Path)


def pytest_configure(config: pytest.Config) -> None:
    """A mutant that gathers without end must not take the machine with it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    config.stash[_spent] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    order = config.getoption("order_from")
    if order is not None:
        places = {test: place for place, test in enumerate(json.loads(order.read_text(encoding="utf-8")))}
        items[:] = sorted((item for item in items if item.nodeid in places), key=lambda item: places[item.nodeid])


def pytest_collectstart(collector: pytest.Collector) -> None:
    if isinstance(collector, pytest.Module):
        _reaching(f"{collector.nodeid}::")


def pytest_runtest_logstart(nodeid: str) -> None:
    _reaching(nodeid.partition("::")[0])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    _reaching(item.nodeid)
    try:
        return (yield)
    finally:
        _reaching(item.nodeid.partition("::")[0])


def _reaching(context: str) -> None:
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.switch_context(context)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    spent = item.config.stash[_spent]
    spent[item.nodeid] = spent.get(item.nodeid, 0.0) + call.duration
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("note_to")
    if target is not None:
        modules = [name for name in sys.modules if name.partition(".")[0] not in LATER]
        target.write_text(json.dumps({"seconds": session.config.stash[_spent], "modules": modules}), encoding="utf-8")
