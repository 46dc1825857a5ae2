"""pcb-admin-penalty: a month to resell, shares by fault, a punishment for each person, its price, and who says so."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.money import compute
from complaints.policy import Policy
from complaints.refusals import NotAllowedHere, NotAuthorized
from complaints.views import Look
from complaints.views_visit import visit_view
from tests.handlers.cards.drawn import draw, shown
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, keepers, may_decide, named, refused_fields, slips

ID = "pcb-admin-penalty"
GUILTY, OTHER = "UGUILTY1", "UOTHER1"
GM = person("general_manager")
SHARED = [
    {"person": GUILTY, "unit": "production", "share": "60 %"},
    {"person": OTHER, "unit": "sales", "share": "40 %"},
]
WALK = Walk(
    policy=ID,
    reporter=person("gm_office"),
    form={},
    steps={
        "resale_window": (person("gm_office"), "settle", {"resold": False, "actual_loss": "10000"}),
        "punishment_proposal": (
            person("gm_office"), "propose", {"kinds": [{"person": GUILTY, "kind": "Major demerit", "reason": "Careless"}]},
        ),
        "approval": (GM, "approve", {}),
        "publication": (person("personnel"), "publish", {"notice_no": "HR-26-11"}),
        "deduct": (person("accounting"), "book", {"bonuses": [{"person": GUILTY, "bonus": "6300"}]}),
        "objection_ruling": (GM, "dismiss", {"ruling_reason": "It stands"}),
    },
)  # fmt: skip


def policy() -> Policy:
    return bundle("pcb-manufacturer").annexes[ID]


def at(stage: str, lines: list[dict[str, str]] | None = None, loss: str = "10000", **changes: Any) -> PolicyDesk:
    """Return a desk whose punishment waits at *stage*; *lines*: who is liable, with which share."""
    desk = WALK.logged()
    for here in ("resale_window", "loss_and_shares", "punishment_proposal", "countersign", "approval", "publication"):
        if stage in desk.open_stages():
            break
        if here == "loss_and_shares":
            share(desk, lines or SHARED)
        elif here == "countersign":
            desk.decide(person("production", 2), here, "countersign")
            desk.decide(person("sales"), here, "countersign")
        else:
            given = {"actual_loss": loss} if here == "resale_window" else {}
            WALK.take(desk, here, **given, **changes.get(here, {}))
    return desk


def share(desk: PolicyDesk, lines: list[dict[str, str]]) -> None:
    """Let Production answer first, then the office decides."""
    desk.decide(person("production"), "loss_and_shares")
    desk.decide(person("gm_office"), "loss_and_shares", "share", liable_units=["production", "sales"], liable_persons=lines)  # fmt: skip


@cache
def waiting(stage: str) -> PolicyDesk:
    """Return a desk that waits at *stage*; it is only looked at."""
    if stage == "objection_ruling":
        desk = at("closed")
        desk.act(cmd.BeginRoute, GUILTY, route="objection", fields={"objection_reason": "It was not me"})
        return desk
    return at(stage)


# --- the route and its people (六) -----------------------------------------------------------------------------

# stage: who acts; what may be decided
TABLE = {
    "resale_window": ("gm_office", "settle return"),
    "loss_and_shares": ("production", "share return"),  # the office decides once Production has answered
    "punishment_proposal": ("gm_office", "propose return"),
    "countersign": ("production, sales", "countersign return"),
    "approval": ("general_manager", "approve return"),
    "publication": ("personnel", "publish return"),
    "deduct": ("accounting", "book return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@pytest.mark.clauses(ID, "(六)", "(二)")
@pytest.mark.parametrize("stage", TABLE)
def test_who_decides_what(stage: str) -> None:
    """(六) 「由總經理室……確定以簽呈會各責任部門,并呈總經理核示后會人事單位公布」."""
    desk, (people, words) = waiting(stage), TABLE[stage]

    assert may_decide(desk, stage) - {"reporter"} == named(people)
    assert decisions(desk, stage) == words


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(policy().stages)


@pytest.mark.clauses(ID, "(六)")
def test_every_liable_department_countersigns_before_the_general_manager_is_asked() -> None:
    """(六) 「以簽呈會各責任部門」: all of them, in whatever order."""
    desk = at("countersign")
    desk.decide(person("sales"), "countersign", "countersign")
    assert desk.open_stages() == ["countersign"]
    desk.decide(person("production", 2), "countersign", "countersign")
    assert desk.open_stages() == ["approval"]


@pytest.mark.clauses(ID, "(六)")
def test_nothing_is_published_before_the_general_manager_approved() -> None:
    """(六) 「并呈總經理核示后會人事單位公布」: what he returns is proposed and countersigned again."""
    desk = at("approval")
    desk.decide(GM, "approval", "return", reason="Too hard", to_stage="punishment_proposal")
    assert desk.open_stages() == ["punishment_proposal"]
    assert desk.case().status == "open"


@pytest.mark.clauses(ID, "(六)")
def test_the_notice_goes_to_personnel_and_accounting_once_approved() -> None:
    desk = at("publication")
    assert [n.facts["role"] for n in desk.told("copy")] == ["personnel", "accounting"]
    WALK.take(desk, "publication")
    assert (desk.case().status, desk.case().outcome) == ("closed", "published")


# --- the month of resale (一) -----------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(一)")
@pytest.mark.capabilities("DL-18")
def test_the_goods_have_a_month_to_be_resold() -> None:
    """(一) 「給予一個月的轉售時間」: from Monday 2 November to the end of 2 December; then it is overdue like any stage (D5)."""
    desk = WALK.logged()
    assert desk.due("resale_window") == local("2026-12-02 24:00")

    desk.at("2026-12-03 09:00")
    assert slips(desk) == {person("gm_office"), person("gm_office", 2), head("gm_office")}
    assert not desk.told("escalation")
    desk.at("2026-12-03 18:00")
    assert slips(desk, "escalation") == {GM, person("general_manager", 2)}


@pytest.mark.clauses(ID, "(一)")
@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"resold": True}, {"a_price", "resale_price"}),
        ({"resold": False}, {"actual_loss"}),
        ({"resold": True, "a_price": "9000", "resale_price": "-1"}, {"resale_price"}),
        ({}, {"resold"}),
    ],
)
def test_what_was_sold_is_told_with_both_prices_and_what_was_not_with_the_loss(
    fields: dict[str, Any], missing: set[str]
) -> None:
    """(一) 「如果售出,則以A級售價損失的金額……未售出時以實際損失金額」."""
    desk = WALK.logged()
    assert refused_fields(lambda: desk.decide(person("gm_office"), "resale_window", "settle", **fields)) == missing


@pytest.mark.clauses(ID, "(一)")
@pytest.mark.parametrize(
    ("facts", "loss"),
    [
        ({"resold": True, "a_price": Decimal(9000), "resale_price": Decimal(6500)}, "2500.00"),
        ({"resold": True, "a_price": Decimal(9000), "resale_price": Decimal(9000)}, "0.00"),
        ({"resold": False, "actual_loss": Decimal(4000)}, "4000.00"),
    ],
)
def test_the_loss_is_what_grade_a_would_have_brought_or_the_real_one(facts: dict[str, Any], loss: str) -> None:
    amount = compute(policy().money["personal_loss"], policy(), {**facts, "liable_persons": [{"person": GUILTY, "share": "1"}]})  # fmt: skip
    assert amount is not None
    assert [p["amount"] for p in amount.parts] == [loss]


# --- shares (二) -------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(二)")
@pytest.mark.capabilities("LP-02")
@pytest.mark.parametrize(
    ("shares", "borne"),
    [
        (("100 %",), ["10000.00"]),  # 「若系個人過失則全數分攤至該員」
        (("60 %", "40 %"), ["6000.00", "4000.00"]),
    ],
)
def test_one_bears_all_and_several_bear_by_their_fault(shares: tuple[str, ...], borne: list[str]) -> None:
    """(二) 「若為兩人以上的共同過失(同一部門或跨越部門)則依責任輕重分別判定責任比例」."""
    lines = [{**line, "share": s} for line, s in zip(SHARED, shares, strict=False)]
    desk = at("punishment_proposal", lines)

    [computed] = [x for x in desk.happened(e.AmountComputed) if x.entry == "personal_loss"]
    assert [p["amount"] for p in computed.parts["parts"]] == borne


@pytest.mark.clauses(ID, "(二)")
@pytest.mark.parametrize("shares", [("60 %", "30 %"), ("60 %", "50 %")])
def test_shares_that_make_no_whole_are_refused(shares: tuple[str, str]) -> None:
    desk = at("loss_and_shares")
    lines = [{**line, "share": s} for line, s in zip(SHARED, shares, strict=True)]
    assert refused_fields(lambda: share(desk, lines)) == {"liable_persons"}


# --- punishment by amount (三), its price (五) ---------------------------------------------------------------------

BORDERS = [
    ("0", "warning", "400.00"),
    ("999.99", "warning", "400.00"),
    ("1000", "minor_demerit", "800.00"),
    ("4999.99", "minor_demerit", "800.00"),
    ("5000", "major_demerit", "6300.00"),
]


@pytest.mark.clauses(ID, "(三)", "(五)1", "(五)2", "(五)3")
@pytest.mark.capabilities("LP-05", "LP-19")
@pytest.mark.parametrize(("loss", "punishment", "fine"), BORDERS)
def test_what_a_person_bears_gives_the_punishment_and_its_price(loss: str, punishment: str, fine: str) -> None:
    """(三) 「經判定后的個人責任負擔金額」 (amounts are ours); (五): 400, 800 for each base unit, the whole bonus of the month."""
    facts = {
        "resold": False, "actual_loss": Decimal(loss), "liable_persons": [{"person": GUILTY, "share": "1"}],
        "bonuses": [{"person": GUILTY, "bonus": "6300"}],
    }  # fmt: skip
    amount = compute(policy().money["fines"], policy(), facts)
    assert amount is not None
    assert [(p["code"], p["amount"]) for p in amount.parts] == [(punishment, fine)]


@pytest.mark.clauses(ID, "(五)2")
def test_a_minor_demerit_costs_its_price_for_every_base_unit() -> None:
    """(五)2 「以每基數罰扣800元」: the company says how many base units; ours is one."""
    facts = {"resold": False, "actual_loss": Decimal(1000), "liable_persons": [{"person": GUILTY, "share": "1"}], "base_units": Decimal(3)}  # fmt: skip
    amount = compute(policy().money["fines"], policy(), facts)
    assert amount is not None
    assert amount.total == Decimal("2400.00")


@pytest.mark.clauses(ID, "(五)3")
@pytest.mark.capabilities("LP-19")
def test_a_whole_bonus_is_known_only_when_accounting_says_what_it_was() -> None:
    """(五)3 「大過以上者,當月效益獎金全額罰扣」: 6 000 is a major demerit, 4 000 beside it a minor one."""
    desk = at("closed")
    assert desk.open_stages() == ["deduct"]
    assert not [x for x in desk.happened(e.AmountComputed) if x.entry == "fines"]

    WALK.take(desk, "deduct")

    [fines] = [x for x in desk.happened(e.AmountComputed) if x.entry == "fines"]
    assert [(p["who"], p["code"], p["amount"]) for p in fines.parts["parts"]] == [
        (GUILTY, "major_demerit", "6300.00"),
        (OTHER, "minor_demerit", "800.00"),
    ]
    assert desk.case().status == "finished"


@pytest.mark.clauses(ID, "(六)", "(二)")
def test_who_approves_sees_what_falls_on_whom() -> None:
    desk = at("approval", [{**SHARED[0], "share": "50 %"}, {**SHARED[1], "share": "50 %"}], loss="3000")
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())

    card = visit_view(desk.case(), desk.open_visit("approval"), Look(world=world, language="en"))

    loss, fines = card.reckoned
    assert (loss.label, loss.total, [(p.who, p.amount) for p in loss.parts]) == (
        "Loss per person", "TWD 3,000", [(GUILTY, "TWD 1,500"), (OTHER, "TWD 1,500")],
    )  # fmt: skip
    assert [(p.who, p.amount, p.why) for p in fines.parts] == [
        (GUILTY, "TWD 800", "Minor demerit"),
        (OTHER, "TWD 800", "Minor demerit"),
    ]


def test_no_fact_stands_twice_on_the_card() -> None:
    """A policy without a form of its own shows its first fields; what a stage entered is not repeated beside them."""
    desk = at("approval")
    notice = next(n for n in reversed(desk.told("approval")) if n.visit == desk.open_visit("approval").id)

    assert shown(draw(desk, notice, language="en")).count("Liable departments") == 1


# --- causes (四), objection (D12) --------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(四)")
def test_the_fifteen_causes_stand_in_the_order_of_the_text_and_come_with_the_complaint() -> None:
    """(四): A01 to A15; the complaint hands its cause over."""
    assert policy().fields["human_cause"].choices == tuple(f"A{n:02}" for n in range(1, 16))
    main = bundle("pcb-manufacturer").policy
    assert main.fields["human_cause"].choices == policy().fields["human_cause"].choices
    for language in ("en", "zh-Hans", "zh-Hant"):
        names = [policy().label(c, language, of="human_cause") for c in policy().fields["human_cause"].choices]
        assert len(set(names)) == 15


def test_who_is_punished_may_object_for_five_working_days() -> None:
    """D12: within 5 working days of the publication, to the general manager; granted, it is proposed anew."""
    desk = at("closed")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("accounting"), route="objection", fields={"objection_reason": "x"})
    desk.clock.at = local("2026-11-09 17:59")
    desk.act(cmd.BeginRoute, GUILTY, route="objection", fields={"objection_reason": "It was not me"})
    desk.decide(GM, "objection_ruling", "grant", ruling_reason="He is right")
    assert desk.open_stages() == ["punishment_proposal"]

    late = at("closed")
    late.clock.at = local("2026-11-09 18:01")
    with pytest.raises(NotAllowedHere):
        late.act(cmd.BeginRoute, GUILTY, route="objection", fields={"objection_reason": "It was not me"})


def test_a_punishment_is_known_to_those_who_deal_with_it_and_once_published_to_the_unit() -> None:
    """Ours: a personal matter; who is named in a publication may object (D12)."""
    dealing = {"gm_office", "general_manager", "personnel", "production"}
    assert keepers(at("publication")) == dealing
    assert keepers(at("deduct")) == dealing | {"sales"}
