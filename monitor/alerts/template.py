"""An operator's own words for an alert: a Jinja2 template in a sandbox, in place of `text.plain`. Pure.

A template sees text only, cleaned and isolated already, so that nothing in it can reach the program:

    severity  rule  what  who  title  quotes (a list)  source  when  why  parts  link  story  follows
    items (of a digest: each with the same names)

It is tried on an alert and on a digest when it is read. One that fails on a later alert does not lose it: the
built-in words go out in its place, with the reason.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from monitor.alerts.compose import digest
from monitor.alerts.text import Said, clean, cut, describe, isolated, plain
from monitor.errors import ConfigError, Problem
from monitor.model import Alert, Article, Kind, Match, Mention, Zone

#: Characters that a rendered alert may have; what is longer is cut.
LIMIT: Final = 8_000

_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Template:
    """A template that was read and tried."""

    def __init__(self, source: str, file: str) -> None:
        """Raise ConfigError, with the line, for a template that can't be read or fails on a sample."""
        self._file = file
        try:
            self._template = _ENVIRONMENT.from_string(source)
            for sample in (_SAMPLE, digest([_SAMPLE], _SAMPLE.created)):
                self._template.render(_words(describe(sample)))
        except TemplateError as error:
            problem = _problem(file, getattr(error, "lineno", None), error)
            raise ConfigError([problem]) from None
        except Exception as error:  # noqa: BLE001 -- a template can raise whatever Python can
            raise ConfigError([_problem(file, None, error)]) from None

    def render(self, alert: Alert) -> str:
        """Return the alert in the template's words; in the built-in ones, with the reason, where it fails."""
        said = describe(alert)
        try:
            return cut(self._template.render(_words(said)).strip(), LIMIT)
        except Exception as error:  # noqa: BLE001 -- a template can raise whatever Python can; no alert is lost for it
            return f"{plain(said)}\n  (template {clean(self._file)} failed: {clean(str(error))})"


def _words(said: Said) -> dict[str, Any]:
    quotes = ["".join(f"‹{piece.text}›" if piece.name else piece.text for piece in quote) for quote in said.quotes]
    return {
        "severity": said.severity,
        "rule": said.rule,
        "what": said.what,
        "who": isolated(said.who),
        "title": isolated(said.title),
        "quotes": [isolated(quote) for quote in quotes],
        "source": said.source,
        "when": said.when,
        "why": isolated(said.why),
        "parts": said.parts,
        "link": said.link or "",
        "story": said.story,
        "follows": said.follows,
        "items": [_words(item) for item in said.items],
    }


def _problem(file: str, line: int | None, error: Exception) -> Problem:
    fix = (
        "a template may use severity, rule, what, who, title, quotes, source, when, why, parts, link, story, follows, "
        "items"
    )
    return Problem(file, line or 1, 1, f"the template fails: {clean(str(error))}", fix)


_TEXT = "وصل الوفد إلى المدينة."
_SAMPLE = Alert(
    key="0" * 64,
    watchlist="sample",
    rule="Sample",
    severity="normal",
    created=datetime(2026, 1, 1, tzinfo=UTC),
    article=Article("sample", "news.example", "https://news.example/1", None, "ar", _TEXT, _TEXT),
    story="sample",
    kind=Kind.FIRST,
    score=1.0,
    names={"sample": "Sample"},
    matches=(Match("sample", "sample", "name", (Mention("summary", 4, 9, "الوفد", "الوفد", Zone.LEAD),)),),
    reasons=("a sample",),
    added=(_TEXT,),
)
