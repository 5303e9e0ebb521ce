"""Leases: who may judge a watchlist or send on a channel, until when. The database's clock rules, not the daemons'.

    free --acquire--> held (token + 1) --renew, acquire by the owner--> held (same token)
    held --release--> free;  held --its time runs out--> free
    free: no owner, expired, or taken in the future (the clock was set back, so that its end means nothing)

The token is a fence: every write of T2 and T3 checks it in its own transaction (`part.guard`), so that a holder that
was suspended beyond its time can't write after its successor began.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, bindparam, case, or_, update

from monitor.errors import LeaseLost
from monitor.records import Lease
from monitor.store.columns import EPOCH, db_now, micros
from monitor.store.engine import insert_or_skip
from monitor.store.part import CLOCK_SLACK, Part
from monitor.store.schema import feeds, leases

_RENEW = (
    update(leases)
    .where(
        leases.c.name == bindparam("of"),
        leases.c.owner == bindparam("by"),
        leases.c.token == bindparam("under"),
        leases.c.expires > db_now(),
    )
    .values(renewed=db_now(), expires=db_now() + bindparam("ttl", type_=BigInteger))
    .returning(leases.c.expires)
)


class Leases(Part):
    """The leases by name: `watchlist:ID`, `channel:NAME`."""

    def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease if it is free, or renew it if `owner` holds it; None while another holds it."""
        free = or_(
            leases.c.owner == "",
            leases.c.expires <= db_now(),
            leases.c.renewed > db_now() + CLOCK_SLACK,
        )
        with self._db.write() as connection:
            unheld = {"name": name, "owner": "", "token": 0, "renewed": 0, "expires": 0}
            connection.execute(insert_or_skip(connection, leases).values(unheld))
            row = connection.execute(
                update(leases)
                .where(leases.c.name == name, or_(leases.c.owner == owner, free))
                .values(
                    token=case((leases.c.owner == owner, leases.c.token), else_=leases.c.token + 1),
                    owner=owner,
                    renewed=db_now(),
                    expires=db_now() + micros(ttl),
                )
                .returning(leases.c.token, leases.c.expires)
            ).first()
        return None if row is None else Lease(name, owner, row.token, EPOCH + timedelta(microseconds=row.expires))

    def renew(self, lease: Lease, ttl: timedelta) -> Lease:
        """Prolong a lease that is still held; raises LeaseLost if it ran out or changed hands."""
        with self._db.write() as connection:
            which = {"of": lease.name, "by": lease.owner, "under": lease.token, "ttl": micros(ttl)}
            row = connection.execute(_RENEW, which).first()
        if row is None:
            raise LeaseLost(f"the lease on {lease.name} ran out or went to another daemon. Fix: none needed")
        return Lease(lease.name, lease.owner, lease.token, EPOCH + timedelta(microseconds=row.expires))

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it is no longer held."""
        with self._db.write() as connection:
            connection.execute(
                update(leases)
                .where(leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.token == lease.token)
                .values(owner="", expires=0)
            )

    def abandon(self, owner: str, wait: float | None = None) -> int:
        """Free every lease and feed that `owner` holds: for a start that knows that its predecessor is dead.

        `wait` is how many seconds to wait for the database; a stop has not as many as others.
        """
        with self._db.write(wait) as connection:
            freed = connection.execute(update(leases).where(leases.c.owner == owner).values(owner="", expires=0))
            claims = {"claimed_by": None, "claimed_at": None, "claimed_until": None}
            connection.execute(update(feeds).where(feeds.c.claimed_by == owner).values(claims))
            return freed.rowcount
