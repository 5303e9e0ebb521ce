"""Reading `tests/cases/<language>.yml`: a watchlist, and texts with what must and must not be found in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from monitor.model import Alias, Article, Entity, Role, Watchlist

CASES = Path(__file__).resolve().parents[2] / "cases"
_DAY = date(2024, 5, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """A text with the mentions' surfaces per entity; an entity that is not among them must not be found."""

    article: Article
    finds: Mapping[str, tuple[str, ...]]
    why: str

    @property
    def title(self) -> str:
        """Name the case in a test's output."""
        return f"{self.why}: {self.article.body}"[:90]


def load(lang: str) -> tuple[Watchlist, tuple[Case, ...]]:
    """Read one language's file."""
    given = YAML(typ="safe").load((CASES / f"{lang}.yml").read_text(encoding="utf-8"))
    entities = {key: _entity(key, row) for key, row in given["watchlist"].items()}
    return Watchlist(lang, lang, entities), tuple(_case(lang, number, row) for number, row in enumerate(given["cases"]))


def _entity(key: str, row: Mapping[str, Any]) -> Entity:
    aliases = [
        Alias(text, lang, weak)
        for part, weak in (("aliases", False), ("weak", True))
        for lang, texts in row.get(part, {}).items()
        for text in _many(texts)
    ]
    roles = tuple(Role(**role) for role in row.get("roles", ()))
    words = {part: {lang: _many(texts) for lang, texts in row.get(part, {}).items()} for part in ("support", "against")}
    return Entity(key, row["name"], row.get("kind", "person"), tuple(aliases), roles, **words)


def _case(lang: str, number: int, row: Mapping[str, Any]) -> Case:
    published = datetime.combine(row.get("published", _DAY), time(12), UTC)
    place = row.get("country")
    name, title = f"{lang}-{number}", row.get("title", "")
    article = Article(name, "example.org", None, published, lang, title, None, row["text"], country=place)
    return Case(article, {entity: _many(surfaces) for entity, surfaces in row["finds"].items()}, row["why"])


def _many(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
