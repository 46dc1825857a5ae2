"""Files of cases wait to be fetched, then to be shared; a rebuild keeps what is operational of them."""

from __future__ import annotations

from dataclasses import replace

from complaints import events as e
from complaints.notices import Notice
from storage import rebuild
from storage.store import Store
from tests.storage import acts
from tests.storage.sending import claim, show

DIGEST = "a" * 64


def giving(file: str = "F1", name: str = "pad.png", **more: object) -> acts.Work:
    """The reporter gives a file."""

    def work(tx: object) -> object:
        added = e.FileAdded(file=file, name={"$words": f"w{file}"}, mimetype="image/png", size=7, **more)
        return acts.record(tx, tx.load("c1"), [added], words={f"w{file}": name})

    return work


def happening(*events: e.Event) -> acts.Work:
    return lambda tx: acts.record(tx, tx.load("c1"), list(events))


def stored(file: str = "F1") -> e.FileStored:
    return e.FileStored(file=file, sha256=DIGEST, size=9)


def test_a_file_waits_to_be_fetched_then_to_be_shared_then_no_more(store: Store) -> None:
    queue = store.file_queue
    store.record.now(acts.opening())
    store.record.now(giving())
    [given] = queue.to_fetch(10)
    assert (given.case_id, given.file, given.name, given.size, given.sha256) == ("c1", "F1", "pad.png", 7, None)
    assert queue.to_share(10) == []

    store.record.now(happening(stored()))
    [kept] = queue.to_share(10)
    assert (kept.sha256, kept.size, kept.upload) == (DIGEST, 9, None)
    assert queue.to_fetch(10) == []

    assert queue.uploading(kept, "F9")
    [begun] = queue.to_share(10)
    assert begun.upload == "F9"
    queue.shared(begun)
    assert queue.to_share(10) == []


def test_a_bot_that_stood_still_does_not_take_a_file_back_from_the_one_that_went_on(store: Store) -> None:
    """It had read the file before: its upload is not noted, what it thinks was shown or taken away is not believed."""
    queue = store.file_queue
    store.record.now(acts.opening())
    store.record.now(giving())
    store.record.now(happening(stored()))
    [read] = queue.to_share(10)
    assert queue.uploading(read, "F9")

    assert not queue.uploading(read, "F8")
    queue.shared(read)
    queue.deleted(read)
    [begun] = queue.to_share(10)
    assert begun.upload == "F9"
    queue.shared(begun)
    assert not queue.uploading(begun, "F7")


def test_a_file_that_is_given_up_waits_no_more(store: Store) -> None:
    queue = store.file_queue
    store.record.now(acts.opening())
    store.record.now(giving())
    store.record.now(happening(stored()))
    [read] = queue.to_share(10)
    queue.uploading(read, "F9")

    queue.given_up(read)

    assert queue.to_share(10) == []


def test_the_files_of_a_case_follow_its_newest_home_card(store: Store) -> None:
    """The case is restricted now, and its thread is another one."""
    queue = store.file_queue
    store.record.now(acts.opening(notices=[acts.card("c1", "home", to="CHOME")]))
    store.record.now(giving())
    store.record.now(happening(stored()))
    show(store, claim(store)[0])
    (kept,) = queue.to_share(10)
    queue.uploading(kept, "F9")
    queue.shared(replace(kept, upload="F9"))

    moved = Notice(id="moved", kind="home", to="UKEEPER", case_id="c1", live=True)
    store.record.now(lambda tx: tx.put_out([moved], acts.NOW))
    assert queue.to_share(10) == []
    show(store, claim(store)[0], ts="2.2")

    assert [(f.file, f.upload) for f in queue.to_share(10)] == [("F1", "F9")]


def test_a_missed_file_is_fetched_no_more_and_the_one_in_its_place_is(store: Store) -> None:
    store.record.now(acts.opening())
    store.record.now(giving())
    store.record.now(happening(e.FileMissed(file="F1", why="file_not_found")))
    assert store.file_queue.to_fetch(10) == []

    store.record.now(giving("F2", instead_of="F1"))

    assert [f.file for f in store.file_queue.to_fetch(10)] == ["F2"]
    case = store.reader.case("c1")
    assert case is not None
    assert list(case.files) == ["F2"]
    assert rebuild.check(store.engines) == []


def test_an_erased_file_is_neither_fetched_nor_shared(store: Store) -> None:
    store.record.now(acts.opening())
    store.record.now(giving("F1"))
    store.record.now(giving("F2"))
    store.record.now(happening(stored("F2")))
    (waiting,) = store.file_queue.to_share(10)
    store.file_queue.uploading(waiting, "F9")
    assert store.file_queue.to_delete(10) == []

    store.record.now(happening(e.WordsErased(words=("wF1", "wF2"), why="retention")))

    assert (store.file_queue.to_fetch(10), store.file_queue.to_share(10)) == ([], [])
    (doomed,) = store.file_queue.to_delete(10)
    assert (doomed.file, doomed.upload, doomed.name) == ("F2", "F9", "")
    rebuild.rebuild(store.engines)
    assert store.file_queue.to_delete(10) == [doomed]
    store.file_queue.deleted(doomed)
    assert store.file_queue.to_delete(10) == []


def test_a_rebuild_fills_the_queue_from_the_logs_and_keeps_what_was_shared(store: Store) -> None:
    store.record.now(acts.opening())
    for file in ("F1", "F2", "F3"):
        store.record.now(giving(file))
    store.record.now(happening(stored("F1"), stored("F2")))
    one, two = store.file_queue.to_share(10)
    store.file_queue.shared(one)
    store.file_queue.uploading(two, "F9")

    rebuild.rebuild(store.engines)

    assert [f.file for f in store.file_queue.to_fetch(10)] == ["F3"]
    assert [(f.file, f.upload) for f in store.file_queue.to_share(10)] == [("F2", "F9")]
    assert rebuild.check(store.engines) == []
