"""The service department of an appliance seller: its people walk a call, an opinion or a contract from stage to stage."""

from __future__ import annotations

from typing import Any

from complaints import commands as cmd
from tests.support.policy_desk import PolicyDesk, person

DISPATCH = "after-sales-dispatch"
TECH = "UTECH"
CALL: dict[str, Any] = {
    "kind": "repair_call", "customer": "C-0417", "anonymous": False, "channel": "telephone", "at_branch": False, "called_on": "2026-11-02",
    "address": "Harbour road 3", "phone": "5550", "model": "WM-7", "content": "It does not spin", "area": "town", "guarantee_until": "2026-12-31",
}  # fmt: skip
SHARED = {n: CALL[n] for n in ("customer", "anonymous", "channel", "at_branch", "called_on", "content")}
OPINION = SHARED | {"kind": "opinion", "opinion_kind": "complaint", "claim_amount": "0"}
CONTRACT = SHARED | {"kind": "contract", "model": "WM-7", "contract_end": "2027-03-15"}
ENTRY = CALL | OPINION | CONTRACT | {"flags": [], "contract_until": ""}
PAID = {"guarantee_until": "2026-11-01"}
RATINGS = {"attitude": "4", "skill": "3", "arrival": "2", "promises": "1"}


class Dispatch(PolicyDesk):
    __test__ = False
    usual = {
        "dispatch": {"technician_sent": TECH},
        "arrive": {"arrived_at": "2026-11-02T11:00:00+08:00"},
        "on_site": {"handled": "fixed", "work_done": "New belt"},
        "take_in": {"repair_card_no": "K-1", "promised_on": "2026-11-05"},
        "repair": {"hours_used": "2", "parts_used": "Belt"},
        "inspect": {"inspected": True, "return_on": "2026-11-06"},
        "return_goods": {"receipt_voided": True},
        "clear_call": {"voucher_filed": True},
        "help_repair": {"help_given": "Li comes too"},
        "receive_fee": {"fee_received": "200", "invoice_no": "F-1"},
        "invoice": {"invoice_no": "F-2"},
        "collect_fee": {"fee_received": "900"},
        "send_register": {"register_sent": True},
        "send_card": {"card_sent": True},
        "card_back": {"opinion_kind": "no_opinion", **RATINGS},
        "check_opinion": {"valid": True},
        "visit_customer": {"visitor": TECH, "visit_result": "Excused ourselves"},
        "decide_opinion": {"handling": "New machine"},
        "inform_customer": {"answer_given": "You get a new machine", "reply_channel": "phone_call"},
        "renewal_notice": {"notice_sent": True, "renewal_visitor": TECH, "renewed": True},
    }  # fmt: skip
    FILES = {"on_site": "voucher_signed", "return_goods": "return_signed"}

    def __init__(self, now: str = "2026-11-02 09:30") -> None:
        super().__init__(DISPATCH, now)

    def call_in(self, case_id: str = "case1", **fields: Any) -> None:
        self.log(actor="UREPORTER", case_id=case_id, **{n: v for n, v in fields.items() if v is not None})

    def go(
        self, stage: str, decision: str | None = None, case_id: str = "case1", files: Any = (), **changes: Any
    ) -> None:
        signed = (
            ((self.FILES[stage], cmd.GivenFile(id=f"F-{stage}", name="voucher.pdf")),) if stage in self.FILES else ()
        )
        super().go(stage, decision, case_id, files or signed, **changes)


def a_case(first: dict[str, Any], stage: str, **changes: Any) -> Dispatch:
    desk = Dispatch()
    desk.call_in(**first | {n: v for n, v in changes.items() if n in ENTRY})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in ENTRY})


def surveyed(**card: Any) -> Dispatch:
    """A call whose card came back."""
    desk = a_case(CALL, "dispatch")
    for stage in ("send_register", "send_card"):
        desk.go(stage)
    desk.go("card_back", **card)
    return desk


TAKEN_IN = {"handled": "taken_in", "receipt_no": "R-1"}
COMPLAINED = {"opinion_kind": "complaint", "opinion_text": "He was late", "claim_amount": "0"}


def both(*roles: str) -> set[str]:
    return {person(role, number) for role in roles for number in (1, 2)}
