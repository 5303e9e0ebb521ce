"""How fast the matcher reads real Arabic articles, whole path, and how long it takes to build.

Run `python -m tests.bench.bench_matching [--entities 1000 10000] [--articles 3000]`. Times are the process's own
(`time.process_time`), so that other work on the machine counts as little as it can. Names are made of given names of
the language and of made-up surnames, ten forms an entity; the first entities hold an office, so that titles are read
too. spaCy's `PhraseMatcher` (blank `ar`) and FlashText run over the same articles and forms where they are installed.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.matching import Matcher
from monitor.model import Alias, Article, Entity, Role, Watchlist
from monitor.text.languages import language, world

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MONITOR_EVAL_DATA", ROOT / "../shared/data"))
ARTICLES = DATA / "articles-2015.jsonl.gz"
OFFICES = ("president", "foreign minister", "prime minister", "defence minister")
FORMS = 10
_FEW = 600  # articles that the peers, which are slower, have to read
_CONSONANTS = "بتجحدرزسشصطعغفقكلمنهي"


def articles(count: int) -> list[Article]:
    """Read real articles; their times are given, so that titles are judged."""
    rows: list[Article] = []
    with gzip.open(ARTICLES, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            at = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)
            rows.append(Article(row["id"], row["source"], None, at, "ar", row["title"], row["summary"], row["body"]))
            if len(rows) == count:
                break
    return rows


def watchlist(entities: int, *, offices: bool) -> Watchlist:
    """Make a watchlist of people with ten spellings each, the same for the same number."""
    draw = random.Random(entities)
    given = sorted(language("ar").given_names)
    syllables = [first + second for first in _CONSONANTS for second in ("ا", "و", "ي", "", "ر")]
    countries = sorted({country.key for country in world.countries().values()})
    made: dict[str, Entity] = {}
    for number in range(entities):
        aliases = tuple(Alias(text, "ar") for text in _spellings(draw, given, syllables))
        roles = (Role(draw.choice(OFFICES), countries[number]),) if offices and number < len(countries) else ()
        made[f"e{number}"] = Entity(f"e{number}", f"E {number}", "person", aliases, roles)
    return Watchlist("bench", "Bench", made)


def _spellings(draw: random.Random, given: Sequence[str], syllables: Sequence[str]) -> Iterator[str]:
    for form in range(FORMS):
        surname = "".join(draw.choice(syllables) for _ in range(draw.choice((3, 3, 4))))
        if form % 3 == 0:
            yield f"{draw.choice(given)} {'ال' if draw.random() < 0.5 else ''}{surname}"
        elif form % 3 == 1:
            yield f"{draw.choice(given)} {draw.choice(given)} {surname}"
        else:
            yield surname + draw.choice(syllables) + draw.choice(syllables)


def speed(read: Callable[[Article], object], given: Sequence[Article], passes: int = 2) -> float:
    """Return the best of some passes in megabytes of UTF-8 a second."""
    size = sum(len(text(article).encode()) for article in given)
    best = 0.0
    for _ in range(passes):
        start = time.process_time()
        for article in given:
            read(article)
        best = max(best, size / (time.process_time() - start) / 1e6)
    return best


def text(article: Article) -> str:
    """Return an article's whole text, as the peers read it."""
    return "\n".join(part for part in (article.title, article.summary, article.body) if part)


def peers(given: Watchlist) -> Iterator[tuple[str, Callable[[Article], object]]]:
    """Yield the installed peers, loaded with every form of a watchlist."""
    forms = [alias.text for entity in given.entities.values() for alias in entity.aliases]
    flashtext, spacy = _installed("flashtext"), _installed("spacy")
    if flashtext:
        processor = flashtext.KeywordProcessor()
        processor.add_keywords_from_list(forms)
        yield "FlashText", lambda article: processor.extract_keywords(text(article))
    if spacy:
        pipe = spacy.blank("ar")
        matcher = importlib.import_module("spacy.matcher").PhraseMatcher(pipe.vocab)
        matcher.add("names", list(pipe.pipe(forms)))
        yield "spaCy PhraseMatcher", lambda article: matcher(pipe.make_doc(text(article)))


def _installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def main(arguments: Sequence[str]) -> None:
    """Print one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--articles", type=int, default=3000)
    asked = parser.parse_args(arguments)
    given = articles(asked.articles)
    Matcher(watchlist(1, offices=True)).match(given[0])  # tables that are read once are nobody's building time
    for entities in asked.entities:
        for offices in (False, True):
            made = watchlist(entities, offices=offices)
            before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
            matcher = Matcher(made)
            built, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            label = f"{entities} x {FORMS}{' with offices' if offices else ''}"
            sys.stdout.write(
                f"{label:28} build {built:6.2f} s {peak / 1024:5.0f} MB  {speed(matcher.match, given):7.2f} MB/s\n"
            )
    smallest = watchlist(min(asked.entities), offices=False)
    for name, read in peers(smallest):
        few = given[:_FEW]
        sys.stdout.write(f"{name:28} {len(smallest.entities) * FORMS} forms {speed(read, few, 1):27.2f} MB/s\n")


if __name__ == "__main__":
    main(sys.argv[1:])
