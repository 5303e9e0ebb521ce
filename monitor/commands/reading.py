"""Commands that read articles without sending anything: explain, replay, test."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from monitor.alerts import satisfied
from monitor.commands import BAD_INPUT, NO, ArticleFiles, complain, out, show, show_json
from monitor.daemon import utc_now
from monitor.errors import InputError
from monitor.matching import Matcher
from monitor.model import Article, Expectation, Watchlist
from monitor.pages import articles_at
from monitor.replay import Outcome, Summary
from monitor.replay import replay as run_replay
from monitor.report import explained as show_explained
from monitor.report import outcome as show_outcome
from monitor.report import summary as show_summary
from monitor.settings import load_settings
from monitor.watchlist import load as load_watchlists
from monitor.wire import explained, replayed

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
    source: Annotated[str, typer.Argument(help="A JSONL file, an http(s) address, or - for standard input.")] = "-",
    watchlists: Watchlists = None,
    as_json: AsJson = False,
) -> None:
    """Show what matches in each article, what was rejected, and why."""
    matchers = [Matcher(watchlist) for watchlist in watchlists_of(watchlists)]
    files = ArticleFiles([source])
    articles: Iterable[Article] = (
        articles_at(source, utc_now()) if source.startswith(("http://", "https://")) else files
    )
    matched = 0
    for article in articles:
        findings = [matcher.match(article) for matcher in matchers]
        matched += any(found.matches for found in findings)
        if as_json:
            show_json(explained(article, findings))
        else:
            show(show_explained(article, findings, marks=not out.is_terminal))
    _finish(files)


def replay(
    files: Annotated[list[str], typer.Argument(help="JSONL files, gzipped or not; - for standard input.")],
    watchlists: Watchlists = None,
    as_json: AsJson = False,
) -> None:
    """Run articles as a stream, as if they came in now, without sending: a backtest."""
    lists = watchlists_of(watchlists)
    reader = ArticleFiles(files)
    articles = list(reader)
    counts, started = Summary(), time.perf_counter()
    for outcome in _watched(run_replay(articles, lists), len(articles), quiet=as_json):
        counts.add(outcome)
        if as_json:
            show_json(replayed(outcome.article, outcome.findings, outcome.novelty, outcome.decisions))
        elif outcome.novelty:
            show(show_outcome(outcome))
    if not as_json:
        show(show_summary(counts, time.perf_counter() - started))
    _finish(reader)


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
