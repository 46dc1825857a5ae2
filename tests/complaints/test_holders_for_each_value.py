"""One holder for each branch and store (RT-26, GA-08): cards, clocks, ladders and authority go to the case's own."""

from __future__ import annotations

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import NotAllowedHere, NotAuthorized
from storage.desk_file import DeskRefused, read_desk
from tests.support.company import local
from tests.support.desks import TestDesk
from tests.support.group import DESK, STORES, stores_desk


@pytest.fixture
def desk() -> TestDesk:
    return stores_desk()


def log(desk: TestDesk, store: str | None, case_id: str = "case1") -> None:
    fields = {"store": store} if store else {}
    desk.log("UCLERK1", case_id, what="leak", **fields)


@pytest.mark.parametrize(
    ("store", "role", "channel", "member"),
    [
        ("store1", "store_manager:store1", "CSTORE1", "UONE"),
        ("store2", "store_manager:store2", "CSTORE2", "UTWO"),
        ("store3", "store_manager:store3", "CSTORE3", "UTHREE"),
    ],
)
def test_the_card_goes_to_the_store_of_the_case_and_only_its_manager_decides(desk, store, role, channel, member):
    log(desk, store)

    assert desk.roles("handle") == [role]
    assert [n.to for n in desk.told("approval") if n.visit == desk.visit("handle")] == [channel]
    for other in {"UONE", "UTWO", "UTHREE", "UNORTH", "USOUTH", "UALLSTORES"} - {member}:
        with pytest.raises(NotAuthorized):
            desk.decide(other, "handle", "done", finding="pipe")
    desk.decide(member, "handle", "done", finding="pipe")
    assert desk.open_stages() == ["review"]


@pytest.mark.parametrize(("store", "head"), [("store1", "north"), ("store2", "north"), ("store3", "south")])
def test_the_branch_is_found_by_the_tree_of_units(desk, store, head):
    log(desk, store)
    desk.decide({"store1": "UONE", "store2": "UTWO", "store3": "UTHREE"}[store], "handle", "done", finding="pipe")

    assert desk.roles("review") == [f"branch_head:{head}"]


def test_who_stands_above_is_found_by_the_tree_too(desk):
    """RT-29: the superior of a store's manager is the head of its branch, his is the general manager."""
    log(desk, "store3")
    desk.decide("UTHREE", "handle", "up", finding="pipe")

    assert desk.roles("judge") == ["branch_head:south"]
    assert desk.plan.superior("branch_head:south") == "general_manager"
    assert desk.plan.superior("store_manager:store1") == "branch_head:north"
    assert desk.plan.superior("tester") == "general_manager"


def test_a_late_store_is_told_then_its_branch_then_the_general_manager(desk):
    log(desk, "store1")
    desk.at("2026-11-06 12:00")

    fired = [(s.as_, set(s.told)) for s in desk.happened(e.StepFired)]

    assert fired[:3] == [
        ("reminder_slip", {"UONE"}), ("escalation", {"UNORTH"}), ("escalation", {"UGM"}),
    ]  # fmt: skip
    assert {n.to for n in desk.told("reminder_slip")} == {"CSTORE1"}


def test_a_store_keeps_its_own_calendar(desk):
    log(desk, "store2")
    assert desk.due("handle") == local("2026-11-03 18:00")

    desk.at("2026-11-06 10:00")
    log(desk, "store1", "case2")
    log(desk, "store2", "case3")
    assert desk.due("handle", "case2") == local("2026-11-09 18:00")
    assert desk.due("handle", "case3") == local("2026-11-07 18:00")


def test_a_case_that_does_not_say_its_store_goes_to_who_answers_for_all(desk):
    """D14: nobody holds the role for all stores, so its head does."""
    log(desk, None)

    assert desk.roles("handle") == ["store_manager"]
    desk.decide("UALLSTORES", "handle", "done", finding="pipe")
    assert desk.roles("review") == ["branch_head"]
    desk.decide("UGM", "review")


def test_a_store_without_people_falls_back_to_who_answers_for_all():
    desk = stores_desk(DESK.replace("members: [UONE], head: UNORTH", "members: []"))
    log(desk, "store1")

    assert desk.plan.holders("store_manager:store1", desk.clock.now()) == ("UALLSTORES",)


def test_a_corrected_store_takes_the_open_card_along(desk):
    log(desk, "store1")
    desk.act(cmd.Amend, "UCLERK1", fields={"store": "store3"}, reason="wrong store")

    assert desk.roles("handle") == ["store_manager:store3"]
    assert desk.told("approval")[-1].to == "CSTORE3"
    with pytest.raises(NotAuthorized):
        desk.decide("UONE", "handle", "done", finding="pipe")
    desk.decide("UTHREE", "handle", "done", finding="pipe")


def test_a_handover_stays_in_the_store(desk):
    log(desk, "store1")

    with pytest.raises(NotAllowedHere) as refused:
        desk.act(cmd.HandOver, "UONE", visit=desk.visit("handle"), member="UTWO", role=None, reason="")
    assert refused.value.reason == "not_in_department"
    desk.act(cmd.HandOver, "UONE", visit=desk.visit("handle"), member="UNORTH", role=None, reason="")


def test_the_store_where_it_happened_is_not_blamed_for_it(desk):
    """The field that says whose store it is names nobody as liable; the field that blames does, by the same units."""
    log(desk, "store1")
    desk.decide("UONE", "handle", "up", finding="pipe", liable="north")

    seats = [(s.seat.kind, s.seat.role) for s in desk.open_visit("judge").seats]
    assert seats == [("main", "branch_head:north"), ("recusal", "clerk")]


def test_the_branch_judges_alone_when_another_one_is_blamed(desk):
    log(desk, "store1")
    desk.decide("UONE", "handle", "up", finding="pipe", liable="south")

    assert desk.roles("judge") == ["branch_head:north"]


def test_the_replayed_log_gives_the_same_seats(desk):
    log(desk, "store1")
    desk.act(cmd.Amend, "UCLERK1", fields={"store": "store3"}, reason="wrong store")

    assert desk.rebuilt().visits == desk.case().visits


# --- the desk file --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("parent: south", "parent: west"), "units.store3.parent: west is no unit here"),
        (
            ("  group: {role: general_manager,", "  group: {role: general_manager, parent: store1,"),
            "stands above itself",
        ),
        (("{role: clerk, parent: group", "{role: porter, parent: group"), "units.kiosk: porter is no role here"),
        (("  kiosk: {role: clerk, ", "  kiosk: {"), "units.kiosk: no role answers for it"),
        (("calendar: sunday", "calendar: monday"), "roles.store_manager.per.store2.calendar: monday is no calendar"),
        (("UTEST2: always", "UTEST2: soon"), "qualifications.authorised tester.UTEST2: write the last day"),
        (("{channel: CNORTH,", "{chanel: CNORTH,"), "roles.branch_head.per.north.chanel: this key is not known here"),
    ],
)
def test_a_wrong_desk_file_says_what_to_write(change, said):
    with pytest.raises(DeskRefused) as refused:
        read_desk(DESK.replace(*change))

    assert said in str(refused.value)


def test_a_role_for_a_value_is_named_after_its_unit():
    plan = read_desk(DESK).plan

    assert plan.role_label("store_manager:store1", "zh-Hant") == "店長 (一店)"
    assert plan.unit_label("north", "zh-Hans") == "北区分公司"
    assert plan.values_of("branch_head") == ("north", "south")


# --- qualifications (GA-04) -------------------------------------------------------------------------------------


@pytest.fixture
def testing(desk: TestDesk) -> TestDesk:
    """The case stands with the testers, on 2 November 2026."""
    log(desk, "store1")
    desk.decide("UONE", "handle", "done", finding="pipe")
    desk.decide("UNORTH", "review")
    assert desk.open_stages() == ["test"]
    return desk


def test_only_who_has_the_qualification_answers_for_the_role(testing):
    world = testing.desk.world(testing.record, testing.bundle(""), testing.clock.now())

    assert world.people.holders("tester", world.now) == ("UTEST1", "UTEST2")
    testing.decide("UTEST1", "test", finding="crack")


def test_who_lacks_it_is_refused_with_the_clause(testing):
    with pytest.raises(NotAuthorized) as refused:
        testing.decide("UTEST3", "test", finding="crack")

    assert (refused.value.reason, refused.value.source) == ("not_qualified", "2")
    assert refused.value.facts["people"] == ("UTEST1", "UTEST2")


@pytest.mark.parametrize(("at", "may"), [("2026-11-03 23:59", True), ("2026-11-04 00:00", False)])
def test_a_qualification_ends_with_its_last_day(testing, at, may):
    testing.clock.at = local(at)

    if may:
        testing.decide("UTEST1", "test", finding="crack")
        return
    with pytest.raises(NotAuthorized) as refused:
        testing.decide("UTEST1", "test", finding="crack")
    assert refused.value.reason == "qualification_ended"
    assert refused.value.facts["until"] == local("2026-11-03 23:59")


def test_nobody_without_it_is_handed_the_work(testing):
    with pytest.raises(NotAuthorized) as refused:
        testing.act(cmd.HandOver, "UTEST2", visit=testing.visit("test"), member="UTEST3", role=None, reason="")

    assert (refused.value.reason, refused.value.source) == ("not_qualified", "2")
    testing.act(cmd.HandOver, "UTEST2", visit=testing.visit("test"), member="UTEST1", role=None, reason="")
    assert testing.roles("test") == ["UTEST1"]


def test_without_anybody_qualified_the_general_manager_is_asked_not_the_head():
    desk = stores_desk(DESK.replace("{UTEST1: 2026-11-03, UTEST2: always}", "{UNORTH: always}"))
    log(desk, "store1")
    desk.decide("UONE", "handle", "done", finding="pipe")
    desk.decide("UNORTH", "review")

    with pytest.raises(NotAuthorized):
        desk.decide("UTESTHEAD", "test", finding="crack")
    desk.decide("UGM", "test", finding="crack")


def test_a_role_without_needs_is_open_to_its_members():
    desk = stores_desk(text=STORES.replace("needs: authorised tester, ", ""))
    log(desk, "store1")
    desk.decide("UONE", "handle", "done", finding="pipe")
    desk.decide("UNORTH", "review")

    desk.decide("UTEST3", "test", finding="crack")
