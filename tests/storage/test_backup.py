"""A backup is taken while the desk writes, and what is put back is a whole desk: chains, files, unsent messages."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.playground import ROOT
from storage import backup, rebuild
from storage.backup import BackupRefused, back_up, restore
from storage.engine import WrongDatabase, open_engines
from storage.leases import DatabaseInUse, Holder
from storage.store import Store, open_store
from storage.upgrade import upgrade
from tests.storage import acts

NOW = acts.NOW
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def elsewhere(bare_url: str) -> str:
    """Another, empty database of the same kind."""
    return bare_url


@contextmanager
def reopened(url: str, folder: Path) -> Iterator[Store]:
    store = open_store(url, folder, dict)
    try:
        yield store
    finally:
        store.close()


def test_a_desk_under_load_is_backed_up_and_comes_back_whole(
    store: Store, url: str, elsewhere: str, tmp_path: Path
) -> None:
    """Each case is there with all that one transaction recorded of it, or not at all; the logs add up to the tables."""
    with writing(store) as wait_for:
        wait_for(30)
        made = back_up(url, tmp_path / "data", tmp_path / "b.tar", NOW)
        wait_for(60)

    held, breaks = restore(elsewhere, tmp_path / "new", tmp_path / "b.tar", LATER)

    assert (held, breaks) == (made, [])
    with reopened(elsewhere, tmp_path / "new") as again:
        found = again.reader.lines(limit=10_000)
        assert 30 <= len(found) <= len(store.reader.lines(limit=10_000))
        assert rebuild.check(again.engines) == []
        assert [again.reader.case(line.case_id) for line in found] == [store.reader.case(c.case_id) for c in found]
        again.record.now(acts.opening("after"))  # and it goes on


@contextmanager
def writing(store: Store) -> Iterator[Callable[[int], None]]:
    """Open cases as fast as the writer takes them; yields what waits until so many are recorded."""
    ended, recorded = threading.Event(), threading.Condition()
    done = 0

    def write() -> None:
        nonlocal done
        while not ended.is_set():
            store.record.now(
                acts.opening(f"c{done}", words={f"w{done}": "hm"}, fields={"what": {"$words": f"w{done}"}})
            )
            with recorded:
                done += 1
                recorded.notify_all()

    def wait_for(count: int) -> None:
        with recorded:
            assert recorded.wait_for(lambda: done >= count, 60)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield wait_for
    finally:
        ended.set()
        writer.join()


def test_stored_files_come_back_byte_for_byte(store: Store, url: str, elsewhere: str, tmp_path: Path) -> None:
    digest, _ = store.files.write(b"a photo of a scratch")

    made = back_up(url, tmp_path / "data", tmp_path / "b.tar", NOW)
    held, _ = restore(elsewhere, tmp_path / "new", tmp_path / "b.tar", LATER)

    assert (made.files, held.files) == (1, 1)
    with reopened(elsewhere, tmp_path / "new") as again:
        assert again.files.read(digest) == b"a photo of a scratch"


def test_what_was_unsent_then_is_looked_for_before_it_is_sent(
    store: Store, url: str, elsewhere: str, tmp_path: Path
) -> None:
    """It may have gone out after the backup: the courier gets it as a row in doubt, to be looked up from then on."""
    store.record.now(acts.opening("c1", notices=[acts.card("c1")]))

    back_up(url, tmp_path / "data", tmp_path / "b.tar", NOW)
    restore(elsewhere, tmp_path / "new", tmp_path / "b.tar", LATER)

    with reopened(elsewhere, tmp_path / "new") as again:
        [row] = again.outbox.claim(LATER + timedelta(seconds=1), LATER, 10)
        assert row.state == "sending"
        assert row.sent_from is not None
        assert row.sent_from < NOW


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_no_bot_starts_on_a_restore_that_was_killed_before_the_unsent_was_put_in_doubt(
    store: Store, url: str, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL commits what it puts back by itself; a bot would send once more what went out after the backup."""
    store.record.now(acts.opening("c1", notices=[acts.card("c1")]))
    back_up(url, tmp_path / "data", tmp_path / "b.tar", NOW)
    with monkeypatch.context() as killed:
        killed.setattr(backup, "_settle", lambda *how: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(elsewhere, tmp_path / "new", tmp_path / "b.tar", LATER)

    with (
        pytest.raises(WrongDatabase, match="`redress db restore` again with --replace"),
        reopened(elsewhere, tmp_path / "new"),
    ):
        pass
    restore(elsewhere, tmp_path / "new", tmp_path / "b.tar", LATER, replace=True)
    with reopened(elsewhere, tmp_path / "new") as again:
        assert [row.state for row in again.outbox.claim(LATER + timedelta(seconds=1), LATER, 10)] == ["sending"]


def test_a_bot_of_then_holds_no_lease_on_what_is_restored(
    store: Store, url: str, elsewhere: str, tmp_path: Path
) -> None:
    store.leases.take(Holder(host="elsewhere"), NOW)

    back_up(url, tmp_path / "data", tmp_path / "b.tar", NOW)
    restore(elsewhere, tmp_path / "new", tmp_path / "b.tar", NOW)

    with reopened(elsewhere, tmp_path / "new") as again:
        assert again.leases.alive(NOW) == []


def test_a_record_is_replaced_only_when_asked_and_never_under_a_bot(store: Store, url: str, tmp_path: Path) -> None:
    store.record.now(acts.opening("c1"))
    back_up(url, tmp_path / "data", tmp_path / "b.tar", NOW)
    store.record.now(acts.opening("c2"))

    with pytest.raises(BackupRefused, match="--replace"):
        restore(url, tmp_path / "data", tmp_path / "b.tar", LATER)
    holder = Holder(host="elsewhere")
    store.leases.take(holder, LATER)
    with pytest.raises(DatabaseInUse, match="db restore is refused while"):
        restore(url, tmp_path / "data", tmp_path / "b.tar", LATER, replace=True)
    store.leases.give_back(holder)
    store.close()
    restore(url, tmp_path / "data", tmp_path / "b.tar", LATER, replace=True)

    with reopened(url, tmp_path / "data") as again:
        assert [line.case_id for line in again.reader.lines()] == ["c1"]


def test_the_replaced_sqlite_file_is_kept(sqlite_url: str, tmp_path: Path) -> None:
    with reopened(sqlite_url, tmp_path) as store:
        store.record.now(acts.opening("c1"))
        back_up(sqlite_url, tmp_path, tmp_path / "b.tar", NOW)
        store.record.now(acts.opening("c2"))
    restore(sqlite_url, tmp_path, tmp_path / "b.tar", LATER, replace=True)

    [kept] = tmp_path.glob("desk.sqlite3.before-restore-*")
    with reopened(f"sqlite:///{kept}", tmp_path) as old:
        assert old.reader.case("c2") is not None


def test_an_older_database_is_backed_up_and_restored_as_it_is(bare_url: str, tmp_path: Path) -> None:
    """A new program can save an old desk before it upgrades it."""
    engines = open_engines(bare_url)
    upgrade(engines.write, "0001")
    engines.dispose()

    made = back_up(bare_url, tmp_path, tmp_path / "b.tar", NOW)
    held, breaks = restore(bare_url, tmp_path, tmp_path / "b.tar", LATER, replace=True)

    assert (made.version, held.version, breaks) == ("0001", "0001", [])


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.sqlite3'}"


@pytest.fixture
def archive(sqlite_url: str, tmp_path: Path) -> Path:
    """A backup with one case and one file; the desk is gone."""
    with reopened(sqlite_url, tmp_path) as store:
        store.record.now(acts.opening("c1"))
        store.files.write(b"a photo")
        back_up(sqlite_url, tmp_path, tmp_path / "b.tar", NOW)
    for file in tmp_path.glob("desk.sqlite3*"):
        file.unlink()
    return tmp_path / "b.tar"


def _cut(archive: Path) -> None:
    """Leave out the last members, as a copy that was cut short at a boundary."""
    with tarfile.open(archive) as old:
        kept = [(m, old.extractfile(m).read()) for m in old.getmembers()[:-1]]
    _write(archive, kept)


def _swap(name: str) -> Callable[[Path], None]:
    def spoil(archive: Path) -> None:
        with tarfile.open(archive) as old:
            kept = [(m, old.extractfile(m).read()) for m in old.getmembers()]
        _write(archive, [(m, b"x" * len(raw) if m.name.startswith(name) else raw) for m, raw in kept])

    return spoil


def _write(archive: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    import io

    with tarfile.open(archive, "w") as new:
        for member, raw in members:
            new.addfile(member, io.BytesIO(raw))


def _alter(archive: Path) -> None:
    """Change what no hash chain holds, and SQLite finds in order: the number that is drawn next."""
    with tarfile.open(archive) as old:
        kept = {m.name: (m, old.extractfile(m).read()) for m in old.getmembers()}
    copy = archive.with_name("altered.sqlite3")
    copy.write_bytes(kept["database"][1])
    with closing(sqlite3.connect(copy)) as record:
        record.execute("UPDATE serials SET last = 9")
        record.commit()
    raw = copy.read_bytes()
    kept["database"][0].size = len(raw)
    _write(archive, [(m, raw if name == "database" else content) for name, (m, content) in kept.items()])


def _leave_out(name: str) -> Callable[[Path], None]:
    def spoil(archive: Path) -> None:
        with tarfile.open(archive) as old:
            kept = [(m, old.extractfile(m).read()) for m in old.getmembers()]
        _write(archive, [(m, raw) for m, raw in kept if not m.name.startswith(name)])

    return spoil


def _say(**facts: Any) -> Callable[[Path], None]:
    """Let the head of the archive say something else."""

    def spoil(archive: Path) -> None:
        with tarfile.open(archive) as old:
            kept = [(m, old.extractfile(m).read()) for m in old.getmembers()]
        raw = json.dumps({**json.loads(kept[0][1]), **facts}).encode()
        kept[0][0].size = len(raw)
        _write(archive, [(kept[0][0], raw), *kept[1:]])

    return spoil


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_say(made_at="0001-01-01T00:00:00+00:00"), "the backup is damaged"),
        (_say(made_at="2026-01-01T00:00:00"), "the backup is damaged"),
        (_say(cases="many"), "the backup is damaged"),
        (_alter, "the database in the backup is damaged"),
        (_leave_out("files/"), "something is missing"),
        (_leave_out("database"), "something is missing"),
        (_swap("redress-backup.json"), "the backup is damaged"),
        (_swap("end"), "the backup is damaged"),
        (_cut, "cut short"),
        (lambda file: file.write_bytes(file.read_bytes()[:3000]), "not a whole backup|cut short"),
        (lambda file: file.write_bytes(b"no archive"), "not a whole backup"),
        (_swap("files/"), "is damaged; use another backup"),
        (_swap("database"), "the database in the backup is damaged"),
        (lambda file: file.unlink(), "can't be read"),
    ],
    ids=[
        "before all time",
        "no time zone",
        "no number",
        "altered",
        "file left out",
        "database left out",
        "about",
        "end",
        "end missing",
        "torn",
        "no archive",
        "file",
        "database",
        "no file",
    ],
)
def test_a_spoilt_backup_is_refused_and_nothing_is_put_in_its_place(
    archive: Path, sqlite_url: str, tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(archive)

    with pytest.raises(BackupRefused, match=said):
        restore(sqlite_url, tmp_path, archive, LATER)

    assert not (tmp_path / "desk.sqlite3").exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("named", ["../evil", "files/../../evil", "/evil", "files/evil", "database/../../evil"])
def test_no_name_in_an_archive_becomes_the_name_of_a_file(
    archive: Path, sqlite_url: str, tmp_path: Path, named: str
) -> None:
    """Bytes go to the database's own copy, or to the file of their digest; under a name of the archive's nothing is written."""
    with tarfile.open(archive) as old:
        kept = [(m, old.extractfile(m).read()) for m in old.getmembers()]
    outside = tarfile.TarInfo(f"{tmp_path}/evil" if named == "/evil" else named)
    outside.size = len(b"evil")
    _write(archive, [kept[0], (outside, b"evil"), *kept[1:]])

    with suppress(BackupRefused):
        restore(sqlite_url, tmp_path / "data", archive, LATER)

    assert not list(tmp_path.parent.glob("**/evil"))


def test_a_backup_of_the_other_kind_of_database_is_refused(archive: Path, postgres_cluster, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="of a sqlite database, REDRESS_DATABASE_URL names postgresql"):
        restore(postgres_cluster.new_database(), tmp_path, archive, LATER)


def test_a_backup_never_overwrites_a_file(archive: Path, sqlite_url: str, tmp_path: Path) -> None:
    before = archive.read_bytes()

    with pytest.raises(BackupRefused, match="exists already"):
        back_up(sqlite_url, tmp_path, archive, NOW)

    assert archive.read_bytes() == before


def test_an_archive_from_before_its_end_held_the_sum_of_the_database_is_put_back(
    archive: Path, sqlite_url: str, tmp_path: Path
) -> None:
    with tarfile.open(archive) as old:
        *kept, (end, raw) = [(m, old.extractfile(m).read()) for m in old.getmembers()]
    assert set(json.loads(raw)) == {"files", "database"}
    raw = json.dumps({"files": 1}).encode()
    end.size = len(raw)
    _write(archive, [*kept, (end, raw)])

    held, breaks = restore(sqlite_url, tmp_path, archive, LATER)

    assert (held.files, breaks) == (1, [])


def test_an_empty_database_is_no_desk_to_back_up(bare_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no record in this database yet"):
        back_up(bare_url, tmp_path, tmp_path / "b.tar", NOW)

    assert not (tmp_path / "b.tar").exists()


def test_without_room_for_it_a_backup_is_refused_in_a_sentence(sqlite_url: str, tmp_path: Path) -> None:
    """It was a traceback: SQLite copies by itself, and its errors are neither SQLAlchemy's nor the system's."""
    with reopened(sqlite_url, tmp_path) as store:
        store.record.now(acts.opening("c1"))
    code = "import resource, sys; from bot.cli import run_cli; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)); sys.exit(run_cli(sys.argv[1:]))"
    place = {**os.environ, "REDRESS_DATABASE_URL": sqlite_url, "REDRESS_DATA": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", code, "db", "backup", str(tmp_path / "b.tar")], env=place, cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith("Error: the database can't be copied (")
    assert "disk" in done.stderr
    assert not list(tmp_path.glob("*b.tar*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_backup_that_is_told_to_end_leaves_no_copy_of_the_database_behind(
    sqlite_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    """The copy holds all that people wrote, and nobody would come upon its folder."""
    with reopened(sqlite_url, tmp_path) as store:
        store.record.now(acts.opening("c1"))
    code = "import sys, time; from bot.cli import run_cli; from storage import backup as b; b._stored = lambda folder: print('copied', flush=True) or time.sleep(60); sys.exit(run_cli(sys.argv[1:]))"
    place = {**os.environ, "REDRESS_DATABASE_URL": sqlite_url, "REDRESS_DATA": str(tmp_path)}

    with subprocess.Popen(
        [sys.executable, "-c", code, "db", "backup", str(tmp_path / "b.tar")], env=place, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as begun:  # fmt: skip
        assert begun.stdout is not None
        assert begun.stdout.readline() == "copied\n"
        assert list(tmp_path.glob(".b.tar-*/database"))
        begun.send_signal(number)
        _, said = begun.communicate(timeout=60)

    assert (begun.returncode, said.strip()) == (1, "Error: Stopped.")
    assert not list(tmp_path.glob("*b.tar*"))
