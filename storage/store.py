"""Everything that is kept, opened together: `open_store`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from storage.case_book import Memory
from storage.checkpoints import Checkpoints
from storage.engine import Engines, open_engines
from storage.outbox import StoredOutbox
from storage.reader import StoredReader
from storage.record import StoredRecord
from storage.tables import metadata


@dataclass(kw_only=True)
class Store:
    """The record and its sides, on one database and one data folder."""

    engines: Engines
    record: StoredRecord
    reader: StoredReader
    outbox: StoredOutbox
    checkpoints: Checkpoints | None

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        self.record.close()
        if self.checkpoints:
            self.checkpoints.close()
        self.engines.dispose()


def open_store(url: str, folder: Path, *, writers: int = 4) -> Store:
    engines = open_engines(url, writers=writers)
    metadata.create_all(engines.write)
    memory = Memory()
    record = StoredRecord(engines, memory, threads=writers)
    return Store(
        engines=engines,
        record=record,
        reader=StoredReader(engines, memory),
        outbox=StoredOutbox(record, engines),
        checkpoints=Checkpoints(engines.write, record.commits) if engines.is_sqlite else None,
    )
