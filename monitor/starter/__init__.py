"""What a newcomer finds in the box: `seeds` and `watchlists`, in the source tree or packed beside this module."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from monitor.errors import InputError

Content = Literal["seeds", "watchlists"]

_PACKED = Path(__file__).parent
_SOURCE = _PACKED.parents[1]


def directory(content: Content) -> Path:
    """Return the directory of that content; an installed program carries it, a source tree has it at its top.

    Raises InputError where neither has it.
    """
    for place in (_PACKED / content, _SOURCE / content):
        if place.is_dir():
            return place
    raise InputError(f"the starter content '{content}' is not installed with this program; install it again")
