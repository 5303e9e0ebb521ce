"""Breaks the program on purpose, one small change at a time, and counts how many of the changes a test notices.

    python -m tests.campaign.mutate matching --sample 150 --seed 1 --jobs 2
    python -m tests.campaign.mutate novelty | alerts | guards

A mutant is one changed place of one module: a comparison, a boolean or arithmetic operator, a number, a truth value, a
negation, a `return`, `break` or `continue`. All places of a part are listed, a sample of them is drawn by the seed,
and each mutant runs the part's own tests in a copy of the tree, until the first failure. Printed are the share that was
killed with its 95 % interval (Wilson), and every survivor with its line as it was and as it became; those that can't
be told from the original stand in `EQUAL` with the reason. Exit code 1 where fewer than 85 % are killed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
WANTED = 0.85
SECONDS = 300.0
"""A mutant whose tests take longer hangs, and counts as killed."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is mutated, by patterns under `monitor`, and which tests have to notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


PARTS = {
    "matching": Part(("matching/*.py",), ("tests/matching", "tests/test_cases.py", "tests/watchlists")),
    "novelty": Part(("novelty/*.py",), ("tests/novelty", "tests/evaluation/test_novelty_floor.py")),
    "alerts": Part(("alerts/*.py",), ("tests/alerts",)),
    "guards": Part(
        ("feeds/address.py", "feeds/network.py", "feeds/fetch.py", "feeds/inflate.py", "feeds/pace.py"),
        ("tests/feeds/test_address.py", "tests/feeds/test_fetch.py", "tests/feeds/test_tls.py",
         "tests/feeds/test_pace.py"),
    ),
}  # fmt: skip
EQUAL: dict[tuple[str, str], str] = {}
"""(module, line as it became) -> why no test can tell it from the original."""

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed place: the module, its place in the tree's order, and the line before and after."""

    module: str
    place: int
    line: int
    before: str
    after: str

    @property
    def equal(self) -> str:
        """Why it can't be told from the original; empty where it should be."""
        return EQUAL.get((self.module, self.after), "")


def changed(node: ast.AST) -> ast.AST | None:
    """Return the node with one change, None where there is nothing to change."""
    new = copy.deepcopy(node)
    match new:
        case ast.Compare(ops=[op, *_]) if type(op) in COMPARED:
            new.ops[0] = COMPARED[type(op)]()
        case ast.BoolOp(op=ast.And()):
            new.op = ast.Or()
        case ast.BoolOp(op=ast.Or()):
            new.op = ast.And()
        case ast.BinOp(op=op, left=left) if type(op) in COUNTED and not _words(left):
            new.op = COUNTED[type(op)]()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Constant(value=bool() as value):
            new.value = not value
        case ast.Constant(value=int() | float() as value):
            new.value = value + 1
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            new.value = ast.Constant(None)
        case ast.Break():
            return ast.Continue()
        case ast.Continue():
            return ast.Break()
        case _:
            return None
    return new


def _words(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


class _Change(ast.NodeTransformer):
    """Lists the places in the order in which the tree is walked, and changes the one of that number."""

    def __init__(self, place: int = -1) -> None:
        self.place = place
        self.found: list[tuple[int, str, str]] = []

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.AnnAssign):  # what an annotation says is the type checker's
            node.value = self.visit(node.value) if node.value else None  # type: ignore[assignment]
            return node
        new = changed(node)
        if new is not None:
            after = ast.unparse(ast.fix_missing_locations(new))
            self.found.append((getattr(node, "lineno", 0), ast.unparse(node), after))
            if len(self.found) == self.place + 1:
                return ast.copy_location(new, node)
        return self.generic_visit(node)


def mutants(module: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    change = _Change()
    change.visit(ast.parse(module.read_text(encoding="utf-8")))
    for place, found in enumerate(change.found):
        yield Mutant(str(module.relative_to(ROOT)), place, *found)


def sample(part: Part, size: int, seed: int) -> list[Mutant]:
    """Draw mutants of a part, each place with the same chance; all of them where there are fewer."""
    modules = sorted({file for pattern in part.modules for file in (ROOT / "monitor").glob(pattern)})
    found = [mutant for module in modules for mutant in mutants(module)]
    return random.Random(seed).sample(found, min(size, len(found)))


def killed(mutant: Mutant, part: Part, tree: Path) -> bool:
    """Run the part's tests on a mutant in a copy of the tree; tell whether one failed."""
    target = tree / mutant.module
    original = target.read_text(encoding="utf-8")
    target.write_text(ast.unparse(_mutated(original, mutant.place)), encoding="utf-8")
    try:
        return _failing(part.tests, tree)
    finally:
        target.write_text(original, encoding="utf-8")


def _mutated(source: str, place: int) -> ast.AST:
    return ast.fix_missing_locations(_Change(place).visit(ast.parse(source)))


def _failing(tests: Sequence[str], tree: Path) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]
    data = {"MONITOR_EVAL_DATA": str(ROOT / "../shared/data")}  # beside the tree, not beside its copies
    environment = {
        **data,
        **os.environ,
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_SEED": "0",
    }
    try:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's score)."""
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - half, middle + half


def run(part: Part, drawn: Sequence[Mutant], jobs: int, seconds: float) -> tuple[int, list[Mutant]]:
    """Try mutants until the time is over, each job in a tree of its own; return how many, and the survivors."""
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="monitor-mutants-") as name:
        trees = [Path(name) / str(job) for job in range(jobs)]
        for tree in trees:
            shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        if _failing(part.tests, trees[0]):
            raise RuntimeError("the tests fail without a mutant")

        def work(job: int) -> list[bool]:
            fates: list[bool] = []
            for one in drawn[job::jobs]:
                if time.monotonic() > until:
                    break
                fates.append(killed(one, part, trees[job]))
                if not fates[-1]:
                    print(f"{one.module}:{one.line}: {one.before}  ->  {one.after}", flush=True)
            return fates

        with ThreadPoolExecutor(jobs) as threads:
            found = list(threads.map(work, range(jobs)))
    survivors = [drawn[job + jobs * at] for job, fates in enumerate(found) for at, dead in enumerate(fates) if not dead]
    return sum(map(len, found)), survivors


def main() -> int:
    """Run it from the command line and print the survivors and the share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3600, help="begin no mutant after that; what was tried counts")
    options = parser.parse_args()
    part = PARTS[options.part]
    drawn = sample(part, options.sample, options.seed)
    judged = [one for one in drawn if not one.equal]
    tried, survivors = run(part, judged, options.jobs, options.seconds)
    share = 1 - len(survivors) / tried
    low, high = wilson(tried - len(survivors), tried)
    equal = len(drawn) - len(judged)
    print(f"{options.part}: {share:.1%} of {tried} killed (95 %: {low:.1%} to {high:.1%}), {equal} equal")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
