"""What a person reads on the terminal: explained articles, replays, alerts, feeds and state, as Rich renderables.

Right-to-left text is isolated (FSI … PDI), so that a line of Arabic does not turn the columns around it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitor.model import FIELDS, Alert, Article, Decision, Findings, Match, Novelty, Rejection
from monitor.records import FeedState
from monitor.replay import Outcome
from monitor.tally import Row, Tally

FSI, PDI = "\u2068", "\u2069"
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
BODY_SHOWN = 4_000
"""Characters of a body that are shown; the rest is cut with a note."""


def isolated(text: str) -> str:
    """Return feed text for one place in a line: control and direction characters out, direction isolated."""
    return f"{FSI}{CONTROLS.sub('', text)}{PDI}"


def explained(
    article: Article,
    findings: Sequence[Findings],
    novelty: Mapping[str, Novelty],
    decisions: Sequence[Decision] = (),
    *,
    marks: bool,
) -> RenderableType:
    """Show one article with its accepted spans marked, every match and rejection with its reason, how new it is for
    each watchlist, and what rules decided.

    `marks` puts ⟦…⟧ around spans, for a pipe where colour would be lost.
    """
    matches = [match for found in findings for match in found.matches]
    rejected = [rejection for found in findings for rejection in found.rejected]
    when = article.at.date().isoformat() if article.at else "undated"
    parts: list[RenderableType] = [Text(f"{article.id}  {when}  {article.lang or '?'}  {article.source}", style="bold")]
    parts += [_marked(article, name, matches, marks) for name in FIELDS if article.text(name)]
    parts += [_match(match) for match in matches]
    parts += [_rejection(rejection) for rejection in rejected]
    if not matches:
        parts.append(Text("  nobody watched is in it", style="dim"))
    for name, one in novelty.items():
        parts += _novelty(name, one)
    parts += _decided(decisions)
    return Group(*parts, Text(""))


def _marked(article: Article, name: str, matches: Sequence[Match], marks: bool) -> Text:
    """Return one field with its mentions marked."""
    field = next(one for one in FIELDS if one == name)
    source = article.text(field)
    spans = sorted({(m.start, m.end) for match in matches for m in match.mentions if m.field == field})
    out, at = Text(FSI, style="bold" if field == "title" else ""), 0
    for start, end in spans:
        if start < at or start >= BODY_SHOWN:
            continue
        out.append(CONTROLS.sub("", source[at:start]))
        shown = CONTROLS.sub("", source[start:end])
        out.append(f"⟦{shown}⟧" if marks else shown, style="bold black on yellow")
        at = end
    out.append(CONTROLS.sub("", source[at : max(at, BODY_SHOWN)]))
    if len(source) > max(at, BODY_SHOWN):
        out.append(f" … ({len(source) - max(at, BODY_SHOWN)} characters more)", style="dim")
    out.append(PDI)
    return out


def _match(match: Match) -> Text:
    surfaces = ", ".join(dict.fromkeys(isolated(mention.surface) for mention in match.mentions))
    out = Text.assemble("  ✓ ", (match.entity, "bold green"), f" by {match.via}: ", surfaces)
    steps = dict.fromkeys(step for mention in match.mentions for step in mention.steps)
    if steps:
        out.append(f"\n      read through: {isolated(', '.join(steps))}", style="dim")
    if match.evidence:
        out.append(f"\n      because: {isolated('; '.join(match.evidence))}", style="dim")
    return out


def _rejection(rejection: Rejection) -> Text:
    return Text.assemble(
        "  ✗ ", (rejection.entity, "red"), f" not {isolated(rejection.surface)} ({rejection.field}): {rejection.why}"
    )


def outcome(one: Outcome) -> RenderableType:
    """Show one replayed article in a few lines; nothing for one without matches."""
    article = one.article
    when = article.at.strftime("%Y-%m-%d %H:%M") if article.at else "undated"
    lines = [Text.assemble((f"{when}  {article.source}  ", "dim"), isolated(article.title))]
    for name, novelty in one.novelty.items():
        lines += _novelty(name, novelty)
    return Group(*lines, *_decided(one.decisions))


def _novelty(name: str, novelty: Novelty) -> Iterator[Text]:
    """Show how new an article is for a watchlist: its place among the stories, and each entity's verdict."""
    place = [f"story {novelty.story}", f"{novelty.outlets} independent outlets" if novelty.outlets > 1 else "1 outlet"]
    place += [f"agency {isolated(novelty.agency)}"] if novelty.agency else []
    place += [f"first in {isolated(novelty.first_in)}"] if novelty.first_in else []
    place += [f"nearest {isolated(novelty.nearest)}"] if novelty.nearest else []
    place += [f"linked with {', '.join(novelty.linked)}"] if novelty.linked else []
    yield Text(f"    {name}: {' · '.join(place)}")
    for entity, one in novelty.entities.items():
        of = f", repeats {isolated(one.of)}" if one.of else ""
        made = ", ".join(f"{part.name} {part.value:.2f} ×{part.weight:g}" for part in one.parts)
        yield Text(f"      {entity}: {one.kind} {one.score:.2f}{of}", style="bold")
        yield Text(f"        because: {isolated('; '.join(one.reasons))}", style="dim")
        yield Text(f"        parts: {made}", style="dim")
        yield from (Text(f"        new: {isolated(sentence)}", style="italic") for sentence in one.added)


def _decided(decisions: Sequence[Decision]) -> Iterator[Text]:
    """Show what rules decided."""
    style = {"alert": "bold green", "hold": "yellow", "suppress": "dim"}
    for one in decisions:
        yield Text(f"    {one.action} ({one.reason}) — rule {one.rule!r}", style=style[one.action])


def summary(counts: Tally, seconds: float) -> RenderableType:
    """Show what a whole replay came to: counts, the curve of alerts over thresholds, and how the labels fared."""
    table = Table.grid(padding=(0, 2))
    rate = counts.articles / seconds if seconds else 0.0
    table.add_row("articles", f"{counts.articles} ({rate:.0f} a second), {counts.matched} with a watched entity")
    table.add_row("kinds", _counted(counts.kinds))
    table.add_row("alerts by kind", _counted(counts.alerts))
    table.add_row("decisions", _counted(counts.actions))
    table.add_row("stories", f"{len(counts.stories)}, {len(counts.linked)} linked with others")
    agencies = f"; credited: {_counted(counts.agencies)}" if counts.agencies else ""
    table.add_row("outlets", f"{len(counts.outlets)}{agencies}")
    table.add_row("at threshold", ", ".join(f"{at:.1f}: {number}" for at, number in counts.curve()))
    if counts.labelled:
        table.add_row("labelled", f"{len(counts.labelled)}: {_counted(Counter(one[1] for one in counts.labelled))}")
    for row in counts.rows():
        table.add_row(*_fared(row))
    return table


def _fared(row: Row) -> tuple[str, str]:
    """Return one row of how labels fared: its name, and its figures, with 95 % intervals in brackets."""
    name = {"rules": "  your rules", "threshold": f"  at {row.at or 0:.1f}", "recall": f"  recall {row.at or 0:.0%}"}
    chance, fares = row.intervals, row.standing
    figures = [
        f"recall {fares.recall:.3f}{_between(chance.recall) if chance else ''}",
        f"alerts per new fact {fares.alerts_per_new:.2f}{_between(chance.alerts_per_new) if chance else ''}",
    ]
    if row.by == "recall":
        figures = [f"threshold {row.threshold:.3f}", *figures[1:]]
    stopped = ", ".join(f"{kind} {share:.2f}" for kind, share in fares.stopped.items())
    return name[row.by], f"{', '.join(figures)}, stopped: {stopped}"


def _between(bounds: tuple[float, float]) -> str:
    return f" ({bounds[0]:.2f} to {bounds[1]:.2f})"


def _counted(counts: Counter[str]) -> str:
    """Return counts in one line, the greatest first."""
    return ", ".join(f"{what} {number}" for what, number in counts.most_common()) or "none"


def feeds(states: Iterable[FeedState], health: Mapping[str, str]) -> Table:
    """Show feeds, one a row."""
    table = Table("feed", "state", "last success", "next poll", "every", "last error", box=None, header_style="bold")
    for state in states:
        table.add_row(
            isolated(state.feed.name),
            health[state.feed.url],
            moment(state.last_success),
            moment(state.next_poll),
            f"{state.interval.total_seconds() / 60:.0f} min",
            isolated(state.last_error or ""),
        )
    return table


def alerts(found: Iterable[Alert]) -> Table:
    """Show alerts, one a row, newest first as given."""
    table = Table("key", "when", "rule", "who", "kind", "score", "title", box=None, header_style="bold")
    for alert in found:
        who = ", ".join(alert.names.values())
        table.add_row(
            alert.key[:12],
            moment(alert.created),
            alert.rule,
            isolated(who),
            str(alert.kind),
            f"{alert.score:.2f}",
            isolated(alert.article.title),
        )
    return table


def moment(when: datetime | None) -> str:
    """Return a time to the minute, in UTC."""
    return when.strftime("%Y-%m-%d %H:%MZ") if when else "never"
