"""The house stands as the design draws it: what may import what, and nothing larger than one can read at a sitting."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "monitor"

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors"}),
    frozenset({"model"}),
    frozenset({"records", "yamlfile"}),
    frozenset({"text"}),
    frozenset({"watchlist", "matching", "novelty", "alerts", "tally"}),  # pure
    frozenset({"feeds", "channels", "store", "settings", "metrics", "judge", "wire", "starter"}),  # edges, leaves
    frozenset({"sending"}),
    frozenset({"config", "pipeline", "web", "logs"}),
    frozenset({"replay", "daemon", "pages"}),
    frozenset({"report"}),
    frozenset({"demo"}),
    frozenset({"commands"}),
    frozenset({"cli"}),
)
"""From the ground up. A part may import itself and what stands on lower floors, never a neighbour on its own."""

LEAVES = {"settings", "metrics", "starter"}
GROUND = frozenset().union(*FLOORS[:3])
PURE = FLOORS[3] | FLOORS[4] | {"judge", "wire"}
IMPURE = {
    "random",
    "time",
    "socket",
    "ssl",
    "subprocess",
    "httpx",
    "sqlalchemy",
    "requests",
    "urllib.request",
    "threading",
}
LOCK = "threading.Lock"
"""It guards a table that all judges share, and starts nothing."""
CLOCK = {"now", "utcnow", "today"}

TOP = {"pyproject.toml", "README.md", "seeds", "monitor", "watchlists", "deploy", "tests"}
TOOLS = {"Makefile", ".ci", ".gitignore", "LICENSE"}

MODULE_LINES = 400
FUNCTION_LINES = 50


def modules(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*.py") if "__pycache__" not in path.parts)


def part(path: Path) -> str:
    """The part of the house that a file belongs to: the package or module right under `monitor`."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function, with its full name."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def parts_imported(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path) if name.startswith("monitor.")}


def floor(name: str) -> int:
    return next((number for number, names in enumerate(FLOORS) if name in names), -1)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def tracked() -> list[str]:
    """Every path in the repository; skips where this is no clone."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if answer.returncode != 0:
        pytest.skip("not a git clone, so there is no list of its files")
    return [name for name in answer.stdout.decode().split("\0") if name]


def test_every_part_has_its_floor() -> None:
    """A new part of the program gets a place in the order before anything can import it."""
    assert {part(path) for path in modules(PACKAGE)} - {"__init__"} <= frozenset().union(*FLOORS)


@pytest.mark.parametrize("path", modules(PACKAGE), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    """A module imports only its own part and parts on lower floors: neighbours never know each other."""
    own = part(path)
    if own == "__init__":
        assert not parts_imported(path)
        return
    wrong = {name for name in parts_imported(path) - {own} if floor(name) >= floor(own)}
    assert not wrong, f"{own} may not import {sorted(wrong)}"


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_leaves_know_only_the_ground(leaf: str) -> None:
    """Settings, metrics and the starter content import errors, model, records and YAML, and nothing else of ours."""
    files = [path for path in modules(PACKAGE) if part(path) == leaf]
    assert files
    assert set().union(*map(parts_imported, files)) - {leaf} <= GROUND


def test_the_pure_middle_is_pure() -> None:
    """Between article and decision nothing reads a clock, draws a random number, or reaches network or store."""
    found: list[str] = []
    for path in modules(PACKAGE):
        if part(path) not in PURE:
            continue
        found += [
            f"{path.name}: imports {name}"
            for name in imported(path)
            if name != LOCK and (name in IMPURE or _package(name) in IMPURE)
        ]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK:
                found.append(f"{path.name}:{node.lineno}: .{node.func.attr}()")
    assert not found


def _package(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("directory", ["monitor", "tests"])
def test_no_module_is_too_long(directory: str) -> None:
    """A module can be read at one sitting."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules(ROOT / directory)
    }
    assert {name: length for name, length in lengths.items() if length > MODULE_LINES} == {}


@pytest.mark.parametrize("directory", ["monitor", "tests"])
def test_no_function_is_too_long(directory: str) -> None:
    """A function can be held in one's head."""
    found = {
        f"{path.relative_to(ROOT)}:{name}": length
        for path in modules(ROOT / directory)
        for name, length in functions(path)
        if length > FUNCTION_LINES
    }
    assert found == {}


def test_the_top_level_is_as_given() -> None:
    """The top of the repository holds exactly what its user laid out, and the few files that tools need."""
    top = {name.split("/")[0] for name in tracked()}
    assert top <= TOP | TOOLS
    assert top >= TOP
