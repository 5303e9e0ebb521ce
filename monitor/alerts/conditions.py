"""Does a rule's `when` hold for an article, and because of whom? Pure: findings in, entity ids out."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from monitor.model import FIELDS, Article, Condition, Findings, Match, Mention, Near, Rule
from monitor.text.sentences import sentences

_WORD = re.compile(r"\w+")


def satisfied(rule: Rule, article: Article, findings: Findings) -> tuple[str, ...]:
    """Return the entities that satisfied the rule's `when`, in the order of the findings; empty where it fails.

    `via` narrows whom the rule sees, never whom its `none` excludes: somebody who is there by role is there. A
    condition made of `none` alone is satisfied by everybody found.
    """
    if not _spoken(rule, article) or not _from(rule, article):
        return ()
    seen = [match for match in findings.matches if _visible(rule, match)]
    used = _holds(
        rule.when, frozenset(match.entity for match in seen), frozenset(match.entity for match in findings.matches)
    )
    if used is None:
        return ()
    if rule.near is not None:
        if not near(rule, rule.near, article, seen):
            return ()
        used |= frozenset(rule.near.entities)
    return tuple(match.entity for match in seen if not used or match.entity in used)


def near(rule: Rule, wanted: Near, article: Article, matches: Sequence[Match]) -> bool:
    """Tell whether all wanted entities stand together somewhere in one field.

    Together means that a mention of each begins in the same sentence or, with `words`, that at most that many words
    stand between the first and the last of them.
    """
    ids = frozenset(wanted.entities)
    for name in FIELDS:
        text = article.text(name)
        placed = sorted(
            (mention.start, mention.end, match.entity)
            for match in matches
            if match.entity in ids
            for mention in match.mentions
            if mention.field == name and _counts(rule, mention)
        )
        if {entity for _, _, entity in placed} != ids:
            continue
        if wanted.words is not None:
            if _within_words(text, placed, ids, wanted.words):
                return True
        elif _within_sentence(sentences(text, article.lang), placed, ids):
            return True
    return False


def _holds(node: Condition, seen: frozenset[str], present: frozenset[str]) -> frozenset[str] | None:
    """Return the entities that made the node hold, None where it does not hold."""
    if any(_part(part, present, present) is not None for part in node.none):
        return None
    wanted = [_part(part, seen, present) for part in node.all]
    offered = [_part(part, seen, present) for part in node.any]
    found = [part for part in (*wanted, *offered) if part is not None]
    if None in wanted or (offered and all(part is None for part in offered)):
        return None
    return frozenset().union(*found)


def _part(part: str | Condition, seen: frozenset[str], present: frozenset[str]) -> frozenset[str] | None:
    if isinstance(part, Condition):
        return _holds(part, seen, present)
    return frozenset({part}) if part in seen else None


def _counts(rule: Rule, mention: Mention) -> bool:
    return rule.via in {"either", mention.via}


def _visible(rule: Rule, match: Match) -> bool:
    return any(_counts(rule, mention) for mention in match.mentions)


def _spoken(rule: Rule, article: Article) -> bool:
    if not rule.languages:
        return True
    if article.lang is None:
        return False
    tag = article.lang.casefold()
    wanted = {language.casefold() for language in rule.languages}
    return tag in wanted or tag.split("-")[0] in wanted


def _from(rule: Rule, article: Article) -> bool:
    if any(published_by(article, source) for source in rule.sources_none):
        return False
    return not rule.sources_any or any(published_by(article, source) for source in rule.sources_any)


def published_by(article: Article, source: str) -> bool:
    """Tell whether an article comes from a source: its name, or the host of its address or one below that host."""
    wanted = source.casefold()
    if article.source.casefold() == wanted:
        return True
    return any(host == wanted or host.endswith("." + wanted) for host in _hosts(article))


def _hosts(article: Article) -> Iterable[str]:
    yield article.source.casefold()
    if article.url:
        try:
            yield (urlsplit(article.url).hostname or "").casefold()
        except ValueError:  # an address that no parser accepts names no source
            return


def _within_sentence(
    spans: Sequence[tuple[int, int]], placed: Sequence[tuple[int, int, str]], ids: frozenset[str]
) -> bool:
    starts = [start for start, _ in spans]
    together: dict[int, set[str]] = {}
    for start, _, entity in placed:
        together.setdefault(bisect_right(starts, start), set()).add(entity)
    return any(found == ids for found in together.values())


def _within_words(text: str, placed: Sequence[tuple[int, int, str]], ids: frozenset[str], words: int) -> bool:
    """Slide a window over the mentions, always the shortest that still holds everybody."""
    starts = [word.start() for word in _WORD.finditer(text)]
    held: dict[str, int] = {}
    left = 0
    for start, _, entity in placed:
        held[entity] = held.get(entity, 0) + 1
        while held[placed[left][2]] > 1:
            held[placed[left][2]] -= 1
            left += 1
        if len(held) == len(ids):
            between = bisect_left(starts, start) - bisect_left(starts, placed[left][1])
            if between <= words:
                return True
    return False
