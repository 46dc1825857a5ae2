"""Where a message goes that can't be delivered where it belongs."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Protocol

from bot.slack_errors import MESSAGE, Permanent
from complaints.notices import Notice, Priority
from complaints.people import DeskPlan
from complaints.ports import OutboxRow

UNDELIVERED = "undelivered"
UNCERTAIN = "uncertain"
"""What stands in place of Slack's error where nobody can tell whether a message is shown."""


class Fallback(Protocol):
    """Finds the other way for a row, and who hears of it; nothing when there is none left."""

    def __call__(self, row: OutboxRow, error: Permanent) -> tuple[Notice, ...]: ...

    def doubt(self, row: OutboxRow) -> tuple[Notice, ...]:
        """Return who hears that nobody can tell whether the row's message is shown."""


class DeskFallback:
    """
    A channel's message goes to the desk's fallback channel, a person's to the desk officer, and so does what
    the fallback channel would not take. Direct messages never end in a channel: the case may be restricted.

    The same card is sent, so that the work can go on there; *facts* tell where it should have gone
    (`undelivered_to`, `undelivered_error`) and who looks after it (`officer`). A message that Slack refuses
    as such is not sent again as it is. In both cases the officer gets a notice of kind `undelivered`, which names
    the outbox row (`message`), so that it can be sent again after repair; notices that wait are one message. One that
    fails again after that is told again, under another id; the card that is shown instead keeps its own, and is sent once.
    """

    def __init__(self, plan: Callable[[], DeskPlan]) -> None:
        self._plan = plan

    def __call__(self, row: OutboxRow, error: Permanent) -> tuple[Notice, ...]:
        plan = self._plan()
        to = self._other_way(row, plan)
        if to is None or row.kind == UNDELIVERED:
            return ()
        elsewhere = None if error.kind == MESSAGE else self._elsewhere(row, error, to, plan)
        told = self._told(row, error.error, elsewhere, plan)
        return (elsewhere, told) if elsewhere is not None else (told,)

    def doubt(self, row: OutboxRow) -> tuple[Notice, ...]:
        plan = self._plan()
        return () if row.kind == UNDELIVERED else (self._told(row, UNCERTAIN, None, plan),)

    @staticmethod
    def _elsewhere(row: OutboxRow, error: Permanent, to: str, plan: DeskPlan) -> Notice:
        return Notice(
            id=f"{row.key}.{to}",
            kind=row.kind,
            to=to,
            case_id=row.case_id,
            visit=row.visit,
            deadline=row.deadline,
            priority=Priority(min(row.priority, Priority.CARD)),
            live=row.live,
            facts={
                **row.facts,
                "undelivered_to": row.facts.get("undelivered_to", row.to),
                "undelivered_error": error.error,
                "undelivered_kind": row.kind,
                "officer": plan.officer,
            },
        )

    @staticmethod
    def _told(row: OutboxRow, error: str, elsewhere: Notice | None, plan: DeskPlan) -> Notice:
        return Notice(
            id=f"{row.key}.{UNCERTAIN if error == UNCERTAIN else UNDELIVERED}.{secrets.token_hex(4)}",
            kind=UNDELIVERED,
            to=plan.officer,
            case_id=row.case_id,
            visit=row.visit,
            merge=f"{UNDELIVERED}:{plan.officer}",
            facts={
                "message": row.id,
                "kind": row.kind,
                "undelivered_to": row.facts.get("undelivered_to", row.to),
                "went_to": elsewhere.to if elsewhere is not None else None,
                "error": error,
            },
        )

    @staticmethod
    def _other_way(row: OutboxRow, plan: DeskPlan) -> str | None:
        if row.to == plan.officer:
            return None
        if is_member(row.to) or row.to == plan.fallback_channel:
            return plan.officer
        return plan.fallback_channel or plan.officer


def is_member(address: str) -> bool:
    """Tell a member's id from a channel's."""
    return address.startswith(("U", "W"))
