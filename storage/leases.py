"""Who works on this database: a lease per bot process, with a heartbeat. Machine time throughout."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from storage.engine import Engines
from storage.tables import leases, outbox
from storage.upgrade import at_once

ALIVE = timedelta(seconds=30)
"""A lease whose last heartbeat is older is over."""

BEAT_SECONDS = 10

WAIT_OUT = timedelta(seconds=10)
"""How long a request of a process that died may still be on its way (DESIGN §5)."""


class DatabaseInUse(RuntimeError):
    """Another process works on this database; the message says which, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """A process; *token* tells it from a later one with the same pid."""

    name: str = "bot"
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    token: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """A process that works on the database."""

    holder: str
    name: str
    host: str
    pid: int
    since: datetime
    beat_at: datetime

    def is_alive(self, now: datetime) -> bool:
        """A process of this machine that is gone leaves a dead lease at once; others are given `ALIVE`."""
        return now - self.beat_at < ALIVE and not self._is_gone()

    def said(self) -> str:
        return f"a {self.name} (process {self.pid} on {self.host}, last seen {self.beat_at:%Y-%m-%d %H:%M:%S} UTC)"

    def _is_gone(self) -> bool:
        if self.host != socket.gethostname():
            return False
        if self.pid == os.getpid():  # we are the next process of that number (a container's 1)
            return True
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False


class Leases:
    """The leases of a database. Writes here take a connection of their own: they come before and beside the record."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def take(self, holder: Holder, now: datetime) -> None:
        """
        Register a bot. On SQLite only one may work on a file; on PostgreSQL any number.

        The only bot need not wait for the leases of its predecessor's messages: they are in doubt as soon as a request
        of the dead process can have reached Slack no more (`WAIT_OUT`).

        Raises:
            DatabaseInUse: another bot works on this SQLite file.
        """
        with at_once(self._engines.write) as core:
            known = _known(core)
            alive = [lease for lease in known if lease.is_alive(now) and lease.holder != holder.token]
            if self._engines.is_sqlite and alive:
                raise DatabaseInUse(
                    f"{alive[0].said()} already works on this SQLite file; stop it first, "
                    "or use PostgreSQL for several bots (REDRESS_DATABASE_URL)"
                )
            dead = [lease.holder for lease in known if lease not in alive]  # no other: one may have come since
            core.execute(delete(leases).where(leases.c.holder.in_(dead)))
            if self._engines.is_sqlite:
                _free_what_was_sent(core, now)
            row = {"holder": holder.token, "name": holder.name, "host": holder.host, "pid": holder.pid}
            core.execute(insert(leases).values(since=now, beat_at=now, **row))

    def beat(self, holder: Holder, now: datetime) -> bool:
        """Say that *holder* is alive; False if its lease is gone and it must stop."""
        with at_once(self._engines.write) as core:
            done = core.execute(update(leases).where(leases.c.holder == holder.token).values(beat_at=now))
        return done.rowcount == 1

    def give_back(self, holder: Holder) -> None:
        with at_once(self._engines.write) as core:
            core.execute(delete(leases).where(leases.c.holder == holder.token))

    def known(self) -> list[Lease]:
        """Return the processes that work on the database, and those that ended without giving their lease back."""
        with self._engines.read.connect() as core:
            return _known(core)

    def alive(self, now: datetime) -> list[Lease]:
        """Return the processes that work on the database."""
        return [lease for lease in self.known() if lease.is_alive(now)]

    def is_eldest(self, holder: Holder, now: datetime) -> bool:
        """Say whether *holder* began first of those that are alive: what one bot alone must do is its."""
        if self._engines.is_sqlite:
            return True
        with self._engines.read.connect() as core:
            known = _known(core)
        eldest = next((lease for lease in known if lease.holder == holder.token or lease.is_alive(now)), None)
        return eldest is not None and eldest.holder == holder.token

    def refuse_while_alive(self, now: datetime, what: str) -> None:
        """Raise DatabaseInUse if a bot works on the database; *what* is what must not happen meanwhile (`rebuild`)."""
        alive = self.alive(now)
        if alive:
            raise DatabaseInUse(f"{what} is refused while {alive[0].said()} works on this database; stop it first")


def _free_what_was_sent(core: Connection, now: datetime) -> None:
    over = now + WAIT_OUT
    core.execute(
        update(outbox).where(outbox.c.state == "sending", outbox.c.lease_until > over).values(lease_until=over)
    )


def _known(core: Connection) -> list[Lease]:
    rows = core.execute(select(leases).order_by(leases.c.since, leases.c.holder)).mappings()
    return [Lease(**row) for row in rows]
