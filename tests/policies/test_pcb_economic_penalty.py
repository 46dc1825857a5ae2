"""pcb-economic-penalty: who is liable, what each one pays, the notice, the deduction below half of the bonus."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.money import compute
from complaints.policy import Policy
from complaints.refusals import NotAllowedHere, NotAuthorized, UnknownCase
from complaints.views import Look
from complaints.views_visit import visit_view
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, keepers, may_decide, named, refused_fields, slips

ID = "pcb-economic-penalty"
GM, OFFICE, ACCOUNTING = person("general_manager"), person("gm_office"), person("accounting")
A, B = "UMEMBERA", "UMEMBERB"
MEMBERS = [{"person": A, "points": "25", "bonus": "1200"}, {"person": B, "points": "275", "bonus": "30000"}]
WALK = Walk(
    policy=ID,
    reporter=OFFICE,
    form={},
    steps={
        "attribute": (OFFICE, "attribute", {"attributed_to": "section", "liable_unit": "accounting", "at_fault": True}),
        "compute": (ACCOUNTING, "compute", {"loss": "12000", "members": MEMBERS}),
        "penalty_notice": (OFFICE, "issue", {"notice_text": "Deducted with the bonus of November"}),
        "approval": (GM, "approve", {}),
        "deduct": (ACCOUNTING, "book", {"month": "2026-11-30"}),
    },
)
# stage: who acts; what may be decided
TABLE = {
    "attribute": ("gm_office", "attribute return"),
    "compute": ("accounting", "compute return"),
    "penalty_notice": ("gm_office", "issue return"),
    "approval": ("general_manager", "approve return"),
    "deduct": ("accounting", "book return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


def policy() -> Policy:
    return bundle("pcb-manufacturer").annexes[ID]


def objected(at: str = "2026-11-09 17:59") -> PolicyDesk:
    desk = WALK.at("deduct")
    desk.clock.at = local(at)
    desk.act(cmd.BeginRoute, A, route="objection", fields={"objection_reason": "It was another shift"})
    return desk


@cache
def waiting(stage: str) -> PolicyDesk:
    """Return a desk that waits at *stage*; it is only looked at."""
    return objected() if stage == "objection_ruling" else WALK.at(stage)


# --- the route and its people ------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(一)", "(三)1")
@pytest.mark.parametrize("stage", TABLE)
def test_who_decides_what(stage: str) -> None:
    """Section 3; pcb-manufacturer (十二)2 「開立獎罰通知單呈總經理核準后復印三份」."""
    people, words = TABLE[stage]

    assert may_decide(waiting(stage), stage) - {"reporter"} == named(people)
    assert decisions(waiting(stage), stage) == words


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(policy().stages)


@pytest.mark.parametrize("stage", ["attribute", "compute", "penalty_notice", "approval"])
def test_every_stage_has_two_working_days_and_climbs_to_the_general_manager(stage: str) -> None:
    """D4 for the limit, D5 for what follows; Monday 2 November to the closing time of Wednesday."""
    desk = WALK.at(stage)
    assert desk.due(stage) == local("2026-11-04 18:00")
    desk.at("2026-11-05 17:59")
    assert slips(desk)
    assert not desk.told("escalation")
    desk.at("2026-11-05 18:00")
    assert GM in slips(desk, "escalation")


@pytest.mark.clauses(ID, "(三)1")
@pytest.mark.capabilities("LP-14")
def test_the_notice_goes_in_three_copies_once_the_general_manager_approved() -> None:
    """pcb-manufacturer (十二)2 「復印三份,一份自存,一份會計單位查核,一份送罰扣部門罰扣獎金」."""
    desk = WALK.at("approval")
    assert not desk.told("copy")
    WALK.take(desk, "approval")
    assert [n.facts["role"] for n in desk.told("copy")] == ["gm_office", "accounting", "accounting"]


# --- attribution (一), (二), (五)1 -----------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(一)", "(二)", "(五)1")
@pytest.mark.capabilities("LP-01")
def test_liability_falls_on_the_smallest_unit_that_is_clear() -> None:
    """(一) group before section, (二) individual before department; the form says so where it asks."""
    field = policy().fields["attributed_to"]
    assert field.choices == ("group", "section", "person", "department")
    for language in ("en", "zh-Hans", "zh-Hant"):
        assert "(一)" in policy().label("attributed_to", language, aspect="hint")

    desk = WALK.at("attribute")
    asked = refused_fields(lambda: desk.decide(OFFICE, "attribute", "attribute"))
    assert asked == {"attributed_to", "liable_unit", "at_fault"}


@pytest.mark.clauses(ID, "(三)1")
def test_without_fault_nothing_is_computed_and_nothing_is_deducted() -> None:
    """Our default for the missing 罰扣判定基準: nothing when the cause is external; the general manager still decides."""
    desk = WALK.at("compute", at_fault=False)
    desk.decide(ACCOUNTING, "compute", "compute")
    assert desk.open_stages() == ["approval"]
    WALK.take(desk, "approval")
    assert (desk.case().status, desk.open_stages()) == ("finished", [])
    assert not desk.happened(e.AmountComputed)
    assert not desk.happened(e.LedgerOwed)


# --- computation (三)2, (三)3, (四) ------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(三)3", "(四)1", "(四)2", "(五)1")
@pytest.mark.capabilities("LP-03")
@pytest.mark.parametrize(
    ("loss", "points", "parts"),
    [
        ("12000", ("25", "275"), ["1000.00", "11000.00"]),  # the worked example
        ("12000", ("300",), ["12000.00"]),  # (五)1: an individual bears it as a unit does
        ("100", ("1", "1", "1"), ["33.34", "33.33", "33.33"]),  # D16
        ("0", ("25", "275"), ["0.00", "0.00"]),
    ],
)
def test_each_pays_the_loss_by_all_points_times_his_own(loss: str, points: tuple[str, ...], parts: list[str]) -> None:
    """(三)3 「以損失金額除以該責任部門的總基點數,再乘以個人的總基點數」; (四)2 「計全科每人的基點數」."""
    members = [{"person": f"U{n}", "points": p, "bonus": "1200"} for n, p in enumerate(points)]
    amount = compute(policy().money["deduction"], policy(), {"loss": Decimal(loss), "members": members})
    assert amount is not None
    assert [p["amount"] for p in amount.parts] == parts


def test_without_points_there_is_nothing_to_divide_by() -> None:
    members = [{"person": A, "points": "0", "bonus": "1200"}]
    assert compute(policy().money["deduction"], policy(), {"loss": Decimal(12000), "members": members}) is None


@pytest.mark.clauses(ID, "(三)1", "(三)3")
@pytest.mark.parametrize("stage", ["penalty_notice", "approval", "deduct"])
def test_who_writes_approves_and_deducts_sees_what_falls_on_whom(stage: str) -> None:
    desk = WALK.at(stage)
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())

    [amount] = visit_view(desk.case(), desk.open_visit(stage), Look(world=world, language="zh-Hant")).reckoned

    assert (amount.label, amount.total) == ("罰扣金額", "新臺幣 12,000 元")
    assert [(p.who, p.amount) for p in amount.parts] == [(A, "新臺幣 1,000 元"), (B, "新臺幣 11,000 元")]


@pytest.mark.clauses(ID, "(三)4")
@pytest.mark.capabilities("LP-04")
@pytest.mark.parametrize(
    ("bonus", "taken", "rest"),
    [
        ("1200", "600.00", "400.00"),  # the worked example
        ("2000", "1000.00", "0.00"),  # exactly half
        ("1999.99", "1000.00", "0.00"),  # 999.995, half up (D16)
        ("1999.98", "999.99", "0.01"),
        ("0", "0.00", "1000.00"),
    ],
)
def test_a_month_takes_half_of_its_bonus_at_most(bonus: str, taken: str, rest: str) -> None:
    """(三)4 「最高金額以全月效率獎金50%為準,該月份超過50%以上者逐月分期罰扣」."""
    members: list[dict[str, Any]] = [{**MEMBERS[0], "bonus": bonus}, MEMBERS[1]]
    amount = compute(policy().money["instalments"], policy(), {"loss": Decimal(12000), "members": members})
    parts = {p["who"]: (p["amount"], p["rest"]) for p in amount.parts} if amount is not None else {}
    assert parts[A] == (taken, rest)


# --- objection (D12) -------------------------------------------------------------------------------------------------


def test_who_pays_may_object_for_five_working_days_after_the_approval() -> None:
    """D12: to the general manager, with a reason; granted, liability is looked at anew."""
    desk = objected()
    with pytest.raises(NotAuthorized):
        desk.decide(ACCOUNTING, "objection_ruling", "grant", ruling_reason="x")
    desk.decide(GM, "objection_ruling", "grant", ruling_reason="Another shift ran that lot")
    assert desk.open_stages() == ["attribute"]

    with pytest.raises(NotAllowedHere):
        objected("2026-11-09 18:01")


def test_a_colleague_whom_the_notice_does_not_name_does_not_even_learn_of_it() -> None:
    desk = WALK.at("deduct")
    with pytest.raises(UnknownCase):
        desk.act(cmd.BeginRoute, "UNOBODY", route="objection", fields={"objection_reason": "x"})
    assert head("accounting") != A


def test_a_deduction_is_known_to_those_who_deal_with_it_and_once_noticed_to_the_unit() -> None:
    """Ours: a personal matter; who is named in a notice may object (D12)."""
    dealing = {"gm_office", "general_manager", "accounting"}
    desk = PolicyDesk(ID, departments=("assembly",))
    desk.log(OFFICE)
    WALK.on(desk, "penalty_notice", liable_unit="assembly")
    assert keepers(desk) == dealing
    WALK.on(desk, "deduct")
    assert keepers(desk) == dealing | {"assembly"}
    WALK.take(desk, "deduct")
    assert desk.case().visits[desk.visit("deduct")].ended == "done"
