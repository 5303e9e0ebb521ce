"""Names in text: which watched entities an article speaks of, where, and why."""

from __future__ import annotations

from monitor.matching.matcher import Matcher

__all__ = ["Matcher"]
