"""The circuit-board manufacturer at work: its people walk a complaint through the main route, stage by stage."""

from __future__ import annotations

from typing import Any

from complaints.commands import GivenFile
from complaints.memory import MemoryRecord
from complaints.ports import Told
from tests.support.company import MEMBERS
from tests.support.desks import TestDesk, copied

COMPLAINT: dict[str, Any] = {
    "customer": "C-0417",
    "part_no": "P4-2208-B",
    "what_happened": "Black pads after reflow",
    "order_no": "SO-26-08813",
    "shipped_on": "2026-10-26",
    "quantity": "2400",
    "defective_quantity": "186",
    "wants": "exchange",
    "return_quantity": "186",
    "demand": "Replace 186 boards by Friday",
    "loss_caused": True,
    "survey_needed": False,
    "defect_sample": True,
    "sales_remark": "Looks like ENIG",
}
SIGNED_CERTIFICATE = ("customer_signature", GivenFile(id="F-SIGNED", name="certificate.pdf"))
PROOF = ("proof", GivenFile(id="F-PROOF", name="invoice.pdf"))

FIELDS: dict[str, dict[str, Any]] = {
    "quality_analysis": {
        "sample_confirmed": True,
        "cause_class": "quality_abnormality",
        "quality_finding": "Nickel corrosion",
        "liable_unit": "production",
        "rnd_opinion_needed": False,
        "third_party_involved": False,
    },
    "production_analysis": {
        "production_finding": "Gold bath too old",
        "production_origin": "Line 2, night, 2026-10-19",
        "countermeasure": "Change the bath every 5 days",
    },
    "manager_opinion": {"manager_remark": "Agreed"},
    "rnd_opinion": {"rnd_remark": "Phosphorus too low"},
    "gm_office_check": {"established": True},
    "sales_opinion": {
        "sales_proposal": "Replace the boards",
        "settlement": "exchange",
        "amount": "12000",
        "approved_quantity": "186",
    },
    "consolidated_opinion_1": {"opinion_1": "Factory and sales agree"},
    "customer_negotiation": {"offer_accepted": True, "customer_position": "Content with the exchange"},
    "consolidated_opinion_2": {
        "opinion_2": "As offered",
        "occurred_unit": "production",
        "own_quality_problem": True,
        "human_negligence": False,
        "handling_method": "Bath control",
        "punishment": "no_punishment",
        "department_losses": [{"unit": "production", "loss": "12000"}],
    },
    "execution": {
        "reply_channel": "phone",
        "answer_given": "186 boards will be replaced",
        "collection_affected": False,
    },
}
ACTORS = {
    "survey_call": "UQUAL1",
    "intake": "USALES1",
    "register": "UGMO1",
    "quality_analysis": "UQUAL1",
    "production_analysis": "UPROD",
    "manager_opinion": "UMGR",
    "rnd_opinion": "URND",
    "gm_office_check": "UGMO1",
    "confirm_not_established": "UGMOHEAD",
    "sales_opinion": "USALES1",
    "consolidated_opinion_1": "UGMO1",
    "customer_negotiation": "USALES1",
    "consolidated_opinion_2": "UGMO1",
    "closing": "UGMO1",
    "execution": "USALES1",
}
DECISIONS = {
    "register": "accept",
    "customer_negotiation": "report",
    "closing": "close",
    "execution": "accepted",
    "confirm_not_established": "confirm",
}
MAIN_ROUTE = (
    "register",
    "quality_analysis",
    "production_analysis",
    "manager_opinion",
    "rnd_opinion",
    "gm_office_check",
    "confirm_not_established",
    "sales_opinion",
    "consolidated_opinion_1",
    "approval_1",
    "customer_negotiation",
    "consolidated_opinion_2",
    "final_decision",
    "closing",
)
SIGNERS = {"customer_negotiation": "USMGR", "consolidated_opinion_2": "UGMOHEAD"}


class PcbDesk(TestDesk):
    """A desk that knows what its people usually fill in; a test names only what differs."""

    __test__ = False

    def complain(self, case_id: str = "case1", actor: str = "USALES1", **changes: Any) -> str:
        """Log the usual complaint with *changes* (None leaves a field out) and return the case's id."""
        fields = {name: value for name, value in {**COMPLAINT, **changes}.items() if value is not None}
        self.log(actor=actor, case_id=case_id, **fields)
        return case_id

    def pass_stage(self, stage: str, case_id: str = "case1", **changes: Any) -> Told:
        """Let the stage's usual person decide it, and its head sign where the regulation asks for that."""
        filled = {**FIELDS.get(stage, {}), **changes}
        fields = {name: value for name, value in filled.items() if value is not None}
        told = self.decide(self.actor(stage, case_id), stage, DECISIONS.get(stage, "approve"), case_id, **fields)
        if stage in SIGNERS and stage in self.open_stages(case_id):
            told = self.decide(SIGNERS[stage], stage, case_id=case_id)
        return told

    def actor(self, stage: str, case_id: str = "case1") -> str:
        """Return the usual person of a stage; at an approval, who holds the role that the amount asks for."""
        return ACTORS.get(stage) or MEMBERS[str(self.roles(stage, case_id)[0])][0]

    def to(self, stage: str, case_id: str = "case1", **changes: Any) -> PcbDesk:
        """Take the case to *stage* of the main route; a change goes to the stage that usually fills that field."""
        for _ in MAIN_ROUTE:
            here = next((s for s in self.open_stages(case_id) if s in MAIN_ROUTE), None)
            if here is None or here == stage:
                break
            usual = FIELDS.get(here, {})
            extra = {"not_established_reason": "Within specification"} if changes.get("established") is False else {}
            given = {n: v for n, v in changes.items() if n in usual} | (extra if here == "gm_office_check" else {})
            self.pass_stage(here, case_id, **given)
        assert stage in self.open_stages(case_id) or stage == "closed", (stage, self.open_stages(case_id))
        return self


def a_case(at_stage: str = "register", now: str = "2026-11-02 09:30", **changes: Any) -> PcbDesk:
    """Return a desk with one complaint that stands at *at_stage* (`closed`: just closed)."""
    key = (at_stage, now, repr(sorted(changes.items())))
    if key not in _PLAYED:
        played = PcbDesk(now=now)
        played.complain(**{n: v for n, v in changes.items() if n in COMPLAINT})
        if at_stage in ("register", *MAIN_ROUTE, "closed"):
            played.to(at_stage, **{n: v for n, v in changes.items() if n not in COMPLAINT})
        _PLAYED[key] = (played.record, played.keys)
    record, keys = _PLAYED[key]
    return PcbDesk(now=now, record=copied(record), keys=keys)


_PLAYED: dict[tuple[str, str, str], tuple[MemoryRecord, int]] = {}
"""Most tests begin with the same few cases: each is played once, and every desk gets a copy of its own."""
