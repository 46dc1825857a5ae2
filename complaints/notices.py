"""Who must be told what: values that the record keeps and the courier turns into messages."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any

from msgspec import Struct, field


class Priority(IntEnum):
    """Order of sending (DESIGN §5): escalation, approval card, reminder, refresh. Lower goes first."""

    ESCALATION = 0
    CARD = 1
    REMINDER = 2
    REFRESH = 3


class Notice(Struct, frozen=True, kw_only=True, gc=False):
    """
    Somebody must be told something, once.

    *kind* names the card (`approval`, `home`, `reminder`, `reminder_slip`, `escalation`, `inquiry_slip`, `question`,
    `answer`, `receipt`, `notice`, `extension`, `callback` …). *to* is a channel id or a member id (then a direct
    message). *thread*: `home` (under the case's home card), `visit` (under the visit's card at *to*) or None. *merge*:
    notices of one merge key still waiting are covered by one message. *overtakes*: that message says what this notice says
    and no longer what the earlier ones said, and is not held for others. *not_before*: aware UTC; None is at once.
    *facts*: plain values fixed at the moment (which step fired, what was said); everything else is read when it is
    sent. *live*: the message is a card that is rewritten when the case moves.
    """

    id: str
    kind: str
    to: str
    case_id: str | None = None
    visit: int | None = None
    deadline: int | None = None
    priority: Priority = Priority.CARD
    not_before: datetime | None = None
    thread: str | None = None
    merge: str | None = None
    overtakes: bool = False
    live: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
