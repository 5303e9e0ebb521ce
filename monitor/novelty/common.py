"""How common a word is in news at large: the background against which a word's information is measured.

The table is of word stems and the share of articles that hold them (in 10,000), counted over an Arabic and an English
news corpus by `python -m tests.evaluation.novelty_train`; a stem that is not listed is rare.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from importlib.resources import files

import numpy as np

from monitor.novelty.redundancy import Floats
from monitor.text.content import Keys

_SIZE = 1 << 18
RARE = 0.0002


@lru_cache(maxsize=1)
def _table() -> Floats:
    table = np.full(_SIZE, RARE, np.float32)
    lines = (files("monitor.novelty") / "data" / "common.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        stem, share = line.split("\t")
        place = zlib.crc32(stem.encode()) >> 1 & (_SIZE - 1)
        table[place] = max(table[place], int(share) / 10_000)
    return table


def prior(keys: Keys) -> Floats:
    """Return for each word key the share of articles at large that hold the word."""
    result: Floats = _table()[(keys >> np.uint32(1)) & np.uint32(_SIZE - 1)]
    return result
