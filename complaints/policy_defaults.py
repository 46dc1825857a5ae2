"""Our defaults D1 to D21: what holds where a regulation is silent (docs/policies.md lists them for the owners)."""

from __future__ import annotations

from functools import cache

from complaints.limits import parse_limit
from complaints.policy_model import Rung

STAGE_LIMIT = parse_limit("2 working days")  # D4, where no case limit stands
CASE_LIMIT = parse_limit("10 working days")  # D4
GENERAL_MANAGER = "general_manager"


@cache
def default_ladder(top: str = GENERAL_MANAGER) -> tuple[Rung, ...]:
    """Return the ladder of D5, which ends with *top*, daily until it is done."""
    rungs = (
        {"at": "80 %", "tell": ["owner"], "as": "reminder", "source": "D5"},
        {"at": "due", "tell": ["owner", "head of owner"], "as": "reminder_slip", "source": "D5"},
        {"after": "1 working day", "tell": [top], "as": "escalation", "source": "D5"},
        {"every": "1 working day", "tell": [top], "as": "escalation", "source": "D5"},
    )
    return tuple(Rung.model_validate(rung) for rung in rungs)
