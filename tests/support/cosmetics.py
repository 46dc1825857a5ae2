"""Cases of cosmetics-consumer at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from complaints.commands import GivenFile
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk

ID = "cosmetics-consumer"
TAKER, LOCAL = "UCLERK", person("local_head", 2)
LETTER = (("letter_to_mm", GivenFile(id="F-LETTER", name="letter.pdf")),)
WALK = Walk(
    policy=ID,
    reporter=TAKER,
    form={
        "customer": "C-0417", "anonymous": False, "contact": "138", "channel": "phone", "origin": "direct",
        "kind": "service", "complaint": "Rude", "involved": "own_staff", "person_complained": person("local_head"),
    },
    steps={
        "anonymous_gate": (head("market_management"), "investigate_it", {}),
        "lead_major": (person("marketing_centre"), "inform_legal", {"case_summary": "She sues"}),
        "legal_guidance": (person("legal"), "guide", {"legal_guidance_text": "Settle"}),
        "take_up_again": (person("market_management"), "take_up", {"again_words": "Talk again"}),
        "coordinate_dealer": (person("local_head"), "coordinated", {"coordination": "The shop pays", "mm_needed": False}),
        "carry_through": (person("market_management"), "carried_through", {"settled_how": "Paid"}),
        "hear_person": (TAKER, "heard", {"persons_account": "I was tired"}),
        "settle": (TAKER, "settle_it", {"settled_how": "Apologised"}),
        "confirm_out_of_life": (head("market_management"), "confirm", {"out_of_life_reason": "Too old"}),
        "ask_technical": (person("marketing_centre"), "ask", {"technical_question": "Why green?"}),
        "technical_opinion": (person("technical_centre"), "answer_it", {"technical_opinion_text": "Oxidised"}),
        "assign_local": (person("market_management"), "assign_it", {"assigned_to": LOCAL}),
        "guide": (person("marketing_centre"), "guide_it", {"guidance": "Be generous"}),
        "local_talk": (LOCAL, "talked", {"talk": "She wants her money"}),
        "proposal": (LOCAL, "propose", {"settlement": "refund", "amount": "1000", "solution": "Pay back"}),
        "approval": (person("market_gm"), "approve", {}),
        "higher_approval": (person("deputy_gm"), "approve", {}),
        "execute": (LOCAL, "executed_it", {"executed": "Paid back"}),
        "close_entry": (person("market_management"), "enter", {}),
        "report_sales": (TAKER, "report_it", {"report_to_sales": "See the account"}),
        "sanction_proposal": (person("sales_section"), "propose", {"sanction": "A warning"}),
        "sanction_approval": (person("general_manager"), "approve", {}),
        "sanction_execution": (person("personnel"), "executed_sanction", {"sanction_done_on": "2026-11-02"}),
        "callback": (person("market_management"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged = WALK.take, WALK.logged
ALLERGY: dict[str, Any] = {
    "kind": "allergy",
    "involved": None,
    "person_complained": None,
    "product_name": "Cream",
    "batch": "B1",
    "injured": False,
}
PRODUCT: dict[str, Any] = {
    "kind": "product",
    "involved": None,
    "person_complained": None,
    "product_name": "Cream",
    "batch": "B1",
    "complained_on": "2026-11-02",
    "expires_on": "2026-11-02",
}
DEALER: dict[str, Any] = {"involved": "dealer", "person_complained": None}
NOBODY: dict[str, Any] = {"anonymous": True, "contact": None}


def letter(desk: PolicyDesk, **fields: Any) -> None:
    filled = {"intent": "Money back", "explanation": "We look into it", **fields}
    desk.decide(person("headquarters"), "explain_and_letter", "send_letter", files=LETTER, **filled)


def at(stage: str, **changes: Any) -> PolicyDesk:
    """Like `WALK.at`, with the letter of headquarters on the way."""
    form = {n: v for n, v in changes.items() if n in {**WALK.form, **ALLERGY, **PRODUCT}}
    rest = {n: v for n, v in changes.items() if n not in form}
    desk = logged(**form)
    while stage not in desk.open_stages():
        if stage == "closed" and desk.case().closed_at is not None:
            break
        if "explain_and_letter" in desk.open_stages():
            letter(desk)
        else:
            now = desk.open_stages()[0]
            take(desk, now, **{n: v for n, v in rest.items() if n in WALK.file.stages[now].filled})
    return desk
