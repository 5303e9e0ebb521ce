"""How each case is explained; `tests/matching/said.py` says what to do where a change of it is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.matching import evidence
from monitor.matching.analyser import Known
from tests.matching.said import LANGUAGES, said

NOTED = json.loads((Path(__file__).parent / "said.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _no_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    """The morphological database that may be installed here is not asked."""
    monkeypatch.setattr(evidence, "known_as", lambda _: Known.NOTHING)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_explanation_is_what_it_was(lang: str) -> None:
    """Spelling, zone, steps, evidence and reasons of every case are the ones that were noted."""
    noted = {name: row for name, row in NOTED.items() if name.startswith(lang)}
    now = dict(said(lang))
    assert set(now) == set(noted)
    for name, row in noted.items():
        assert now[name] == row, name
