"""The chain: what was recorded stays as it was recorded, and words can go without breaking it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from complaints import events as e
from complaints.notices import Notice
from storage import chain
from storage.store import Store
from storage.tables import cases, events, notices, outbox, posted_cards, words
from storage.types import to_text
from storage.wire import read_wire
from tests.storage import acts


def verify(store: Store, log_id: str = "c1") -> chain.Break | None:
    with read_wire(store.engines) as wire:
        return chain.verify(wire, log_id)


def tamper(store: Store, statement) -> None:
    with store.engines.write.begin() as core:
        core.execute(statement)


def test_a_log_as_recorded_verifies(store: Store) -> None:
    store.record.now(acts.opening(words={"w1": "it leaks"}, fields={"what": {"$words": "w1"}}))
    store.record.now(acts.approving())

    assert verify(store) is None
    assert verify(store, "nobody") is None


AT_SEQ_3 = (events.c.log_id == "c1") & (events.c.seq == 3)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        (update(events).where(AT_SEQ_3).values(body='{"fields":{}}'), 3),
        (update(events).where(AT_SEQ_3).values(actor="UOTHER"), 3),
        (update(events).where(AT_SEQ_3).values(kind="NoteAdded"), 3),
        (update(events).where(AT_SEQ_3).values(at=acts.DUE), 3),
        (update(events).where(AT_SEQ_3).values(digests='{"w1":"00"}'), 3),
        (update(events).where(AT_SEQ_3).values(hash="0" * 64), 3),
        (delete(events).where(AT_SEQ_3), 3),
        (delete(events).where(events.c.seq == 6), 6),
        (update(cases).values(head_hash="0" * 64), 7),
    ],
    ids=["body", "actor", "kind", "instant", "digest", "hash", "an event gone", "the last one gone", "the head"],
)
def test_a_change_is_found_where_it_was_made(store: Store, statement, seq: int) -> None:
    store.record.now(acts.opening())

    tamper(store, statement)

    broken = verify(store)
    assert broken is not None
    assert broken.seq == seq


def test_a_log_can_be_verified_with_a_few_lines_of_anything(store: Store) -> None:
    """The recipe of `storage.chain`, written out."""
    store.record.now(acts.opening(words={"w1": "漏水"}, fields={"what": {"$words": "w1"}}))
    with store.engines.read.connect() as core:
        rows = core.execute(select(events).order_by(events.c.seq)).mappings().all()
        (word,) = core.execute(select(words)).mappings().all()

    before = "0" * 64
    for row in rows:
        line = (
            f'{{"actor":"{row["actor"]}","at":"2025-11-21T03:04:05.123456Z","body":{row["body"]},'
            f'"digests":{row["digests"]},"kind":"{row["kind"]}","log":"c1","seq":{row["seq"]}}}'
        )
        assert json.loads(line)["kind"] == row["kind"]
        before = sha256(f"{before}\n{line}".encode()).hexdigest()
        assert before == row["hash"]

    digests = json.loads(rows[2]["digests"])
    assert digests == {"w1": sha256((word["salt"] + "漏水").encode()).hexdigest()}


def test_erased_words_are_gone_everywhere_and_the_chain_still_verifies(store: Store) -> None:
    told = Notice(
        id="n1", kind="question", to="USALES", case_id="c1", live=True, facts={"words": "call 0912-345-678 now"}
    )
    store.record.now(
        acts.opening(
            words={"w1": "0912-345-678", "w2": "it leaks"},
            fields={"phone": {"$words": "w1"}, "what": {"$words": "w2"}},
            notices=[told],
        )
    )
    (row,) = store.outbox.claim(acts.NOW, acts.NOW, 9)
    store.outbox.posted(row, channel="D1", ts="1.1", digest="d", shown_seq=6, now=acts.NOW)

    store.record.now(
        lambda tx: acts.record(tx, tx.load("c1"), [e.WordsErased(words=("w1",), why="retention")], actor="clock")
    )

    assert store.reader.words("c1") == {"w1": None, "w2": "it leaks"}
    assert verify(store) is None
    with store.engines.read.connect() as core:
        texts = [
            str(row) for t in (words, notices, outbox, posted_cards, events, cases) for row in core.execute(select(t))
        ]
    assert not [t for t in texts if "0912-345" in t]  # random hex may have a 0912 of its own


def test_words_of_another_case_are_not_erased(store: Store) -> None:
    for n in (1, 2):
        store.record.now(acts.opening(f"c{n}", words={f"w{n}": "hello"}, fields={"what": {"$words": f"w{n}"}}))

    store.record.now(
        lambda tx: acts.record(tx, tx.load("c1"), [e.WordsErased(words=("w2",), why="a mistake")], actor="clock")
    )

    assert store.reader.words("c2") == {"w2": "hello"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_erased_words_leave_no_bytes_in_the_database_file(store: Store) -> None:
    secret = "a very particular secret of a customer"
    store.record.now(acts.opening(words={"w1": secret}, fields={"what": {"$words": "w1"}}))
    store.record.now(
        lambda tx: acts.record(tx, tx.load("c1"), [e.WordsErased(words=("w1",), why="a right")], actor="clock")
    )
    path = store.engines.write.url.database
    store.close()

    assert secret.encode() not in Path(path).read_bytes()


def test_an_anchor_covers_what_moved_since_the_one_before(store: Store) -> None:
    for n in range(3):
        store.record.now(acts.opening(f"c{n}"))
    first = store.anchors.make(acts.NOW)
    store.record.now(acts.approving("c1"))
    second = store.anchors.make(acts.DUE)

    assert first is not None
    assert second is not None
    assert (first.logs, second.logs) == (3, 1)
    assert store.anchors.make(acts.DUE) is None
    assert [r.event for r in store.reader.log("desk")] == [first, second]
    assert store.anchors.first_break() is None


def test_a_log_rewritten_with_all_its_hashes_is_found_by_its_anchor(store: Store) -> None:
    store.record.now(acts.opening("c1"))
    store.anchors.make(acts.NOW)
    store.record.now(acts.approving("c1"))
    rewrite_from(store, "c1", seq=3)

    assert verify(store) is None
    broken = store.anchors.first_break()
    assert broken is not None
    assert (broken.log_id, broken.seq) == ("c1", 6)


def rewrite_from(store: Store, log_id: str, seq: int) -> None:
    """Change an event and hash it and all behind it anew, as somebody would who knows how."""
    with store.engines.write.begin() as core:
        before = chain.GENESIS
        asked = select(events).where(events.c.log_id == log_id).order_by(events.c.seq)
        for row in core.execute(asked).mappings().all():
            body = '{"fields":{}}' if row["seq"] == seq else row["body"]
            line = chain.line(log_id, row["seq"], to_text(row["at"]), row["actor"], row["kind"], body, row["digests"])
            before = chain.link(before, line)
            at = (events.c.log_id == log_id) & (events.c.seq == row["seq"])
            core.execute(update(events).where(at).values(body=body, hash=before))
        core.execute(update(cases).values(head_hash=before))
