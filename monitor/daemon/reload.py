"""Live reload: files that changed, or SIGHUP, become a new version whole, or change nothing.

    files --watchfiles--> wake -+
    every few seconds ----------+--> fingerprint differs, and stays so --> load and check --> taken | rejected
    SIGHUP ---------------------+

What is read live: watchlists, the shared catalogue, feed lists, channels and their templates, and of the settings
`operator` and `retention`. The others (`STARTS_ANEW`) hold until a restart, and a change of them is said in the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import structlog
from watchfiles import watch

from monitor.config import Config, Fingerprint, fingerprint, inputs
from monitor.errors import ConfigError
from monitor.settings import Settings, load_settings

log = structlog.get_logger(__name__)

EVERY = 5.0
"""Seconds between looks at the files where no event came, as on a network file system."""
QUIET = 0.25
"""Seconds without a change after which a save counts as finished."""
PATIENCE = 5.0
"""Seconds after which files that change all the time are read as they stand."""
STARTS_ANEW = ("database", "http", "polling", "novelty", "alerts", "log")
"""Settings that hold until a restart."""


def directories(settings: Settings) -> tuple[Path, ...]:
    """Return the directories in which a save shows: an editor may replace a file instead of writing it."""
    found = {path.resolve().parent for path in inputs(settings)} | {path.parent.absolute() for path in inputs(settings)}
    for path in settings.watchlists:
        found |= {path, path / "entities"} if path.is_dir() else set()
    return tuple(sorted(path for path in found if path.is_dir()))


class Watch(threading.Thread):
    """Calls `changed` soon after something in the directories changed. Where the system can't tell, it ends."""

    def __init__(self, paths: tuple[Path, ...], changed: Callable[[], None]) -> None:
        """Watch these directories themselves, not what is below them."""
        super().__init__(name="watch", daemon=True)
        self.paths, self._changed = paths, changed
        self._stopped = threading.Event()

    def run(self) -> None:
        """Watch until stopped."""
        # The database may lie beside the settings; what changes is decided by the fingerprint, not here.
        try:
            for _ in watch(
                *self.paths,
                watch_filter=lambda _, path: "-wal" not in path and "-shm" not in path,
                stop_event=self._stopped,
                step=200,  # milliseconds between its looks for news: each wakes the thread
                debounce=400,
                recursive=False,
                raise_interrupt=False,
            ):
                self._changed()
        except (OSError, RuntimeError) as error:
            log.warning("files can't be watched; they are looked at every few seconds", error=str(error), every=EVERY)

    def stop(self) -> None:
        """End soon."""
        self._stopped.set()


class Source:
    """The files behind a configuration: whether they changed, and one version of them that is no mixture."""

    def __init__(self, config: Config, load: Callable[[], Config], changed: Callable[[], None]) -> None:
        """`load` reads everything anew; `changed` is called from another thread when something may have changed."""
        self._load, self._changed = load, changed
        self._settings = config.settings
        self._seen = config.seen or self._now()
        self._stopped = threading.Event()
        self._watch: Watch | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._watch_again()

    def stop(self) -> None:
        """Watch no longer."""
        self._stopped.set()
        if self._watch:
            self._watch.stop()

    def differs(self) -> bool:
        """Tell whether the files are others than those last read, once they have been quiet for a moment."""
        now, until = self._now(), monotonic() + PATIENCE
        while now != self._seen:
            if self._stopped.wait(QUIET):
                return False
            last, now = now, self._now()
            if last == now or monotonic() > until:
                return now != self._seen
        return False

    def read(self) -> Config:
        """Read everything; again, if a file changed meanwhile. Raises ConfigError."""
        until = monotonic() + PATIENCE
        while True:
            before = self._now()
            try:
                config = self._load()
            except ConfigError:
                if self._changed_since(before, until):
                    continue
                self._settle(before, None)
                raise
            if self._changed_since(before, until):
                continue
            self._settle(before, config.settings)
            return config

    def _changed_since(self, before: Fingerprint, until: float) -> bool:
        return self._now() != before and monotonic() < until

    def _settle(self, seen: Fingerprint, settings: Settings | None) -> None:
        """Look from now on at the files that the settings name now, even while one of them is wrong."""
        self._seen = seen
        try:
            after = settings or load_settings(self._settings.file)
        except ConfigError:
            return
        if inputs(after) != inputs(self._settings):
            self._settings = after
            self._seen = self._now() if settings else seen
        self._watch_again()

    def _now(self) -> Fingerprint:
        return fingerprint(inputs(self._settings))

    def _watch_again(self) -> None:
        paths = directories(self._settings)
        if self._stopped.is_set() or (self._watch and self._watch.paths == paths):
            return
        if self._watch:
            self._watch.stop()
        self._watch = Watch(paths, self._changed)
        self._watch.start()


def needs_restart(old: Settings, new: Settings) -> list[str]:
    """Return the settings that differ and are not read live."""
    return [name for name in STARTS_ANEW if getattr(old, name, None) != getattr(new, name, None)]
