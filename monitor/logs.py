"""Structured logs: for people on a terminal, JSON elsewhere, with its priority in systemd's journal.

Feed content can't forge a line in any of them.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}


def one_line(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Escape line breaks and control characters in every value, so that no content starts a line of its own."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value)
    return event


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
        # structlog's own tracebacks show the value of every variable, secrets too.
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
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
    logging.basicConfig(
        stream=sys.stderr, level=max(number, logging.WARNING), format="%(levelname)s %(name)s %(message)r"
    )
