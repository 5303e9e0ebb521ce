"""What every part of the store stands on: the database, and the lease check of T2 and T3."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from monitor.errors import LeaseLost
from monitor.records import Lease
from monitor.store.columns import db_now
from monitor.store.engine import Database
from monitor.store.faults import Conflict
from monitor.store.schema import leases

T = TypeVar("T")
R = TypeVar("R", bound=tuple[Any, ...])

TRIES = 8
CHUNK = 500  # values in one IN (…): far below both databases' limits
CLOCK_SLACK = 60_000_000  # microseconds; a lease taken later than this in the future shows that the clock went back


class Part:
    """One part of the store; `Store` is all of them over one database."""

    def __init__(self, database: Database) -> None:
        self._db = database


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut the values into lists of at most `size`."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def slots(count: int) -> list[BindParameter[Any]]:
    """Return the places for that many values in an IN (…): much cheaper than a list of any length, which is spelled out
    anew each time it is asked for.
    """
    return [bindparam(f"slot{number}") for number in range(count)]


def roomy(values: Sequence[object]) -> int:
    """Return for how many values a statement is kept that takes these: powers of two, so that few are kept."""
    return 1 << max(len(values) - 1, 0).bit_length()


def filled(values: Sequence[object]) -> dict[str, object]:
    """Return what stands in the slots of a statement of that room: the last value in all that are left."""
    return {f"slot{number}": values[min(number, len(values) - 1)] for number in range(roomy(values))}


def again(work: Callable[[], T]) -> T:
    """Do one transaction; anew, where another writer was in its way. Raises what the last try raises."""
    for _ in range(TRIES - 1):
        with suppress(Conflict):
            return work()
    return work()


def guarded(asked: Select[R]) -> Select[R]:
    """Let a query find only what it asks for while the lease is held that `vouching` names, as `guard` makes sure."""
    held = asked.where(
        leases.c.name == bindparam("of"),
        leases.c.owner == bindparam("by"),
        leases.c.token == bindparam("under"),
        leases.c.expires > db_now(),
        leases.c.renewed <= db_now() + CLOCK_SLACK,
    )
    # PostgreSQL: whoever wants to take the lease over waits until this transaction is through.
    return held.with_for_update(read=True, of=leases)


def vouching(lease: Lease, name: str) -> dict[str, object]:
    """Return the values that a guarded query needs.

    `name` is the work that is about to be written: another lease's token can't vouch for it.
    """
    if lease.name != name:
        raise ValueError(f"the lease on {lease.name} does not cover {name}")
    return {"of": name, "by": lease.owner, "under": lease.token}


_HELD = guarded(select(leases.c.token))


def guard(connection: Connection, lease: Lease, name: str) -> None:
    """Make sure, for the rest of this transaction, that the lease on that work is held; raises LeaseLost."""
    if connection.execute(_HELD, vouching(lease, name)).first() is None:
        raise LeaseLost(f"the lease on {name} ran out or went to another daemon. Fix: none needed, its holder goes on")
