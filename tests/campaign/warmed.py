"""What the process imports that daemons are forked from: everything that a start would read and compile."""

from __future__ import annotations

import gc

from monitor import cli
from monitor.feeds import jobs
from tests.campaign.warm import warm_up

warm_up()
gc.collect()
gc.freeze()

__all__ = ["cli", "jobs"]
