"""Backup and restore: the database and the stored files in one archive, taken while the desk works."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import lzma
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg.conninfo
from sqlalchemy import Connection, delete, func, inspect, make_url, select, update
from sqlalchemy.engine import URL

from storage import upgrade
from storage.chain import Break, verify
from storage.engine import Engines, checked, open_engines
from storage.faults import named, remedy
from storage.files import FileStore
from storage.leases import Leases
from storage.tables import DESK, cases, events, leases, outbox
from storage.types import aware_utc
from storage.wire import read_wire

FORMAT = 1
ABOUT, DATABASE, FILES, END = "redress-backup.json", "database", "files/", "end"
"""The names in the archive, in this order; without its end an archive was cut short."""

LOOK_BACK = timedelta(minutes=1)
"""How long before the backup a message that it calls unsent may have been sent."""

VERSIONS = "TABLE DATA public alembic_version "
"""Where PostgreSQL's list of a dump has the version of the tables."""

SPOILT = "the backup is damaged; use another one"


class BackupRefused(RuntimeError):
    """A backup can't be made or put back; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """What an archive holds. *database*: sqlite or postgresql; *version*: of its tables; *files*: how many were stored."""

    database: str
    version: str
    made_at: datetime
    cases: int
    files: int = 0


# --- making one -----------------------------------------------------------------------------------------------------


def back_up(url: str, folder: Path, to: Path, now: datetime) -> Backup:
    """
    Write the database at *url* and the files of the data *folder*, as they are now, to the archive *to*; bots work on.

    The database comes first: files are stored before the log names them, so none that it names can be missing (but for
    one that is erased meanwhile). *now*: machine time.

    Raises:
        BackupRefused: *to* exists, there is nothing to back up, or PostgreSQL's programs fail.
        WrongDatabase: the URL can't be used.
    """
    if to.exists():
        raise BackupRefused(f"{to} exists already; name a file that does not")
    with _beside(to) as place:
        copy = place / DATABASE
        about = _copied(url, copy, now)
        part = place / "archive"
        with tarfile.open(part, "w") as archive:
            _add_text(archive, ABOUT, json.dumps({"format": FORMAT, **asdict(about)}, default=datetime.isoformat))
            archive.add(copy, DATABASE)
            stored = sum(_add_file(archive, path) for path in sorted(_stored(folder)))
            _add_text(archive, END, json.dumps({"files": stored, "database": _digest(copy)}))
        _flush(part)
        part.replace(to)
    return Backup(**{**asdict(about), "files": stored})


def _copied(url: str, to: Path, now: datetime) -> Backup:
    """Copy the database in one piece and return what it is."""
    engines = open_engines(url)
    try:
        version = upgrade.version_of(engines.read)
        if version is None:
            raise BackupRefused(
                "there is no record in this database yet; look at REDRESS_DATA and REDRESS_DATABASE_URL"
            )
        parsed = make_url(url)
        if engines.is_sqlite:
            _copy_sqlite(Path(parsed.database or ""), to)
        else:
            _run("pg_dump", parsed, "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")
        kind = engines.read.dialect.name
        return Backup(database=kind, version=version, made_at=now, cases=_cases(engines))
    finally:
        engines.dispose()


def _copy_sqlite(source: Path, to: Path) -> None:
    """
    Copy through SQLite's online backup, all pages in one step: one read transaction, which holds up no writer.

    In several steps each write of a busy bot would make it begin again.
    """
    try:
        with closing(sqlite3.connect(source)) as ours, closing(sqlite3.connect(to)) as copy:
            ours.backup(copy)
            _refuse_damaged(copy)
        _take_log_in(to)
    except sqlite3.Error as error:
        raise BackupRefused(f"the database can't be copied ({named(error)}: {remedy(error)})") from error


def _refuse_damaged(connection: sqlite3.Connection) -> None:
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupRefused(f"the database is damaged ({found}); keep the file as it is, and use an earlier backup")


def _cases(engines: Engines) -> int:
    with engines.read.connect() as core:
        return int(core.execute(select(func.count()).select_from(cases)).scalar_one())


def _stored(folder: Path) -> Iterator[Path]:
    return (folder / "files").glob("[0-9a-f][0-9a-f]/*")


def _add_file(archive: tarfile.TarFile, path: Path) -> bool:
    """Add a stored file; one that was erased since it was found is left out."""
    try:
        archive.add(path, FILES + path.name, recursive=False)
    except FileNotFoundError:
        return False
    return True


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    raw = text.encode()
    info = tarfile.TarInfo(name)
    info.size = len(raw)
    archive.addfile(info, io.BytesIO(raw))


# --- putting it back ------------------------------------------------------------------------------------------------


def restore(
    url: str, folder: Path, source: Path, now: datetime, *, replace: bool = False
) -> tuple[Backup, list[Break]]:
    """
    Put the archive *source* back: its database to *url*, its files into *folder*; return what it held, and the breaks of
    its hash chains (none, if it is as it was recorded).

    What the backup calls unsent may have been sent since: each such message is looked for in Slack before it is sent.
    *replace*: the database may hold a record; SQLite's old file is kept beside the new one.

    Raises:
        BackupRefused: it is no whole backup, of another kind of database, or the database holds a record already.
        DatabaseInUse: a bot works on that database.
    """
    parsed = checked(url)
    file = Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
    if file is None or file.exists():  # opening it would make it
        _refuse_occupied(url, now, replace)
    with _opened(source) as archive:
        about = _about(archive, source, parsed.get_backend_name())
        with _beside(file or folder / DATABASE) as place:
            copy = place / DATABASE
            files = _unpack(archive, copy, FileStore(folder))
            breaks = _put_sqlite(copy, file, about, now) if file else _put_postgresql(copy, url, about, now, replace)
    return Backup(**{**asdict(about), "files": files}), breaks


def _refuse_occupied(url: str, now: datetime, replace: bool) -> None:
    engines = open_engines(url)
    try:
        if not inspect(engines.write).get_table_names():
            return
        if not replace:
            raise BackupRefused("this database holds a record already; restore into an empty one, or say --replace")
        if upgrade.version_of(engines.write) is None and not upgrade.is_half_restored(engines.write):
            raise BackupRefused("this database holds tables that are not Redress's; restore into an empty one")
        Leases(engines).refuse_while_alive(now, "db restore")
    finally:
        engines.dispose()


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, "r:*") as archive:
            yield archive
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        why = str(error).splitlines()[0].rstrip(":") if str(error) else type(error).__name__
        raise BackupRefused(f"{source} is not a whole backup ({why}); use another one") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupRefused(f"there is no room to put {source} back: {remedy(error)}") from error
        raise BackupRefused(f"{source} can't be read: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise BackupRefused(f"the database can't be put back ({named(error)}: {remedy(error)})") from error


def _about(archive: tarfile.TarFile, source: Path, here: str) -> Backup:
    first = archive.next()
    if first is None or first.name != ABOUT:
        raise BackupRefused(f"{source} is not a backup of Redress")
    facts = _facts(archive, first)
    if facts.pop("format", None) != FORMAT or not upgrade.is_known(str(facts.get("version"))):
        raise BackupRefused(f"{source} was made by a newer Redress; restore it with that one")
    try:
        made_at = aware_utc(datetime.fromisoformat(facts["made_at"]))
        made_at - LOOK_BACK  # what was unsent then is looked for from there on
        about = Backup(**{**facts, "made_at": made_at, "cases": int(facts["cases"])})
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BackupRefused(SPOILT) from error
    if about.database != here:
        raise BackupRefused(
            f"{source} is of a {about.database} database, REDRESS_DATABASE_URL names {here}; name the same kind"
        )
    return about


def _unpack(archive: tarfile.TarFile, database: Path, store: FileStore) -> int:
    """Unpack the database to *database* and the files into *store*; return how many these were."""
    files = 0
    while (member := archive.next()) is not None:
        if member.name == END:
            _refuse_altered(_facts(archive, member), files, database)
            return files
        content = archive.extractfile(member)
        if content is None:
            raise BackupRefused("the backup holds something that is no file; use another one")
        if member.name == DATABASE:
            with database.open("xb") as copy:
                shutil.copyfileobj(content, copy)
        elif member.name.startswith(FILES):
            digest, _ = store.write(iter(partial(content.read, 1 << 20), b""))
            if digest != member.name.removeprefix(FILES):
                store.erase(digest)
                raise BackupRefused(f"the file {member.name} in the backup is damaged; use another backup")
            files += 1
    raise BackupRefused("the backup was cut short; use another one")


def _facts(archive: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    try:
        found = json.loads(_read(archive, member))
    except ValueError as error:
        raise BackupRefused(SPOILT) from error
    if not isinstance(found, dict):
        raise BackupRefused(SPOILT)
    return found


def _refuse_altered(end: dict[str, Any], files: int, database: Path) -> None:
    """Compare what was unpacked with what the archive's end says; older archives say nothing of the database."""
    if end.get("files") != files or not database.exists():
        raise BackupRefused("something is missing in the backup; use another one")
    if "database" in end and end["database"] != _digest(database):
        raise BackupRefused("the database in the backup is damaged; use another backup")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _put_sqlite(copy: Path, to: Path, about: Backup, now: datetime) -> list[Break]:
    """Check the copy, settle it, and only then put it in the place of the old file, which is kept."""
    with closing(sqlite3.connect(copy)) as connection:
        _refuse_damaged(connection)
    engines = open_engines(f"sqlite:///{copy}")
    try:
        _settle(engines, about, now)
        breaks = _breaks(engines)
    finally:
        engines.dispose()
    _take_log_in(copy)
    if to.exists():
        _take_log_in(to)
        to.replace(to.with_name(f"{to.name}.before-restore-{now:%Y%m%dT%H%M%S}"))
    _flush(copy)
    copy.replace(to)
    return breaks


def _take_log_in(database: Path) -> None:
    """Make a SQLite database one file: a log left beside its place would be read into the next one there."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _put_postgresql(copy: Path, url: str, about: Backup, now: datetime, replace: bool) -> list[Break]:
    """Put all back but the version, settle it, and only then say which version it is: until then no bot starts on it."""
    to, versions = make_url(url), copy.with_name("versions")
    clean = ["--clean", "--if-exists"] if replace else []
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    everything = _run("pg_restore", to, "--list", str(copy)).splitlines(keepends=True)
    versions.write_text("".join(line for line in everything if VERSIONS in line), "utf-8")
    rest = copy.with_name("rest")
    rest.write_text("".join(line for line in everything if VERSIONS not in line), "utf-8")
    _run("pg_restore", to, *options, *clean, f"--use-list={rest}", str(copy))
    engines = open_engines(url)
    try:
        _settle(engines, about, now)
        _run("pg_restore", to, *options, f"--use-list={versions}", str(copy))
        return _breaks(engines)
    finally:
        engines.dispose()


def _settle(engines: Engines, about: Backup, now: datetime) -> None:
    """Forget the bots of then, and put in doubt what they had not sent: the courier looks it up before it sends it."""
    with upgrade.at_once(engines.write) as core:
        core.execute(delete(leases))
        _put_in_doubt(core, about.made_at - LOOK_BACK, now)


def _put_in_doubt(core: Connection, since: datetime, now: datetime) -> None:
    begun = func.coalesce(outbox.c.sent_from, since, type_=outbox.c.sent_from.type)
    unsent = update(outbox).where(outbox.c.state.in_(["pending", "sending"]))
    core.execute(unsent.values(state="sending", lease_until=now, sent_from=begun))


def _breaks(engines: Engines) -> list[Break]:
    """Return the breaks of all hash chains: of every case's log and the desk's."""
    with engines.read.connect() as core:
        logs = list(core.execute(select(events.c.log_id).distinct().order_by(events.c.log_id)).scalars())
    with read_wire(engines) as wire:
        found = [verify(wire, log_id) for log_id in (logs or [DESK])]
    return [broken for broken in found if broken is not None]


# --- what both need -------------------------------------------------------------------------------------------------


def _run(program: str, url: URL, *options: str) -> str:
    """Run one of PostgreSQL's programs on a database and return what it prints; a password goes by the environment, where no process list shows it."""
    if shutil.which(program) is None:
        raise BackupRefused(
            f"{program} is missing; install PostgreSQL's client programs, of the server's version or newer"
        )
    known = url.translate_connect_args(username="user", database="dbname") | {k: str(v) for k, v in url.query.items()}
    password: Any = known.pop("password", None)
    where = psycopg.conninfo.make_conninfo(**known)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    command = [program, "--no-password", f"--dbname={where}", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BackupRefused(f"{program} failed: {' '.join(done.stderr.split()) or done.returncode}")
    return done.stdout


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Lend a folder of our own on the same disk as *path*, readable by nobody else."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-")
    except OSError as error:
        raise BackupRefused(f"{path.parent} can't be written: {error.strerror}") from error
    with place as name:
        yield Path(name)


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member)
    return content.read() if content is not None else b""


def _flush(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())
