"""A courier against a strict Slack on a real socket, with machine time that jumps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.courier import Courier
from bot.fallbacks import DeskFallback
from bot.pacing import MethodPaces
from bot.slack_out import SlackOut
from complaints.people import DeskPlan
from complaints.ports import Outbox
from tests.bot.fake_outbox import FakeOutbox, FakeReader, FakeRenderer, inline
from tests.bot.stub_slack import StubSlack
from tests.bot.virtual_time import START, VirtualMachine

PLAN = DeskPlan(
    name="desk", language="en", timezone="Asia/Taipei", officer="UOFFICER", fallback_channel="CFALLBACK",
    policies=(), roles={},
)  # fmt: skip


class FrozenClock:
    now_is = START

    def now(self) -> Any:
        return self.now_is


@dataclass
class Post:
    """A courier with everything around it."""

    machine: VirtualMachine
    slack: StubSlack
    client: Any
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    renderer: FakeRenderer = field(default_factory=FakeRenderer)
    reader: FakeReader = field(default_factory=FakeReader)
    clock: FrozenClock = field(default_factory=FrozenClock)

    def courier(self, slack: SlackOut | None = None, outbox: Outbox | None = None) -> Courier:
        return Courier(
            outbox=outbox or self.outbox, renderer=self.renderer, reader=self.reader,
            slack=slack or SlackOut(self.client, MethodPaces(self.machine)), fallback=DeskFallback(lambda: PLAN),
            clock=self.clock, machine=self.machine, call=inline,
        )  # fmt: skip

    async def deliver(self, **wanted: int) -> float:
        """Let the courier work until that many rows are in each state; return the seconds it took."""
        courier = self.courier()
        courier.start()
        took = await self.machine.until(lambda: all(self.outbox.states()[s] >= n for s, n in wanted.items()))
        await courier.stop()
        return took


def fail_once(method: str, fault: str, nth: int = 1) -> Any:
    """Let the *nth* call of *method* go wrong."""
    seen = [0]

    def fault_of(called: str, arguments: dict[str, Any]) -> str | None:
        seen[0] += called == method
        return fault if called == method and seen[0] == nth else None

    return fault_of
