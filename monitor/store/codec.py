"""Domain values as JSON text and back, through pydantic's adapters of the very dataclasses: no second description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from monitor.model import Alert, Article, Decision, Findings, Novelty
from monitor.records import Feed, Rhythm

T = TypeVar("T")


class Codec(Generic[T]):
    """One type's way into a text column and out again; what comes out equals what went in."""

    def __init__(self, adapter: TypeAdapter[T]) -> None:
        self._adapter = adapter

    def dump(self, value: T) -> str:
        """Return the value as JSON."""
        # Without warnings: a mapping that is no dict (a read-only view of one) is as good.
        return self._adapter.dump_json(value, fallback=_plain, warnings=False).decode()

    def load(self, text: str) -> T:
        """Return the value that `dump` was given."""
        return self._adapter.validate_json(text)


def _plain(value: object) -> object:
    """Give pydantic, which knows only dict, the content of any other mapping."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no part of the model")


ALERT = Codec(TypeAdapter(Alert))
ARTICLE = Codec(TypeAdapter(Article))
DECISIONS = Codec(TypeAdapter(tuple[Decision, ...]))
FEED = Codec(TypeAdapter(Feed))
FINDINGS = Codec(TypeAdapter(Findings))
NOVELTY = Codec(TypeAdapter(Novelty))
NAMED = Codec(TypeAdapter(Mapping[str, str]))
RHYTHM = Codec(TypeAdapter(Rhythm))
STRINGS = Codec(TypeAdapter(tuple[str, ...]))
