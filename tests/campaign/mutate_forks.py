"""The process that judges mutants: pytest in forks of one that has imported everything but the program and its tests.

    python -m tests.campaign.mutate_forks MODULES < jobs > codes

`MODULES` is a JSON file with the names to import first, a job a line of JSON: pytest's arguments, the file for its
output, and the seconds that it may take. The answer to each is pytest's exit code, or null where its time was over.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import sys
from pathlib import Path

import pytest


def main() -> None:
    for name in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        with contextlib.suppress(ImportError):  # some are made by others, and come with them
            importlib.import_module(name)
    for line in sys.stdin:
        arguments, output, seconds = json.loads(line)
        print(json.dumps(_run(arguments, output, seconds)), flush=True)


def _run(arguments: list[str], output: str, seconds: float) -> int | None:
    """Run pytest in a fork and a session of its own; nothing that it starts outlives it."""
    child = os.fork()
    if child == 0:
        os.setsid()
        for target, flags in (("/dev/null", os.O_RDONLY), (output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)):
            os.dup2(os.open(target, flags, 0o644), 0 if flags == os.O_RDONLY else 1)
        os.dup2(1, 2)
        code = pytest.main(arguments)
        sys.stdout.flush()
        os._exit(code)
    handle = os.pidfd_open(child)
    in_time = select.select([handle], [], [], seconds)[0]
    os.close(handle)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if in_time else None


if __name__ == "__main__":
    main()
