"""Drafts, files, policy versions, leases, heartbeats."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from complaints.events import PolicyPutInForce
from storage.files import FileStore
from storage.leases import ALIVE, DatabaseInUse, Holder
from storage.policy_shelf import LabelTaken, PolicyShelf, UnknownBundle
from storage.store import Store, open_store
from storage.tables import drafts
from tests.storage import acts
from tests.storage.acts import NOW

# --- drafts ----------------------------------------------------------------------------------------------


def test_a_draft_is_offered_for_a_day(store: Store) -> None:
    store.drafts.keep("U1", "intake", {"what": "it l"}, NOW)
    store.drafts.keep("U1", "intake", {"what": "it leaks", "n": [1]}, NOW)
    settle(store)

    almost_a_day = NOW + timedelta(hours=24) - timedelta(seconds=1)
    assert store.drafts.get("U1", "intake", almost_a_day) == {"what": "it leaks", "n": [1]}
    assert store.drafts.get("U1", "intake", NOW + timedelta(hours=24)) is None
    assert store.drafts.get("U1", "another", NOW) is None
    assert store.drafts.get("U2", "intake", NOW) is None


def test_a_dropped_draft_is_gone_and_old_ones_are_swept(store: Store) -> None:
    store.drafts.keep("U1", "intake", {"a": 1}, NOW)
    store.drafts.keep("U2", "intake", {"a": 2}, NOW)
    store.drafts.drop("U1", "intake")
    settle(store)
    store.drafts.keep("U3", "intake", {"a": 3}, NOW + timedelta(hours=25))
    settle(store)

    assert store.drafts.get("U1", "intake", NOW) is None
    assert store.drafts.get("U2", "intake", NOW) is None
    assert store.drafts.get("U3", "intake", NOW + timedelta(hours=26)) == {"a": 3}


def test_old_drafts_go_though_nobody_keeps_another_one(store: Store) -> None:
    """They are people's words about customers, which nobody is offered any more."""
    store.drafts.keep("U1", "intake", {"a": 1}, NOW)
    store.drafts.keep("U2", "intake", {"a": 2}, NOW + timedelta(hours=1))
    settle(store)

    store.drafts.sweep(NOW + timedelta(hours=24))

    with store.engines.read.connect() as core:
        assert [row.member for row in core.execute(select(drafts))] == ["U2"]


def settle(store: Store) -> None:
    """Wait until what was queued is written: every writer comes to the barrier, so none is at work before it."""
    writers = 1 if store.engines.is_sqlite else 4
    barrier = threading.Barrier(writers, timeout=60)
    for future in [store.record.submit(lambda tx: barrier.wait()) for _ in range(writers)]:
        future.result()


# --- files -----------------------------------------------------------------------------------------------


def test_bytes_are_kept_once_under_their_digest(tmp_path: Path) -> None:
    files = FileStore(tmp_path)

    digest, size = files.write([b"it ", b"leaks"])

    assert files.write(b"it leaks") == (digest, 8)
    assert size == 8
    assert files.read(digest) == b"it leaks"
    assert b"".join(files.chunks(digest)) == b"it leaks"
    assert digest == hashlib.sha256(b"it leaks").hexdigest()
    assert [p.name for p in (tmp_path / "files").rglob("*") if p.is_file()] == [digest]


def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken():
        yield b"half"
        raise ConnectionError("Slack went away")

    with pytest.raises(ConnectionError):
        FileStore(tmp_path).write(broken())
    assert [p for p in (tmp_path / "files").rglob("*") if p.is_file()] == []


def test_erased_bytes_are_gone(tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    digest, _ = files.write(b"it leaks")

    assert files.erase(digest)
    assert not files.erase(digest)
    assert not files.exists(digest)
    with pytest.raises(FileNotFoundError):
        files.read(digest)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_only_digests_name_files(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        FileStore(tmp_path).path(digest)


# --- the shelf -------------------------------------------------------------------------------------------


def propose(store: Store, label: str = "2025-1", text: str = "a: 1") -> bool:
    bundle = f"{hash(text) & (2**64 - 1):064x}"
    return store.shelf.propose(
        policy="pcb", label=label, bundle=bundle, texts={"pcb.yml": text}, actor="UOFFICER", at=NOW
    )


def test_a_version_is_proposed_once_and_read_from_the_database(store: Store) -> None:
    assert propose(store)
    assert not propose(store)

    (version,) = store.shelf.versions("pcb")
    assert (version.label, version.in_force_since) == ("2025-1", None)
    assert store.shelf.bundle(version.bundle) == {"pcb.yml": "a: 1"}
    assert [type(r.event).__name__ for r in store.reader.log("desk")] == ["PolicyProposed"]
    with pytest.raises(UnknownBundle):
        store.shelf.bundle("0" * 64)


def test_the_same_label_with_another_text_is_refused(store: Store) -> None:
    propose(store)

    with pytest.raises(LabelTaken, match="give the changed file a new label"):
        propose(store, text="a: 2")
    assert propose(store, label="2025-2", text="a: 2")
    assert len(store.shelf.versions()) == 2


def test_the_version_in_force_is_the_one_put_in_force_last(store: Store) -> None:
    propose(store)
    (version,) = store.shelf.versions()
    event = PolicyPutInForce(policy="pcb", label=version.label, bundle=version.bundle)
    store.record.now(lambda tx: tx.record_desk([event], actor="UGM", at=acts.DUE))

    assert store.shelf.in_force("pcb") == version.bundle
    assert store.shelf.in_force("hotel") is None
    assert store.shelf.versions()[0].in_force_since == acts.DUE


def test_a_bundle_is_parsed_once(store: Store) -> None:
    parsed: list[object] = []
    shelf = PolicyShelf(store.record, store.engines, lambda texts: parsed.append(texts) or dict(texts))
    propose(store)
    (version,) = shelf.versions()

    assert shelf.bundle(version.bundle) is shelf.bundle(version.bundle)
    assert len(parsed) == 1


# --- leases ----------------------------------------------------------------------------------------------

ELSEWHERE = Holder(host="another-machine", pid=77)


def test_a_second_bot_is_refused_on_sqlite_and_welcome_on_postgresql(store: Store, database: str) -> None:
    store.leases.take(ELSEWHERE, NOW)

    if database == "sqlite":
        with pytest.raises(DatabaseInUse, match=r"process 77 on another-machine.*use PostgreSQL"):
            store.leases.take(Holder(), NOW)
    else:
        store.leases.take(Holder(host="a-third"), NOW)
        assert len(store.leases.alive(NOW)) == 2


def test_rebuilding_is_refused_while_a_bot_lives(store: Store) -> None:
    store.leases.take(ELSEWHERE, NOW)

    with pytest.raises(DatabaseInUse, match=r"^rebuild is refused while a bot \(process 77"):
        store.leases.refuse_while_alive(NOW, "rebuild")
    store.leases.refuse_while_alive(NOW + ALIVE, "rebuild")
    assert store.leases.beat(ELSEWHERE, NOW + ALIVE)
    with pytest.raises(DatabaseInUse):
        store.leases.refuse_while_alive(NOW + ALIVE, "rebuild")
    store.leases.give_back(ELSEWHERE)
    store.leases.refuse_while_alive(NOW + ALIVE, "rebuild")


def test_of_several_bots_the_eldest_that_is_alive_does_what_one_alone_must(store: Store, database: str) -> None:
    leases, first, second = store.leases, Holder(host="first"), Holder(host="second")
    leases.take(first, NOW)
    if database == "sqlite":
        assert leases.is_eldest(first, NOW)
        return
    leases.take(second, NOW + timedelta(seconds=1))

    assert leases.is_eldest(first, NOW + timedelta(seconds=2))
    assert not leases.is_eldest(second, NOW + timedelta(seconds=2))
    leases.beat(second, NOW + ALIVE)
    assert leases.is_eldest(second, NOW + ALIVE)
    leases.give_back(second)
    assert not leases.is_eldest(second, NOW + ALIVE)


def test_a_bot_whose_lease_was_taken_over_is_told(store: Store) -> None:
    store.leases.take(ELSEWHERE, NOW)
    store.leases.take(Holder(host="the-next"), NOW + ALIVE)

    assert not store.leases.beat(ELSEWHERE, NOW + ALIVE)


def test_a_killed_bot_of_this_machine_keeps_nobody_waiting(store: Store) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    store.leases.take(Holder(pid=gone.pid), NOW)
    store.leases.take(Holder(pid=os.getpid()), NOW)  # a container's process 1, before and now

    assert store.leases.alive(NOW) == []
    store.leases.take(Holder(), NOW)


def test_a_living_bot_of_this_machine_is_seen(store: Store) -> None:
    store.leases.take(Holder(pid=os.getppid()), NOW)

    assert [x.host for x in store.leases.alive(NOW)] == [socket.gethostname()]


# --- heartbeats ------------------------------------------------------------------------------------------


def test_a_heartbeat_tells_when_and_what(store: Store) -> None:
    assert store.heartbeats.last("tick") is None
    store.heartbeats.beat("tick", NOW, {"fired": 3})
    settle(store)

    assert store.heartbeats.last("tick") == (NOW, {"fired": 3})


def test_overdue_and_not_fired_is_seen_by_an_independent_look(store: Store) -> None:
    store.record.now(acts.opening("c1"))

    assert store.heartbeats.overdue_and_not_fired(NOW) == (0, None)
    assert store.heartbeats.overdue_and_not_fired(acts.DUE) == (1, acts.REMIND)


# --- checkpoints -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_second_process_reads_what_the_first_recorded(store: Store, url: str, tmp_path: Path) -> None:
    """The command line works beside the bot; closing leaves one file that holds everything."""
    store.record.now(acts.opening("c1"))
    beside = open_store(url, tmp_path / "data", dict)
    beside.record.now(acts.approving("c1"))

    assert store.reader.case("c1").seq == 9
    beside.close()
    store.close()
    assert not Path(str(store.engines.write.url.database) + "-wal").exists()


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_server_that_vanishes_without_a_word_is_noticed_after_a_minute(store: Store) -> None:
    for engine in (store.engines.read, store.engines.write):
        with engine.connect() as core:
            given = core.connection.driver_connection.info.get_parameters()
        silent = int(given["keepalives_idle"]) + int(given["keepalives_interval"]) * int(given["keepalives_count"])
        assert (silent, given["tcp_user_timeout"]) == (60, "60000")
