"""The sample articles of `seeds/articles`, with what `seeds/expected.yml` says that a reader should get from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor import starter, yamlfile
from monitor.errors import ConfigError, Problem
from monitor.model import Article

_KEYS = frozenset({"feed", "poll", "published", "title", "summary", "body"})
_NEEDED = ("feed", "published", "title")


@dataclass(frozen=True, slots=True)
class Expected:
    """What one sample should give: entity id -> name or role, and the kind of news (None where nobody is found)."""

    matches: Mapping[str, str] = field(default_factory=dict)
    novelty: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample article: the sample feed that carries it, and from which poll of that feed on."""

    article: Article
    feed: str
    poll: int = 1


def load(directory: Path | None = None) -> tuple[Sample, ...]:
    """Read all sample articles, oldest first; `directory` is one like `seeds/articles`, by default the one in the box.

    The language is the part of the file's name after its first dot. Raises ConfigError with all problems.
    """
    directory = directory or starter.directory("seeds") / "articles"
    samples: list[Sample] = []
    problems: list[Problem] = []
    for path in sorted(directory.glob("*.yml")):
        node, wrong = yamlfile.read(path)
        values = yamlfile.plain(node)
        wrong = wrong or _wrong(values, str(path))
        if wrong:
            problems.extend(wrong)
        else:
            samples.append(_sample(path, values))
    if problems:
        raise ConfigError(problems)
    return tuple(sorted(samples, key=_age))


def expected(file: Path | None = None) -> Mapping[str, Expected]:
    """Read what each sample should give, by article id; `file` is one like `seeds/expected.yml`.

    Raises ConfigError.
    """
    node, problems = yamlfile.read(file or starter.directory("seeds") / "expected.yml")
    if problems:
        raise ConfigError(problems)
    articles: Mapping[str, Any] = yamlfile.plain(node)["articles"]
    return {
        name: Expected(said["matches"], None if said["novelty"] == "none" else said["novelty"])
        for name, said in articles.items()
    }


def languages(samples: Iterable[Sample]) -> tuple[str, ...]:
    """Return the languages of the samples, each once, in order."""
    return tuple(sorted({sample.article.lang or "" for sample in samples}))


def _wrong(values: object, file: str) -> list[Problem]:
    """Return what keeps these values from being a sample."""
    if not isinstance(values, dict):
        return [Problem(file, 1, 1, "this is no article", "write `title:`, `feed:`, `published:` and `body:`")]
    unknown = [f"unknown key '{key}'" for key in values if key not in _KEYS]
    missing = [f"'{key}' is missing" for key in _NEEDED if not values.get(key)]
    try:
        datetime.fromisoformat(str(values.get("published")))
        undated = []
    except ValueError:
        undated = ["`published` is no date"]
    fix = f"known keys are {', '.join(sorted(_KEYS))}; dates look like 2023-05-10T15:50:00+03:00"
    return [Problem(file, 1, 1, message, fix) for message in unknown + missing + undated]


def _sample(path: Path, values: Mapping[str, Any]) -> Sample:
    feed, lang = str(values["feed"]), path.stem.partition(".")[2]
    published = datetime.fromisoformat(values["published"])
    body = values.get("body")
    article = Article(
        id=path.stem,
        source=f"{feed}.example",
        url=f"https://{feed}.example/{path.stem}",
        published=published.astimezone(UTC) if published.tzinfo else published.replace(tzinfo=UTC),
        lang=lang,
        title=str(values["title"]),
        summary=values.get("summary"),
        body=str(body).rstrip("\n") if body else None,
    )
    return Sample(article, feed, int(values.get("poll") or 1))


def _age(sample: Sample) -> tuple[datetime, str]:
    assert sample.article.published is not None
    return sample.article.published, sample.article.id
