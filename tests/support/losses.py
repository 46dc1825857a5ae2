"""The works of nonconforming-loss-sharing: its desk, and cases at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from tests.support.policy_desk import person
from tests.support.walk_desk import WalkDesk

ID = "nonconforming-loss-sharing"
SIX = ("market", "quality", "process", "finance", "commercial", "production")
SLIP: dict[str, Any] = {
    "inspection": "failed",
    "disposition": "scrap",
    "product": "other",
    "batch_no": "B-118",
    "quantity": "500",
    "failing_items": "Viscosity 3 200 instead of 5 000",
    "produced_on": "2026-10-20",
}
FEEDBACK: dict[str, Any] = {
    "inspection": "passed",
    "product": "other",
    "batch_no": "B-090",
    "quantity": "500",
    "produced_on": "2026-08-10",
    "complained_on": "2026-10-29",
    "problem": "Does not stick on beech",
    "problem_confirmed": True,
}
USUAL: dict[str, dict[str, Any]] = {
    "material_list": {"materials": [{"material": "VAE", "quantity": "300"}]},
    "agree_price": {"normal_price": "5000", "reduced_price": "3500"},
    "ship": {"customer": "C-0417", "shipped_quantity": "500", "shipped_on": "2026-11-02"},
    "invoice": {"invoice_no": "I-1", "revenue": "3500"},
    "after_sale": {
        "invoice_no": "I-1",
        "revenue": "10000",
        "salesperson": "USALES9",
        "cost": "no_cost",
        "customer_complaint": "Foams",
    },
    "settle_cost": {
        "settlement": "We pay freight and fine",
        "expenses": [{"kind": "fine", "value": "800"}, {"kind": "freight", "value": "200.50"}],
    },
    "compute": {"material_values": [{"material": "VAE", "value": "3000"}], "vouchers": "vouchers.pdf"},
    "confirm": {"cause": "Wrong dosing", "responsible": [{"person": "UA", "share": "60%"}, {"person": "UB", "share": "40%"}]},
    "check_customer": {"customer": "C-0417", "customer_quantity": "200"},
    "audit": {
        "scrap_slip": "scrap.pdf",
        "vouchers": "claim.pdf",
        "expenses": [{"kind": "scrap", "value": "1000"}, {"kind": "freight", "value": "200.02"}],
    },
    "market_sign": {},
    "six_sign": {
        "department_shares": [
            *({"unit": unit, "share": "0.16"} for unit in SIX[:5]),
            {"unit": "production", "share": "0.2"},
        ]
    },
    "gm_approval": {},
    "deduct": {"monthly_wages": [{"person": "UA", "wage": "6000"}, {"person": "UB", "wage": "9000"}], "vouchers_checked": True},
    "book_expense": {"vouchers_checked": True},
    "write_down": {},
    "scrap_goods": {},
    "answer_customer": {"reply_channel": "phone", "answer_given": "We take it back"},
}  # fmt: skip


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID)
    slip = FEEDBACK if changes.get("inspection") == "passed" else SLIP
    desk.log(person("quality"), **{n: v for n, v in {**slip, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, slip: dict[str, Any], **changes: Any) -> WalkDesk:
    return begun(**slip).walk(stage, USUAL, **changes)


OUTSIDE = {"inspection": "passed", "complained_on": "2026-10-30"}
INSIDE = {"inspection": "passed"}


TABLE: dict[str, tuple[str, str, str, dict[str, Any], dict[str, Any]]] = {
    "judge": ("quality", "", "judge return", {}, {}),
    "confirm_no_fault": ("head of quality", "", "confirm return", {**INSIDE, "problem_confirmed": False, "no_fault_reason": "Used on wet wood"}, {}),
    "material_list": ("process", "", "send return", {}, {}),
    "agree_price": ("commercial, finance, market, process, production, quality", "", "agree return", {"disposition": "discount_sale"}, {}),
    "ship": ("warehouse", "", "ship return", {"disposition": "discount_sale"}, {}),
    "invoice": ("commercial", "", "invoice return", {"disposition": "discount_sale"}, {}),
    "after_sale": ("commercial", "", "send return", {"disposition": "normal_sale"}, {}),
    "settle_cost": ("commercial, finance, market, process, production, quality", "", "settle return", {"disposition": "normal_sale"}, {"cost": "with_cost"}),
    "compute": ("finance", "", "compute return", {}, {}),
    "confirm": ("quality", "", "confirm return", {}, {}),
    "check_customer": ("commercial", "", "confirm return", INSIDE, {}),
    "audit": ("finance", "", "audit return", INSIDE, {}),
    "market_sign": ("market", "", "approve return", OUTSIDE, {}),
    "six_sign": ("commercial, finance, market, process, production, quality", "", "sign return", INSIDE, {}),
    "gm_approval": ("general_manager", "", "approve return", {}, {}),
    "deduct": ("finance", "", "execute return", {}, {}),
    "book_expense": ("finance", "", "book return", OUTSIDE, {}),
    "write_down": ("commercial", "", "write_down return", OUTSIDE, {}),
    "scrap_goods": ("warehouse", "", "scrap return", OUTSIDE, {}),
    "finance_ruling": ("general_manager", "", "rule return", {}, {}),
    "answer_customer": ("commercial", "", "told return", OUTSIDE, {}),
    "callback": ("commercial", "", "satisfied unreached dissatisfied return", OUTSIDE, {}),
    "objection_ruling": ("general_manager", "", "dismiss grant return", {}, {}),
}  # fmt: skip


def told() -> WalkDesk:
    desk = at_stage("answer_customer", OUTSIDE)
    desk.play("answer_customer", **USUAL["answer_customer"])
    return desk
