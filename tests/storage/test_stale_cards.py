"""Cards that show an older state than the record has: which are drawn again, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from complaints import events as e
from complaints.notices import Notice
from complaints.ports import StaleCard
from storage.store import Store
from tests.storage import acts
from tests.storage.sending import claim, show

NOW = acts.NOW
SOON = timedelta(seconds=1)

pytestmark = pytest.mark.usefixtures("machine_clock")


def test_a_card_is_stale_when_its_case_moved_and_the_clicked_one_comes_first(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1", "home", to="CHOME"), acts.card("c1", visit=1)]))
    for n, row in enumerate(claim(store)):
        show(store, row, ts=f"1.{n}")
    assert store.outbox.stale_cards(10, NOW) == []

    store.record.now(acts.approving())

    stale = store.outbox.stale_cards(10, NOW)
    assert [(c.kind, c.clicked, c.wanted_seq) for c in stale] == [("approval", True, 9), ("home", False, 9)]


def test_cards_that_are_behind_are_counted_though_they_are_put_off_and_what_they_show_tells_whether_they_were_drawn(
    store: Store,
) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1), acts.card("c1", "home", to="CHOME")]))
    for n, row in enumerate(claim(store)):
        show(store, row, ts=f"1.{n}")
    for card in store.outbox.stale_cards(10, NOW):
        store.outbox.refreshed(card, digest="d")
    assert store.trouble.cards_behind() == (0, [])
    store.record.now(acts.approving())
    first, second = sorted(store.outbox.stale_cards(10, NOW), key=lambda card: card.id)

    store.outbox.refresh_later(first, at=NOW + timedelta(hours=6), error="is_archived")
    store.outbox.refreshed(second, digest="d2")

    assert store.trouble.cards_behind() == (1, [(first.id, first.shown_seq, first.channel)])


def test_cards_that_stood_before_the_home_card_are_drawn_again_with_a_link_to_it(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1), acts.card("c1", "home", to="CHOME")]))
    for n, row in enumerate(claim(store)):
        show(store, row, ts=f"1.{n}")

    assert [(c.kind, c.to) for c in store.outbox.stale_cards(10, NOW)] == [("approval", "CQUALITY")]


@pytest.mark.parametrize("why", ["erased", "restricted"])
def test_notes_and_reminders_that_are_done_are_drawn_again_when_they_must_not_tell_any_more(
    store: Store, why: str
) -> None:
    """They are not rewritten otherwise, and Slack would keep the words for ever."""
    note = Notice(id="note", kind="ended", to="CHOME", case_id="c1")
    reminder = acts.reminder("c1", live=True)
    store.record.now(acts.opening(notices=[acts.card("c1", "home", to="CHOME"), note, reminder]))
    for n, row in enumerate(claim(store, procedure_at=NOW + timedelta(days=9))):
        show(store, row, ts=f"1.{n}")
    store.record.now(acts.noting("c1", "w1", "It leaks"))
    for card in store.outbox.stale_cards(10, NOW):
        store.outbox.refreshed(card, digest="d2", gone=card.kind == "reminder")
    assert store.outbox.stale_cards(10, NOW) == []

    if why == "erased":
        erased = [e.WordsErased(words=("w1",), why="retention")]
        store.record.now(lambda tx: acts.record(tx, tx.load("c1"), erased, actor="clock"))
    else:
        moved = Notice(id="moved", kind="home", to="UKEEPER", case_id="c1", live=True)
        store.record.now(lambda tx: tx.put_out([moved], NOW))
        show(store, claim(store)[0], ts="2.2")

    stale = {(c.kind, c.to) for c in store.outbox.stale_cards(10, NOW)}
    assert stale >= {("home", "CHOME"), ("ended", "CHOME"), ("reminder", "UQ")}


def test_what_began_out_of_a_case_that_is_restricted_now_is_drawn_again_too(store: Store) -> None:
    """It is as restricted as that one, and its cards stand in channels."""
    store.record.now(acts.opening(notices=[acts.card("c1", "home", to="CHOME")]))
    for n, parent in ((2, "c1"), (3, "c2"), (4, None)):
        made = acts.opening(f"c{n}", parent=parent, notices=[acts.card(f"c{n}", visit=1)])
        store.record.now(made)
    for n, row in enumerate(claim(store)):
        show(store, row, ts=f"1.{n}")
    assert store.outbox.stale_cards(10, NOW) == []

    moved = Notice(id="moved", kind="home", to="UKEEPER", case_id="c1", live=True)
    store.record.now(lambda tx: tx.put_out([moved], NOW))
    show(store, claim(store)[0], ts="2.2")

    assert {c.case_id for c in store.outbox.stale_cards(10, NOW)} == {"c1", "c2", "c3"}


@pytest.mark.parametrize("why", ["erased", "restricted", "another officer"])
@pytest.mark.parametrize(
    "about", [("c2", "c1"), ("c1",), (None, "c1")], ids=["second", "alone", "after one of no case"]
)
def test_the_officers_list_of_what_did_not_arrive_is_drawn_again_when_it_must_not_tell_any_more(
    store: Store, why: str, about: tuple[str | None, ...]
) -> None:
    """It names cases, by what they are about where they have no number yet."""
    for case_id in ("c1", "c2"):
        store.record.now(acts.opening(case_id))
    store.record.now(acts.noting("c1", "w1", "It leaks"))
    lost = [
        Notice(id=f"lost{n}", kind="undelivered", to="UOFFICER", case_id=c, merge="undelivered:UOFFICER")
        for n, c in enumerate(about)
    ]
    store.record.now(lambda tx: tx.put_out(lost, NOW))
    for row in claim(store, at=NOW + timedelta(minutes=5)):
        show(store, row, shown_seq=0)
    store.record.now(acts.noting("c1", "w2", "It still leaks"))
    assert store.outbox.stale_cards(10, NOW) == [], "else it is left as it was"

    if why == "erased":
        erased = [e.WordsErased(words=("w1", "w2"), why="retention")]
        store.record.now(lambda tx: acts.record(tx, tx.load("c1"), erased, actor="clock"))
    elif why == "restricted":
        moved = Notice(id="moved", kind="home", to="UKEEPER", case_id="c1", live=True)
        store.record.now(lambda tx: tx.put_out([moved], NOW))
        show(store, claim(store)[0], ts="2.2")
    else:
        store.record.now(lambda tx: tx.readers_changed(["UOFFICER"]))

    [again] = [c for c in store.outbox.stale_cards(10, NOW) if c.kind == "undelivered"]
    store.outbox.refreshed(again, digest="d2", gone=True)
    assert [c.kind for c in store.outbox.stale_cards(10, NOW) if c.kind == "undelivered"] == []


def stale_approvals(store: Store) -> list[StaleCard]:
    return [c for c in store.outbox.stale_cards(10, NOW) if c.kind == "approval"]


@pytest.mark.parametrize("marked", ["the home card comes", "other people answer", "both"])
def test_a_card_that_is_marked_while_it_is_being_drawn_is_drawn_again(store: Store, marked: str) -> None:
    """Who draws it has not seen what the mark is about: the link would be missing for good."""
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1), acts.card("c1", "home", to="CHOME")]))
    approval, home = claim(store)
    show(store, approval, ts="1.1")
    store.record.now(acts.noting("c1", "w1", "It leaks"))
    [drawing] = stale_approvals(store)

    if marked != "other people answer":
        show(store, home, ts="1.2")
    if marked != "the home card comes":
        store.record.now(lambda tx: tx.people_changed("c1"))
    store.outbox.refreshed(drawing, digest="without a link", gone=False)

    [again] = stale_approvals(store)
    assert again.shown_digest == "without a link"
    store.outbox.refreshed(again, digest="with a link", gone=False)
    assert stale_approvals(store) == []


def test_a_slip_that_stood_before_the_card_it_is_about_is_drawn_again_with_a_link_to_it(store: Store) -> None:
    """The card's channel was repaired later than the slip was due."""
    store.record.now(acts.opening(notices=[acts.card("c1", "reminder_slip", to="CHEAD", visit=1)]))
    show(store, claim(store)[0], ts="1.1")
    assert store.outbox.stale_cards(10, NOW) == []

    store.record.now(lambda tx: tx.put_out([acts.card("c1", visit=1)], NOW))
    show(store, claim(store)[0], ts="2.2")

    assert [(c.kind, c.to) for c in store.outbox.stale_cards(10, NOW)] == [("reminder_slip", "CHEAD")]


def test_a_card_that_two_couriers_rewrote_at_once_is_drawn_once_more(store: Store) -> None:
    """Nobody knows whose rewriting Slack took last: the older look may be the one that stands."""
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1)]))
    show(store, claim(store)[0])
    store.record.now(acts.approving())
    (seen_by_both,) = store.outbox.stale_cards(10, NOW)

    store.outbox.refreshed(seen_by_both, digest="newer")
    assert store.outbox.stale_cards(10, NOW) == []
    store.outbox.refreshed(seen_by_both, digest="older")

    (again,) = store.outbox.stale_cards(10, NOW)
    assert again.shown_digest is None
    store.outbox.refreshed(again, digest="newest")
    assert store.outbox.stale_cards(10, NOW) == []


def test_stale_cards_that_the_courier_has_are_left_out_until_somebody_clicks_one(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1)]))
    show(store, claim(store)[0])
    store.record.now(acts.approving())
    (card,) = store.outbox.stale_cards(10, NOW)
    assert card.clicked

    assert store.outbox.stale_cards(10, NOW, in_hand={card.id: True}) == []
    assert store.outbox.stale_cards(10, NOW, in_hand={card.id: False}) == [card]


def test_a_merged_live_card_is_stale_when_any_of_its_cases_moves_until_nothing_is_left(store: Store) -> None:
    for n in range(2):
        store.record.now(acts.opening(f"c{n}", notices=[replace(acts.reminder(f"c{n}"), live=True)]))
    show(store, claim(store)[0])
    (first,) = store.outbox.stale_cards(10, NOW)
    store.outbox.refreshed(first, digest="d")

    store.record.now(acts.approving("c1"))

    (card,) = store.outbox.stale_cards(10, NOW)
    assert [n.case_id for n in store.outbox.notices(card.message)] == ["c0", "c1"]
    store.outbox.refreshed(card, digest="done", gone=True)
    store.record.now(acts.approving("c0", key="approve c0"))
    assert store.outbox.stale_cards(10, NOW) == []


def test_a_message_that_covers_several_notices_of_one_case_is_a_card_of_that_case(store: Store) -> None:
    """An escalation that overtook others is marked and linked like any card, and not drawn twice for nothing."""
    told = [acts.card("c1", "escalation", visit=1, merge="escalation:UGM", overtakes=True, to="UGM")]
    store.record.now(acts.opening(notices=[*told, replace(told[0], id="n2")]))
    (row,) = claim(store)
    show(store, row)
    assert (len(row.notices), store.outbox.stale_cards(10, NOW)) == (2, [])

    store.record.now(acts.approving())

    (card,) = store.outbox.stale_cards(10, NOW)
    assert (card.case_id, card.clicked, card.wanted_seq) == ("c1", True, 9)


def test_a_card_that_was_refreshed_is_stale_only_after_the_next_move(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1)]))
    show(store, claim(store)[0])
    store.record.now(acts.approving())
    (seen,) = store.outbox.stale_cards(10, NOW)
    store.record.now(acts.noting("c1", "w1", "one more word"))

    store.outbox.refreshed(seen, digest="d9")

    (again,) = store.outbox.stale_cards(10, NOW)
    assert (again.wanted_seq, again.shown_digest) == (10, "d9")
    store.outbox.refreshed(again, digest="d10")
    assert store.outbox.stale_cards(10, NOW) == []


def test_a_card_whose_refresh_failed_stays_stale_and_comes_later(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1)]))
    show(store, claim(store)[0])
    store.record.now(acts.approving())
    (card,) = store.outbox.stale_cards(10, NOW)

    store.outbox.refresh_later(card, at=NOW + timedelta(seconds=30), error="ratelimited")

    assert store.outbox.stale_cards(10, NOW) == []
    assert len(store.outbox.stale_cards(10, NOW + timedelta(seconds=30))) == 1
    store.outbox.refreshed(card, digest="", gone=True)
    assert store.outbox.stale_cards(10, NOW + timedelta(days=1)) == []


def test_a_card_is_stale_at_once_when_its_case_moved_while_it_was_sent(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1)]))
    (row,) = claim(store)
    store.record.now(acts.approving())

    show(store, row, shown_seq=6)

    (card,) = store.outbox.stale_cards(10, NOW)
    assert card.wanted_seq == 9


def test_a_message_that_is_no_card_is_never_stale_but_heads_a_thread(store: Store) -> None:
    notice = Notice(id="n", kind="receipt", to="USALES", case_id="c1")
    store.record.now(acts.opening(notices=[notice]))
    show(store, claim(store)[0])
    store.record.now(acts.approving())

    assert store.outbox.stale_cards(10, NOW) == []
    assert store.reader.case_of_thread("USALES", "1.1") == ("c1", None)


def test_who_reads_with_other_eyes_now_gets_his_live_messages_again_and_nobody_else(store: Store) -> None:
    to = ("CQUALITY", "UGM", "USALES")
    store.record.now(acts.opening(notices=[acts.card("c1", visit=n + 1, to=who) for n, who in enumerate(to)]))
    for n, row in enumerate(claim(store)):
        show(store, row, ts=f"1.{n}")

    store.record.now(lambda tx: tx.readers_changed([]))
    assert store.outbox.stale_cards(10, NOW) == []
    store.record.now(lambda tx: tx.readers_changed(["CQUALITY", "UGM", "UNOBODY"]))

    assert {c.to for c in store.outbox.stale_cards(10, NOW)} == {"CQUALITY", "UGM"}
