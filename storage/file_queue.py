"""Which files of cases wait to be fetched, shared or deleted at Slack: read from `case_files`, which follows the log."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from complaints.ports import WaitingFile
from storage.engine import Engines
from storage.record import StoredRecord
from storage.tables import case_files, words
from storage.wire import Row, Sql, read_wire

_COLUMNS = (
    case_files.c.case_id, case_files.c.file, words.c.text, case_files.c.size, case_files.c.sha256, case_files.c.upload,
)  # fmt: skip
# The join leaves out files whose name was erased, even before the state says so.
_NAMED = case_files.join(words, words.c.id == case_files.c.name)
_TO_FETCH = Sql(
    select(*_COLUMNS)
    .select_from(_NAMED)
    .where(case_files.c.state == "given")
    .order_by(case_files.c.case_id, case_files.c.file)
    .limit(bindparam("limit"))
)
_TO_SHARE = Sql(
    select(*_COLUMNS)
    .select_from(_NAMED)
    .where(case_files.c.state == "stored", case_files.c.shared == 0)
    .order_by(case_files.c.case_id, case_files.c.file)
    .limit(bindparam("limit"))
)
_TO_DELETE = Sql(
    select(case_files.c.case_id, case_files.c.file, case_files.c.size, case_files.c.upload)
    .where(case_files.c.state == "erased", case_files.c.upload.is_not(None))
    .order_by(case_files.c.case_id, case_files.c.file)
    .limit(bindparam("limit"))
)
_IS_IT = (case_files.c.case_id == bindparam("in_case"), case_files.c.file == bindparam("of_file"))
# A bot that stood still for longer than its lease finds that another one went on: what it read is no longer so.
_AS_READ = (*_IS_IT, case_files.c.upload.is_not_distinct_from(bindparam("read")))
_UPLOADING = Sql(update(case_files).where(*_AS_READ, case_files.c.shared == 0).values(upload=bindparam("begun")))
_DELETED = Sql(update(case_files).where(*_AS_READ).values(upload=None))
_SHARED = Sql(update(case_files).where(*_AS_READ).values(shared=1))
_GIVEN_UP = Sql(update(case_files).where(*_IS_IT).values(shared=1))


class StoredFileQueue:
    """
    The files that wait (`bot.files_in.FileQueue`).

    Its writes wait for their commit, as the outbox's do; none of them is in the log, and a rebuild keeps them.
    """

    def __init__(self, record: StoredRecord, engines: Engines) -> None:
        self._record = record
        self._engines = engines

    def to_fetch(self, limit: int) -> list[WaitingFile]:
        """Return files that were given and are neither stored nor missed, the oldest cases first."""
        return self._waiting(_TO_FETCH, limit)

    def to_share(self, limit: int) -> list[WaitingFile]:
        """Return stored files that were not shared yet and whose words were not erased."""
        return self._waiting(_TO_SHARE, limit)

    def to_delete(self, limit: int) -> list[WaitingFile]:
        """Return erased files of which an upload of ours may still be at Slack."""
        with read_wire(self._engines) as wire:
            rows = wire.rows(_TO_DELETE, {"limit": limit})
        return [WaitingFile(case_id=r[0], file=r[1], name="", size=r[2], upload=r[3]) for r in rows]

    def _waiting(self, question: Sql, limit: int) -> list[WaitingFile]:
        with read_wire(self._engines) as wire:
            return [_queued(row) for row in wire.rows(question, {"limit": limit})]

    def uploading(self, given: WaitingFile, upload: str) -> bool:
        """Note the id of an upload before it is shown; False if another bot went on with the file meanwhile."""
        named = {**_named(given), "begun": upload}
        return self._record.now(lambda tx: bool(tx.wire.run(_UPLOADING, named)))

    def deleted(self, given: WaitingFile) -> None:
        """Note that our upload of a file is at Slack no more."""
        self._record.now(lambda tx: tx.wire.run(_DELETED, _named(given)))

    def shared(self, given: WaitingFile) -> None:
        """Note that the file is shown in the home thread by that upload."""
        self._record.now(lambda tx: tx.wire.run(_SHARED, _named(given)))

    def given_up(self, given: WaitingFile) -> None:
        """Note that the file will not be shown."""
        self._record.now(lambda tx: tx.wire.run(_GIVEN_UP, {"in_case": given.case_id, "of_file": given.file}))


def _named(given: WaitingFile) -> dict[str, str | None]:
    return {"in_case": given.case_id, "of_file": given.file, "read": given.upload}


def _queued(row: Row) -> WaitingFile:
    return WaitingFile(case_id=row[0], file=row[1], name=row[2], size=row[3], sha256=row[4], upload=row[5])
