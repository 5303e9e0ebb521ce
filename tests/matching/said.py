"""All that is said about the cases of `tests/cases`: who is found, by which spelling and steps, and why or why not.

    python -m tests.matching.said > tests/matching/said.json

The cases say what must be found; this says how it is explained. Whoever changes an explanation, or a rule that others
lean on, writes the file anew and reads what became different.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from monitor.matching import Matcher
from monitor.model import Findings
from tests.text.languages.cases import load

LANGUAGES = ("ar", "en", "fa", "ru", "tr")


def said(lang: str) -> Iterator[tuple[str, Any]]:
    """Yield the name of each case of a language with its findings as plain values."""
    watchlist, cases = load(lang)
    matcher = Matcher(watchlist)
    for case in cases:
        yield case.article.id, json.loads(json.dumps(_plain(matcher.match(case.article))))


def _plain(findings: Findings) -> list[Any]:
    matches = [
        [match.entity, match.via, match.evidence, *([one.field, one.start, one.surface, one.alias, one.zone, one.via,
                                                     one.steps] for one in match.mentions)]
        for match in findings.matches
    ]  # fmt: skip
    return [matches, [[one.entity, one.field, one.start, one.surface, one.why] for one in findings.rejected]]


def main() -> None:
    """Print the file, a line a case."""
    rows = ",\n".join(
        f'"{name}": {json.dumps(plain, ensure_ascii=False)}' for lang in LANGUAGES for name, plain in said(lang)
    )
    sys.stdout.write(f"{{\n{rows}\n}}\n")


if __name__ == "__main__":
    main()
