"""Structured logs: for people on a terminal, JSON elsewhere, with its priority in systemd's journal.

Feed content can't forge a line in any of them.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}


def escaped(text: str) -> str:
    """Return a text in which line breaks and control characters are written out."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _code(c) for c in text)


def _code(character: str) -> str:
    return character.encode("unicode_escape").decode()


def one_line(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Escape line breaks and control characters in every value, so that no content starts a line of its own."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = escaped(value)
    return event


def indented(stream: TextIO, error: ExcInfo) -> None:
    """Write a traceback for a person: each of its lines, and of the message, behind a margin that no event has.

    structlog's own tracebacks show the value of every variable, secrets too.
    """
    for line in filter(None, "".join(traceback.format_exception(*error)).split("\n")):
        stream.write(f"\n    | {escaped(line)}")


class OneLine(logging.Formatter):
    """What libraries log, traceback included, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return escaped(super().format(record))


def prioritised(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """Write an event as JSON behind its priority, which systemd's journal takes for its own and cuts off."""
    number = _PRIORITIES.get(str(event.get("level")), 6)
    return f"<{number}>{structlog.processors.JSONRenderer(ensure_ascii=False)(logger, method, event)!s}"


def _in_journal() -> bool:
    """Tell whether standard error is the journal's own stream, as systemd says in the environment."""
    try:
        stream = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stream.st_dev}:{stream.st_ino}"


def set_up_logs(form: Literal["auto", "console", "json", "journal"] = "auto", level: str = "info") -> None:
    """Send structlog, and the libraries' own logging, to standard error."""
    human = form == "console" or (form == "auto" and sys.stderr.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=indented)
        if human
        else prioritised
        if form == "journal" or (form == "auto" and _in_journal())
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, one_line, renderer]
        if not human
        else [*shared, one_line, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING))
