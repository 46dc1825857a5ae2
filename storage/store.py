"""Everything that is kept, opened together: `open_store`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage import upgrade
from storage.anchors import Anchors
from storage.case_book import Memory
from storage.checkpoints import Checkpoints
from storage.drafts import StoredDrafts
from storage.engine import Engines, open_engines
from storage.file_queue import StoredFileQueue
from storage.files import FileStore
from storage.heartbeats import Heartbeats
from storage.leases import Leases
from storage.outbox import StoredOutbox
from storage.policy_shelf import PolicyShelf
from storage.reader import StoredReader
from storage.record import StoredRecord
from storage.register import Register
from storage.retention import StoredRetention
from storage.trouble import Trouble

ParseBundle = Callable[[Mapping[str, str]], Any]


@dataclass(kw_only=True)
class Store:
    """The record and its sides, on one database and one data folder."""

    engines: Engines
    record: StoredRecord
    reader: StoredReader
    outbox: StoredOutbox
    trouble: Trouble
    drafts: StoredDrafts
    register: Register
    shelf: PolicyShelf[Any]
    files: FileStore
    file_queue: StoredFileQueue
    leases: Leases
    heartbeats: Heartbeats
    anchors: Anchors
    retention: StoredRetention
    checkpoints: Checkpoints | None = None

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        self.record.close()
        if self.checkpoints:
            self.checkpoints.close()
        self.engines.dispose()


def open_store(url: str, folder: Path, parse_bundle: ParseBundle, *, writers: int = 4) -> Store:
    """
    Open the record at a database URL, with its files in *folder*; an empty database gets its tables.

    *parse_bundle* makes a policy bundle of its texts (file name to text). *writers*: threads on PostgreSQL.

    Raises:
        WrongDatabase: the URL can't be used, or the database is of another version; the message says what to do.
    """
    engines = open_engines(url, writers=writers)
    try:
        upgrade.prepare(engines.write)
    except BaseException:
        engines.dispose()
        raise
    memory = Memory()
    record = StoredRecord(engines, memory, threads=writers)
    return Store(
        engines=engines,
        record=record,
        reader=StoredReader(engines, memory),
        outbox=StoredOutbox(record, engines),
        trouble=Trouble(record, engines),
        drafts=StoredDrafts(record, engines),
        register=Register(record, engines),
        shelf=PolicyShelf(record, engines, parse_bundle),
        files=FileStore(folder),
        file_queue=StoredFileQueue(record, engines),
        leases=Leases(engines),
        heartbeats=Heartbeats(record, engines),
        anchors=Anchors(record, engines),
        retention=StoredRetention(engines),
        checkpoints=Checkpoints(engines.write, record.commits) if engines.is_sqlite else None,
    )
