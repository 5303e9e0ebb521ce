"""Threads that turn: one kind works until told to stop, the other takes jobs from a queue."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from time import monotonic


class Loop(threading.Thread):
    """A thread that works while there is work, then waits to be woken or for `every` seconds."""

    def __init__(
        self,
        name: str,
        work: Callable[[], int],
        every: float,
        failed: Callable[[str, Exception], bool],
        *,
        pace: float = 0.0,
    ) -> None:
        """`work` returns how much it did; `failed` is told of an error and says whether to go on.

        `pace` is the least number of seconds from one turn that did something to the next.
        """
        super().__init__(name=name, daemon=True)
        self._work, self._every, self._failed, self._pace = work, every, failed, pace
        self._wake, self.stopped = threading.Event(), threading.Event()
        self.turned = monotonic()

    def run(self) -> None:
        """Turn until stopped."""
        while not self.stopped.is_set():
            self.turned = monotonic()
            self._wake.clear()
            try:
                busy = self._work() > 0
            except Exception as error:  # noqa: BLE001 - judged by `failed`: the store's troubles pass, a bug stops the daemon
                if not self._failed(self.name, error):
                    return
                busy = False
            if busy:
                self.stopped.wait(self._pace)
            else:
                self._wake.wait(self._every)

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the work in hand and end."""
        self.stopped.set()
        self._wake.set()


class Crew:
    """Threads that do jobs. Unlike an executor's they don't keep the process alive when they hang."""

    def __init__(self, size: int, name: str) -> None:
        """Start `size` threads."""
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Callable[[], None]) -> None:
        """Do the job when a thread is free. It must not raise."""
        self._jobs.put(job)

    def stop(self) -> None:
        """End every thread after the jobs that were submitted."""
        for _ in self._threads:
            self._jobs.put(None)

    def join(self, until: float) -> bool:
        """Wait for all threads, until that monotonic time; tell whether all ended."""
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
