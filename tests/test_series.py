"""What the path counts, and which series there are: of what is watched and used now, from the beginning."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from monitor.model import Kind, Role
from monitor.store import Store
from tests.postgres import NOW
from tests.test_pipeline import FACTS, FIDAN, LAVROV, Clock, Recorder, article, drain, metric, pipeline, poll, watchlist


def test_what_only_fills_a_memory_is_no_burst(store: Store) -> None:
    """An edited entity reads two weeks of articles again, and a first poll its feed: neither is counted as mentions."""
    clock, desk = Clock(), Recorder()
    line = pipeline(store, clock, desk)
    line.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
    line.ingest(poll(article(2, FACTS[1], NOW), at=NOW, silent_before=NOW + timedelta(days=1)))
    drain(line)
    other = dataclasses.replace(LAVROV, name="Sergei Lavrov")
    line.watch([watchlist(entities=(other,), version="2")])
    assert drain(line) == 2
    assert metric(line, "monitor_judgements_total", watchlist="desk", result="judged") == 4
    assert metric(line, "monitor_matches_total", watchlist="desk", entity="lavrov", via="name") == 1
    kinds = [metric(line, "monitor_novelty_total", watchlist="desk", kind=str(kind)) for kind in Kind]
    assert sum(kinds) == 1


def test_who_is_watched_has_a_series_before_being_named(store: Store) -> None:
    """After a start every watched entity counts zero mentions, for silence to be seen; one that was removed counts
    none at all, or it would seem silent.
    """
    minister = dataclasses.replace(FIDAN, roles=(Role(office="foreign minister", of="Türkiye"),))
    line = pipeline(store, Clock(), Recorder(), watchlist(entities=(LAVROV, minister)))
    value = line.metrics.registry.get_sample_value

    def mentions(entity: str, via: str) -> float | None:
        return value("monitor_matches_total", {"watchlist": "desk", "entity": entity, "via": via})

    assert [mentions("lavrov", "name"), mentions("fidan", "name"), mentions("fidan", "role")] == [0, 0, 0]
    assert mentions("lavrov", "role") is None  # holds none
    assert value("monitor_novelty_total", {"watchlist": "desk", "kind": "copy"}) == 0
    line.watch([watchlist(version="2")])
    assert [mentions("lavrov", "name"), mentions("fidan", "name")] == [0, None]


def test_gauges_of_what_was_removed_go(store: Store) -> None:
    """A watchlist that is let go has no backlog any more; a channel has one as long as something waits for it."""
    clock, desk = Clock(), Recorder()
    other = dataclasses.replace(watchlist(), id="other")
    line = pipeline(store, clock, desk, watchlist(), other)
    line.channels = {"desk": desk, "spare": desk}
    line.ingest(poll(article(1, FACTS[0], NOW), at=NOW))
    drain(line)
    line.gauge(())

    def series(name: str, label: str) -> set[str]:
        found = [family.samples for family in line.metrics.registry.collect() if family.name == name]
        return {sample.labels[label] for sample in found[0]}

    assert series("monitor_pending_judgements", "watchlist") == {"desk", "other"}
    assert series("monitor_outbox_deliveries", "channel") == {"desk", "spare"}
    line.watch([watchlist()])
    line.channels = {}
    line.gauge(())
    assert series("monitor_pending_judgements", "watchlist") == {"desk"}
    assert series("monitor_outbox_deliveries", "channel") == {"desk"}
    assert series("monitor_outbox_oldest_seconds", "channel") == {"desk"}
