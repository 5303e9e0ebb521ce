"""Commands that read articles without sending anything: explain, replay, test."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from monitor.alerts import satisfied
from monitor.commands import BAD_INPUT, NO, ArticleFiles, complain, out, show, show_json
from monitor.commands.service import ConfigFile
from monitor.daemon import utc_now
from monitor.errors import InputError
from monitor.matching import Matcher
from monitor.matching.suggest import line_to_paste, suggestions
from monitor.model import Article, Decision, Expectation, Findings, Novelty, Watchlist
from monitor.novelty import Memory
from monitor.pages import articles_at
from monitor.replay import EPOCH, Outcome, replay_stored
from monitor.replay import replay as run_replay
from monitor.report import explained as show_explained
from monitor.report import isolated
from monitor.report import outcome as show_outcome
from monitor.report import summary as show_summary
from monitor.settings import load_settings
from monitor.store import Store
from monitor.tally import Tally
from monitor.watchlist import load as load_watchlists
from monitor.wire import explained, replayed, summarised

Watchlists = Annotated[
    list[Path] | None,
    typer.Option("--watchlists", "-w", help="A watchlist or a directory of them; default: the settings'."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object an article, for programs.")]


def watchlists_of(paths: list[Path] | None) -> tuple[Watchlist, ...]:
    """Load the named watchlists, or those that the settings name."""
    found = load_watchlists(paths or [Path(path) for path in load_settings(None).watchlists])
    if not found:
        raise InputError("no watchlist found. Fix: name a .yml file or a directory that holds one")
    return found


def explain(
    source: Annotated[
        str, typer.Argument(help="A JSONL file, an http(s) address, - for standard input; with --stored an id.")
    ] = "-",
    watchlists: Watchlists = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Show how the store's article of this id was judged, and what followed.")
    ] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what matches in each article, what was rejected, how new it is, and why.

    How new it is, is judged against the articles given before it and nothing else: a memory that begins empty. With
    --stored it is what the daemon judged with its own memory, as it was then.
    """
    if stored:
        _explain_stored(source, config, as_json=as_json)
        return
    readers = [(Matcher(watchlist), Memory(watchlist)) for watchlist in watchlists_of(watchlists)]
    files = ArticleFiles([source])
    articles: Iterable[Article] = (
        articles_at(source, utc_now()) if source.startswith(("http://", "https://")) else files
    )
    told, clock = False, EPOCH
    for article in articles:
        clock = article.at or clock
        findings, novelty = _judged(readers, article, clock)
        told = told or bool(novelty)
        if as_json:
            show_json(explained(article, findings, novelty))
        else:
            show(show_explained(article, findings, novelty, marks=not out.is_terminal))
    if told and not as_json:
        out.print("How new each is was judged against the articles above it alone.", style="dim")
    _finish(files)


def _judged(
    readers: Sequence[tuple[Matcher, Memory]], article: Article, now: datetime
) -> tuple[list[Findings], dict[str, Novelty]]:
    """Read one article for each watchlist and judge what matches against its memory, which then holds it."""
    findings, novelty = [], {}
    for matcher, memory in readers:
        found = matcher.match(article)
        findings.append(found)
        if found.matches:
            one = novelty[memory.watchlist.id] = memory.assess(article, found, now)
            memory.remember(article, found, one, now)
    return findings, novelty


def _explain_stored(article: str, config: Path | None, *, as_json: bool) -> None:
    """Show each judgement of a stored article, as it was made."""
    with Store.open(load_settings(config).database, now=utc_now(), read_only=True) as live:
        found = live.judgements_of(article)
    for watchlist, one in found:
        novelty = {watchlist: one.novelty} if one.novelty else {}
        if as_json:
            show_json(replayed(one.article, [one.findings], novelty, one.decisions))
        else:
            show(show_explained(one.article, [one.findings], novelty, one.decisions, marks=not out.is_terminal))
    if not found:
        complain(
            f"no judgement of an article {article!r} is stored. Fix: take the id from `monitor alerts show --json`"
        )
        raise typer.Exit(NO)


def replay(
    files: Annotated[
        list[str] | None, typer.Argument(help="JSONL files, gzipped or not; - for standard input.")
    ] = None,
    watchlists: Watchlists = None,
    against: Annotated[
        Path | None, typer.Option(help="Show only what these watchlists would decide otherwise.")
    ] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="Judge again what the store holds; it is only read.")
    ] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Print only what it all came to.")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Run articles as a stream, as if they came in now, without sending: a backtest.

    At the end stands what it all came to: kinds, alerts, stories, the curve of alerts over thresholds; and, of articles
    with a `label.kind`, recall and alerts per new fact, with 95 % intervals. --json prints the articles alone, with
    --summary that summary alone. With --against a second set of watchlists runs beside the first, and what differs is
    shown (exit code 1). With --stored the judgements of a live store are made again; exit code 1 if a decision is not
    reproduced.
    """
    lists = watchlists_of(watchlists)
    if stored:
        _replay_stored(config, lists, summary=summary, as_json=as_json)
        return
    if not files:
        raise InputError("no articles given. Fix: name JSONL files, or - for standard input, or use --stored")
    reader = ArticleFiles(files)
    articles = list(reader)
    if against is not None:
        _replay_against(articles, lists, load_watchlists([against]), as_json=as_json)
        _finish(reader)
        return
    counts, started = Tally(reader.labels), time.perf_counter()
    for outcome in _watched(run_replay(articles, lists), len(articles), quiet=as_json):
        counts.add(outcome.article, outcome.novelty, outcome.decisions)
        if summary:
            continue
        if as_json:
            show_json(replayed(outcome.article, outcome.findings, outcome.novelty, outcome.decisions))
        elif outcome.novelty:
            show(show_outcome(outcome))
    if not as_json:
        show(show_summary(counts, time.perf_counter() - started))
    elif summary:
        show_json(summarised(counts))
    _finish(reader)


def _replay_against(
    articles: Sequence[Article], lists: Sequence[Watchlist], others: Sequence[Watchlist], *, as_json: bool
) -> None:
    """Run both sets on the same stream and show each rule's decision that differs."""
    differences = 0
    for before, after in zip(run_replay(articles, lists), run_replay(articles, others), strict=True):
        differences += _show_differences(before.article, before.decisions, after.decisions, as_json=as_json)
    if not as_json:
        out.print(f"{differences} decisions differ over {len(articles)} articles")
    if differences:
        raise typer.Exit(NO)


def _replay_stored(config: Path | None, lists: Sequence[Watchlist], *, summary: bool, as_json: bool) -> None:
    """Judge again what the store holds; show each decision that is not reproduced, and what each watchlist came to."""
    differences = count = 0
    with Store.open(load_settings(config).database, now=utc_now(), read_only=True) as live:
        for watchlist in lists:
            counts, started = Tally(), time.perf_counter()
            for stored, outcome in replay_stored(live, watchlist):
                counts.add(outcome.article, outcome.novelty, outcome.decisions)
                count += 1
                differences += _show_differences(stored.article, stored.decisions, outcome.decisions, as_json=as_json)
            if summary and as_json:
                show_json({"watchlist": watchlist.id, **summarised(counts)})
            elif not as_json:
                out.print(watchlist.id, style="bold", markup=False)
                show(show_summary(counts, time.perf_counter() - started))
    if not as_json:
        out.print(f"{count} judgements made again, {differences} decisions differ")
    if differences:
        raise typer.Exit(NO)


def _show_differences(article: Article, before: Sequence[Decision], after: Sequence[Decision], *, as_json: bool) -> int:
    """Show each rule that decided otherwise; return how many did."""
    old, new = _actions(before), _actions(after)
    differing = [rule for rule in dict.fromkeys([*old, *new]) if old.get(rule) != new.get(rule)]
    for name, rule in differing:
        was, becomes = old.get((name, rule)), new.get((name, rule))
        if as_json:
            show_json({"id": article.id, "watchlist": name, "rule": rule, "before": was, "after": becomes})
        else:
            told = " -> ".join(" ".join(one) if one else "nothing" for one in (was, becomes))
            out.print(f"{article.id}  {name} / {rule}: {told}  {isolated(article.title)}", markup=False)
    return len(differing)


def _actions(decisions: Sequence[Decision]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return what each rule decided: (watchlist, rule) -> (action, reason)."""
    return {(one.watchlist, one.rule): (one.action, str(one.reason)) for one in decisions}


def suggest(
    files: Annotated[list[str] | None, typer.Argument(help="JSONL files; - for standard input.")] = None,
    watchlists: Watchlists = None,
    stored: Annotated[bool, typer.Option("--stored", help="Read the articles that the store holds.")] = False,
    least: Annotated[int, typer.Option(min=1, help="Show what stands there at least so often.")] = 2,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List spellings that look like a watched name and are not read as one, with a line to paste."""
    if not files and not stored:
        raise InputError("no articles given. Fix: name JSONL files, or - for standard input, or use --stored")
    reader = ArticleFiles(files or [])
    articles = list(_stored_articles(config)) if stored else list(reader)
    for watchlist in watchlists_of(watchlists):
        for one in suggestions(Matcher(watchlist), articles, least):
            if as_json:
                show_json({"watchlist": watchlist.id, "paste": line_to_paste(one), **dataclasses.asdict(one)})
            else:
                spelling, example = isolated(one.spelling), isolated(one.example)
                out.print(f"{one.count:5}  {one.entity}  {spelling}  {example}", markup=False)
                out.print(f"       {line_to_paste(one)}", markup=False)
    _finish(reader)


def _stored_articles(config: Path | None) -> Iterator[Article]:
    with Store.open(load_settings(config).database, now=utc_now(), read_only=True) as live:
        yield from live.articles_since()


def expectations(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Watchlists or directories; default: the settings'.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the expectations that stand beside watchlists."""
    failed = count = 0
    for watchlist in watchlists_of(paths):
        matcher = Matcher(watchlist)
        for expectation in watchlist.tests:
            count += 1
            wrong = _disagreement(watchlist, matcher, expectation)
            failed += bool(wrong)
            if as_json:
                show_json({"file": watchlist.file, "line": expectation.line, "ok": not wrong, "wrong": wrong})
            elif wrong:
                complain(
                    f"{watchlist.file}:{expectation.line}: {wrong}. Why it matters: {expectation.why or 'not said'}"
                )
    if not as_json:
        out.print(f"{count - failed} of {count} expectations hold")
    if failed:
        raise typer.Exit(NO)


def _disagreement(watchlist: Watchlist, matcher: Matcher, expectation: Expectation) -> str:
    """Return how the text was read otherwise than expected, or the empty string."""
    findings = matcher.match(expectation.article)
    found = {match.entity for match in findings.matches}
    wanted = set(expectation.expect)
    wrong = []
    if missing := wanted - found:
        wrong.append(f"not found: {', '.join(sorted(missing))}")
    if extra := found - wanted:
        wrong.append(f"found but not expected: {', '.join(sorted(extra))}")
    if expectation.alerts is not None:
        rings = {rule.name for rule in watchlist.rules if satisfied(rule, expectation.article, findings)}
        if rings != set(expectation.alerts):
            wrong.append(f"rules that would ring: {', '.join(sorted(rings)) or 'none'}")
    return "; ".join(wrong)


def _watched(outcomes: Iterator[Outcome], total: int, *, quiet: bool) -> Iterable[Outcome]:
    """Show a progress bar where a person watches and nothing else is printed on the terminal."""
    if quiet or not out.is_terminal:
        return outcomes
    return track(outcomes, description="replaying", total=total, console=out, transient=True)


def _finish(files: ArticleFiles) -> None:
    if files.bad:
        complain(f"{files.bad} bad lines were skipped")
        raise typer.Exit(BAD_INPUT)
