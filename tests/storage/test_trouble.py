"""What the desk officer does about a message of which nobody can tell: he sends it again, or says where it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints.events import MessageFound
from complaints.refusals import FieldErrors
from storage.outbox import LEASE
from storage.store import Store
from tests.storage import acts
from tests.storage.sending import claim, uncovered

NOW = acts.NOW


def test_an_uncertain_message_waits_for_the_desk_officer(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1"), acts.card("c1", "home")]))
    one, two = claim(store)
    store.outbox.uncertain(one, error="history can't be read")
    store.outbox.uncertain(two, error="history can't be read")

    assert claim(store, NOW + LEASE * 9) == []
    assert [(t.id, t.state, t.error) for t in store.trouble.all()] == [
        (one.id, "uncertain", "history can't be read"),
        (two.id, "uncertain", "history can't be read"),
    ]

    assert store.trouble.address_of(one.id) == "CQUALITY"
    there = {"place": ("CQUALITY", "7.7"), "actor": "UOFFICER", "at": NOW, "now": NOW}
    assert store.trouble.is_there(one.id, **there)
    assert not store.trouble.is_there(one.id, **there)
    assert store.trouble.address_of(one.id) is None
    (said,) = store.reader.log("desk")
    assert (said.actor, said.event) == ("UOFFICER", MessageFound(message=one.id, to="CQUALITY", case_id="c1"))
    assert store.trouble.send_again(two.id)
    assert store.reader.card("c1", "approval") == ("CQUALITY", "7.7")
    (again,) = claim(store, NOW + timedelta(seconds=1))
    assert (again.id, again.state, again.sent_from) == (two.id, "sending", NOW)  # looked up before it is posted
    assert not store.trouble.send_again(one.id)


def test_a_message_found_without_its_address_is_settled_and_never_rewritten(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    (one,) = claim(store)
    store.outbox.uncertain(one, error="history can't be read")

    assert store.trouble.is_there(one.id, place=None, actor="UOFFICER", at=NOW, now=NOW)

    assert store.trouble.all() == []
    assert uncovered(store) == 0
    assert store.reader.card("c1", "approval") is None


def test_the_place_of_another_card_is_refused_and_nothing_is_settled(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1"), acts.card("c1", "home")]))
    one, two = claim(store)
    store.outbox.posted(two, channel="CQUALITY", ts="7.7", digest="d", shown_seq=1, now=NOW)
    store.outbox.uncertain(one, error="history can't be read")

    with pytest.raises(FieldErrors):
        store.trouble.is_there(one.id, place=("CQUALITY", "7.7"), actor="UOFFICER", at=NOW, now=NOW)

    assert store.trouble.address_of(one.id) == "CQUALITY"


def test_a_message_that_failed_for_certain_can_not_be_there(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    (one,) = claim(store)
    store.outbox.failed(one, error="is_archived", instead=[])

    assert store.trouble.address_of(one.id) is None
    assert not store.trouble.is_there(one.id, place=None, actor="UOFFICER", at=NOW, now=NOW)
    assert store.reader.log("desk") == []


@pytest.mark.parametrize(("channel", "is_his"), [("DNORTH", True), ("DOFFICER", False), ("DNOBODY", False)])
def test_a_card_for_one_person_is_said_to_be_in_no_other_ones_messages(
    store: Store, channel: str, is_his: bool
) -> None:
    """It would go on being rewritten there: a restricted case's before the eyes of the desk officer."""
    cards = [
        acts.card("c1", kind, to=to) for kind, to in (("home", "UNORTH"), ("extension", "UNORTH"), ("note", "UOFFICER"))
    ]
    store.record.now(acts.opening(notices=cards))
    lost, earlier, own = sorted(claim(store), key=lambda row: ("home", "extension", "note").index(row.kind))
    store.outbox.posted(earlier, channel="DNORTH", ts="1.1", digest="d", shown_seq=1, now=NOW)
    store.outbox.posted(own, channel="DOFFICER", ts="1.1", digest="d", shown_seq=1, now=NOW)
    store.outbox.uncertain(lost, error="history can't be read")
    there = {"place": (channel, "7.7"), "actor": "UOFFICER", "at": NOW, "now": NOW}

    if is_his:
        assert store.trouble.is_there(lost.id, **there)
    else:
        with pytest.raises(FieldErrors) as refused:
            store.trouble.is_there(lost.id, **there)
        assert refused.value.errors == {"link": ("link_elsewhere", {})}

    assert store.reader.card("c1", "home") == ((channel, "7.7") if is_his else None)
