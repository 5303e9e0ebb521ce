"""Small watchlists and articles for the matcher's tests."""

from __future__ import annotations

from datetime import UTC, date, datetime

from monitor.matching import Matcher
from monitor.model import Alias, Article, Entity, Findings, Role, Watchlist

DAY = datetime(2024, 5, 1, 12, tzinfo=UTC)


def person(
    key: str, *aliases: str, weak: tuple[str, ...] = (), roles: tuple[Role, ...] = (), lang: str = "ar"
) -> Entity:
    """Return a person watched by strong and weak spellings."""
    given = (*(Alias(text, lang) for text in aliases), *(Alias(text, lang, weak=True) for text in weak))
    return Entity(key, key.title(), "person", given, roles)


def watchlist(*entities: Entity) -> Watchlist:
    """Return a watchlist of these entities."""
    return Watchlist("w", "W", {entity.id: entity for entity in entities})


def article(body: str, *, title: str = "", at: datetime | None = DAY, lang: str | None = "ar", **more: str) -> Article:
    """Return an Arabic article of one day."""
    return Article("a", "example.org", None, at, lang, title, more.get("summary"), body, country=more.get("country"))


def found(findings: Findings) -> dict[str, list[str]]:
    """Return the surfaces of the mentions of each entity that was accepted."""
    return {match.entity: [mention.surface for mention in match.mentions] for match in findings.matches}


def read(text: str, *entities: Entity, **more: object) -> dict[str, list[str]]:
    """Match one text against some entities."""
    return found(Matcher(watchlist(*entities)).match(article(text, **more)))  # type: ignore[arg-type]


LAVROV = person(
    "lavrov",
    "سيرغي لافروف",
    "لافروف",
    roles=(Role(office="foreign minister", of="Russia", since=date(2004, 3, 9)),),
)
FIDAN = person("fidan", "هاكان فيدان", roles=(Role(office="foreign minister", of="Türkiye", since=date(2023, 6, 3)),))
