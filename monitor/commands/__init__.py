"""The commands, grouped as `monitor --help` groups them. What they share stands here: input, output, exit codes."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType

from monitor.errors import InputError
from monitor.model import Article
from monitor.wire import parse_article, parse_label

FINE, NO, BAD_INPUT, FAILED = range(4)
EXITS = {
    FINE: "Done; what was asked is so",
    NO: "The answer is no: a check failed, or nothing was found",
    BAD_INPUT: "Wrong use or bad input; the message names the file, the line and the fix",
    FAILED: "The system failed: the store, the network, a program; the message says which",
}

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def show(renderable: RenderableType) -> None:
    """Print for a person."""
    out.print(renderable)


def show_json(value: Any) -> None:
    """Print one JSON document on one line, as UTF-8 text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def complain(text: str) -> None:
    """Print a problem, without reading markup into it."""
    err.print(text, style="red", markup=False)


class ArticleFiles:
    """Articles of JSONL files (gzip accepted; `-` is standard input). Bad lines are reported and skipped.

    After iteration `bad` is the number of lines skipped; a command that met any ends with exit code 2. `labels` maps
    the ids of articles that say what they are worth (`label.kind`) to that kind.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Name the files; they are read on iteration. A missing one raises InputError then."""
        self._paths = paths
        self.bad = 0
        self.labels: dict[str, str] = {}

    def __iter__(self) -> Iterator[Article]:
        """Yield the articles in file order."""
        for path in self._paths:
            with _open(path) as stream:
                for number, line in enumerate(stream, start=1):
                    if not line.strip():
                        continue
                    try:
                        article = parse_article(line.decode("utf-8"))
                        label = parse_label(line.decode("utf-8"))
                        if label is not None:
                            self.labels[article.id] = label
                        yield article
                    except (InputError, UnicodeDecodeError) as error:
                        self.bad += 1
                        complain(f"{path}:{number}: {error}; the line is skipped")


@contextmanager
def _open(path: str) -> Iterator[Iterable[bytes]]:
    """Open a file of lines, unpacking gzip. Raises InputError, also for a damaged archive."""
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as stream:
            head = stream.read(2)
            stream.seek(0)
            with gzip.GzipFile(fileobj=stream) if head == b"\x1f\x8b" else nullcontext(stream) as lines:
                yield lines
    except (OSError, EOFError) as error:
        raise InputError(f"can't read {path}: {error}. Fix: give a JSONL file, gzipped or not") from error
