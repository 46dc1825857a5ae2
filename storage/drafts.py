"""Form input that was not recorded (yet): offered again for 24 hours (`ports.Drafts`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select

from storage.codec import dump, load
from storage.engine import Engines
from storage.record import StoredRecord, Transaction
from storage.tables import drafts
from storage.wire import Sql, read_wire, upsert

KEPT = timedelta(hours=24)

_KEEP = upsert(drafts)
_GET = Sql(
    select(drafts.c.entries).where(
        drafts.c.member == bindparam("member"),
        drafts.c.form == bindparam("form"),
        drafts.c.kept_at > bindparam("oldest"),
    )
)
_DROP = Sql(delete(drafts).where(drafts.c.member == bindparam("member"), drafts.c.form == bindparam("form")))
_SWEEP = Sql(delete(drafts).where(drafts.c.kept_at <= bindparam("oldest")))


class StoredDrafts:
    """
    Drafts by member and form. `keep` and `drop` are queued and not waited for: a draft may be lost in a crash.

    What one process asks for one form happens in the order in which it was asked, also with several writers.
    """

    def __init__(self, record: StoredRecord, engines: Engines) -> None:
        self._record = record
        self._engines = engines
        self._last: dict[tuple[str, str], Future[None]] = {}

    def keep(self, member: str, form: str, values: Mapping[str, Any], now: datetime) -> None:
        """Keep *values*, in place of what was kept for this form; older drafts of anybody are swept away."""
        entries = dump(dict(values))

        def work(tx: Transaction) -> None:
            row = {"member": member, "form": form, "entries": entries, "kept_at": tx.wire.instant(now)}
            tx.wire.run(_KEEP, row)
            tx.wire.run(_SWEEP, {"oldest": tx.wire.instant(now - KEPT)})

        self._in_order((member, form), work)

    def get(self, member: str, form: str, now: datetime) -> Mapping[str, Any] | None:
        """Return what was kept less than 24 hours before *now*, or None."""
        with read_wire(self._engines) as wire:
            oldest = wire.instant(now - KEPT)
            row = wire.row(_GET, {"member": member, "form": form, "oldest": oldest})
        return load(row[0]) if row else None

    def drop(self, member: str, form: str) -> None:
        def work(tx: Transaction) -> None:
            tx.wire.run(_DROP, {"member": member, "form": form})

        self._in_order((member, form), work)

    def sweep(self, now: datetime) -> None:
        """Remove what was kept 24 hours before *now* or earlier: people's words, which nobody can open any more."""
        self._record.now(lambda tx: tx.wire.run(_SWEEP, {"oldest": tx.wire.instant(now - KEPT)}))

    def _in_order(self, place: tuple[str, str], work: Callable[[Transaction], None]) -> None:
        """Queue *work* behind what was queued for the same form; that one is served already or being served."""
        before = self._last.get(place)

        def after_it(tx: Transaction) -> None:
            if before is not None and not tx.wire.is_sqlite:  # SQLite has one writer, in order
                wait([before])
            work(tx)

        asked = self._last[place] = self._record.submit(after_it)
        asked.add_done_callback(lambda done: self._forget(place, done))

    def _forget(self, place: tuple[str, str], done: Future[None]) -> None:
        if self._last.get(place) is done:
            self._last.pop(place, None)
