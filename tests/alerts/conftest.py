"""The machine stands in a zone of its own, so that an answer that leans on it is noticed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def _elsewhere() -> Iterator[None]:
    """No decision, digest or key depends on where the daemon runs."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TZ", "America/St_Johns")
        time.tzset()
        yield
    time.tzset()
