"""One feed under two addresses: the same place, or the same bytes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.feeds.canonical import feed_key
from monitor.records import FeedState


def duplicates(states: Iterable[FeedState]) -> tuple[tuple[str, ...], ...]:
    """Return groups of feed addresses that give the same document, each group and its members in the given order.

    Two feeds are one when they live at the same canonical address (after permanent moves), or when their last
    documents are the same bytes.
    """
    groups: dict[str, list[str]] = {}
    owner: dict[str, str] = {}
    for state in states:
        signs = [f"at:{feed_key(state.moved_to or state.feed.url)}"]
        if state.body_hash:
            signs.append(f"as:{state.body_hash}")
        first = next((owner[sign] for sign in signs if sign in owner), state.feed.url)
        for sign in signs:
            owner.setdefault(sign, first)
        groups.setdefault(first, []).append(state.feed.url)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
