"""What may and may not stand in the repository's files."""

from __future__ import annotations

import ast
import re
import subprocess
import tokenize
from io import StringIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked() -> dict[str, str]:
    """Every tracked text file with its text; skips where this is no clone."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if answer.returncode != 0:
        pytest.skip("not a git clone, so there is no list of its files")
    texts: dict[str, str] = {}
    for name in answer.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file():
            try:
                texts[name] = path.read_text("utf-8")
            except UnicodeDecodeError:
                continue
    return texts


FORBIDDEN = {
    # Written in pieces, so that this file does not hold what it looks for.
    "a package registry": r"py" r"pi\.org|pythonhosted\.org|registry\.npm" r"js|proxy\.gol" r"ang|deb\.deb" r"ian\.org",
    "a pip option that names one": r"--(?:extra-)?index-" r"url\b(?!\s*--no)|--find-" r"links|--trusted-" r"host",
    "a home directory": r"/(?:home|Users)/[a-z]\w*/|/ro" r"ot/",
    "a workplace of one machine": r"/wo" r"rk/|/opt/(?:py" r"pi|wheels)|/tmp/[a-z]+/[a-z]+\.",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a real Slack webhook": r"hooks\.slack\.com/services/T[0-9A-Z]{8,}/B[0-9A-Z]{8,}/(?!X)[0-9A-Za-z]{20,}",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    """No tracked file holds an address of a registry, a path of somebody's machine, or a secret."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in tracked().items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


def test_every_rule_switched_off_for_the_project_has_a_reason() -> None:
    """Every lint rule that pyproject.toml ignores has a comment on its line that says why."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    switched_off = [line.strip() for line in text.splitlines() if re.match(r'\s*"[A-Z]+[0-9]*",|"[^"]+" = \["', line)]
    assert switched_off
    assert [line for line in switched_off if not re.search(r"#\s*\S+ \w+", line)] == []


def test_every_line_that_a_rule_spares_has_a_reason() -> None:
    """A `noqa` names its rules, and after them says why."""
    found: list[str] = []
    for name, source in tracked().items():
        if name.endswith(".py"):
            for token in tokenize.generate_tokens(StringIO(source).readline):
                mark = token.type == tokenize.COMMENT and re.match(r"#\s*noqa(.*)", token.string)
                if mark and not re.fullmatch(r": [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*\W+\w+\W+\w+.*", mark[1]):
                    found.append(f"{name}:{token.start[0]}: {token.string}")
    assert not found


def test_every_test_says_what_must_hold() -> None:
    """Every test function has a docstring of at least one sentence."""
    found: list[str] = []
    for name, source in tracked().items():
        if not (name.startswith("tests/") and name.endswith(".py")):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                sentence = ast.get_docstring(node) or ""
                if len(sentence.split()) < 3:
                    found.append(f"{name}:{node.lineno}: {node.name}")
    assert not found


def test_no_test_is_switched_off_for_good() -> None:
    """A test may skip for what the machine lacks, with a reason; `skip` without a condition is a deleted test."""
    pattern = re.compile(r"@pytest\.mark\." r"skip\b(?!if)")
    assert not [name for name, text in tracked().items() if name.endswith(".py") and pattern.search(text)]


def test_no_work_is_left_for_later_in_comments() -> None:
    """Unfinished business stands in an issue, not in the code."""
    pattern = re.compile(r"#.*\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    assert not [
        name for name, text in tracked().items() if name.endswith((".py", ".yml", ".sh")) and pattern.search(text)
    ]
