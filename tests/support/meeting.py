"""A desk whose acts meet inside their transactions, so that none is over before the others have begun."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import datetime
from typing import Any

from complaints import commands as cmd
from complaints.desk import Desk
from complaints.ports import Tx


class Meeting:
    """Lets acts wait for each other inside their transactions, before any of them has looked; none waits for long."""

    def __init__(self, people: int) -> None:
        self._barrier = threading.Barrier(people)
        self._is_over = False

    def wait(self) -> None:
        if self._is_over:  # an act that lost a race looks again by itself
            return
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait(0.05)
        self._is_over = True


class MeetingDesk(Desk):
    """A desk whose acts meet before they look at the case."""

    meeting: Meeting | None = None

    def take(self, tx: Tx, command: cmd.CaseCommand, now: datetime) -> Any:
        if self.meeting is not None and command.actor != cmd.CLOCK:
            self.meeting.wait()
        return super().take(tx, command, now)
