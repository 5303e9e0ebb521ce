"""The process that reads what strangers sent: no secrets, no files, little memory, little time, and it dies alone.

    stdin: length, header, body -> read -> stdout: length, answer          (python -m monitor.feeds.worker)

The limits are set by the process itself before it reads the first byte; a parse that overruns them kills the
process, and the pool starts another. It ends when its stdin does, so with its parent, after at most one parse. (The
kernel's own parent-death signal follows the thread that started a process, and would kill workers that are needed.)
"""

from __future__ import annotations

import gc
import json
import resource
import signal
import struct
import sys
from typing import BinaryIO

HEADER = struct.Struct("!II")
ANSWER = struct.Struct("!I")
MEMORY = 480 * 1024 * 1024
CPU_SECONDS = 5
FILES = 16
MAX_REQUEST = 64 * 1024 * 1024


def limit() -> None:
    """Give up what parsing does not need: memory beyond a cap, writing files, cores, more than a few handles."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    for number in (signal.SIGINT, signal.SIGTERM):  # the parent's to answer: it ends us when it is done
        signal.signal(number, signal.SIG_IGN)


def allow_cpu(seconds: float) -> None:
    """Let the process use that many more seconds of CPU; the kernel kills it beyond.

    Not RLIMIT_CPU: that one counts clock ticks from the process's start, which drift away from what `getrusage` says
    by seconds over some thousand jobs, so that a limit moved on job by job ends an old worker that did nothing.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until the source ends."""
    from monitor.feeds.jobs import run  # noqa: PLC0415  # heavy, not for the parent, and only under the limits

    while True:
        lengths = source.read(HEADER.size)
        if len(lengths) < HEADER.size:
            return
        head_size, body_size = HEADER.unpack(lengths)
        if head_size + body_size > MAX_REQUEST:
            return
        head, body = source.read(head_size), source.read(body_size)
        allow_cpu(CPU_SECONDS)
        answer = json.dumps(run(json.loads(head), body), ensure_ascii=False).encode("utf-8", "replace")
        allow_cpu(CPU_SECONDS)  # a document that took nearly all it may leaves too little to hear of the next one
        sink.write(ANSWER.pack(len(answer)))
        sink.write(answer)
        sink.flush()
        if body_size > 1_000_000:
            del body, answer
            gc.collect()


def main() -> None:
    """Set the limits, then serve on the standard streams."""
    limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
