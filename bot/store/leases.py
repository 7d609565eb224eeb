"""Leases: what one process at a time may do, until it gives it back or isn't heard of any more."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from bot.store.schema import Part, leases

LONGEST = 60.0
"""Seconds for which a lease holds at most."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a process may do of something that several share.

    Attributes:
        of: Into how many parts it is divided: whoever shares it must say the same.
        held: The parts that this process holds, each with the number of its lease: that changes
            whenever another process held the part.
        others: The parts that others hold.
        notes: What whoever held a part last has left for the next.
        until: The moment until which the leases hold surely, on this process's clock that nobody
            sets, in seconds.
    """

    of: int
    held: Mapping[int, int]
    others: frozenset[int]
    notes: Mapping[int, str]
    until: float = math.inf


class Leases(Part):
    """The leases within one transaction."""

    def share(
        self,
        what: str,
        owner: str,
        seconds: float,
        of: int,
        wanted: Collection[int] | None = None,
        notes: Mapping[int, str] | None = None,
    ) -> Share:
        """Hold on to one's own parts, take those that nobody holds, and give back the rest.

        Nothing is taken while another process divides it differently.

        Args:
            what: What is shared, such as ``discord``.
            owner: Who asks.
            seconds: How long the leases hold, ``LONGEST`` at most.
            of: Into how many parts it is divided.
            wanted: Which of them; None: all.
            notes: What is to be left for the next, by part; refused of a part that isn't held.
        """
        noted = self._locked(what).note
        divided = int(noted or of)
        parts = {int(row.name.rpartition(":")[2]): row for row in self._parts(what)}
        taken = {n for n, row in parts.items() if row.owner != owner and self._holds(row)}
        if taken and divided != of:
            wanted = ()
        else:
            divided = of
            if noted != str(of):
                self._set(what, note=str(of))
        mine = set(range(of) if wanted is None else wanted) - taken
        for number, row in parts.items():
            own = row.owner == owner
            note = (notes or {}).get(number, row.note) if own else row.note
            if number in mine:
                fence = row.fence + (not own)
                until = self._session.now + seconds
                self._set(row.name, owner=owner, lease_until=until, fence=fence, note=note)
            elif own:
                self._set(row.name, owner=None, lease_until=0, note=note)
        for number in mine - parts.keys():
            until = self._session.now + seconds
            self._session.insert_new(
                leases, name=f"{what}:{number}", owner=owner, lease_until=until, fence=1
            )
        now = {int(row.name.rpartition(":")[2]): row for row in self._parts(what)}
        held = {number: now[number].fence for number in sorted(mine)}
        return Share(divided, held, frozenset(taken), {n: row.note for n, row in now.items()})

    def turn(self, what: str, seconds: float) -> float:
        """Take a turn, of which there is one in so many seconds, whoever takes it.

        Returns:
            0; or the seconds to wait before one asks again: it wasn't taken.
        """
        row = self._locked(what)
        if self._holds(row):
            return float(row.lease_until - self._session.now)
        self._set(what, lease_until=self._session.now + seconds)
        return 0.0

    def release(self, owner: str) -> None:
        """Give back all that a process holds."""
        mine = update(leases).where(leases.c.owner == owner)
        self._execute(mine.values(owner=None, lease_until=0))

    def reclaim(self) -> None:
        """Free whatever is held: for who knows that no other process is alive."""
        self._execute(update(leases).values(owner=None, lease_until=0))

    def _locked(self, what: str) -> Row[Any]:
        """Return a row once no other transaction has it."""
        self._session.insert_new(leases, name=what)
        found = select(leases).where(leases.c.name == what).with_for_update()
        return self._execute(found).one()

    def _parts(self, what: str) -> list[Row[Any]]:
        parts = select(leases).where(leases.c.name.startswith(f"{what}:", autoescape=True))
        return list(self._execute(parts).all())

    def _set(self, name: str, **values: object) -> None:
        this = update(leases).where(leases.c.name == name)
        self._execute(this.values(**values))

    def _holds(self, row: Row[Any]) -> bool:
        """Whether a lease isn't over: one that ends too late was taken before the clock was set."""
        return bool(0.0 < row.lease_until - self._session.now <= LONGEST + 1.0)
