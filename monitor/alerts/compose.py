"""Decisions made into alerts, and held alerts made into one digest. Keys are hashes of what they name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from monitor.model import Alert, Article, Decision, EntityNovelty, Findings, Novelty, Rule, Watchlist
from monitor.text.languages import primary


def alert_key(watchlist: str, rule: str, article_id: str, revision: int) -> str:
    """Return the alert's key, 64 hexadecimal digits: the same for the same alert, for ever, in every daemon."""
    return _hash("alert", watchlist, rule, article_id, revision)


def compose(
    watchlist: Watchlist,
    rule: Rule,
    decision: Decision,
    article: Article,
    findings: Findings,
    novelty: Novelty,
    now: datetime,
    *,
    follows: datetime | None = None,
) -> Alert:
    """Return everything that a channel needs to say: about the entities that decided, best one first.

    `follows` is when the rule's last alert on this story left (`Told.last_alert`), so that the two can be connected.
    """
    judged = sorted(
        ((novelty.entities[entity], entity) for entity in decision.entities if entity in novelty.entities),
        key=lambda pair: -pair[0].score,
    )
    order = list(dict.fromkeys([*(entity for _, entity in judged), *decision.entities]))
    best: EntityNovelty | None = judged[0][0] if judged else None
    added = tuple(dict.fromkeys(text for one, _ in judged for text in one.added)) or novelty.added
    return Alert(
        key=alert_key(watchlist.id, rule.name, article.id, article.revision),
        watchlist=watchlist.id,
        rule=rule.name,
        severity=rule.severity,
        created=now,
        article=article,
        story=novelty.story,
        kind=decision.kind or novelty.kind,
        score=decision.score,
        names={entity: watchlist.entities[entity].name if entity in watchlist.entities else entity for entity in order},
        matches=tuple(
            sorted(
                (match for match in findings.matches if match.entity in order),
                key=lambda match: order.index(match.entity),
            )
        ),
        reasons=best.reasons if best and best.reasons else novelty.reasons,
        added=added,
        parts=best.parts if best else (),
        nearest=(best.of if best else None) or novelty.nearest,
        outlets=novelty.outlets,
        agency=novelty.agency,
        follows=follows,
        first_in=(primary(article.lang) or None) if rule.each_language == "first" else novelty.first_in,
    )


def digest(alerts: Sequence[Alert], due: datetime) -> Alert:
    """Gather held alerts of one rule into the one that leaves at `due`: oldest first, headed by the best of them.

    Raises ValueError for no alerts or alerts of several rules. A digest among them gives its items.
    """
    items = sorted(
        (item for alert in alerts for item in (alert.items or (alert,))), key=lambda item: (item.created, item.key)
    )
    if len({(item.watchlist, item.rule) for item in items}) != 1:
        raise ValueError("a digest gathers alerts of exactly one rule")
    best = max(items, key=lambda item: item.score)
    key = _hash("digest", best.watchlist, best.rule, due.astimezone(UTC).isoformat())
    return replace(best, key=key, created=due, story=key, items=tuple(items), follows=None)


def _hash(*parts: str | int) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()
