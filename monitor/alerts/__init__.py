"""Rules decide, alerts are composed, deliveries are retried: pure values in, values out, `now` passed in.

conditions (does `when` hold) -> decide (alert, hold, suppress) -> compose (what to say) -> outbox (when to send)
"""

from __future__ import annotations

from monitor.alerts.compose import alert_key, compose, digest
from monitor.alerts.conditions import satisfied
from monitor.alerts.decide import calmed, decide, gathers, tells
from monitor.alerts.hours import day_start
from monitor.alerts.outbox import LONGEST_WISH, retry_decision
from monitor.alerts.text import Said, describe

__all__ = [
    "LONGEST_WISH",
    "Said",
    "alert_key",
    "calmed",
    "compose",
    "day_start",
    "decide",
    "describe",
    "digest",
    "gathers",
    "retry_decision",
    "satisfied",
    "tells",
]
