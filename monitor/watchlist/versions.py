"""What a watchlist says, as hashes: from them the path knows what an edit changed, and what it left as it was.

Comments, layout, the order of entities, tests and the places of names in the file change none of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from monitor.model import Entity, Rule, Watchlist
from monitor.records import Versions

_FORMAT = 1


def version(title: str, every: Mapping[str, Entity], ruled: Sequence[Rule]) -> str:
    """Return a hash of all that the watchlist says."""
    return _hash({"title": title, **_entities(every), "rules": [_rule(rule) for rule in ruled]})


def versions(watchlist: Watchlist) -> Versions:
    """Return its version beside hashes of its parts: of all entities, which a memory is made of, and of each rule."""
    rules = {rule.name: _hash(_rule(rule)) for rule in watchlist.rules}
    return Versions(watchlist.version, _hash(_entities(watchlist.entities)), rules)


def _entities(every: Mapping[str, Entity]) -> dict[str, Any]:
    return {"format": _FORMAT, "entities": {key: asdict(entity) for key, entity in every.items()}}


def _rule(rule: Rule) -> dict[str, Any]:
    return {**asdict(rule), "places": None}


def _hash(said: Mapping[str, Any]) -> str:
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
