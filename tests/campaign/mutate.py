"""Breaks the program on purpose, one small change at a time, and counts how many of the changes a test notices.

    python -m tests.campaign.mutate guards --sample 150 --seed 1 [--journal FILE] [--jobs 1] [--seconds 3600]
    python -m tests.campaign.mutate alerts | matching | novelty

The mutants are mutmut's: every change that its operators make inside a function or method. Its own runner switches
mutants on by the environment inside one process, where the parser's workers would run the original and what was read
into a cache before stays as it was; so here each mutant of a sample stands as a file in a copy of the tree, and pytest
judges it in a fork of a process that has imported everything but the program: by the tests that reach the changed
line, quick files first, until one fails; where fewer than ten reach it, the others of the part follow: a line may be
reached once for all tests (a cache, a fixture), or in another process. A mutant that every test passes has survived,
be its line reached or not, and be it different from the original or not; one that is not judged in time (a multiple
of what the original takes) was noticed, as a suite that hangs is. The run that finds out which test reaches what also
shows that the original passes.

The same seed draws the same sample from the same code. With a journal, what was judged before on the same code and
tests is not judged again. Printed are every survivor with its line before and after, and the share of the killed with
its 95 % interval (Wilson). Exit code 1 where fewer than 85 % are killed. What survived so far, and why it stays, is in
`survivors.md`.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import importlib.util
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import coverage
import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).parents[2]
WANTED = 0.85
FEW = 10
"""Below so many tests that reach a line, the others of the part judge its mutants too."""
BROKEN = {3, 5}
"""pytest's exit codes for its own failure and for no tests: the campaign's fault, not a mutant noticed."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is mutated, by patterns under `monitor`, and which tests have to notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


_GUARDS = ("address", "network", "fetch", "inflate", "pace", "parse", "worker")
_ASKING = ("address", "fetch", "inflate", "network", "pace", "packing", "pages", "poll", "proxy", "redirects", "tls")
_READING = ("charset", "parse", "pool", "secrets", "worker")
PARTS = {
    "matching": Part(
        ("matching/*.py",),
        ("tests/matching", "tests/test_cases.py", "tests/text/languages/test_cases.py", "tests/watchlists"),
    ),
    "novelty": Part(("novelty/*.py",), ("tests/novelty", "tests/evaluation/test_novelty_floor.py")),
    "alerts": Part(("alerts/*.py",), ("tests/alerts",)),
    "guards": Part(
        tuple(f"feeds/{name}.py" for name in _GUARDS),
        tuple(f"tests/feeds/test_{name}.py" for name in (*_ASKING, *_READING)),
    ),
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed place: the module, its number among the module's mutants, the line before and after."""

    module: str
    number: int
    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant: killed, timeout or survived, in how many seconds, and the test that noticed."""

    fate: str
    seconds: float
    test: str = ""


class Source:
    """One module with the places that mutmut would change."""

    def __init__(self, module: Path) -> None:
        self.name = str(module.relative_to(ROOT))
        self.text = module.read_text(encoding="utf-8")
        wrapper = MetadataWrapper(libcst.parse_module(self.text))
        visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
        self._tree = wrapper.visit(visitor)
        self._lines = wrapper.resolve(PositionProvider)
        # mutmut finds changes at the level of the module too, and drops them: it can't switch them.
        self._found: list[Mutation] = [one for one in visitor.mutations if one.contained_by_top_level_function]

    def __len__(self) -> int:
        return len(self._found)

    def changed(self, number: int) -> str:
        """Return the module's text with one change."""
        mutation = self._found[number]
        tree = deep_replace(self._tree, mutation.original_node, mutation.mutated_node)
        assert isinstance(tree, libcst.Module)
        return tree.code

    def mutant(self, number: int) -> Mutant:
        """Return one mutant with the lines that differ."""
        lines = list(difflib.ndiff(self.text.splitlines(), self.changed(number).splitlines()))
        before, after = (" ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
        start = self._lines[self._found[number].original_node].start.line
        return Mutant(self.name, number, start, before, after)


def sample(part: Part, size: int, seed: int) -> tuple[dict[str, Source], list[Mutant]]:
    """Draw mutants of a part, each with the same chance; all of them where there are fewer."""
    modules = sorted({file for pattern in part.modules for file in (ROOT / "monitor").glob(pattern)})
    sources = {source.name: source for source in map(Source, modules)}
    places = [(name, number) for name, source in sources.items() for number in range(len(source))]
    drawn = random.Random(seed).sample(places, min(size, len(places)))
    return sources, [sources[name].mutant(number) for name, number in drawn]


class Bench:
    """Copies of the tree in which mutants are judged, and what the original's tests reach.

    Raises RuntimeError where a test fails without a mutant.
    """

    def __init__(self, part: Part, directory: Path, jobs: int) -> None:
        self._part = part
        self.trees = [directory / str(job) for job in range(jobs)]
        shutil.copytree(ROOT, self.trees[0], ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        self._reached, self._seconds = self._baseline(directory)
        self.limit = 20 + 4 * sum(self._seconds.values())
        for tree in self.trees[1:]:
            shutil.copytree(self.trees[0], tree)  # with the compiled modules
        self._judges = [self._judge_of(tree) for tree in self.trees]

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._judges:
            process.communicate()  # it ends with its jobs

    def _baseline(self, directory: Path) -> tuple[coverage.CoverageData, Mapping[str, float]]:
        """Run the tests on the original, noting the lines that each reaches and the seconds that it takes."""
        data, noted, tree = directory / "reached", directory / "noted.json", self.trees[0]
        measure = ["coverage", "run", "--rcfile=/dev/null", f"--data-file={data}", "--include=monitor/*", "-m"]
        command = [sys.executable, "-m", *measure, "pytest", *self._arguments(f"--note-to={noted}")]
        done = subprocess.run(command, cwd=tree, env=_environment(tree), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"a test fails without a mutant: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        reached = coverage.CoverageData(str(data))
        reached.read()
        notes = json.loads(noted.read_text(encoding="utf-8"))
        self._modules = directory / "modules.json"
        self._modules.write_text(json.dumps(notes["modules"]), encoding="utf-8")
        return reached, notes["seconds"]

    def _judge_of(self, tree: Path) -> subprocess.Popen[str]:
        # What is compiled here is a mutant or was compiled before.
        command = [sys.executable, "-m", "tests.campaign.mutate_forks", str(self._modules)]
        environment = _environment(tree, PYTHONDONTWRITEBYTECODE="1")
        return subprocess.Popen(
            command, cwd=tree, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def judge(self, mutant: Mutant, text: str, job: int = 0) -> Fate:
        """Run the tests on a mutant in a job's tree until one fails; the tree is as it was afterwards."""
        tree = self.trees[job]
        target, order, output = tree / mutant.module, tree / "order.json", tree / "output"
        original, started = target.read_bytes(), time.monotonic()
        order.write_text(json.dumps(self._order(mutant)), encoding="utf-8")
        target.write_text(text, encoding="utf-8")
        # Same size, same second: the compiled original could pass for the mutant.
        Path(importlib.util.cache_from_source(str(target))).unlink(missing_ok=True)
        try:
            code = self._ask(job, [self._arguments(f"--order-from={order}"), str(output), self.limit])
        finally:
            target.write_bytes(original)
        seconds, said = round(time.monotonic() - started, 1), output.read_text(encoding="utf-8", errors="replace")
        if code is None:
            return Fate("timeout", seconds)
        if code in BROKEN:
            raise RuntimeError(f"no verdict: {said[-2000:]}")
        failed = [line for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        return Fate("killed" if code else "survived", seconds, failed[0][:300] if failed else said[-300:])

    def _ask(self, job: int, asked: list[object]) -> int | None:
        """Have a job done by the process of its tree."""
        process = self._judges[job]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        code: int | None = json.loads(process.stdout.readline())
        return code

    def _order(self, mutant: Mutant) -> list[str]:
        """Return the tests that reach the line, of the quickest file first; after a few, the others alike.

        A file that reaches it when it is read keeps what came of it in a table, and its tests look there.
        """
        lines = self._reached.contexts_by_lineno(str(self.trees[0] / mutant.module))
        # A statement of several lines is reached where it begins.
        start = max((line for line in lines if line <= mutant.line), default=0)
        contexts = set(lines.get(start, ()))
        reaching = {test for test in self._seconds if test in contexts or _file(test) in contexts}
        spent: Counter[tuple[bool, str]] = Counter()
        for test, seconds in self._seconds.items():
            spent[test in reaching, _file(test)] += seconds

        def place(test: str) -> tuple[bool, float, str, float]:
            reaches = test in reaching
            return not reaches, spent[reaches, _file(test)], _file(test), self._seconds[test]

        ordered = sorted(self._seconds, key=place)
        if len(reaching) < FEW:
            return ordered
        return [test for test in ordered if test in reaching or f"{_file(test)}::" in contexts]

    def _arguments(self, option: str) -> list[str]:
        plugins = ["-p", "no:cacheprovider", "-p", "tests.campaign.mutate_order", "--hypothesis-seed=0"]
        quiet = ["-x", "-q", "-rfE", "--tb=no", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        return [*quiet, *plugins, option, *self._part.tests]


def _environment(tree: Path, **more: str) -> dict[str, str]:
    # The data stands beside the tree, not beside its copies.
    return {"MONITOR_EVAL_DATA": str(ROOT / "../shared/data"), **os.environ, "PYTHONPATH": str(tree), **more}


def _file(test: str) -> str:
    return test.partition("::")[0]


class Journal:
    """What was judged, a line each; a mutant's key changes with every module and test of its part."""

    def __init__(self, file: Path | None, part: Part) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._code = _digest(part)
        lines = file.read_text(encoding="utf-8").splitlines() if file is not None and file.exists() else []
        self._known = {tuple(row["key"]): Fate(**row["fate"]) for row in map(json.loads, lines)}

    def known(self, mutant: Mutant) -> Fate | None:
        """Return what became of a mutant before."""
        return self._known.get(self._key(mutant))

    def add(self, mutant: Mutant, fate: Fate) -> None:
        """Write down what became of a mutant."""
        row = {"key": self._key(mutant), "fate": asdict(fate), "mutant": asdict(mutant)}
        if self._file is not None:
            with self._lock, self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(row, ensure_ascii=False) + "\n")

    def _key(self, mutant: Mutant) -> tuple[str, str, int]:
        return self._code, mutant.module, mutant.number


def _digest(part: Part) -> str:
    """Return a hash of all that can decide a mutant's fate: the program, the part's tests and their helpers."""
    tests = [file for name in part.tests for file in (ROOT / name, *(ROOT / name).rglob("*"))]
    files = {*(ROOT / "monitor").rglob("*"), *(ROOT / "tests").glob("*.py"), *tests}
    hashed = hashlib.blake2b(digest_size=8)
    for file in sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts):
        hashed.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return hashed.hexdigest()


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's score)."""
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - half, middle + half


def run(
    part: Part, sources: Mapping[str, Source], drawn: Sequence[Mutant], journal: Journal, jobs: int, seconds: float
) -> Iterator[tuple[Mutant, Fate]]:
    """Judge mutants until the time is over, each job in a tree of its own; yield those that were judged."""
    until = time.monotonic() + seconds
    with contextlib.ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="mutants-"))
        bench = stack.enter_context(Bench(part, Path(name), jobs))

        def work(job: int) -> list[tuple[Mutant, Fate]]:
            judged = []
            for one in drawn[job::jobs]:
                fate = journal.known(one)
                if fate is None and time.monotonic() < until:
                    fate = bench.judge(one, sources[one.module].changed(one.number), job)
                    journal.add(one, fate)
                if fate is not None:
                    judged.append((one, fate))
                    _tell(one, fate)
            return judged

        with ThreadPoolExecutor(jobs) as threads:
            for judged in threads.map(work, range(jobs)):
                yield from judged


def _tell(mutant: Mutant, fate: Fate) -> None:
    if fate.fate != "killed":
        print(f"{fate.fate}: {mutant.module}:{mutant.line}\n    - {mutant.before}\n    + {mutant.after}", flush=True)


def main() -> int:
    """Run it from the command line and print the survivors and the share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3600, help="begin no mutant after that; what was tried counts")
    parser.add_argument("--journal", type=Path, help="where to note what was judged, and read what was judged before")
    options = parser.parse_args()
    part = PARTS[options.part]
    sources, drawn = sample(part, options.sample, options.seed)
    journal = Journal(options.journal, part)
    fates = [fate.fate for _, fate in run(part, sources, drawn, journal, options.jobs, options.seconds)]
    tried, survived, late = len(fates), fates.count("survived"), fates.count("timeout")
    low, high = wilson(tried - survived, tried)
    share = f"{1 - survived / tried:.1%} of {tried} killed (95 %: {low:.1%} to {high:.1%})"
    print(f"{options.part}, seed {options.seed}: {share}")
    print(f"{tried - survived} killed, {late} of them by the time limit; {survived} survived")
    print(f"drawn from {sum(map(len, sources.values()))} mutants of {len(sources)} modules")
    return 0 if survived <= (1 - WANTED) * tried else 1


if __name__ == "__main__":
    sys.exit(main())
