"""The voice desk of a telecom branch: its people walk a ticket from signing for it to feeding it back."""

from __future__ import annotations

from typing import Any

from complaints import commands as cmd
from complaints import events as e
from complaints.people import Absence
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, person

TELECOM = "telecom-voice-desk"
TICKET: dict[str, Any] = {
    "ticket_no": "P-1", "anonymous": False, "customer": "C-0417", "category": "voice", "matter": "Calls drop",
    "content": "Every call drops", "about_staff": False, "emergency": False,
}  # fmt: skip
PARTNER = {"handling": "by_partner", "partner": "network"}
ANSWERS = {"customer_satisfied": True, "answered_by_text": False, "tracking": "All well"}
UNHAPPY = {**ANSWERS, "customer_satisfied": False}
CLERK = person("clerk")


class Voice(PolicyDesk):
    __test__ = False
    usual = {
        "judge": {"valid": True, "handling": "own"},
        "re_assign": {"category": "coverage", "partner": "network"},
        "handle_own": {"own_answer": "Line reset"},
        "oral_reply": {"oral_answer": "Mast was down", "oral_answer_at": "2026-11-02T10:00:00+08:00"},
        "partner_reply": {"written_answer": "Mast repaired"},
        "review_reply": {"verified": True, "cooperated": True},
        "follow_up": {"follow_state": "unsolved", "tracking": "Still drops", "call_again_on": "2026-11-04"},
        "manager_decides": {"tracking": "Nothing more to do"},
        "feed_back": {"final_reply": "Mast repaired"},
        "analyst_registers": {"event_count": "5", "event_cause": "Mast down"},
        "objection_ruling": {"objection_ruling_text": "Dismissed"},
    }

    def __init__(self, now: str = "2026-11-02 09:30", **plan: Any) -> None:
        super().__init__(TELECOM, now, departments=("network",), **plan)

    def ticket(self, case_id: str = "case1", **changes: Any) -> None:
        given = {n: v for n, v in {**TICKET, **changes}.items() if v is not None}
        self.log(actor="UREPORTER", case_id=case_id, **given)

    def out(self, result: str = "reached", case_id: str = "case1", **fields: Any) -> None:
        """Log a call-out."""
        self.act(cmd.LogCall, CLERK, case_id, visit=self.visit("call_out", case_id), result=result, fields=fields)

    def registers(self, case_id: str = "case1") -> list[str]:
        return [r.register for r in self.happened(e.RegisterEntered, case_id)]


def a_case(stage: str = "sign_for", **changes: Any) -> Voice:
    desk = Voice()
    desk.ticket(**{n: v for n, v in changes.items() if n in TICKET})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in TICKET})


def away(since: str) -> tuple[Absence, ...]:
    """Return that both clerks are on leave from *since* for a week."""
    return tuple(
        Absence(member=person("clerk", n), from_at=local(since), until_at=local("2026-11-09 00:00")) for n in (1, 2)
    )
