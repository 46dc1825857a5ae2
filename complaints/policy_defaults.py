"""Our defaults D1 to D21: what holds where a regulation is silent (docs/policies.md lists them for the owners)."""

from __future__ import annotations

from complaints.limits import parse_limit
from complaints.policy_model import Rung
from complaints.policy_parts import Words, parse_who

STAGE_LIMIT = parse_limit("2 working days")  # D4, where no case limit stands
CASE_LIMIT = parse_limit("10 working days")  # D4
OBJECTION_LIMIT = parse_limit("5 working days")  # D12
KEEP = parse_limit("3 years")  # D8
REPEAT_WITHIN = parse_limit("3 months")  # D9
CALLBACK_LIMIT = parse_limit("3 days")  # D6
GENERAL_MANAGER = "general_manager"

DEFAULT_LADDER: tuple[Rung, ...] = tuple(
    Rung.model_validate(rung)
    for rung in (
        {"at": "80 %", "tell": ["owner"], "as": "reminder", "source": "D5"},
        {"at": "due", "tell": ["owner", "head of owner"], "as": "reminder_slip", "source": "D5"},
        {"after": "1 working day", "tell": [GENERAL_MANAGER], "as": "escalation", "source": "D5"},
        {"every": "1 working day", "tell": [GENERAL_MANAGER], "as": "escalation", "source": "D5"},
    )
)
ABSENCE_CHAIN = tuple(
    parse_who(who) for who in ("head of owner", GENERAL_MANAGER)
)  # D14, behind the deputies

DEFAULT_TEXTS: dict[str, Words] = {}
