"""Zones: which part of an article a place stands in, and what of its body is not the article at all.

title -> TITLE · summary and the body's first paragraph -> LEAD · the rest -> BODY · navigation and lists -> BOILERPLATE
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from monitor.model import Article, Field, Zone


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of one article: for each field the places where a zone begins, in order."""

    begins: dict[Field, tuple[tuple[int, Zone], ...]]

    def at(self, field: Field, position: int) -> Zone:
        """Return the zone of a place in a field."""
        rows = self.begins.get(field, ())
        place = bisect_right([row[0] for row in rows], position) - 1
        return rows[place][1] if place >= 0 else Zone.BODY


def zones(article: Article) -> Zones:
    """Divide an article into zones."""
    body = article.text("body")
    end = body.find("\n")
    lead = end if end > 0 else min(len(body), 300)
    return Zones(
        {
            "title": ((0, Zone.TITLE),),
            "summary": ((0, Zone.LEAD),),
            "body": ((0, Zone.LEAD), (lead, Zone.BODY)),
        }
    )
