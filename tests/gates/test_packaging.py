"""What is installed is what is declared, and the wheel holds all that the program needs."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

LEFT_OUT = {"torch", "transformers", "pandas", "scikit-learn", "scipy", "camel-kenlm", "dill", "future", "tabulate"}
"""What camel-tools declares for its models."""

USED_BY_NAME = {"psycopg", "tzdata", "pymorphy3-dicts-ru"}
"""Never imported by us: SQLAlchemy's driver, the standard library's time zones, pymorphy3's dictionary."""

PART_OF = {"pydantic-core"}
"""Installed with a declared package, in the one version that fits it."""

NAMED = {"feedparser", "apscheduler", "camel-tools", "pydantic-settings", "httpx", "prometheus-client"}


def name_of(requirement: str) -> str:
    """The normal form of a requirement's name."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


def pins(file: str) -> dict[str, list[str]]:
    """Every line of a requirements file by the package that it pins."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / file).read_text("utf-8").splitlines():
        found.setdefault(name_of(line), []).append(line)
    return found


DECLARED = {name_of(requirement) for requirement in PROJECT["project"]["dependencies"]}


OPTIONAL = {name_of(each) for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra}


def third_party(directory: Path) -> set[str]:
    """The distributions whose modules are imported anywhere under a directory."""
    known = packages_distributions()
    names: set[str] = set()
    for path in directory.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names.update(each.name.partition(".")[0] for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                names.update(str(each.value).partition(".")[0] for each in node.args if isinstance(each, ast.Constant))
    outside = {name for name in names if name not in sys.stdlib_module_names and name not in {"monitor", "tests"}}
    return {name_of(distribution) for name in outside for distribution in known.get(name, [name])} - PART_OF


def test_what_is_imported_is_declared_and_the_reverse() -> None:
    """The program imports only packages that it declares, and declares none that it never uses."""
    used = third_party(ROOT / "monitor") | USED_BY_NAME
    assert used - DECLARED - OPTIONAL == set()
    assert DECLARED - used == set()


def test_the_six_named_packages_are_declared() -> None:
    """The packages that the program is built on stand in its declaration under their own names."""
    assert NAMED <= DECLARED


def test_the_pinned_set_covers_the_declaration() -> None:
    """Every declared dependency is pinned, and none of what camel-tools' models want."""
    pinned = pins("requirements.txt")
    assert set(pinned) >= DECLARED
    assert not set(pinned) & LEFT_OUT


def test_the_overrides_say_what_is_left_out() -> None:
    """The overrides file names exactly the packages that are left out, with a marker that can never hold."""
    lines = [line for line in (DEPLOY / "overrides.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert {name_of(line) for line in lines} == LEFT_OUT
    assert all(line.endswith("; python_version < '3'") for line in lines)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_pins_are_exact_and_without_addresses(file: str) -> None:
    """Each line is one exact version, with at most a marker: no address, no option, no path."""
    for name, lines in pins(file).items():
        for line in lines:
            assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.+]*( ; [a-z_]+ [<>=!]+ '[^'/:]+')*", line), (name, line)


def test_a_package_has_one_version_for_each_python() -> None:
    """Where a package is pinned twice, every line has a marker, so that one of them holds."""
    for file in ("requirements.txt", "requirements-dev.txt"):
        for lines in pins(file).values():
            assert len(lines) == 1 or all(";" in line for line in lines), lines


def test_test_tools_agree_with_the_runtime_set() -> None:
    """A package that stands in both files has the same version in both."""
    runtime, tools = pins("requirements.txt"), pins("requirements-dev.txt")

    def versions(lines: list[str]) -> set[str]:
        return {line.partition(" ;")[0] for line in lines}

    for name in set(runtime) & set(tools):
        assert versions(tools[name]) <= versions(runtime[name])


@cache
def wheel(directory: Path) -> Path:
    """Build the wheel from the working tree, with the pinned builder, no network."""
    # The backend is called directly: the builder's own isolation would fetch what is installed here already.
    script = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    command = [sys.executable, "-c", script, str(directory)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return directory / answer.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel: what an installation puts into site-packages."""
    pytest.importorskip("hatchling", reason="the wheel's builder is one of the test tools")
    directory = tmp_path_factory.mktemp("wheel")
    unpacked = directory / "unpacked"
    with zipfile.ZipFile(wheel(directory)) as archive:
        archive.extractall(unpacked)
    return unpacked


def test_the_wheel_holds_every_file_of_the_package(built: Path) -> None:
    """Modules, language data and migrations travel; caches, tests and tools do not."""
    source = {path.relative_to(ROOT) for path in (ROOT / "monitor").rglob("*") if path.is_file()}
    source = {path for path in source if "__pycache__" not in path.parts}
    there = {path.relative_to(built) for path in built.rglob("*") if path.is_file()}
    assert source <= there
    assert {path.parts[0] for path in there} == {"monitor", f"entity_monitor-{PROJECT['project']['version']}.dist-info"}


def test_the_wheel_carries_the_starter_content(built: Path) -> None:
    """The program that was unpacked elsewhere finds its seeds and watchlists in itself."""
    script = (
        "import json, monitor\n"
        "from monitor import starter\n"
        "from monitor.demo import samples\n"
        "print(json.dumps([monitor.__file__, *(str(starter.directory(each)) for each in ('seeds', 'watchlists')),"
        " len(samples.load())]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(built)}
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=built, env=environment, capture_output=True, text=True, check=True
    )
    module, seeds, watchlists, count = json.loads(answer.stdout)
    assert Path(module).is_relative_to(built)
    assert Path(seeds).is_relative_to(built)
    assert Path(watchlists).is_relative_to(built)
    assert count == len(list((ROOT / "seeds" / "articles").glob("*.yml")))
